import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { assertRight, countOutcomes, prepare, weather } from './history/episode.ts';
import { install, type Installation } from './history/installation.ts';

const SEED = Number(process.env['FAULTS_SEED'] ?? randomInt(2 ** 20));

describe('a storm of mixed operations over two servers', () => {
  let installation: Installation;
  before(async () => {
    installation = await install();
    await Promise.all([installation.start(), installation.start()]);
  });
  after(() => installation.close());

  it(`leaves nothing that the checker finds wrong (seed ${SEED})`, async (t) => {
    const stage = await prepare(installation, SEED);
    const episode = await weather(stage, { seed: SEED, forMs: 4_000 });
    const counts = countOutcomes(episode);
    t.diagnostic(JSON.stringify(counts));
    assertRight(episode, SEED);
    for (const kind of ['sign in: claimed', 'sign in: licensed', 'assign: ok', 'change policy: ok']) {
      assert.ok((counts[kind] ?? 0) > 5, `few ${kind}`);
    }
  });
});
