import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { judge } from './checker/checker.ts';
import { prepare, tell, weather } from './history/episode.ts';
import { install } from './history/installation.ts';
import { PLANTED_FAULTS, type PlantedFault } from './planted/plants.ts';

// The checker is checked: each of these faults, planted in the servers' sources as they are loaded, must be found.

const SEED = Number(process.env['FAULTS_SEED'] ?? randomInt(2 ** 20));
const IS_LONG = process.env['FAULTS_LONG'] !== undefined;
const HOOK = new URL('./planted/plant.ts', import.meta.url).href;
const STORM_MS = 1_200;
/** A fault that shows itself by chance has so many storms to do it in. */
const STORMS_MAX = 8;

/** How many storms it took to find it, and what was found. */
async function findPlanted({ plants, points, mix, isKilled = false }: PlantedFault) {
  const installation = await install();
  try {
    const settings = { NODE_OPTIONS: `--import=${HOOK}`, PLANTED: JSON.stringify(plants) };
    const [victim] = await Promise.all([installation.start(settings), installation.start(settings)]);
    for (const { file } of plants) {
      for (const log of installation.logs) assert.ok(log.includes(`planted in ${file}`), `${file} was not loaded`);
    }
    const stage = await prepare(installation, SEED);
    let server = victim;
    const kill = async () => {
      await sleep(STORM_MS / 2);
      server.kill('SIGKILL');
      await server.ended;
      const port = new URL(server.url).port;
      server = await installation.start({ ...settings, PORT: port });
    };
    for (let storm = 1; storm <= STORMS_MAX; storm += 1) {
      const weatherOfSeed = { seed: SEED + storm, forMs: STORM_MS, ...(mix && { mix }) };
      const episode = await weather(stage, weatherOfSeed, isKilled ? kill : undefined, !isKilled);
      const faults = judge(episode);
      const found = faults.filter(({ point }) => points.includes(point));
      if (found.length > 0) return { storms: storm, found, faults };
      assert.deepEqual(faults, [], 'another fault than the one that was planted');
    }
    return { storms: STORMS_MAX, found: [], faults: [] };
  } finally {
    await installation.close();
  }
}

// Two at a time: what they wait for, mostly, is servers that start.
describe(`the checker finds (seed ${SEED})`, { concurrency: 2 }, () => {
  for (const planted of PLANTED_FAULTS.filter(({ isLongOnly }) => IS_LONG || !isLongOnly)) {
    it(planted.name, async (t) => {
      const { storms, found, faults } = await findPlanted(planted);
      assert.ok(found.length > 0, `not found in ${storms} storms`);
      t.diagnostic(`${planted.name}: found in storm ${storms}; ${tell(faults).slice(0, 300)}`);
    });
  }
});
