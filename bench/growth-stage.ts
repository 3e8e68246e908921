import type pg from 'pg';
import { forgetClaims } from './claim-tables.ts';
import { connectTo, startPostgresql, type BenchPostgresql } from './harness/postgresql.ts';
import { freePort, type NodeProgram } from './harness/node-program.ts';
import { growTenant, type Growth } from './grown-rows.ts';
import { setUpApp, setUpOrganisation, type BenchApp } from './organisation.ts';
import { startOurServer } from './our-server.ts';
import { insertPeople } from './people.ts';

/** The same organisation twice, on one PostgreSQL: with few licenses and with many. */
export interface GrowthStage {
  readonly token: string;
  readonly roomyApp: BenchApp;
  readonly ownedApps: readonly BenchApp[];
  readonly people: number;
  readonly few: Side;
  readonly many: Side;
  /** How long the many licenses took to write. */
  readonly growingSeconds: number;
  /** Takes away what was claimed where there were few licenses, and writes out what PostgreSQL has in memory. */
  reset(): Promise<void>;
}

/** One of them: a database and the server on it. */
export interface Side {
  readonly server: NodeProgram;
  readonly pool: pg.Pool;
  /** How many seats of a product are taken. */
  readonly consumed: (skuId: string) => Promise<number>;
}

const FEW = 1_000;
/** How many licenses each person holds where there are many. */
const OWNED = ['Mail', 'Files', 'Forms', 'Board', 'Notes'];

export async function startGrowthStage(
  started: AsyncDisposableStack,
  licenses: number,
  flags: readonly string[],
): Promise<GrowthStage> {
  const postgresql = await startPostgresql(started);
  const people = Math.ceil(licenses / OWNED.length);
  // Both servers listen on another port, and take the tokens that are made here.
  const port = await freePort();
  await postgresql.pool.query('create database few');
  const before = new AsyncDisposableStack();
  const set = await setUp(before, databaseOf(before, postgresql, 'few'), port, people).finally(() =>
    before.disposeAsync(),
  );
  const { client, token, roomyApp, ownedApps } = set;
  const { tenantId } = client;
  // Nobody is connected to it now: it can be copied.
  await postgresql.pool.query('create database many template few strategy file_copy');
  const few = databaseOf(started, postgresql, 'few');
  const many = databaseOf(started, postgresql, 'many');
  const growth = { tenantId, apps: ownedApps, people };
  const from = performance.now();
  await growTenant(many.pool, { ...growth, licenses });
  const growingSeconds = (performance.now() - from) / 1_000;

  const side = async (database: Opened, on?: number): Promise<Side> => ({
    server: (
      await startOurServer(started, database, flags, {
        ...(on !== undefined && { port: on }),
        more: { AUTOCLAIM_BASE_URL: client.baseUrl },
      })
    ).program,
    pool: database.pool,
    async consumed(skuId) {
      const { rows } = await database.pool.query<{ consumed: number }>(
        'select consumed::float8 as consumed from pools where tenant_id = $1 and sku_id = $2',
        [tenantId, skuId],
      );
      return rows[0]!.consumed;
    },
  });
  return {
    token,
    roomyApp,
    ownedApps,
    people,
    few: await side(few, port),
    many: await side(many),
    growingSeconds,
    async reset() {
      await forgetClaims(few.pool);
      await growTenant(few.pool, { ...growth, licenses: FEW });
    },
  };
}

/** What both sides have: the organisation and its people. */
async function setUp(started: AsyncDisposableStack, database: Opened, port: number, people: number) {
  const { client } = await startOurServer(started, database, [], { port });
  const { token, roomyApp } = await setUpOrganisation(client, people);
  const ownedApps: Growth['apps'][number][] = [];
  for (const name of OWNED) ownedApps.push({ ...(await setUpApp(client, token, name, people)), name });
  await insertPeople(database.pool, client.tenantId, people);
  return { client, token, roomyApp, ownedApps };
}

type Opened = Pick<BenchPostgresql, 'pool' | 'url'>;

function databaseOf(started: AsyncDisposableStack, { connection, url }: BenchPostgresql, name: string): Opened {
  return {
    url: url.replace(`/${connection.database}?`, `/${name}?`),
    pool: connectTo(started, { ...connection, database: name }),
  };
}
