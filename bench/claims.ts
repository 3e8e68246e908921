import { setTimeout as sleep } from 'node:timers/promises';
import { Measurements } from './harness/measurements.ts';
import { load, type LoadOrder, type LoadResult } from './harness/load.ts';
import type { NodeProgram } from './harness/node-program.ts';
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
  for (const server of Object.values(stage.servers)) await load(orderFor(stage, server, 64, 2));
  await settled(stage);
}

async function measureAnswers(stage: Stage, measured: Measurements, connections: number, seconds: number) {
  const { ours, constant, bare } = stage.servers;
  const { roomyApp, emptyApp } = stage.organisation;
  const at = `, ${connections} connections`;
  const run = (name: string, server: NodeProgram, more: Partial<LoadOrder> = {}) =>
    loadMeasured(stage, measured, name + at, server, { ...orderFor(stage, server, connections, seconds), ...more });

  await run('constant answer', constant);
  await run('constant answer of a bare Fastify', bare);
  await stage.reset();
  const { answered } = await run('claims', ours);
  await assertClaimed(stage, answered, connections);
  // The same people again, now that they are licensed; then everybody, where no seat is left.
  await assertOutcome(stage, roomyApp.appId, 'licensed');
  await run('repeat sign-ins', ours, { again: Math.min(answered, 20_000) });
  await assertOutcome(stage, emptyApp.appId, 'refused');
  await run('refusals, every pool empty', ours, { appId: emptyApp.appId, again: stage.people });
  await settled(stage);

  const constantAim = connections === 64 ? 0.4 : 0.5;
  measured.addRatio(`claims / constant answer${at}`, `claims${at}`, `constant answer${at}`, { atLeast: constantAim });
  measured.addRatio(`claims / bare Fastify${at}`, `claims${at}`, `constant answer of a bare Fastify${at}`);
  measured.addRatio(`repeats / constant answer${at}`, `repeat sign-ins${at}`, `constant answer${at}`, { atLeast: 0.7 });
  measured.addRatio(`refusals / repeats${at}`, `refusals, every pool empty${at}`, `repeat sign-ins${at}`, {
    atLeast: 0.9,
  });
}

/** Sends a load and adds its rate and what an answer cost; for claims, also how long the slowest took. */
async function loadMeasured(
  stage: Stage,
  measured: Measurements,
  name: string,
  server: NodeProgram,
  order: LoadOrder,
): Promise<LoadResult> {
  const before = stage.processorTime(server);
  const result = await load(order);
  const after = stage.processorTime(server);
  measured.add(name, '/s', result.perSecond);
  measured.addDetail(name, '99th percentile', 'ms', result.latencyMs.p99);
  for (const part of ['server', 'postgresql'] as const) {
    const microseconds = ((after[part] - before[part]) * 1_000) / result.answered;
    if (!Number.isNaN(microseconds)) measured.addDetail(name, `processor time, ${part}`, 'µs', microseconds);
  }
  return result;
}

async function measureNaiveHandler(stage: Stage, measured: Measurements, seconds: number): Promise<void> {
  await stage.reset();
  const { naive } = stage.servers;
  const order = orderFor(stage, naive, NAIVE_CONNECTIONS, seconds);
  const { answered } = await loadMeasured(stage, measured, 'naive handler', naive, order);
  await assertClaimed(stage, answered, NAIVE_CONNECTIONS);
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
    const run = await runPgbench(postgresql.connection, naiveScript(people), { clients, seconds, variables });
    await assertClaimed(stage, run.transactions, 0);
    best = Math.max(best, run.perSecond);
  }
  measured.add('naive transaction, pgbench', '/s', best);
  for (const connections of CONNECTIONS) {
    const at = `, ${connections} connections`;
    measured.addRatio(`claims / pgbench${at}`, `claims${at}`, 'naive transaction, pgbench', { atLeast: 12 });
  }
}

function orderFor(stage: Stage, { url }: NodeProgram, connections: number, seconds: number): LoadOrder {
  const { people, organisation } = stage;
  const { token, roomyApp } = organisation;
  return { url, token, appId: roomyApp.appId, connections, seconds, people };
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
  const { outcome } = await call(stage.servers.ours.url, stage.organisation.token, 'POST', '/signIns', body);
  if (outcome !== wanted) throw new Error(`A sign-in that should be ${wanted} is ${outcome}.`);
}
