import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { addPerson, signIn } from '../harness/people.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World } from '../harness/world.ts';

const PATH = '/auditLogs/directoryAudits';

describe('a search of the audit log', () => {
  let server: TestServer;
  let world: World;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    const columns = { display_name: 'Änne Admin', user_principal_name: 'anne.a@contoso.example' };
    const { accessToken } = await signIn(server, await addPerson(server, ['Global Administrator'], { columns }));
    const { plans } = await world.addProduct({ DRAW: {} }, { displayName: 'Kit', skuPartNumber: 'DRAWING_KIT' });
    await world.addApp([plans['DRAW']!], 'Drawing board');
    for (const [method, path, body] of [
      ['PATCH', '/admin/autoClaim', { isEnabled: true }],
      ['POST', '/applications', { displayName: 'Paint 100%_"shop" <script>' }],
      ['POST', '/groups', { displayName: 'Painters', mailEnabled: false, mailNickname: 'p', securityEnabled: true }],
    ] as const) {
      const answer = await server.request(method, `/v1.0${path}`, { token: accessToken, body });
      assert.ok(answer.status < 300, JSON.stringify(answer.body));
    }
    const other = worldOf(server, await server.createTenant());
    await other.addApp([], 'Drawing board of others');
  });
  after(() => server.close());

  const ask = (options: Record<string, string>) =>
    world.call('GET', `${PATH}?${new URLSearchParams(options).toString()}`);
  /** What was found, the newest first: what was done to what. */
  const found = async (options: Record<string, string>): Promise<string[]> => {
    const { status, body } = await ask(options);
    assert.equal(status, 200, JSON.stringify(body));
    return body.value.map((one: any) => `${one.activityDisplayName}: ${one.targetResources[0].displayName}`);
  };
  const search = (text: string) => found({ $search: JSON.stringify(text) });
  const [SETTING, GROUP] = ['Update auto-claim setting: Auto-claim', 'Add group: Painters'];
  const [BOARD, SHOP] = ['Add application: Drawing board', 'Add application: Paint 100%_"shop" <script>'];

  it('finds what was done, to what, and by whom, wherever the text stands and in either case', async () => {
    assert.deepEqual(await search('AUTO-CLAIM SETTING'), [SETTING]);
    assert.deepEqual(await search('awing b'), [BOARD]);
    assert.deepEqual(await search('product kit'), ['Add product: Kit']);
    assert.deepEqual(await search('paint'), [GROUP, SHOP]);
    assert.deepEqual(await search('änne admin'), [GROUP, SHOP, SETTING]);
    assert.deepEqual(await search('anne.a@contoso'), [GROUP, SHOP, SETTING]);
    assert.ok((await search('test client')).includes(BOARD));
    assert.deepEqual(await search('nothing of the kind'), []);
  });

  it('takes signs as they are written', async () => {
    assert.deepEqual(await search('100%_"shop"'), [SHOP]);
    assert.deepEqual(await search('<script>'), [SHOP]);
    assert.deepEqual(await search('%'), [SHOP]);
    assert.deepEqual(await search('application: paint'), []);
  });

  it('is combined by AND, OR and NOT, and with a filter', async () => {
    assert.deepEqual(await found({ $search: '"paint" "änne" NOT "group"' }), [SHOP]);
    assert.deepEqual(await found({ $search: '"setting" OR "painters"' }), [GROUP, SETTING]);
    assert.deepEqual(await found({ $search: '"paint"', $filter: "category eq 'GroupManagement'" }), [GROUP]);
    assert.deepEqual(await found({ $search: '"paint"', $filter: 'activityDateTime lt 2000-01-01T00:00:00Z' }), []);
  });

  it('is counted, and has stable pages in either order', async () => {
    const first = (await ask({ $search: '"änne"', $top: '2', $count: 'true' })).body;
    assert.deepEqual([first.value.length, first['@odata.count']], [2, 3]);
    const next = await world.get(first['@odata.nextLink'].replace(`${server.config.baseUrl}/v1.0`, ''));
    assert.deepEqual(
      next.value.map((one: any) => one.activityDisplayName),
      ['Update auto-claim setting'],
    );
    assert.deepEqual(await found({ $search: '"änne"', $orderby: 'activityDateTime' }), [SETTING, SHOP, GROUP]);
  });

  it('finds nothing of another tenant', async () => {
    assert.deepEqual(await search('of others'), []);
  });

  it('says what it can’t do', async () => {
    assertRefused(await ask({ $search: 'paint' }), 400, /text in double quotes/);
    assertRefused(
      await ask({ $search: '"category:Policy"' }),
      400,
      'Invalid $search: category can not be searched, only all of it, by a text without a property at position 0.',
    );
    const [{ id }] = (await ask({ $top: '1' })).body.value;
    assertRefused(await world.call('GET', `${PATH}/${id}?$search="x"`), 400, /\$search is not one of \$select/);
  });
});
