import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { startClaimsStage } from './claims-stage.ts';
import { load } from './harness/load.ts';
import { Measurements } from './harness/measurements.ts';
import { call } from './organisation.ts';
import { nameOf } from './people.ts';
import type { Bench } from './run.ts';

/** The storm: as many claims by the API as these connections can get. */
const CONNECTIONS = 64;
/** More than can claim in a second. */
const PEOPLE_PER_SECOND = 30_000;
/** What an identity provider tells of meanwhile: people who claim too, each once. */
const EVENTS_PER_SECOND = 100;

/** How long a provider waits for its hook while the claim storm goes on. */
export const hooks: Bench = async ({ repetitions, seconds, flags, started, say }) => {
  const people = PEOPLE_PER_SECOND * seconds;
  say(`Setting up ${people.toLocaleString('en')} people …`);
  const stage = await startClaimsStage(started, people, flags);
  const { token, roomyApp } = stage.organisation;
  const { url } = stage.ours;
  const hook = await call(url, token, 'POST', '/admin/signInHooks', { kind: 'okta', displayName: 'Okta' });
  const address = `${url}/hooks/okta/token?hook=${hook.id}`;
  const order = { url, token, appId: roomyApp.appId, connections: CONNECTIONS, people };
  const events = EVENTS_PER_SECOND * seconds;
  /** The person of the highest number first: the storm begins at the other end. */
  const deliver = async (index: number): Promise<{ took: number; hasClaims: boolean }> => {
    const begun = performance.now();
    const response = await fetch(address, {
      method: 'POST',
      headers: { authorization: hook.secretText, 'content-type': 'application/json' },
      body: JSON.stringify({
        eventId: randomUUID(),
        eventTime: new Date().toISOString(),
        eventType: 'com.okta.oauth2.tokens.transform',
        data: {
          context: {
            protocol: { client: { id: roomyApp.appId } },
            user: { profile: { login: nameOf(people - 1 - index) } },
          },
        },
      }),
    });
    const { commands } = (await response.json()) as { commands: unknown[] };
    if (response.status !== 200) throw new Error(`The hook answered ${response.status}.`);
    return { took: performance.now() - begun, hasClaims: commands.length > 0 };
  };
  const measured = new Measurements();
  await load({ ...order, seconds: 2 });
  await Promise.all(Array.from({ length: 100 }, (_, index) => deliver(index)));
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    say(`Repetition ${repetition} of ${repetitions} …`);
    await sleep(500); // those that were under way
    await stage.reset();
    const storm = load({ ...order, seconds });
    const begun = performance.now();
    const answers = await Promise.all(
      Array.from({ length: events }, async (_, index) => {
        await sleep(Math.max(0, begun + (index * 1_000) / EVENTS_PER_SECOND - performance.now()));
        return deliver(index);
      }),
    );
    const { perSecond, latencyMs } = await storm;
    const times = answers.map(({ took }) => took).toSorted((one, other) => one - other);
    const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))]!;
    measured.add('claims of the storm', '/s', perSecond);
    measured.add('time to a claim of the storm by the API, median', 'ms', latencyMs.median);
    measured.add('time to a claim of the storm by the API, 99th percentile', 'ms', latencyMs.p99);
    measured.add('time to a hook’s answer in the storm, median', 'ms', at(0.5));
    measured.add('time to a hook’s answer in the storm, 99th percentile', 'ms', at(0.99), { atMost: 300 });
    measured.add('time to a hook’s answer in the storm, highest', 'ms', at(1));
    measured.add(
      'of these with the license in it',
      '%',
      (100 * answers.filter(({ hasClaims }) => hasClaims).length) / events,
    );
  }
  return {
    figures: measured.figures,
    notes: [`${EVENTS_PER_SECOND} events of Okta's hook a second, each of another person who claims; an open loop.`],
  };
};
