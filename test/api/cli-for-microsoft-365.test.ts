import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { GROUPS } from '../../src/sample/groups.ts';
import { PEOPLE } from '../../src/sample/people.ts';
import { skuOf } from '../../src/sample/products.ts';
import { freePort, startAutoclaim, temporaryFolder, type AutoclaimProcess } from '../harness/autoclaim-process.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';
import { startMicrosoftsAddresses, type MicrosoftsAddresses } from '../harness/microsofts-addresses.ts';

// The CLI for Microsoft 365 (@pnp/cli-microsoft365), unmodified. It knows no address but Microsoft's, so
// it goes through a proxy. It is large and no dependency: install it elsewhere, and name its folder,
// AUTOCLAIM_TEST_M365=…/node_modules/@pnp/cli-microsoft365.

const FOLDER = process.env['AUTOCLAIM_TEST_M365'] ?? '';
const PROGRAM = join(FOLDER, 'dist/index.js');
const skip =
  FOLDER !== '' && existsSync(PROGRAM) ? false : 'AUTOCLAIM_TEST_M365 names no installed @pnp/cli-microsoft365';

describe('the CLI for Microsoft 365', { skip }, () => {
  const client = { id: randomUUID(), secret: randomUUID() };
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let db: TestDatabase;
  let server: AutoclaimProcess;
  let addresses: MicrosoftsAddresses;
  let certificates: string;

  before(async () => {
    folder = await temporaryFolder();
    db = await createTestDatabase();
    const port = await freePort();
    const { host, port: databasePort, user, database } = db.connection;
    server = await startAutoclaim({
      PORT: String(port),
      DATABASE_URL: `postgres://${user}@localhost:${databasePort}/${database}?host=${encodeURIComponent(host)}`,
      AUTOCLAIM_BASE_URL: 'https://graph.microsoft.com',
      AUTOCLAIM_DATA_DIR: folder.path,
      AUTOCLAIM_SAMPLE: 'contoso',
      AUTOCLAIM_BOOTSTRAP_CLIENT_ID: client.id,
      AUTOCLAIM_BOOTSTRAP_CLIENT_SECRET: client.secret,
    });
    await server.ready;
    certificates = join(folder.path, 'microsofts.pem');
    addresses = await startMicrosoftsAddresses(port, certificates);
  });
  after(async () => {
    await addresses?.close();
    await server?.stop();
    await db?.close();
    await folder?.remove();
  });

  /** Runs a command; its answer. */
  async function m365(...given: string[]): Promise<any> {
    const env = {
      PATH: process.env['PATH'],
      HOME: folder.path,
      HTTPS_PROXY: addresses.proxy,
      NODE_EXTRA_CA_CERTS: certificates,
      CLIMICROSOFT365_NOUPDATE: '1',
    };
    const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...given, '--output', 'json'], {
      env,
      timeout: 60_000,
      maxBuffer: 2 ** 26,
    });
    return stdout.trim() === '' ? undefined : JSON.parse(stdout);
  }

  it('signs in with a secret, and lists', async () => {
    const { id, secret } = client;
    const connected = await m365(
      'login',
      '--authType',
      'secret',
      '--appId',
      id,
      '--secret',
      secret,
      '--tenant',
      'contoso.example',
    );
    assert.equal(connected.authType, 'secret');
    assert.equal((await m365('entra', 'user', 'list', '--properties', 'id,displayName')).length, PEOPLE.length);
    assert.equal((await m365('entra', 'group', 'list')).length, GROUPS.length);
    const licenses = await m365('entra', 'license', 'list');
    assert.ok(licenses.some(({ skuId }: { skuId: string }) => skuId === skuOf('FLOW_FREE')));
    assert.ok(addresses.asked.includes('POST /contoso.example/oauth2/v2.0/token'));
  });

  it('adds a user and a group, assigns a license, and takes all of it away', async () => {
    const userName = 'megan.cli@contoso.example';
    const user = await m365(
      'entra',
      'user',
      'add',
      '--displayName',
      'Megan',
      '--userName',
      userName,
      '--password',
      'correct horse 1 Battery',
      '--usageLocation',
      'US',
    );
    const assigned = await m365('entra', 'user', 'license', 'add', '--userName', userName, '--ids', skuOf('FLOW_FREE'));
    assert.equal(assigned.id, user.id);
    const held = async () =>
      (await m365('entra', 'user', 'get', '--id', user.id, '--properties', 'id,assignedLicenses')).assignedLicenses;
    assert.deepEqual(await held(), [{ skuId: skuOf('FLOW_FREE'), disabledPlans: [] }]);
    const group = await m365('entra', 'group', 'add', '--displayName', 'Readers', '--type', 'security');
    await m365('entra', 'group', 'member', 'add', '--groupId', group.id, '--userIds', user.id, '--role', 'Member');
    const members = await m365('entra', 'group', 'member', 'list', '--groupId', group.id, '--role', 'Member');
    assert.deepEqual(
      members.map(({ id }: { id: string }) => id),
      [user.id],
    );
    await m365('entra', 'user', 'license', 'remove', '--userName', userName, '--ids', skuOf('FLOW_FREE'), '--force');
    assert.deepEqual(await held(), []);
    await m365('entra', 'group', 'remove', '--id', group.id, '--force');
    await m365('entra', 'user', 'remove', '--id', user.id, '--force');
    await assert.rejects(
      () => m365('entra', 'user', 'get', '--id', user.id),
      (error: any) => /does not exist/.test(`${error.stdout}${error.stderr}`),
    );
  });
});
