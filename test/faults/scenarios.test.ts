import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { SCENARIOS } from './harm/scenarios.ts';
import { openOwnDatabase, openStand, type OwnDatabase, type Stand } from './harm/site.ts';
import { assertRight, countOutcomes } from './history/episode.ts';

const SEED = Number(process.env['FAULTS_SEED'] ?? randomInt(2 ** 20));
/** What is only here to be seen to work; `npm run test:long` is there to find. */
const STORM_MS = 1_200;

describe(`nothing is wrong afterwards where (seed ${SEED})`, () => {
  let own: OwnDatabase;
  let stand: Stand;
  before(async () => {
    own = await openOwnDatabase();
    stand = await openStand(own, SEED);
  });
  after(async () => {
    await stand.close();
    await own.close();
  });

  const told = new Map<string, number>();

  for (const [index, scenario] of SCENARIOS.entries()) {
    it(scenario.name, async (t) => {
      const episode = await stand.play(scenario, SEED + index, STORM_MS);
      const counts = countOutcomes(episode);
      t.diagnostic(`${scenario.name}: ${JSON.stringify(counts)}`);
      assertRight(episode, SEED + index);
      for (const [kind, count] of Object.entries(counts)) told.set(kind, (told.get(kind) ?? 0) + count);
    });
  }

  it('and something was done in all of these', () => {
    for (const kind of ['sign in: claimed', 'sign in: unknown', 'assign: ok', 'delete user: ok', 'change policy: ok']) {
      assert.ok((told.get(kind) ?? 0) > 4, `few ${kind}`);
    }
  });
});
