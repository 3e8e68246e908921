import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { judge } from './checker/checker.ts';
import { assertRight, countOutcomes, prepare, weather, type Episode } from './history/episode.ts';
import { install, type Installation } from './history/installation.ts';
import { copyOf, FALSIFICATIONS } from './planted/falsified.ts';

const SEED = Number(process.env['FAULTS_SEED'] ?? randomInt(2 ** 20));
const STORM_MS = 3_000;
const TRIES = 8;

describe(`a storm of mixed operations over two servers (seed ${SEED})`, () => {
  let installation: Installation;
  let episode: Episode;
  before(async () => {
    installation = await install();
    await Promise.all([installation.start(), installation.start()]);
    episode = await weather(await prepare(installation, SEED), { seed: SEED, forMs: STORM_MS });
  });
  after(() => installation.close());

  it('leaves nothing that the checker finds wrong', (t) => {
    const counts = countOutcomes(episode);
    t.diagnostic(JSON.stringify(counts));
    assertRight(episode, SEED);
    for (const kind of ['sign in: claimed', 'sign in: licensed', 'assign: ok', 'change policy: ok']) {
      assert.ok((counts[kind] ?? 0) > 5, `few ${kind}`);
    }
  });

  describe('falsified, is found out:', () => {
    for (const { name, point, falsify } of FALSIFICATIONS) {
      it(name, () => {
        // Not each of a history's events is certain enough to be turned into a fault that is certain.
        const found = new Set<number>();
        for (let nth = 0; nth < TRIES && !found.has(point); nth += 1) {
          const { copy, falsified } = copyOf(episode, nth);
          falsify(copy);
          for (const fault of judge(falsified)) found.add(fault.point);
        }
        assert.ok(found.has(point), `found ${[...found].join() || 'nothing'} instead of point ${point}`);
      });
    }
  });
});

describe('the checker', () => {
  it('imports nothing of the product', () => {
    const folder = new URL('./checker/', import.meta.url);
    const files = readdirSync(folder);
    assert.ok(files.length > 8);
    for (const file of files) {
      assert.doesNotMatch(readFileSync(new URL(file, folder), 'utf8'), /from '[^']*(src|contract)\//, file);
    }
  });
});
