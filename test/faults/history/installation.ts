import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { freePort, startAutoclaim, temporaryFolder, type AutoclaimProcess } from '../../harness/autoclaim-process.ts';
import { testServer } from '../../harness/database.ts';
import { TEMPLATE } from '../../harness/postgresql.ts';
import type { Credentials } from './organisation.ts';

/** A PostgreSQL's socket. */
export interface SocketServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/** Real Autoclaim servers over one database of their own. */
export interface Installation {
  readonly credentials: Credentials;
  /** Into the same database, as another program's. */
  readonly pool: pg.Pool;
  readonly connection: SocketServer & { readonly database: string };
  /** All that were started, those that have ended too. */
  readonly servers: readonly AutoclaimProcess[];
  /** What all of them have written to their logs. */
  readonly logs: readonly string[];
  /** One more server, ready. @param settings over those that all have, such as another way to the database or the port of one that ended */
  start(settings?: Record<string, string>): Promise<AutoclaimProcess>;
  /** Ends every server, and drops the database. */
  close(): Promise<void>;
}

/** @param at the PostgreSQL; the test run's own unless given. It must have the migrated template where it is that one */
export async function install(at?: SocketServer): Promise<Installation> {
  const server = at ?? testServer();
  const database = `faults_${randomBytes(6).toString('hex')}`;
  await administer(server, `create database ${database}${at ? '' : ` template ${TEMPLATE}`}`);
  const folder = await temporaryFolder();
  const connection = { ...server, database };
  const pool = new pg.Pool({ ...connection, application_name: 'checker', max: 4 });
  // One that is idle may be closed by what the tests do to PostgreSQL.
  pool.on('error', () => undefined);
  const credentials = { clientId: 'checker', clientSecret: randomBytes(24).toString('base64url') };
  const baseUrl = `http://127.0.0.1:${await freePort()}`;
  const servers: AutoclaimProcess[] = [];
  return {
    credentials,
    pool,
    connection,
    servers,
    get logs() {
      return servers.map(({ stderr }) => stderr);
    },
    async start(settings = {}) {
      const started = await startAutoclaim({
        DATABASE_URL: urlOf(connection),
        AUTOCLAIM_DATA_DIR: join(folder.path, String(servers.length)),
        AUTOCLAIM_BASE_URL: baseUrl,
        AUTOCLAIM_BOOTSTRAP_CLIENT_ID: credentials.clientId,
        AUTOCLAIM_BOOTSTRAP_CLIENT_SECRET: credentials.clientSecret,
        AUTOCLAIM_LOG_LEVEL: 'info',
        ...settings,
      });
      servers.push(started);
      await started.ready;
      return started;
    },
    async close() {
      servers.forEach((one) => {
        one.kill('SIGCONT');
        one.kill('SIGTERM');
      });
      await Promise.all(servers.map((one) => one.ended));
      await pool.end();
      await administer(server, `drop database ${database} with (force)`);
      await folder.remove();
    },
  };
}

/** The address of a database on a socket. */
function urlOf({ host, port, user, database }: Installation['connection']): string {
  return `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
}

async function administer(server: SocketServer, statement: string): Promise<void> {
  const client = new pg.Client({ ...server, database: 'postgres' });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
