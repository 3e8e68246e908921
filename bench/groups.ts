import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { startClaimsStage } from './claims-stage.ts';
import { Measurements } from './harness/measurements.ts';
import { steadyLoad, type SteadyResult } from './harness/steady-load.ts';
import { call } from './organisation.ts';
import { FIRST_NUMBER, idSql } from './people.ts';
import type { Bench } from './run.ts';

const MEMBERS = 100_000;
const CLAIMS_PER_SECOND = 200;
/** More than are needed in the longest run. */
const CLAIMERS = CLAIMS_PER_SECOND * 300;
const LOAD_SECONDS = 5;

interface State {
  readonly state: 'allAssigned' | 'inProgress' | 'errors';
  readonly waiting: number;
}

/** A large group is given a product and loses it again, while others claim licenses of the same pool. */
export const groups: Bench = async ({ repetitions, flags, started, say }) => {
  const people = CLAIMERS + MEMBERS;
  say(`Setting up ${people.toLocaleString('en')} people …`);
  const stage = await startClaimsStage(started, people, flags);
  const { token, roomyApp } = stage.organisation;
  const { pool } = stage.postgresql;
  const { url } = stage.ours;
  const groupId = await insertGroup(pool, stage.tenantId);
  const assign = (addLicenses: readonly object[], removeLicenses: readonly string[]) =>
    call(url, token, 'POST', `/groups/${groupId}/assignLicense`, { addLicenses, removeLicenses });
  const measured = new Measurements();
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    say(`Repetition ${repetition} of ${repetitions} …`);
    await stage.reset();
    let claimers = 0;
    const claimFor = async () => {
      const order = { url, token, appId: roomyApp.appId, connections: 64, people: CLAIMERS, first: claimers };
      const found = await steadyLoad({ ...order, seconds: LOAD_SECONDS, perSecond: CLAIMS_PER_SECOND });
      // A second more is sent before anything is counted.
      claimers += (LOAD_SECONDS + 1) * CLAIMS_PER_SECOND;
      return found;
    };
    const alone = [await claimFor(), await claimFor(), await claimFor()];
    measured.add('claims alone, 99th percentile', 'ms', worstOf(alone));
    for (const [what, change] of [
      ['given', () => assign([{ skuId: roomyApp.skuId, disabledPlans: [] }], [])],
      ['taken', () => assign([], [roomyApp.skuId])],
    ] as const) {
      const from = performance.now();
      await change();
      measured.add(`100,000 members ${what} a product: until it is answered`, 's', (performance.now() - from) / 1000);
      const loads: SteadyResult[] = [];
      const claiming = new AbortController();
      const claims = (async () => {
        while (!claiming.signal.aborted) loads.push(await claimFor());
      })();
      await untilDone(url, token, groupId);
      measured.add(`100,000 members ${what} a product: until all are done`, 's', (performance.now() - from) / 1000, {
        atMost: 60,
      });
      claiming.abort();
      await claims;
      measured.add(`claims meanwhile (members ${what}), 99th percentile`, 'ms', worstOf(loads), { atMost: 100 });
    }
  }
  return {
    figures: measured.figures,
    notes: [
      `${CLAIMS_PER_SECOND} sign-ins a second, on an open loop, claim licenses of the pool that the group takes from.`,
    ],
  };
};

/** Of loads one after the other the worst: the last goes on when the group is done. */
function worstOf(loads: readonly SteadyResult[]): number {
  return Math.max(...loads.map(({ p99 }) => p99));
}

async function untilDone(url: string, token: string, groupId: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/v1.0/groups/${groupId}/licenses`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { state } = (await response.json()) as State;
    if (state === 'errors') throw new Error('Members were left without the product.');
    if (state === 'allAssigned') return;
    await sleep(2_000); // as the page does
  }
}

/** A group of those who don't claim. */
async function insertGroup(pool: pg.Pool, tenantId: string): Promise<string> {
  const { rows } = await pool.query<{ id: string }>(
    `insert into groups (tenant_id, group_id, display_name, mail_nickname, created_at)
     values ($1, gen_random_uuid(), 'Everybody', 'everybody', now()) returning group_id as id`,
    [tenantId],
  );
  const { id } = rows[0]!;
  await pool.query(
    `insert into group_users (tenant_id, group_id, user_id, added_at)
     select $1, $2, ${idSql('n')}, now() from generate_series($3::bigint, $4::bigint) as n`,
    [tenantId, id, FIRST_NUMBER + CLAIMERS, FIRST_NUMBER + CLAIMERS + MEMBERS - 1],
  );
  await pool.query('vacuum analyze group_users');
  return id;
}
