import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbedded } from '../../src/db/embedded/embedded.ts';

/** The embedded PostgreSQL on a new folder, durable as in production. */
export interface BenchPostgresql {
  readonly connection: pg.PoolConfig;
  /** The same as a DATABASE_URL. */
  readonly url: string;
  readonly version: string;
  /** For the bench's own statements. */
  readonly pool: pg.Pool;
}

/** Starts it; it is stopped and its folder removed with the stack. */
export async function startPostgresql(started: AsyncDisposableStack): Promise<BenchPostgresql> {
  const folder = await mkdtemp(join(tmpdir(), 'autoclaim-bench-'));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  // Started as root, another user runs PostgreSQL: it has to get through to its own folder.
  await chmod(folder, 0o711);
  const server = await startEmbedded(join(folder, 'data'), () => undefined);
  started.defer(() => server.stop());
  const { connection } = server;
  const pool = connectTo(started, connection);
  const { rows } = await pool.query<{ fsync: string; synchronous_commit: string; version: string }>(
    `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit,
            current_setting('server_version') as version`,
  );
  const { fsync, synchronous_commit, version } = rows[0]!;
  if (fsync !== 'on' || synchronous_commit !== 'on') throw new Error('What is not durable is not measured.');
  const query = new URLSearchParams({ host: connection.host!, port: String(connection.port) });
  const url = `postgres://${String(connection.user)}@localhost/${connection.database}?${query.toString()}`;
  return { connection, url, version, pool };
}

/** A pool for the bench's own statements, ended with the stack. */
export function connectTo(started: AsyncDisposableStack, connection: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({ ...connection, max: 4 });
  pool.on('error', () => undefined);
  started.defer(() => pool.end());
  return pool;
}
