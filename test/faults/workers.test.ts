import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { inThisMoment, isRunning, type AutoclaimProcess } from '../harness/autoclaim-process.ts';
import { assertRight, countOutcomes, prepare, weather, type Stage } from './history/episode.ts';
import { install, type Installation } from './history/installation.ts';
import { assertHonest, claimed, prepareRush, signIn, type Told } from './rush.ts';

// Two servers of four workers each on one database: eight processes that know nothing of each other.

const WORKERS = 4;
const SEED = 30;
const SEATS = [100, 50, 25];
/** Of the primary and of the workers together, as docs/decisions/0030-workers.md says. */
const CONNECTIONS_MAX = 76;

describe('two servers of four workers', { skip: process.platform !== 'linux' && 'looks into /proc' }, () => {
  let installation: Installation;
  let stage: Stage;
  let servers: AutoclaimProcess[];
  let killed = 0;

  before(async () => {
    installation = await install();
    const start = () => installation.start({ AUTOCLAIM_WORKERS: String(WORKERS) });
    servers = [await start(), await start()];
    stage = await prepare(installation, SEED, 400);
  });
  after(() => installation.close());

  it('give 400 people exactly the 175 seats of three products, the primary’s first', async () => {
    const [tenant] = stage.organisation.tenants;
    const rush = await prepareRush(stage.urls[0]!, tenant, SEATS);
    const told = await Promise.all(tenant.users.map((userId, at) => signIn(stage.urls[at % 2]!, rush, userId)));
    assert.deepEqual(new Set(told.map(({ status }) => status)), new Set([200]));
    assert.deepEqual(
      rush.skuIds.map((skuId) => claimed(told).filter(({ body }) => body.skuId === skuId).length),
      SEATS,
    );
    await assertHonest(installation.pool, rush, told);
  });

  it('are asked for measurements at any worker, which tells of all', async () => {
    const { users } = stage.organisation.tenants[1];
    const rush = await prepareRush(stage.urls[0]!, stage.organisation.tenants[1], [10]);
    const before = await measured(servers[0]!);
    assert.equal(before['server_processes'], WORKERS + 1);
    await Promise.all(users.slice(0, 100).map((userId) => signIn(stage.urls[0]!, rush, userId)));
    const later = await measured(servers[0]!);
    const grown = (name: string) => (later[name] ?? 0) - (before[name] ?? 0);
    assert.equal(grown('sign_ins_total{outcome="claimed",reason=""}'), 10);
    assert.equal(grown('sign_ins_total{outcome="refused",reason="noSeats"}'), 90);
    assert.equal((await fetch(`${servers[1]!.url}/readyz`)).status, 200);
  });

  it('lose nothing that was acknowledged while workers are killed, and replace them', async () => {
    let most = 0;
    // The log of those who were refused before: each process writes its own within a second.
    await sleep(1_200);
    const killing = async () => {
      for (const server of [servers[0]!, servers[1]!, servers[0]!]) {
        await sleep(900);
        process.kill(workersOf(server)[killed % 2]!, 'SIGKILL');
        killed += 1;
        const { rows } = await installation.pool.query<{ held: number }>(
          "select count(*)::int as held from pg_stat_activity where datname = current_database() and application_name like 'autoclaim%'",
        );
        most = Math.max(most, rows[0]!.held);
      }
    };
    const episode = await weather(stage, { seed: SEED, forMs: 4_000, lanes: 24 }, killing, false);
    assertRight(episode, SEED);
    const counts = countOutcomes(episode);
    assert.ok((counts['sign in: claimed'] ?? 0) > 0, JSON.stringify(counts));
    assert.ok(most > 0 && most <= 2 * CONNECTIONS_MAX, `${most} connections`);
    for (const server of servers) {
      await eventually(() => workersOf(server).length === WORKERS);
      await eventually(async () => (await measured(server))['server_processes'] === WORKERS + 1);
    }
    assert.match(servers[0]!.stderr, /A worker process ended \(SIGKILL\)\. Another takes its place in 0\.2 s/);
  });

  it('answer what is in flight in every worker when one server stops, and the other goes on', async () => {
    const [tenant] = stage.organisation.tenants;
    const rush = await prepareRush(stage.urls[0]!, tenant, [1_000]);
    // Whom the storm has left, and its switch.
    await stage.recorder.perform(stage.urls[0]!, tenant.client, { do: 'turn switch', isEnabled: true });
    const { rows: users } = await installation.pool.query<{ user_id: string }>(
      'select user_id from users where tenant_id = $1 limit 100',
      [tenant.client.tenantId],
    );
    const workers = workersOf(servers[0]!);
    // Whoever has the pool's lock makes all the others wait.
    const holder = await installation.pool.connect();
    await holder.query('begin');
    await holder.query('select from pools where sku_id = $1 for update', [rush.skuIds[0]]);
    const asked: Promise<Told>[] = users.map((user) => signIn(servers[0]!.url, rush, user.user_id));
    // Until all are in a worker.
    await sleep(await inThisMoment(700));
    servers[0]!.kill('SIGTERM');
    await sleep(300);
    await holder.query('commit');
    holder.release();
    const told = await Promise.all(asked);
    const others = told.filter(({ status, body }) => status !== 200 || body.outcome !== 'claimed');
    assert.deepEqual(others, []);
    await assertHonest(installation.pool, rush, told);
    assert.equal((await servers[0]!.ended).code, 0);
    assert.deepEqual(workers.filter(isRunning), []);
    const repeated = await signIn(servers[1]!.url, rush, users[0]!.user_id);
    assert.deepEqual([repeated.body.outcome, repeated.body.claimId], ['licensed', told[0]!.body.claimId]);
  });

  it('end at once with a primary that is killed', async () => {
    const workers = workersOf(servers[1]!);
    assert.equal(workers.length, WORKERS);
    servers[1]!.kill('SIGKILL');
    await eventually(() => workers.every((processId) => !isRunning(processId)));
  });
});

function workersOf({ processId }: AutoclaimProcess): number[] {
  return readFileSync(`/proc/${processId}/task/${processId}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

/** Every series of /metrics, by name and labels. */
async function measured({ url }: AutoclaimProcess): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

async function eventually(isSo: () => boolean | Promise<boolean>, withinMs = 45_000): Promise<void> {
  const until = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > until) assert.fail(`not within ${withinMs} ms`);
    await sleep(50);
  }
}
