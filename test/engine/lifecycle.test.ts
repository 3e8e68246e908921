import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  endFor,
  nextLifecycleChange,
  nextLifecycleChangeSql,
  statusAt,
  statusSql,
  SUBSCRIPTION_STATUSES,
} from '../../src/engine/subscription/lifecycle.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';

const DAY_MS = 86_400_000;
// The end of a summer time: a day of 25 hours in most of Europe's zones.
const END = new Date('2026-10-25T00:30:00.000Z');
const at = (days: number, ms = 0) => new Date(END.getTime() + days * DAY_MS + ms);

describe('the life of a subscription', () => {
  let db: TestDatabase;
  before(async () => {
    db = await createTestDatabase();
  });
  after(() => db.close());

  const cases = [
    [at(-1), 'Enabled', END],
    [at(0, -1), 'Enabled', END],
    [at(0), 'Warning', at(30)],
    [at(30, -1), 'Warning', at(30)],
    [at(30), 'Suspended', at(120)],
    [at(120, -1), 'Suspended', at(120)],
    [at(120), 'Deleted', null],
    [at(9_999), 'Deleted', null],
  ] as const;

  it('changes at the millisecond: at its end, 30 days and 120 days after', () => {
    for (const [now, status, next] of cases) {
      assert.equal(statusAt(END, now), status, now.toISOString());
      assert.deepEqual(nextLifecycleChange(END, now), next, now.toISOString());
    }
    assert.equal(statusAt(null, END), 'Enabled');
    assert.equal(nextLifecycleChange(null, END), null);
  });

  it('is the same in SQL, whatever the time zone of the session', async () => {
    for (const zone of ['UTC', 'Europe/Berlin', 'Pacific/Auckland']) {
      const client = await db.pool.connect();
      await client.query(`set timezone to '${zone}'`);
      for (const [now, status, next] of [...cases, [END, 'Enabled', null] as const]) {
        const end = next === null && status === 'Enabled' ? null : END;
        const { rows } = await client.query<{ status: string; next: Date | null }>(
          `select ${statusSql('e', 'n')} as status, ${nextLifecycleChangeSql('e', 'n')} as next
             from (select $1::timestamptz as e, $2::timestamptz as n) as given`,
          [end, now],
        );
        assert.deepEqual(rows, [{ status, next }], `${zone} ${now.toISOString()}`);
      }
      await client.query('reset timezone');
      client.release();
    }
  });

  it('is in a state from the moment that it is put there', () => {
    for (const status of SUBSCRIPTION_STATUSES) {
      assert.equal(statusAt(endFor(status, END), END), status);
    }
  });
});
