import { setTimeout as sleep } from 'node:timers/promises';
import { startClaimsStage } from './claims-stage.ts';
import { load } from './harness/load.ts';
import { Measurements } from './harness/measurements.ts';
import { steadyLoad } from './harness/steady-load.ts';
import type { Bench } from './run.ts';

const CONNECTIONS = 256;
/** More than can claim in a second. */
const PEOPLE_PER_SECOND = 30_000;
const SHARE_OF_MOST = 0.5;

/** How long a claim takes while so many come as half of what can be claimed at most, on an open loop. */
export const latency: Bench = async ({ repetitions, seconds, flags, started, say }) => {
  const people = PEOPLE_PER_SECOND * seconds;
  say(`Setting up ${people.toLocaleString('en')} people …`);
  const stage = await startClaimsStage(started, people, flags);
  const { token, roomyApp } = stage.organisation;
  const order = { url: stage.ours.url, token, appId: roomyApp.appId, connections: CONNECTIONS, people };
  const measured = new Measurements();
  await load({ ...order, seconds: 2 });
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    say(`Repetition ${repetition} of ${repetitions} …`);
    await sleep(500);
    await stage.reset();
    const { perSecond } = await load({ ...order, seconds });
    await sleep(500); // those that were under way
    await stage.reset();
    const rate = Math.floor(perSecond * SHARE_OF_MOST);
    const found = await steadyLoad({ ...order, seconds, perSecond: rate });
    measured.add('claims at most', '/s', perSecond);
    measured.add('claims at half of that', '/s', found.answered / seconds);
    measured.add('time to a claim at half of the most, median', 'ms', found.median);
    measured.add('time to a claim at half of the most, 99th percentile', 'ms', found.p99, { atMost: 50 });
    measured.add('time to a claim at half of the most, 99.9th percentile', 'ms', found.p999);
    measured.add('time to a claim at half of the most, highest', 'ms', found.highest);
    measured.add('of it the sender’s own lateness, 99th percentile', 'ms', found.senderLate);
  }
  return {
    figures: measured.figures,
    notes: ['An open loop: each sign-in is due at its moment, and its time is counted from then, sent or not.'],
  };
};
