import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { testServer } from './database.ts';

/** A database with nothing in it, on the test run's PostgreSQL. */
export interface EmptyDatabase {
  /** For DATABASE_URL. */
  readonly url: string;
  /** Connections to it. */
  readonly pool: pg.Pool;
}

/** Makes empty databases, and drops them all in the end. */
export class EmptyDatabases {
  readonly #made: { name: string; pool: pg.Pool }[] = [];

  async make(): Promise<EmptyDatabase> {
    const name = `empty_${randomBytes(6).toString('hex')}`;
    await administer(`create database ${name}`);
    const { host, port, user } = testServer();
    const pool = new pg.Pool({ host, port, user, database: name, max: 2 });
    pool.on('error', () => undefined);
    this.#made.push({ name, pool });
    return { url: `postgres://${user}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`, pool };
  }

  async drop(): Promise<void> {
    for (const { name, pool } of this.#made.splice(0)) {
      await pool.end();
      await administer(`drop database ${name} with (force)`);
    }
  }
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
