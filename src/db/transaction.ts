import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import { asStoreFailure, isConnectionSpent, isWorthRepeating, sqlState, StoreUnavailable } from './failures.ts';
import type { Database } from './open.ts';
import type { Tables } from './schema.ts';

/** One transaction: typed statements, and the raw client for statements written as SQL. */
export interface Transaction {
  readonly query: Kysely<Tables>;
  readonly client: pg.PoolClient;
}

/** How often work that lost to a deadlock is begun again before its failure is told. */
const ATTEMPTS_MAX = 5;

/**
 * Runs work in one READ COMMITTED transaction and returns only after a true COMMIT.
 * Work that fell to a deadlock or a serialization failure is run again from its start, so it must
 * have no effects of its own outside the database.
 * @throws StoreUnavailable when the server can't be reached or can't say whether it committed
 */
export function inTransaction<T>(db: Database, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  return repeated(() =>
    runOnce(db.pool, async (client, begun) => {
      await begun;
      return work({ query: typedStatements(client), client });
    }),
  );
}

/**
 * The same on a pipelined connection: statements that don't depend on each other's answers are sent
 * together, BEGIN with the first of them, and each still sees what those before it did. Whoever
 * gives the work awaits `begun` before sending anything that writes: what was sent before BEGIN has
 * failed would stand by itself.
 * @throws StoreUnavailable as inTransaction does
 */
export function inPipelinedTransaction<T>(
  db: Database,
  work: (client: pg.PoolClient, begun: Promise<unknown>) => Promise<T>,
): Promise<T> {
  return repeated(() => runOnce(db.pipelined, work));
}

/**
 * Awaits statements that were sent together: all of them, also where one fails, so that nothing is
 * still being sent when the transaction is rolled back. @throws what failed first in their order
 */
export async function together<const T extends readonly Promise<unknown>[]>(
  statements: T,
): Promise<{ -readonly [Index in keyof T]: Awaited<T[Index]> }> {
  for (const result of await Promise.allSettled(statements)) if (result.status === 'rejected') throw result.reason;
  return Promise.all(statements);
}

async function repeated<T>(run: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt >= ATTEMPTS_MAX || !isWorthRepeating(error)) throw asStoreFailure(error);
      await sleep(Math.random() * 10 * attempt);
    }
  }
}

async function runOnce<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient, begun: Promise<unknown>) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const notices: string[] = [];
  const onNotice = (notice: { code?: string | undefined }) => notices.push(notice.code ?? '');
  // A connection that dies between two statements emits this; unheard it would end the process.
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  client.on('notice', onNotice);
  try {
    const begun = client.query('begin');
    // Whoever works with it hears of it; unheard meanwhile, it would end the process.
    begun.catch(() => undefined);
    const result = await work(client, begun);
    notices.length = 0;
    assertCommitted(await commit(client), notices);
    return result;
  } catch (error) {
    if (isConnectionSpent(error)) broken = error as Error;
    else
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
    throw error;
  } finally {
    client.off('error', onError);
    client.off('notice', onNotice);
    client.release(broken);
  }
}

/**
 * Without the limit of time for statements: it would cancel the wait for a synchronous standby, and
 * what is then committed on the primary alone is seen by all, though a failover would lose it.
 * @returns the tag of the COMMIT
 */
async function commit(client: pg.PoolClient): Promise<string> {
  const results = await client.query('set local statement_timeout = 0; commit').catch((error: unknown) => {
    // A statement failed before, and whoever wrote the work went on.
    if (sqlState(error) === '25P02') throw new StoreUnavailable('COMMIT would be a ROLLBACK', { cause: error });
    throw error;
  });
  return (results as unknown as pg.QueryResult[]).at(-1)!.command;
}

/**
 * COMMIT after a failed statement *resolves*, with the tag ROLLBACK; a cancelled wait for a
 * synchronous standby *resolves* too, with warning 01000. Neither is an acknowledged commit.
 */
function assertCommitted(command: string, notices: readonly string[]): void {
  if (command !== 'COMMIT') throw new StoreUnavailable(`COMMIT was answered with ${command}`);
  if (notices.includes('01000')) throw new StoreUnavailable('COMMIT is not yet on the synchronous standby');
}

const statementsOfClient = new WeakMap<pg.PoolClient, Kysely<Tables>>();

/** Kysely over this one connection; made once for each connection of the pool. */
function typedStatements(client: pg.PoolClient): Kysely<Tables> {
  let statements = statementsOfClient.get(client);
  if (!statements) {
    const held = { query: client.query.bind(client), release() {} };
    const pool = { connect: () => Promise.resolve(held), end: () => Promise.resolve() };
    statements = new Kysely<Tables>({
      dialect: new PostgresDialect({ pool: pool as unknown as pg.Pool }),
    });
    statementsOfClient.set(client, statements);
  }
  return statements;
}

/** The database's time, to the millisecond: the one clock of all servers on it. */
export async function currentTime(client: Pick<pg.ClientBase, 'query'>): Promise<Date> {
  const { rows } = await client.query<{ now: Date }>("select date_trunc('milliseconds', clock_timestamp()) as now");
  return rows[0]!.now;
}
