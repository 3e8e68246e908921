import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { openSlowClients } from './harm/slow-clients.ts';
import { Chance } from './history/chance.ts';
import { install, type Installation } from './history/installation.ts';
import { found, type Organisation } from './history/organisation.ts';
import { assertHonest, claimed, prepareRush, signIn, type Rush, type Told } from './rush.ts';

// What `npm test` tries in small, at the size and length in which it is promised. Two servers on one
// database; the clock of the first is an hour ahead: whatever is decided and written goes by the database's.

const USERS = 10_000;
const SEATS = [3_000, 2_000];
const ALL_SEATS = 5_000;
/** Requests in flight; as many as the clients of a busy site keep open. */
const AT_ONCE = 400;
const SLOW_CLIENTS = 500;
const STOPPED_MS = 30_000;
const AN_HOUR_AHEAD = `data:text/javascript,${encodeURIComponent(`
  const { now } = Date;
  const ahead = () => now() + 3_600_000;
  globalThis.Date = class extends Date {
    constructor(...given) { given.length > 0 ? super(...given) : super(ahead()); }
    static now() { return ahead(); }
  };`)}`;

describe('at full size', { concurrency: false }, () => {
  let installation: Installation;
  let organisation: Organisation;
  before(async () => {
    installation = await install();
    const first = await installation.start({ NODE_OPTIONS: `--import=${AN_HOUR_AHEAD}` });
    await installation.start();
    organisation = await found(first.url, installation.credentials, new Chance(1), USERS);
  });
  after(() => installation.close());

  /** Everybody signs in once, some at a time, on both servers by turns. */
  async function rush(of: Rush, users: readonly string[], patienceMs?: number): Promise<Told[]> {
    const left = users.map((userId, index) => ({ userId, url: installation.servers[index % 2]!.url }));
    const told: Told[] = [];
    const lane = async () => {
      for (let next = left.pop(); next; next = left.pop()) {
        told.push(await signIn(next.url, of, next.userId, patienceMs));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return told;
  }

  it(`gives ${USERS} people exactly the ${ALL_SEATS} seats of two products`, async (t) => {
    const [tenant] = organisation.tenants;
    const of = await prepareRush(installation.servers[0]!.url, tenant, SEATS);
    const began = performance.now();
    const told = await rush(of, tenant.users);
    t.diagnostic(`${told.length} sign-ins in ${((performance.now() - began) / 1_000).toFixed(1)} s`);
    assert.equal(told.length, USERS);
    assert.ok(
      told.every(({ status }) => status === 200),
      JSON.stringify(told.find(({ status }) => status !== 200)),
    );
    assert.equal(claimed(told).length, ALL_SEATS);
    assert.deepEqual(
      of.skuIds.map((skuId) => told.filter(({ body }) => body.skuId === skuId).length),
      SEATS,
    );
    await assertHonest(installation.pool, of, told);
  });

  it('goes by the clock of the database, whatever a server’s own says', async () => {
    const { rows } = await installation.pool.query<{ off_seconds: number; claims: number }>(
      `select max(abs(extract(epoch from clock_timestamp() - claimed_at)))::float8 as off_seconds, count(*)::int as claims
         from claims`,
    );
    const refused: any = await (await fetch(`${installation.servers[0]!.url}/v1.0/users`)).json();
    assert.ok(Date.parse(refused.error.innerError.date) > Date.now() + 3_500_000, 'its clock is not ahead');
    assert.equal(rows[0]!.claims, ALL_SEATS);
    assert.ok(rows[0]!.off_seconds < 600, `a claim is ${rows[0]!.off_seconds} s off`);
  });

  it(`answers everybody else while ${SLOW_CLIENTS} clients send their requests byte by byte`, async (t) => {
    const [, tenant] = organisation.tenants;
    const of = await prepareRush(installation.servers[0]!.url, tenant, [1_000]);
    const leave = installation.servers.map(({ url }) => openSlowClients(url, SLOW_CLIENTS / 2));
    try {
      await sleep(1_000);
      const told = await rush(of, tenant.users.slice(0, 1_000));
      t.diagnostic(`the slowest of ${told.length} took ${Math.max(...told.map(({ ms }) => ms)).toFixed(0)} ms`);
      assert.equal(claimed(told).length, 1_000);
      await assertHonest(installation.pool, of, told);
    } finally {
      leave.forEach((go) => go());
    }
  });

  it(`loses nothing where a server is stopped for ${STOPPED_MS / 1_000} s in the midst of claims`, async (t) => {
    const [, tenant] = organisation.tenants;
    const of = await prepareRush(installation.servers[0]!.url, tenant, SEATS);
    const [victim, other] = installation.servers as [Installation['servers'][0], Installation['servers'][0]];
    const first = tenant.users.slice(0, 4_000);
    const rushing = rush(of, first, STOPPED_MS * 2);
    await sleep(300);
    victim.kill('SIGSTOP');
    await sleep(500);
    // Whoever comes to the other server is answered meanwhile.
    const meanwhile: Told[] = [];
    for (const userId of tenant.users.slice(4_000, 4_200)) meanwhile.push(await signIn(other.url, of, userId));
    await sleep(STOPPED_MS);
    victim.kill('SIGCONT');
    const told = await rushing;
    t.diagnostic(
      `${told.filter(({ status }) => status === null).length} unheard, ${told.filter(({ status }) => status === 503).length} told to come again`,
    );
    assert.ok(meanwhile.every(({ status }) => status === 200));
    await assertHonest(installation.pool, of, [...told, ...meanwhile]);
    // Who was not told tries again, and everybody has their one seat.
    const again = await rush(of, first);
    assert.equal(claimed(again).length, first.length);
    await assertHonest(installation.pool, of, [...told, ...meanwhile, ...again]);
  });
});
