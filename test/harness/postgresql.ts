import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../src/db/migrate.ts';
import { openDatabase } from '../../src/db/open.ts';
import { startEmbedded, type EmbeddedServer } from '../../src/db/embedded/embedded.ts';
import { unpackBrowser } from './browser/launch.ts';
import { COMPILED } from './compiled.ts';

// One real PostgreSQL for a whole test run: started before the first file, stopped after the last.
// Each file makes its own database on it from a migrated template (database.ts).

export const TEMPLATE = 'autoclaim_template';

let folder: string;
let server: EmbeddedServer;

export async function globalSetup(): Promise<void> {
  // The tests' own processes get it from here.
  process.env['NODE_COMPILE_CACHE'] ??= COMPILED;
  await unpackBrowser();
  folder = await mkdtemp(join(tmpdir(), 'autoclaim-test-'));
  // Where root runs the tests, PostgreSQL's user must reach into it.
  await chmod(folder, 0o755);
  server = await startEmbedded(join(folder, 'data'), () => undefined);
  const { host, port, user } = server.connection;
  process.env['TEST_POSTGRESQL'] = JSON.stringify({ host, port, user });
  const client = new pg.Client(server.connection);
  await client.connect();
  await client.query(`create database ${TEMPLATE}`);
  await client.end();
  const template = openDatabase({ host, port, user, database: TEMPLATE }, () => undefined);
  await migrate(template);
  await template.close();
}

export async function globalTeardown(): Promise<void> {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
