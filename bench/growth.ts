import type pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from './harness/load.ts';
import { Measurements } from './harness/measurements.ts';
import { startGrowthStage, type GrowthStage, type Side } from './growth-stage.ts';
import { measureReads } from './reads.ts';
import type { Bench } from './run.ts';

const CONNECTIONS = 256;
const WARM_UP_SECONDS = 2;
const COUNTED_WITHIN_SECONDS = 600;

/** Claims where there are many licenses, beside where there are few; and what reads them, where they are many. */
export const growth: Bench = async ({ repetitions, seconds, licenses, flags, started, say }) => {
  say(`Growing to ${licenses.toLocaleString('en')} licenses and claims …`);
  const stage = await startGrowthStage(started, licenses, flags);
  say(`They took ${Math.round(stage.growingSeconds)} s to write.`);
  const countingSeconds = await untilCounted(stage.many);
  const measured = new Measurements();
  const part = Math.floor(stage.people / (repetitions + 1));
  await stage.reset();
  for (const side of [stage.few, stage.many]) await claim(stage, side, { first: 0, part, seconds: WARM_UP_SECONDS });
  const name = (count: number) => `claims, ${CONNECTIONS} connections, ${count.toLocaleString('en')} licenses before`;
  const measureClaims = async (name: string, side: Side, turn: Turn) => {
    const before = await readLog(side.pool);
    const { claimed, perSecond } = await claim(stage, side, turn);
    const after = await readLog(side.pool);
    measured.add(name, '/s', perSecond);
    measured.addDetail(name, 'write-ahead log of a claim', 'kB', (after.bytes - before.bytes) / claimed / 1_000);
    measured.addDetail(name, 'whole pages in it', 'pages', (after.pages - before.pages) / claimed);
  };
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    say(`Repetition ${repetition} of ${repetitions} …`);
    await stage.reset();
    const turn = { first: repetition * part, part, seconds };
    await measureClaims(name(1_000), stage.few, turn);
    await stage.many.pool.query('checkpoint');
    await measureClaims(name(licenses), stage.many, turn);
    measured.addRatio(`claims, ${licenses.toLocaleString('en')} licenses / 1,000`, name(licenses), name(1_000), {
      atLeast: 0.95,
    });
    await measureReads(stage, measured);
  }
  return {
    figures: measured.figures,
    notes: [
      `${licenses.toLocaleString('en')} licenses of ${stage.people.toLocaleString('en')} people, as many claims of 90 days with their paths, ` +
        `audit entries and sign-ins, and a refusal for each ten; ${Math.round(stage.growingSeconds)} s to write, ${Math.round(countingSeconds)} s until the server had counted them by the hour.`,
    ],
  };
};

/** Whose turn it is to claim: a part of the people, from the first on. */
interface Turn {
  readonly first: number;
  readonly part: number;
  readonly seconds: number;
}

async function claim({ token, roomyApp, people }: GrowthStage, { server, consumed }: Side, turn: Turn) {
  const { first, part, seconds } = turn;
  const { appId, skuId } = roomyApp;
  const before = await consumed(skuId);
  const order = { url: server.url, token, appId, connections: CONNECTIONS, seconds, people, first };
  const { answered, perSecond } = await load(order);
  await sleep(500); // those that were under way
  const claimed = (await consumed(skuId)) - before;
  if (claimed < answered || claimed > answered + CONNECTIONS) {
    throw new Error(`${answered} claims were answered, and ${claimed} seats were taken.`);
  }
  if (claimed > part) throw new Error('There are too few people for this machine: measure with more licenses.');
  return { claimed, perSecond };
}

/** Waits for the server's job that counts claims by the hour. @returns how long it took, from now */
async function untilCounted({ pool }: Side): Promise<number> {
  const from = performance.now();
  for (;;) {
    const { rowCount } = await pool.query(
      "select from claim_counting where counted_until > clock_timestamp() - interval '4 hours'",
    );
    const seconds = (performance.now() - from) / 1_000;
    if (rowCount === 1) return seconds;
    if (seconds > COUNTED_WITHIN_SECONDS) throw new Error('The claims are not counted.');
    await sleep(500);
  }
}

/** What PostgreSQL has written to its log until now; after a checkpoint the first change of a page writes it whole. */
async function readLog(pool: pg.Pool): Promise<{ bytes: number; pages: number }> {
  const { rows } = await pool.query<{ bytes: number; pages: number }>(
    'select wal_bytes::float8 as bytes, wal_fpi::float8 as pages from pg_stat_wal',
  );
  return rows[0]!;
}
