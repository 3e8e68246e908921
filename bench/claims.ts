import { setTimeout as sleep } from 'node:timers/promises';
import { Measurements } from './harness/measurements.ts';
import { load, type LoadOrder, type LoadResult } from './harness/load.ts';
import { hasPgbench, runPgbench } from './harness/pgbench.ts';
import { startStage, type Stage } from './claims-stage.ts';
import { call } from './organisation.ts';
import { naiveScript } from './peers/naive-script.ts';
import type { Bench } from './run.ts';

const CONNECTIONS = [64, 256] as const;
const NAIVE_CONNECTIONS = 64;
const PGBENCH_CLIENTS = [1, 8, 32];
/** More than can claim in a second. */
const PEOPLE_PER_SECOND = 30_000;

/** Claims of one hot pool over HTTP, and the other answers to a sign-in, beside their peers. */
export const claims: Bench = async ({ repetitions, seconds, flags, started, say }) => {
  const people = PEOPLE_PER_SECOND * seconds;
  say(`Setting up ${people.toLocaleString('en')} people …`);
  const stage = await startStage(started, people, flags);
  await warmUp(stage);
  const measured = new Measurements();
  const notes = [`PostgreSQL ${stage.postgresql.version} (embedded), fsync and synchronous_commit on.`];
  const isPgbenchHere = hasPgbench();
  if (!isPgbenchHere) notes.push('pgbench is not on this machine: what is compared with it was skipped.');
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    say(`Repetition ${repetition} of ${repetitions} …`);
    for (const connections of CONNECTIONS) await measureAnswers(stage, measured, connections, seconds);
    await measureNaiveHandler(stage, measured, seconds);
    if (isPgbenchHere) await measurePgbench(stage, measured, seconds);
  }
  return { figures: measured.figures, notes };
};

/** Runs everything for a moment, so that what is measured has been compiled. */
async function warmUp(stage: Stage): Promise<void> {
  for (const url of Object.values(stage.servers)) await load({ ...orderFor(stage, url, 64, 2), order: 'once' });
  await settled(stage);
}

async function measureAnswers(stage: Stage, measured: Measurements, connections: number, seconds: number) {
  const { ours, constant, bare } = stage.servers;
  const at = `, ${connections} connections`;
  const order = (url: string) => orderFor(stage, url, connections, seconds);
  const add = (name: string, { perSecond }: LoadResult) => measured.add(name + at, '/s', perSecond);

  add('constant answer', await load(order(constant)));
  add('constant answer of a bare Fastify', await load(order(bare)));
  await stage.reset();
  const claimed = await load(order(ours));
  await assertClaimed(stage, claimed.answered, connections);
  add('claims', claimed);
  measured.add(`claims, 99th percentile${at}`, 'ms', claimed.latencyMs.p99);
  // The same people again, now that they are licensed; then everybody, where no seat is left.
  const people = Math.min(claimed.answered, 20_000);
  await assertOutcome(stage, stage.organisation.roomyApp.appId, 'licensed');
  add('repeat sign-ins', await load({ ...order(ours), people, order: 'again' }));
  await assertOutcome(stage, stage.organisation.emptyApp.appId, 'refused');
  add(
    'refusals, every pool empty',
    await load({ ...order(ours), appId: stage.organisation.emptyApp.appId, order: 'again' }),
  );
  await settled(stage);

  const constantAim = connections === 64 ? 0.4 : 0.5;
  measured.addRatio(`claims / constant answer${at}`, `claims${at}`, `constant answer${at}`, { atLeast: constantAim });
  measured.addRatio(`claims / bare Fastify${at}`, `claims${at}`, `constant answer of a bare Fastify${at}`);
  measured.addRatio(`repeats / constant answer${at}`, `repeat sign-ins${at}`, `constant answer${at}`, { atLeast: 0.7 });
  measured.addRatio(`refusals / repeats${at}`, `refusals, every pool empty${at}`, `repeat sign-ins${at}`, {
    atLeast: 0.9,
  });
}

async function measureNaiveHandler(stage: Stage, measured: Measurements, seconds: number): Promise<void> {
  await stage.reset();
  const { answered, perSecond } = await load(orderFor(stage, stage.servers.naive, NAIVE_CONNECTIONS, seconds));
  await assertClaimed(stage, answered, NAIVE_CONNECTIONS);
  measured.add('naive handler', '/s', perSecond);
  for (const connections of CONNECTIONS) {
    const at = `, ${connections} connections`;
    measured.addRatio(`claims / naive handler${at}`, `claims${at}`, 'naive handler', { atLeast: 30 });
  }
}

async function measurePgbench(stage: Stage, measured: Measurements, seconds: number): Promise<void> {
  const { tenantId, postgresql, people } = stage;
  const { appId: app, skuId: sku, policyId: policy } = stage.organisation.roomyApp;
  let best = 0;
  for (const clients of PGBENCH_CLIENTS) {
    await stage.reset();
    const variables = { tenant: tenantId, app, sku, policy, turn: 0, stride: Math.floor(people / clients) };
    const run = await runPgbench(postgresql.connection, naiveScript(), { clients, seconds, variables });
    await assertClaimed(stage, run.transactions, 0);
    best = Math.max(best, run.perSecond);
  }
  measured.add('naive transaction, pgbench', '/s', best);
  for (const connections of CONNECTIONS) {
    const at = `, ${connections} connections`;
    measured.addRatio(`claims / pgbench${at}`, `claims${at}`, 'naive transaction, pgbench', { atLeast: 12 });
  }
}

function orderFor(stage: Stage, url: string, connections: number, seconds: number): LoadOrder {
  const { token, roomyApp } = stage.organisation;
  return { url, token, appId: roomyApp.appId, connections, seconds, people: stage.people, order: 'once' };
}

/** What isn't a claim of a new person must not be counted as one. */
async function assertClaimed(stage: Stage, answered: number, connections: number): Promise<void> {
  const count = await settled(stage);
  // Those that were under way when the load ended are claimed and not answered.
  if (count < answered || count > answered + connections) {
    throw new Error(`${answered} claims were answered, and ${count} are in the database.`);
  }
}

/** Waits until what was under way is written. @returns the number of claims */
async function settled(stage: Stage): Promise<number> {
  for (let last = -1; ;) {
    await sleep(400);
    const count = await stage.countClaims();
    if (count === last) return count;
    last = count;
  }
}

async function assertOutcome(stage: Stage, appId: string, wanted: string): Promise<void> {
  const body = { appId, userPrincipalName: stage.firstPerson };
  const { outcome } = await call(stage.servers.ours, stage.organisation.token, 'POST', '/signIns', body);
  if (outcome !== wanted) throw new Error(`A sign-in that should be ${wanted} is ${outcome}.`);
}
