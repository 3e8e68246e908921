import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { createTestDatabase } from '../harness/database.ts';
import { startTestServer } from '../harness/server.ts';
import { createStandIn } from './citus-stand-in.ts';
import { doEverything } from './everything.ts';

// The claim suite on a Citus cluster: CITUS_URL names a database on its coordinator, with the
// extension and nodes that take shards (docs/scale.md). All of Autoclaim that is in that database is
// deleted. Without it the same files run once on a stand-in, which shows that they can be run so.

const SUITE = [
  'src/engine/claim/decisions.test.ts',
  'test/api/sign-ins.test.ts',
  'test/api/sign-in-deliveries.test.ts',
  'test/api/race.test.ts',
  'test/api/explain.test.ts',
  'test/api/assignment-paths.test.ts',
  'test/engine/one-user-at-once.test.ts',
  'test/engine/lifecycle.test.ts',
  'test/engine/concurrency.property.test.ts',
];

const { CITUS_URL } = process.env;
const skip = CITUS_URL ? false : 'CITUS_URL is not set: no Citus cluster to run on';

/** Runs a test file whose databases are the cluster's. */
async function runOn(url: string, file: string): Promise<void> {
  const child = spawn(process.execPath, ['--test', file], {
    // Without the marks of the run that this is part of, the child would report to it instead of failing.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, TEST_CITUS_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  assert.equal(code, 0, output.slice(-6_000));
}

describe('on a Citus cluster', { skip }, () => {
  it('everything that the program can be asked to do is done', async () => {
    process.env['TEST_CITUS_URL'] = CITUS_URL;
    const server = await startTestServer();
    try {
      assert.deepEqual(await doEverything(server), []);
      const { rows } = await server.db.pool.query<{ shards: number }>(
        "select count(*) as shards from pg_dist_shard where logicalrelid = 'claims'::regclass",
      );
      assert.equal(rows[0]!.shards, 4);
    } finally {
      delete process.env['TEST_CITUS_URL'];
      await server.close();
    }
  });

  for (const file of SUITE) it(`${file} passes`, () => runOn(CITUS_URL!, file));
});

describe('the way to run the claim suite on a cluster', () => {
  let url: string;
  let standIn: Awaited<ReturnType<typeof createStandIn>>;
  before(async () => {
    standIn = await createStandIn();
    const { host, port, user, database } = standIn.connection;
    url = `postgresql://${user}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}`;
  });
  after(() => standIn.close());

  it('is one that works, also twice', async () => {
    for (let times = 0; times < 2; times += 1) await runOn(url, 'test/engine/lifecycle.test.ts');
    assert.equal((await standIn.calls()).filter((call) => call === 'distribute claims').length, 2);
  });

  it('fails where the suite fails', async () => {
    await assert.rejects(runOn(url, 'test/distribution/no-such-file.test.ts'));
    const db = await createTestDatabase();
    const { host, port, user, database } = db.connection;
    const withoutCitus = `postgresql://${user}@localhost/${database}?host=${encodeURIComponent(host)}&port=${port}`;
    await assert.rejects(runOn(withoutCitus, SUITE[1]!), /has no Citus/);
    await db.close();
  });
});
