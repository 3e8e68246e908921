import { setTimeout as sleep } from 'node:timers/promises';
import { startClaimsStage } from './claims-stage.ts';
import { load } from './harness/load.ts';
import { Measurements, median } from './harness/measurements.ts';
import { memoryOf, watchMemory } from './harness/memory.ts';
import type { Bench } from './run.ts';

const CONNECTIONS = 256;
/** More than can claim in a second. */
const PEOPLE_PER_SECOND = 30_000;
/** Storms for each repetition: it is time that shows a leak. */
const STORMS = 4;

/** The memory of the server while claims storm in for a minute or more. */
export const memory: Bench = async ({ repetitions, seconds, flags, started, say }) => {
  if (memoryOf(process.pid) === 0) return { figures: [], notes: ['Memory is read from /proc, which is not here.'] };
  const people = PEOPLE_PER_SECOND * seconds;
  say(`Setting up ${people.toLocaleString('en')} people …`);
  const stage = await startClaimsStage(started, people, flags);
  const { token, roomyApp } = stage.organisation;
  const order = { url: stage.ours.url, token, appId: roomyApp.appId, connections: CONNECTIONS, people, seconds };
  const storms = STORMS * repetitions;
  const measured = new Measurements();
  measured.add('memory before', 'MB', memoryOf(stage.ours.processId));
  await using watch = { ...watchMemory(stage.ours.processId), [Symbol.asyncDispose]: async () => watch.stop() };
  const medians: number[] = [];
  let claims = 0;
  for (let storm = 1; storm <= storms; storm += 1) {
    say(`Storm ${storm} of ${storms} …`);
    await stage.reset();
    watch.take();
    claims += (await load(order)).answered;
    const samples = watch.take();
    medians.push(median(samples));
    measured.add('memory in a storm of claims, highest', 'MB', Math.max(...samples), { atMost: 300 });
    await sleep(500); // those that were under way
  }
  // The first storms fill caches and compile; then it must stay as it is.
  const half = Math.ceil(medians.length / 2);
  const growth = median(medians.slice(half)) / median(medians.slice(Math.floor(half / 2), half));
  measured.add('memory in the second half / in the second quarter', '×', growth, { atMost: 1.1 });
  return {
    figures: measured.figures,
    notes: [
      `${claims.toLocaleString('en')} claims in ${storms * seconds} s; median of each storm, MB: ${medians.map((size) => Math.round(size)).join(', ')}.`,
    ],
  };
};
