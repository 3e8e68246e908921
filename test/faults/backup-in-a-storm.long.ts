import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { freePort, temporaryFolder } from '../harness/autoclaim-process.ts';
import { runForJson } from '../harness/command.ts';
import { judge } from './checker/checker.ts';
import { readState } from './checker/state.ts';
import { assertRight, countOutcomes, prepare, tell, weather, type Episode, type Stage } from './history/episode.ts';
import { install, type Installation } from './history/installation.ts';
import { EVERYTHING } from './history/lanes.ts';
import type { Operation } from './history/operation.ts';
import type { Tenant } from './history/organisation.ts';
import { prepareRush } from './rush.ts';

const SEED = Number(process.env['FAULTS_SEED'] ?? randomInt(2 ** 20));
const STORM_MS = 4_000;
const BACKUP_AFTER_MS = 1_500;
const USERS = 1_500;
/** While the switch is off nobody claims, and that is when a back-up is easy. */
const MIX = EVERYTHING.filter(([, kind]) => kind !== 'turn switch');

describe(`a back-up that is made in a storm over two servers (seed ${SEED})`, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let first: Installation;
  let restored: Installation;
  let stage: Stage;
  let episode: Episode;
  let file: string;
  const backup = { beganAt: 0, endedAt: 0 };
  let shared: Record<string, string>;

  before(async () => {
    folder = await temporaryFolder();
    file = join(folder.path, 'storm.tar.gz');
    first = await install();
    shared = {
      AUTOCLAIM_BASE_URL: `http://127.0.0.1:${await freePort()}`,
      AUTOCLAIM_BOOTSTRAP_CLIENT_SECRET: first.credentials.clientSecret,
    };
    await Promise.all([first.start(shared), first.start(shared)]);
    stage = await prepare(first, SEED, USERS);
    // Seats for everybody, so that somebody claims in every moment of the back-up.
    const [tenant] = stage.organisation.tenants;
    const { appId } = await prepareRush(stage.urls[0]!, tenant, [USERS]);
    episode = await weather(stage, { seed: SEED, forMs: STORM_MS, mix: MIX }, async () => {
      const rush = claimOneByOne(tenant, appId);
      await sleep(BACKUP_AFTER_MS);
      backup.beganAt = stage.recorder.now();
      await runForJson(['db', 'backup', file], { DATABASE_URL: urlOf(first) });
      backup.endedAt = stage.recorder.now();
      await rush.stop();
    });
    restored = await install();
    await restored.pool.query('drop schema public cascade; create schema public');
    await runForJson(['db', 'restore', file], { DATABASE_URL: urlOf(restored) });
  });

  after(async () => {
    await Promise.all([first.close(), restored.close()]);
    await folder.remove();
  });

  it('disturbs nobody', (t) => {
    t.diagnostic(JSON.stringify(countOutcomes(episode)));
    assertRight(episode, SEED);
  });

  it('has all that was acknowledged before it began, and nothing that began after it ended', async () => {
    const operations = asOf(episode.operations);
    const acknowledged = operations.filter(({ outcome }) => outcome === 'ok').length;
    assert.ok(acknowledged > 20 && acknowledged < episode.operations.length, `${acknowledged} were acknowledged`);
    const state = await readState(restored.pool, stage.organisation.tenantIds, () => backup.endedAt);
    const { before: beginning, canaries } = episode;
    // Not point 5: of a policy that was made or changed meanwhile this history doesn't know how; "disturbs nobody" does.
    const faults = judge({ before: beginning, operations, after: state, canaries }).filter(({ point }) => point !== 5);
    assert.equal(tell(faults), '', `seed ${SEED}`);
  });

  it('has as many seats consumed of each pool as licenses are held', async () => {
    const { rows } = await restored.pool.query(
      `select consumed::int, (select count(*)::int from licenses l where l.tenant_id = p.tenant_id and l.sku_id = p.sku_id) as held
         from pools p`,
    );
    assert.ok(rows.length >= 8 && rows.some(({ consumed }) => consumed > 0));
    for (const { consumed, held } of rows) assert.equal(consumed, held);
  });

  it('serves on, once it is restored, as the checker wants it', async () => {
    const server = await restored.start(shared);
    const { organisation, recorder } = stage;
    const after = { installation: restored, organisation, recorder, urls: [server.url] };
    const next = await weather(after, { seed: SEED + 1, forMs: 2_000 });
    assertRight(next, SEED);
    assert.ok((countOutcomes(next)['sign in: licensed'] ?? 0) > 0);
  });

  /** A few clients, for whom one user after the other signs in to an app, until they are stopped. */
  function claimOneByOne({ client, users }: Tenant, appId: string): { stop(): Promise<void> } {
    const left = [...users];
    let isStopped = false;
    const clients = Array.from({ length: 3 }, async (_, index) => {
      const url = stage.urls[index % stage.urls.length]!;
      for (let userId = left.pop(); userId !== undefined && !isStopped; userId = left.pop()) {
        await stage.recorder.perform(url, client, { do: 'sign in', appId, userId, correlationId: null });
      }
    });
    return {
      async stop() {
        isStopped = true;
        await Promise.all(clients);
      },
    };
  }

  /**
   * The history as a snapshot of some moment between the back-up's beginning and its end must have
   * it: what was answered before is there, what began later isn't, and what was under way is either.
   */
  function asOf(operations: readonly Operation[]): Operation[] {
    return operations
      .filter(({ invokedAt }) => invokedAt < backup.endedAt)
      .map((operation) =>
        operation.returnedAt < backup.beganAt
          ? operation
          : { ...operation, outcome: 'unknown' as const, status: null, answer: {}, returnedAt: backup.endedAt },
      );
  }

  function urlOf({ connection: { host, port, user, database } }: Installation): string {
    return `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`;
  }
});
