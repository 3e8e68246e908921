import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { temporaryFolder } from '../harness/autoclaim-process.ts';
import { operatorOf, type Operator } from '../harness/remote-command.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World, type WorldProduct } from '../harness/world.ts';

// Policies as code, as somebody works with them: a file that is written by hand, planned, applied, and
// brought up to date after others have changed things.

let server: TestServer;
let world: World;
let operator: Operator;
let product: WorldProduct;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

before(async () => {
  server = await startTestServer();
  world = worldOf(server);
  operator = await operatorOf(server);
  folder = await temporaryFolder();
  product = await world.addProduct({ DRAW: {}, STORE: {} }, { displayName: 'Drawing', skuPartNumber: 'DRAWING' });
  await world.addProduct({ DRAW: { id: product.plans['DRAW']! } }, { displayName: 'Light', skuPartNumber: 'LIGHT' });
  await world.buy(product, 5);
  await world.addApp([product.plans['DRAW']!], 'Sketch');
  await world.addUser({ user_principal_name: 'ana@contoso.example' });
});
after(async () => {
  await operator.remove();
  await folder.remove();
  await server.close();
});

const BY_HAND = `# Ours: ask Ana first.
version: 1
setting:
  isEnabled: true # since May
policies:
  # The designers need it most.
  - displayName: For designers
    app: sketch
    products:
      - product: Drawing # the better one
        disabledPlans: [STORE]
  - displayName: For all # whoever comes
    app: sketch
    products:
      - product: light
`;

const file = (name: string, text?: string) => {
  const path = join(folder.path, name);
  if (text !== undefined) writeFileSync(path, text);
  return path;
};
const run = async (code: number, ...args: string[]) => {
  const ended = await operator.run(...args);
  assert.equal(ended.code, code, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
  return ended;
};

describe('a set-up as a file', { concurrency: false }, () => {
  it('is planned in words and numbers, with an exit code where anything differs', async () => {
    const { stdout } = await run(10, 'plan', '-f', file('by-hand.yaml', BY_HAND), '--exit-code');
    assert.equal(
      stdout,
      `~ the auto-claim setting
    on  no → yes
+ policy For designers
    app       Sketch
    on        yes
    products  DRAWING (without STORE)
    1 person in its audience, 1 without a license for the app; 5 licenses available
+ policy For all
    app       Sketch
    on        yes
    products  LIGHT
    1 person in its audience, 1 without a license for the app; 0 licenses available

2 to add, 1 to change, 0 to delete.
`,
    );
  });

  it('is applied once it is confirmed, and then nothing differs', async () => {
    const unconfirmed = await run(2, 'apply', '-f', file('by-hand.yaml'));
    assert.match(
      unconfirmed.stderr,
      /2 to add, 1 to change, 0 to delete\.\nThe organisation is changed so\. Give --yes to do it\.\n$/,
    );
    assert.match((await run(0, 'apply', '-f', file('by-hand.yaml'), '--dry-run')).stdout, /2 to add/);
    assert.equal(await world.value('select count(*)::int from policies where tenant_id = $1'), 0);
    assert.match(
      (await run(0, 'apply', '-f', file('by-hand.yaml'), '--yes')).stdout,
      /Done: 2 added, 1 changed, 0 deleted\.\n$/,
    );
    assert.equal((await run(0, 'plan', '-f', file('by-hand.yaml'), '--exit-code')).stdout, 'Nothing differs.\n');
  });

  it('is brought up to date with its comments, names and form, after others have changed things', async () => {
    await world.turnAutoClaim(false);
    for (const [displayName, disabledPlans] of [
      ['Painters', []],
      ['Writers', [product.plans['STORE']]],
    ]) {
      const id = await world.addGroup();
      await world.patch(`/groups/${id}`, { displayName });
      const addLicenses = [{ skuId: product.skuId, disabledPlans }];
      await world.post(`/groups/${id}/assignLicense`, { addLicenses, removeLicenses: [] });
    }
    const { value } = await world.get('/policies/autoClaimPolicies');
    const [designers, all] = value;
    await world.post('/policies/autoClaimPolicies/reorder', { ids: [all.id, designers.id] });
    await world.patch(`/policies/autoClaimPolicies/${designers.id}`, {
      products: designers.products.map(({ skuId }: any) => ({ skuId })),
    });
    const before_ = readFileSync(file('by-hand.yaml'), 'utf8');
    writeFileSync(file('by-hand.yaml'), `${before_}groupLicenses:\n  - group: painters # by hand\n    products: []\n`);
    const { stdout } = await run(0, 'export', '-f', file('by-hand.yaml'));
    assert.match(stdout, /^Brought .*by-hand\.yaml up to date: 5 differences\.\n$/);
    assert.equal(
      readFileSync(file('by-hand.yaml'), 'utf8'),
      `# Ours: ask Ana first.
version: 1
setting:
  isEnabled: false # since May
policies:
  - displayName: For all # whoever comes
    app: sketch
    products:
      - product: light
  # The designers need it most.
  - displayName: For designers
    app: sketch
    products:
      - product: Drawing # the better one
        disabledPlans: []
groupLicenses:
  - group: painters # by hand
    products:
      - product: DRAWING
        disabledPlans: []
  - group: Writers
    products:
      - product: DRAWING
        disabledPlans:
          - STORE
`,
    );
    assert.match((await run(0, 'export', '-f', file('by-hand.yaml'))).stdout, /is up to date\.\n$/);
  });

  it('as it is exported is what there is, and as the published JSON Schema has it', async () => {
    const { stdout } = await run(0, 'export');
    const [, address] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(stdout)!;
    const schema = (await (await fetch(address!)).json()) as object;
    const isValid = new Ajv2020({ strict: false }).compile(schema);
    assert.ok(isValid(parse(stdout)), JSON.stringify(isValid.errors));
    assert.ok(!isValid(parse(stdout.replace('isEnabled:', 'isEnable:'))), 'a misspelt name is found by the schema');
    const planned = await operator.feed(stdout, 'plan', '-f', '-', '--prune', '--exit-code');
    assert.deepEqual([planned.code, planned.stdout], [0, 'Nothing differs.\n'], planned.stderr);
  });

  it('that can not be is told by its lines, and nothing is done', async () => {
    const bad = BY_HAND.replace('STORE', 'NOPE').replace('product: light', 'product: dark');
    const { stderr } = await run(1, 'apply', '-f', file('bad.yaml', bad), '--yes');
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => line.slice(line.indexOf('bad.yaml')));
    assert.deepEqual(lines, [
      'bad.yaml:11: policies[0].products[0].disabledPlans[0]: there is no service plan of Drawing "NOPE".',
      'bad.yaml:15: policies[1].products[0].product: there is no product "dark".',
    ]);
    const broken = await operator.feed('version: 1\npolicies:\n  - a: b\n c', 'plan', '-f', '-');
    assert.deepEqual([broken.code, broken.stderr.slice(0, 'standard input:4: '.length)], [1, 'standard input:4: ']);
  });
});
