import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { judge } from './checker/checker.ts';
import { judgeUniqueness } from './checker/claims.ts';
import { assertRight, countOutcomes, prepare, weather, type Episode, type Stage } from './history/episode.ts';
import { install, type Installation } from './history/installation.ts';
import type { Storm } from './history/lanes.ts';
import type { Request } from './history/operation.ts';
import { copyOf, FALSIFICATIONS } from './planted/falsified.ts';

const SEED = Number(process.env['FAULTS_SEED'] ?? randomInt(2 ** 20));
const STORM_MS = 2_500;
const TRIES = 40;
/** So few clients, and changes so rare, that much of what is done stands by itself. */
const CLEAR = {
  lanes: 4,
  forMs: 1_000,
  operationsMin: 220,
  mix: [
    [60, 'sign in'],
    [40, 'assign'],
    [2, 'set quantity'],
    [1, 'change policy'],
    [3, 'read report'],
  ],
} as const satisfies Partial<Storm>;

describe(`a storm of mixed operations over two servers (seed ${SEED})`, () => {
  let installation: Installation;
  let episode: Episode;
  let clear: Episode;
  before(async () => {
    installation = await install();
    await Promise.all([installation.start(), installation.start()]);
    const stage = await prepare(installation, SEED, 60);
    episode = await weather(stage, { seed: SEED, forMs: STORM_MS, operationsMin: 350 });
    await turnEverythingOn(stage);
    clear = await weather(stage, { seed: SEED + 1, ...CLEAR });
  });
  after(() => installation.close());

  it('leaves nothing that the checker finds wrong', (t) => {
    const counts = countOutcomes(episode);
    t.diagnostic(JSON.stringify(counts));
    assertRight(episode, SEED);
    assertRight(clear, SEED);
    for (const kind of ['sign in: claimed', 'sign in: licensed', 'assign: ok', 'change policy: ok']) {
      assert.ok((counts[kind] ?? 0) > 5, `few ${kind}`);
    }
  });

  describe('falsified, is found out:', () => {
    for (const { name, point, falsify } of FALSIFICATIONS) {
      it(name, (t) => {
        // Not each of a history's events is certain enough to be turned into a fault that is certain.
        const found = new Set<number>();
        let isFalsified = false;
        for (let nth = 0; nth < TRIES && !found.has(point); nth += 1) {
          const { copy, falsified } = copyOf(clear, nth);
          if (falsify(copy) === false) continue;
          isFalsified = true;
          for (const fault of judge(falsified)) found.add(fault.point);
        }
        if (!isFalsified) {
          t.skip(`the storm of seed ${SEED} has nothing of the kind`);
          return;
        }
        assert.ok(found.has(point), `found ${[...found].join() || 'nothing'} instead of point ${point}`);
      });
    }
  });
});

/** The storm may have left the switch and all policies off, and no seat free. */
async function turnEverythingOn({ recorder, organisation, urls }: Stage): Promise<void> {
  for (const { client, policies, purchases } of organisation.tenants) {
    const perform = (request: Request) => recorder.perform(urls[0]!, client, request);
    await perform({ do: 'turn switch', isEnabled: true });
    for (const { id } of policies) await perform({ do: 'change policy', policyId: id, isEnabled: true });
    for (const id of purchases) await perform({ do: 'set quantity', subscriptionId: id, totalLicenses: 30 });
  }
}

describe('the checker', () => {
  it('imports nothing of the product', () => {
    const folder = new URL('./checker/', import.meta.url);
    const files = readdirSync(folder);
    assert.ok(files.length > 8);
    for (const file of files) {
      assert.doesNotMatch(readFileSync(new URL(file, folder), 'utf8'), /from '[^']*(src|contract)\//, file);
    }
  });

  it('lets who asked first claim last: the release between them is found, and asked for where there is none', () => {
    const [userId, skuId] = ['user', 'sku'];
    const claim = (claim_id: string, begin: number, end: number) => ({
      row: { claim_id, user_id: userId, app_id: 'app', sku_id: skuId },
      isNew: true,
      begin,
      end,
    });
    const release = (invokedAt: number, returnedAt: number) => ({
      request: { do: 'assign', userId, add: [], remove: [skuId] },
      outcome: 'ok',
      invokedAt,
      returnedAt,
    });
    const judged = (claims: object[], operations: object[]) =>
      judgeUniqueness({
        operations,
        claims,
        before: { paths: [] },
        after: { paths: [] },
      } as unknown as Parameters<typeof judgeUniqueness>[0]);
    // Asked at 0 and claimed at 90, while another was asked, claimed and released.
    assert.deepEqual(judged([claim('last', 0, 90), claim('first', 10, 20)], [release(30, 40)]), []);
    // One after the other, and the release after both.
    assert.equal(judged([claim('first', 0, 5), claim('second', 10, 20)], [release(30, 40)]).length, 1);
    // And before both.
    assert.equal(judged([claim('first', 50, 90), claim('second', 55, 95)], [release(30, 40)]).length, 1);
  });
});
