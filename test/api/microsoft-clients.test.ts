import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { GROUPS } from '../../src/sample/groups.ts';
import { PEOPLE } from '../../src/sample/people.ts';
import { skuOf } from '../../src/sample/products.ts';
import { startOverTls, type TlsAutoclaim } from '../harness/tls-autoclaim.ts';

// Microsoft's clients, unmodified, with @azure/identity for the tokens: in programs of their own
// (test/harness/microsoft-clients/), against the program itself over TLS. No check of certificates is off.

describe("Microsoft's clients", () => {
  let server: TlsAutoclaim;
  before(async () => {
    // So low that one of the programs runs into it.
    server = await startOverTls({ AUTOCLAIM_REQUESTS_PER_SECOND: '10' });
  });
  after(() => server.close());

  /** Runs one of the programs; what it tells. */
  async function run(program: string, more: Record<string, string> = {}): Promise<any> {
    const file = fileURLToPath(new URL(`../harness/microsoft-clients/${program}`, import.meta.url));
    return JSON.parse(await execute([file], more));
  }

  async function execute(given: readonly string[], more: Record<string, string> = {}): Promise<string> {
    const env = {
      PATH: process.env['PATH'],
      NODE_EXTRA_CA_CERTS: server.certificateFile,
      AUTOCLAIM_URL: server.url,
      AUTOCLAIM_TENANT: 'contoso.example',
      AUTOCLAIM_CLIENT_ID: server.client.id,
      AUTOCLAIM_CLIENT_SECRET: server.client.secret,
      ...more,
    };
    const cwd = fileURLToPath(new URL('../../', import.meta.url));
    return (await promisify(execFile)(process.execPath, given, { env, cwd, timeout: 30_000 })).stdout;
  }

  it('@microsoft/msgraph-sdk lists, filters, writes, licenses and follows changes', async () => {
    const told = await run('msgraph-sdk.mjs', { SKU_ID: skuOf('FLOW_FREE') });
    const { unlicensed, ...rest } = told;
    assert.ok(unlicensed > 0 && unlicensed < PEOPLE.length);
    assert.deepEqual(rest, {
      listed: PEOPLE.length,
      distinct: PEOPLE.length,
      count: PEOPLE.length,
      inDelta: PEOPLE.length,
      assigned: true,
      details: ['FLOW_FREE'],
      read: ['Painter', [skuOf('FLOW_FREE')]],
      groups: 0,
      changed: [[true, 'Adele Vance', 1]],
      refused: [400, 'Request_BadRequest', 'User does not have a corresponding license.'],
      gone: [404, 'Request_ResourceNotFound'],
    });
  });

  it('@microsoft/microsoft-graph-client sends batches and follows changes', async () => {
    assert.deepEqual(await run('microsoft-graph-client.mjs'), {
      organization: 'Contoso',
      followed: [PEOPLE.length, GROUPS.length],
      batch: { make: 201, read: 200, group: 201, wrong: 400, never: 424 },
      read: {
        '@odata.context': `${server.url}/v1.0/$metadata#users(displayName,usageLocation)/$entity`,
        displayName: 'Lee',
        usageLocation: 'US',
      },
      users: [[true, 'deleted']],
      groups: [[true, [[true, 'deleted']]]],
    });
  });

  it("are used as the guide's program uses them", async () => {
    const page = await readFile(new URL('../../docs/graph.md', import.meta.url), 'utf8');
    const program = /^```js\n([^]*?)^```$/m.exec(page)![1]!;
    const printed = await execute(['--input-type=module', '-e', program]);
    const unlicensed = PEOPLE.map(({ displayName }) => displayName).filter((name) => printed.includes(`'${name}'`));
    assert.equal(unlicensed.length, 3, printed);
  });

  it('are throttled as by Graph: they wait for what Retry-After says, by themselves, and get through', async () => {
    const told = await run('throttled.mjs');
    assert.ok(told.throttled > 0, 'none was told to wait');
    assert.deepEqual([told.isSame, told.answered > 50], [true, true]);
    assert.ok(told.seconds >= 1, `${told.seconds} s`);
  });

  it('are told by @azure/identity what is wrong with a secret', async () => {
    await assert.rejects(
      () => run('microsoft-graph-client.mjs', { AUTOCLAIM_CLIENT_SECRET: 'wrong' }),
      (error: any) => {
        assert.match(error.stderr, /AuthenticationError|AuthenticationRequiredError|invalid_client/);
        assert.match(error.stderr, /invalid_client/);
        return true;
      },
    );
  });
});
