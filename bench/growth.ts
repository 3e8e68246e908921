import { setTimeout as sleep } from 'node:timers/promises';
import { load } from './harness/load.ts';
import { Measurements } from './harness/measurements.ts';
import { startGrowthStage, type GrowthStage, type Side } from './growth-stage.ts';
import { measureReads } from './reads.ts';
import type { Bench } from './run.ts';

const CONNECTIONS = 256;
/** The parts into which the people are divided: one for each repetition, and one to warm up. */
const WARM_UP_SECONDS = 2;

/** Claims where there are many licenses, beside where there are few; and what reads them, where they are many. */
export const growth: Bench = async ({ repetitions, seconds, licenses, flags, started, say }) => {
  say(`Growing to ${licenses.toLocaleString('en')} licenses and claims …`);
  const stage = await startGrowthStage(started, licenses, flags);
  say(`They took ${Math.round(stage.growingSeconds)} s to write.`);
  const measured = new Measurements();
  const part = Math.floor(stage.people / (repetitions + 1));
  await stage.reset();
  for (const side of [stage.few, stage.many])
    await claimsPerSecond(stage, side, { first: 0, part, seconds: WARM_UP_SECONDS });
  const name = (count: number) => `claims, ${CONNECTIONS} connections, ${count.toLocaleString('en')} licenses before`;
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    say(`Repetition ${repetition} of ${repetitions} …`);
    await stage.reset();
    const turn = { first: repetition * part, part, seconds };
    measured.add(name(1_000), '/s', await claimsPerSecond(stage, stage.few, turn));
    await stage.many.pool.query('checkpoint');
    measured.add(name(licenses), '/s', await claimsPerSecond(stage, stage.many, turn));
    measured.addRatio(`claims, ${licenses.toLocaleString('en')} licenses / 1,000`, name(licenses), name(1_000), {
      atLeast: 0.95,
    });
    await measureReads(stage, measured);
  }
  return {
    figures: measured.figures,
    notes: [
      `${licenses.toLocaleString('en')} licenses of ${stage.people.toLocaleString('en')} people, as many claims of 90 days with their paths, ` +
        `audit entries and sign-ins, and a refusal for each ten; ${Math.round(stage.growingSeconds)} s to write.`,
    ],
  };
};

async function claimsPerSecond(
  { token, roomyApp, people }: GrowthStage,
  { server, consumed }: Side,
  { first, part, seconds }: { first: number; part: number; seconds: number },
): Promise<number> {
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
  return perSecond;
}
