import { startClaimsStage, type ClaimsStage } from './claims-stage.ts';
import { Measurements } from './harness/measurements.ts';
import { hasPgbench, runPgbench, type PgbenchRun } from './harness/pgbench.ts';
import { postmasterOf, processorTimeOfFamily } from './harness/processor-time.ts';
import { recordClaims } from './recorded-claims.ts';
import { bareInsertsScript, replayScript } from './replayed-claims.ts';
import type { Bench } from './run.ts';

const BATCH = 256;
const BATCHES_PER_SECOND = 80;
const CLIENTS = [1, 2];
/** Of a batch's statements those that take longer are told, by their beginning. */
const TOLD_FROM_MS = 0.1;
const TEXT_LENGTH = 60;

/** The statements of claims without the server around them, beside the inserts that claims can't do without. */
export const statements: Bench = async ({ repetitions, seconds, started, say }) => {
  if (!hasPgbench()) return { figures: [], notes: ['pgbench is not on this machine: all was skipped.'] };
  // By two clients in equal parts.
  const batches = BATCHES_PER_SECOND * seconds - ((BATCHES_PER_SECOND * seconds) % 2);
  const people = batches * BATCH;
  say(`Claiming for ${people.toLocaleString('en')} people, in batches of ${BATCH} …`);
  const stage = await startClaimsStage(started, people, []);
  const { pool, connection } = stage.postgresql;
  await stage.reset();
  const recorded = await recordClaims(connection, stage, { batches, size: BATCH });
  const bare = await bareInsertsScript(pool, batches);
  const replay = await replayScript(pool, recorded);
  const measured = new Measurements();
  for (let repetition = 0; repetition <= repetitions; repetition += 1) {
    say(repetition === 0 ? 'Warming up …' : `Repetition ${repetition} of ${repetitions} …`);
    const ours = await bestOf(stage, replay, batches);
    const floor = await bestOf(stage, bare, batches);
    if (repetition === 0) continue;
    measured.add('the statements of claims', '/s', ours.perSecond);
    measured.add('the bare inserts', '/s', floor.perSecond);
    measured.addRatio('statements / bare inserts', 'the statements of claims', 'the bare inserts', { atLeast: 0.6 });
    for (const [name, { commands, processorTime }] of [
      ['the statements of claims', ours],
      ['the bare inserts', floor],
    ] as const) {
      measured.addDetail(name, 'processor time of a claim, postgresql', 'µs', processorTime);
      for (const { ms, text } of commands) {
        if (ms >= TOLD_FROM_MS) measured.add(`${name}: ${text.slice(0, TEXT_LENGTH)}`, 'ms', ms);
      }
    }
  }
  return {
    figures: measured.figures,
    notes: [
      `Batches of ${BATCH}, driven by pgbench, the best of ${CLIENTS.join(' and ')} clients; per batch ${recorded[0]!.length} statements of ours.`,
    ],
  };
};

interface Replayed {
  /** Claims. */
  readonly perSecond: number;
  /** Of a claim, of PostgreSQL, in µs; NaN where it can't be told. */
  readonly processorTime: number;
  /** How long each statement of a batch takes one client. */
  readonly commands: PgbenchRun['commands'];
}

async function bestOf(stage: ClaimsStage, script: string, batches: number): Promise<Replayed> {
  const postmaster = await postmasterOf(stage.postgresql.pool);
  let processorTime = Infinity;
  let commands: PgbenchRun['commands'] = [];
  const { connection, pool } = stage.postgresql;
  let best = 0;
  for (const clients of CLIENTS) {
    await stage.reset();
    const stride = batches / clients;
    const before = processorTimeOfFamily(postmaster);
    const run = await runPgbench(connection, script, { clients, transactions: stride, variables: { turn: 0, stride } });
    const used = ((processorTimeOfFamily(postmaster) - before) * 1_000) / (batches * BATCH);
    processorTime = Math.min(processorTime, used);
    const { rows } = await pool.query<{ claims: number }>('select count(*)::int4 as claims from claims');
    if (rows[0]!.claims !== batches * BATCH) throw new Error(`${rows[0]!.claims} claims are in the database.`);
    best = Math.max(best, run.perSecond * BATCH);
    if (clients === 1) ({ commands } = run);
  }
  return { perSecond: best, processorTime, commands };
}
