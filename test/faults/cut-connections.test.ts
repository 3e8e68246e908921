import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { testServer } from '../harness/database.ts';
import { DatabaseProxy } from './harm/database-proxy.ts';
import { prepare, type Stage } from './history/episode.ts';
import { install, type Installation } from './history/installation.ts';

// Found by storms in which PostgreSQL's backends were killed: a connection that dies under a plain
// read, outside of any transaction, ended the whole process.

const SEED = 1;
const WAITED_WITHIN_MS = 20_000;

describe('connections that are cut under what is under way', () => {
  let installation: Installation;
  let proxy: DatabaseProxy;
  let stage: Stage;
  before(async () => {
    installation = await install();
    proxy = await DatabaseProxy.open(testServer());
    await installation.start({ DATABASE_URL: proxy.urlOf(installation.connection) });
    stage = await prepare(installation, SEED);
  });
  after(async () => {
    await installation.close();
    await proxy.close();
  });

  const reads = [
    ['users', '/v1.0/users'],
    ['groups', '/v1.0/groups'],
    ['claims', '/v1.0/reports/autoClaim'],
    ['claims', '/v1.0/reports/autoClaim/summary?period=D1'],
    ['audit_entries', '/v1.0/auditLogs/directoryAudits'],
  ] as const;
  for (const [table, path] of reads) {
    it(`are a 503 to ${path}, and the server goes on`, async () => {
      const { recorder, organisation, urls } = stage;
      const { client } = organisation.tenants[0];
      const read = () => recorder.perform(urls[0]!, client, { do: 'read', path });
      const holder = new pg.Client(installation.connection);
      await holder.connect();
      try {
        await holder.query(`begin; lock table ${table} in access exclusive mode`);
        const answers = Promise.all([read(), read(), read()]);
        await untilWaited(installation.pool, 3);
        proxy.cutAll();
        assert.deepEqual(
          (await answers).map(({ status }) => status),
          [503, 503, 503],
        );
      } finally {
        await holder.end();
      }
      assert.equal((await read()).status, 200);
    });
  }
});

async function untilWaited(pool: pg.Pool, count: number): Promise<void> {
  const until = performance.now() + WAITED_WITHIN_MS;
  for (let waiting = 0; waiting < count;) {
    await sleep(20);
    assert.ok(performance.now() < until, `${waiting} statements wait, of ${count}`);
    const { rows } = await pool.query<{ waiting: number }>(
      `select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    waiting = rows[0]!.waiting;
  }
}
