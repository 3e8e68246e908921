import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type pg from 'pg';
import { readConfig } from '../../src/config.ts';
import { ensureOrganisation } from '../../src/start-up/organisation.ts';
import { createTestDatabase } from '../harness/database.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { analyse, isPlanned } from './analyse.ts';
import { doEverything } from './everything.ts';
import { whyNotRouted, type TableKinds } from './routing.ts';
import { noteSent, placesThatSend, wasSent, type Sent } from './sent.ts';
import { readTableKinds } from './table-kinds.ts';
import { readVolatilities, whyNotWritten, type Volatilities } from './volatility.ts';

// Each statement that the program sends, as PostgreSQL understands it: could Citus send it to the
// one shard of its tenant?

/** What is of no tenant, and why it may be: Citus asks all shards, or none. */
const OF_ALL_TENANTS: Readonly<Record<string, string>> = {
  'select tenant_id from tenants order by created_at, tenant_id limit 1':
    'which tenant was first: at a start, and when a tenant is made or given permissions',
  'select tenant_id from tenants limit 2': 'whether there is just one tenant, where an address says "common"',
  'select tenant_id from tenants': 'the job that counts claims goes from tenant to tenant',
  'select distinct tenant_id from signing_keys': 'the job that rotates keys goes from tenant to tenant',
  'select distinct tenant_id from subscriptions where ends_at is not null and not is_removed and ends_at <= clock_timestamp() - $1::interval':
    'the job that ends subscriptions goes to the tenants that have some to end',
  'select distinct tenant_id from group_licensing_queue where queued_at <= $1':
    'the job that licenses members of groups goes to the tenants that have some to license',
  'select distinct tenant_id from idempotent_requests where answered_at < $1':
    'a purge goes to the tenants that have some',
  'select distinct tenant_id from directory_changes where recorded_at < $1':
    'a purge goes to the tenants that have some',
  'select distinct tenant_id from openid_artifacts where expires_at < $1': 'a purge goes to the tenants that have some',
  'delete from sign_in_deliveries where decided_at < $1': 'a purge: each shard deletes its own',
  'delete from set_up_links where expires_at < $1': 'a purge: each shard deletes its own',
  'delete from sign_in_attempts where last_failed_at < $1': 'a purge: each shard deletes its own',
  "delete from pool_use where day < ($1::timestamptz at time zone 'UTC')::date - $2::int":
    'a purge: each shard deletes its own',
};

/** Statements of all tenants by what they begin with, where they are too long to be repeated. */
const BEGINNINGS_OF_ALL_TENANTS: Readonly<Record<string, string>> = {
  'insert into pool_use as kept (tenant_id, sku_id, day, consumed, units) select o.tenant_id,':
    "a job: each shard notes its own pools' use, INSERT … SELECT of tables that lie together",
};

/** Places that no server reaches while it serves, or that are no statements. */
const NOT_WHILE_SERVING: Readonly<Record<string, string>> = {
  'src/http/v1.0/batch.routes.ts': "reads the server's own answers as streams",
  'src/db/': 'transactions, migrations, locks; back-up and restore are of one PostgreSQL',
  'src/cli/': 'commands of an operator',
  'src/start-up/store.ts': 'looks at a database before it is used',
};

let server: TestServer;
let client: pg.PoolClient;
let sent: Sent;
let failures: string[];
let tables: TableKinds;
let volatilities: Volatilities;

before(async () => {
  sent = noteSent();
  try {
    server = await startTestServer();
    failures = await doEverything(server);
    await makeOrganisations();
  } finally {
    sent.stop();
  }
  client = await server.db.pool.connect();
  // What an import makes for itself: statements that read it can't be understood without.
  const temporary = [...sent.statements.keys()].filter((text) => /^\s*create temporary table/.test(text));
  for (const text of temporary) await client.query(text.replace('on commit drop', ''));
  tables = await readTableKinds(client);
  volatilities = await readVolatilities(client);
});
after(async () => {
  client?.release();
  await server?.close();
});

/** Starts of new installations: with the sample, and with a client of the operator's own. */
async function makeOrganisations(): Promise<void> {
  const db = await createTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'autoclaim-statements-'));
  try {
    const settings = { AUTOCLAIM_DATA_DIR: folder, AUTOCLAIM_SAMPLE: 'contoso' };
    await ensureOrganisation(db, readConfig(settings));
    for (const secret of ['a secret of the operator’s own', 'another secret of the operator’s own']) {
      const bootstrap = { AUTOCLAIM_BOOTSTRAP_CLIENT_ID: 'operator', AUTOCLAIM_BOOTSTRAP_CLIENT_SECRET: secret };
      await ensureOrganisation(db, readConfig({ ...settings, ...bootstrap }));
      await db.pool.query("update apps set permissions = '{}' where client_id = 'operator'");
    }
  } finally {
    await db.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim();
const reasonOf = (text: string) =>
  OF_ALL_TENANTS[oneLine(text)] ??
  Object.entries(BEGINNINGS_OF_ALL_TENANTS).find(([beginning]) => oneLine(text).startsWith(beginning))?.[1];

describe('what the program sends to PostgreSQL', () => {
  it('comes from every place that sends anything, so that all of it is looked at', () => {
    assert.deepEqual(failures, []);
    const places = placesThatSend((file) => !Object.keys(NOT_WHILE_SERVING).some((folder) => file.startsWith(folder)));
    assert.ok(places.length > 150, `only ${places.length} places were found`);
    const silent = places.filter((place) => !wasSent(place, sent.lines));
    assert.deepEqual(
      silent.map(({ file, from }) => `${file}:${from}`),
      [],
      'never sent here, and so not looked at: test/distribution/everything.ts should do what sends them',
    );
  });

  it('goes to the one shard of its tenant, or is known to be of all tenants', async () => {
    const faults: string[] = [];
    let count = 0;
    for (const [text, { values, from }] of sent.statements) {
      if (!isPlanned(text)) continue;
      count += 1;
      const why = whyNotRouted(await analyse(client, text, values), tables, values);
      if (why.length > 0 && reasonOf(text) === undefined) {
        faults.push(`${[...from].join(' ')}: ${why.join('; ')}\n${oneLine(text)}`);
      }
    }
    assert.deepEqual(faults, []);
    assert.ok(count > 200, `only ${count} statements were looked at`);
  });

  it('writes nothing that would come out differently from one copy of a row to the next', async () => {
    const faults: string[] = [];
    for (const [text, { values, from }] of sent.statements) {
      if (!isPlanned(text)) continue;
      const why = whyNotWritten(await analyse(client, text, values), tables, volatilities);
      if (why.length > 0) faults.push(`${[...from].join(' ')}: ${why.join('; ')}\n${oneLine(text)}`);
    }
    assert.deepEqual(faults, []);
  });

  it('has commands without a plan only where they are known', () => {
    const known =
      /^(begin|commit|rollback|set local statement_timeout = 0; commit)$|^(create temporary table|create index on|analyze) (imported_)?users\b/i;
    const others = [...sent.statements.keys()].filter((text) => !isPlanned(text)).map(oneLine);
    assert.deepEqual(
      others.filter((text) => !known.test(text)),
      [],
    );
  });

  it('is still what is known to be of all tenants', () => {
    const texts = [...sent.statements.keys()].map(oneLine);
    const gone = [
      ...Object.keys(OF_ALL_TENANTS).filter((known) => !texts.includes(known)),
      ...Object.keys(BEGINNINGS_OF_ALL_TENANTS).filter((known) => !texts.some((text) => text.startsWith(known))),
    ];
    assert.deepEqual(gone, []);
  });
});
