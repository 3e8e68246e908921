import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openDatabase, type Database } from '../../src/db/open.ts';
import { takeCluster } from './cluster.ts';
import { TEMPLATE } from './postgresql.ts';

/** A migrated, empty database of a test file's own; close drops it. */
export interface TestDatabase extends Database {
  readonly connection: { host: string; port: number; user: string; database: string };
}

/** Where the test run's PostgreSQL listens; set by postgresql.ts before any test file starts. */
export function testServer(): { host: string; port: number; user: string } {
  const given = process.env['TEST_POSTGRESQL'];
  if (!given) throw new Error('Run tests with `npm test` (or `npm run test:one -- <file>`): they need its PostgreSQL.');
  return JSON.parse(given) as { host: string; port: number; user: string };
}

export async function createTestDatabase(): Promise<TestDatabase> {
  const cluster = process.env['TEST_CITUS_URL'];
  if (cluster) return takeCluster(cluster);
  const server = testServer();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(`create database ${name} template ${TEMPLATE}`);
  const connection = { ...server, database: name };
  const db = openDatabase(connection, () => undefined);
  return {
    ...db,
    connection,
    async close() {
      await db.close();
      await administer(`drop database ${name} with (force)`);
    },
  };
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ ...testServer(), database: 'postgres' });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
