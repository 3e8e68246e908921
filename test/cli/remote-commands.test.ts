import assert from 'node:assert/strict';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { makeOperator, operatorOf, type Operator } from '../harness/remote-command.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World, type WorldApp, type WorldProduct } from '../harness/world.ts';

// The commands that call a server, as somebody types them: by names, in order, each a process of its own.

let server: TestServer;
let world: World;
let operator: Operator;
let drawing: WorldProduct;
let backup: WorldProduct;
let app: WorldApp;

before(async () => {
  server = await startTestServer();
  world = worldOf(server);
  operator = await operatorOf(server);
  drawing = await world.addProduct({ DRAW: {}, STORE: {} }, { displayName: 'Drawing', skuPartNumber: 'DRAWING_1' });
  backup = await world.addProduct({ DRAW: { id: drawing.plans['DRAW']! } }, { displayName: 'Drawing light' });
  app = await world.addApp([drawing.plans['DRAW']!], 'Sketch');
  await world.buy(backup, 3);
  for (const name of ['ana', 'bo']) {
    await world.addUser({
      user_principal_name: `${name}@contoso.example`,
      display_name: name === 'ana' ? 'Ana Silva' : 'Bo Chen',
    });
  }
});
after(async () => {
  await operator.remove();
  await server.close();
});

const succeed = async (...args: string[]) => {
  const { code, stdout, stderr } = await operator.run(...args);
  assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
};

describe('the way from nothing to a claim, by names', { concurrency: false }, () => {
  it('buys, makes a policy, turns the setting on', async () => {
    const [bought] = await Promise.all([operator.json('product', 'buy', 'drawing_1', '2'), succeed('setting', 'on')]);
    assert.deepEqual([bought.skuId, bought.totalLicenses], [drawing.skuId, 2]);
    const made = await operator.json(
      ...['policy', 'create', 'Sketching', '--app', 'SKETCH', '--product', 'Drawing', '--product', 'drawing light'],
      ...['--without-plan', 'STORE'],
    );
    assert.deepEqual(made.products, [
      { skuId: drawing.skuId, disabledPlans: [drawing.plans['STORE']] },
      { skuId: backup.skuId, disabledPlans: [] },
    ]);
    const shown = await succeed('policy', 'show', 'sketching');
    assert.match(shown, /^Product +Drawing: 2 available, without STORE\nBackup 1 +Drawing light: 3 available$/m);
    assert.match(shown, /^Effect +2 people in its audience, 2 without a license for the app; 5 licenses available$/m);
  });

  it('explains a sign-in, then decides it', async () => {
    const explained = await succeed('sign-in', 'Sketch', 'ana@contoso.example', '--explain');
    assert.match(explained, /^Outcome +claimed$/m);
    assert.match(explained, /^seat +yes +Drawing +\S/m);
    assert.equal(await world.consumed(drawing), 0, 'an explanation changes nothing');
    const decided = await operator.json('sign-in', 'Sketch', 'Ana Silva');
    assert.deepEqual([decided.outcome, decided.skuId], ['claimed', drawing.skuId]);
  });

  it('reports the claim as JSON, as a table and as CSV, for whoever it is asked', async () => {
    const [rows, none, csv, held] = await Promise.all([
      operator.json('report', '--policy', 'Sketching', '--period', 'D1'),
      succeed('report', '--user', 'bo@contoso.example'),
      succeed('report', '--csv'),
      succeed('license', 'list', 'ana@contoso.example'),
    ]);
    assert.deepEqual(
      rows.map((row: any) => [row.userPrincipalName, row.isBackup]),
      [['ana@contoso.example', false]],
    );
    assert.equal(none, 'No license was claimed in this period.\n');
    assert.match(csv, /^claimId,.*\r?\n.*,ana@contoso\.example,Ana Silva,.*,Sketching,.*\r?\n$/);
    assert.match(held, /^Drawing +\d{4}-\d\d-\d\d +yes +policy Sketching +Sketch$/m);
  });

  it('assigns to people of a file, moves and takes away again, which it asks about first, in numbers', async () => {
    const file = 'Display name,User principal name\nBo Chen,bo@contoso.example\nAna Silva,ANA@contoso.example\n';
    const assigned = await operator.feed(
      file,
      'license',
      'assign',
      '--from-file',
      '-',
      '--product',
      'Drawing light',
      '--yes',
    );
    assert.deepEqual([assigned.code, assigned.stdout], [0, '2 people done.\n'], assigned.stderr);
    const unasked = await operator.run('license', 'move', 'Drawing light', 'Drawing', '--all');
    assert.equal(unasked.code, 2);
    assert.equal(unasked.stderr, '2 people will go from Drawing light to Drawing. Give --yes to do it.\n');
    assert.equal(await world.consumed(backup), 2);
    await world.patch(`/users/${(await world.get('/users/bo@contoso.example')).id}`, { usageLocation: null });
    const moved = await operator.run('license', 'move', 'Drawing light', 'Drawing', '--all', '--yes');
    assert.equal(moved.code, 1);
    assert.match(moved.stdout, /^1 person done, 1 failed:\n {2}bo@contoso\.example: .*location/);
    assert.deepEqual([await world.consumed(drawing), await world.consumed(backup)], [1, 1]);
    const nobody = await operator.feed(
      'bo@contoso.example\neve@contoso.example\n',
      'license',
      'unassign',
      '--from-file',
      '-',
      '--product',
      'Drawing light',
      '--yes',
    );
    assert.deepEqual(
      [nobody.code, nobody.stderr],
      [5, 'Nothing was changed. These users are not there:\n  eve@contoso.example\n'],
    );
    await succeed('license', 'unassign', 'bo@contoso.example', '--product', 'Drawing light', '--yes');
    assert.equal(await world.consumed(backup), 0);
    await world.patch(`/users/${(await world.get('/users/bo@contoso.example')).id}`, { usageLocation: 'DE' });
  });

  it('puts policies in order, turns them off, and deletes them', async () => {
    await world.addPolicy(app, [drawing], { displayName: 'Second' });
    assert.equal(await succeed('policy', 'reorder', 'second'), '2 policies in order:\n1. Second\n2. Sketching\n');
    assert.equal(await succeed('policy', 'off', 'second', 'sketching'), 'Second: off\nSketching: off\n');
    const misspelt = await operator.run('policy', 'on', 'second', 'sketchin');
    assert.equal(misspelt.code, 5);
    assert.match(misspelt.stderr, /There is no policy "sketchin"\. Did you mean "Sketching"\?/);
    await succeed('policy', 'delete', 'Second', '--yes');
    assert.match(
      await succeed('policy', 'list'),
      /^Name +App +Order .*\nSketching +Sketch +1 +Drawing \(\+1 backup\) +4 +Off\n$/,
    );
  });
});

describe('names and files', { concurrency: true }, () => {
  it('lists whom a name could mean', async () => {
    const namesakes = [await world.addUser({ display_name: 'Cleo' }), await world.addUser({ display_name: 'Cleo' })];
    const { code, stderr } = await operator.run('user', 'show', 'cleo');
    assert.equal(code, 5);
    assert.match(stderr, /"cleo" names more than one user\. Give the id:/);
    for (const { userPrincipalName } of namesakes) assert.ok(stderr.includes(userPrincipalName), stderr);
  });

  it('imports users from standard input, or tells line by line why not', async () => {
    const good = await operator.feed(
      'Display name,User principal name\nDag,dag@contoso.example\n',
      'user',
      'import',
      '-',
      '--json',
    );
    assert.deepEqual(JSON.parse(good.stdout), { added: 1, changed: 0, unchanged: 0 });
    const bad = await operator.feed('Display name,User principal name\nEve,no address\n', 'user', 'import', '-');
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /Nothing was imported.*\n {2}line 2, User principal name: /);
  });

  it('follows pages to the end', async () => {
    await world.addUsers(1_005);
    const [all, few] = await Promise.all([
      operator.json('user', 'list', '--search', 'User'),
      operator.json('user', 'list', '--top', '7'),
    ]);
    assert.equal(all.length, 1_005);
    assert.equal(few.length, 7);
  });

  it('fills and shows groups', async () => {
    const { id } = await operator.json('group', 'create', 'Painters', '--description', 'They paint');
    await succeed('group', 'add', 'painters', 'ana@contoso.example', 'Bo Chen');
    assert.match(await succeed('group', 'members', id), /^Ana Silva +ana@contoso\.example +person /m);
    assert.match(
      await succeed('group', 'assign', 'painters', '--product', 'Drawing light', '--wait'),
      /gives Drawing light\.\nState +all licenses assigned\nMembers +2 people\n$/,
    );
    assert.match(await succeed('license', 'list', 'Bo Chen'), /^Drawing light .* group Painters /m);
    assert.match(await succeed('group', 'licenses', 'painters'), /^Drawing light +2 +0 /m);
    await succeed('group', 'remove', 'painters', 'Bo Chen', '--yes');
    assert.equal((await operator.json('group', 'show', 'painters')).memberCount, 1);
  });
});

describe('an answer that is lost on the way', () => {
  it('is asked for again, and what was asked is done once', async () => {
    let lost = 0;
    // In front of the server: the first purchase is carried out, and nobody is told.
    const front = createServer((request, reply) => {
      const { url, method, headers } = request;
      const onward = httpRequest(`${server.url}${url}`, { method, headers }, (answer) => {
        const isLost = method === 'POST' && url === '/v1.0/directory/subscriptions' && lost++ === 0;
        if (isLost) answer.resume().on('end', () => reply.writeHead(503, { 'retry-after': '0' }).end());
        else answer.pipe(reply.writeHead(answer.statusCode!, answer.headers));
      });
      request.pipe(onward);
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    const { port } = front.address() as AddressInfo;
    const behind = await makeOperator({ ...operator.settings, AUTOCLAIM_URL: `http://127.0.0.1:${port}` });
    const { id } = await behind.json('product', 'buy', 'Drawing light', '4');
    const bought = await world.get('/directory/subscriptions?$filter=totalLicenses eq 4');
    assert.deepEqual(
      bought.value.map((one: any) => one.id),
      [id],
    );
    assert.equal(lost, 2);
    await behind.remove();
    front.closeAllConnections();
    front.close();
  });
});
