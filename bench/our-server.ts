import type pg from 'pg';
import { freePort, startProgram, type NodeProgram } from './harness/node-program.ts';
import type { ApiClient } from './organisation.ts';

const CREDENTIALS = { clientId: 'bench', clientSecret: 'bench-secret-bench-secret-bench-secret' };

/** The settings with which servers of a bench run: those with the same base URL take the same tokens. */
export function settingsFor(databaseUrl: string, baseUrl: string): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    AUTOCLAIM_BASE_URL: baseUrl,
    AUTOCLAIM_BOOTSTRAP_CLIENT_ID: CREDENTIALS.clientId,
    AUTOCLAIM_BOOTSTRAP_CLIENT_SECRET: CREDENTIALS.clientSecret,
    AUTOCLAIM_LOG_LEVEL: 'error',
  };
}

/** Our server as anyone would start it, and a client of it that has every permission. */
export interface OurServer {
  readonly program: NodeProgram;
  readonly client: ApiClient;
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Starts our server on a database, which it migrates and gives a tenant; it is stopped with the stack.
 * @param more settings beyond those of settingsFor
 */
export async function startOurServer(
  started: AsyncDisposableStack,
  database: { readonly url: string; readonly pool: pg.Pool },
  flags: readonly string[],
  { port, more = {} }: { port?: number; more?: Record<string, string> } = {},
): Promise<OurServer> {
  const chosen = port ?? (await freePort());
  const baseUrl = `http://127.0.0.1:${chosen}`;
  const settings = settingsFor(database.url, baseUrl);
  const environment = { ...settings, ...more };
  const program = await startProgram(started, ['src/main.ts', 'serve'], { port: chosen, environment, flags });
  const { rows } = await database.pool.query<{ tenant_id: string }>(
    'select tenant_id from tenants order by created_at',
  );
  return { program, settings, client: { ...CREDENTIALS, baseUrl, tenantId: rows[0]!.tenant_id } };
}
