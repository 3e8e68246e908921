import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World, type WorldProduct } from '../harness/world.ts';

const PATH = '/subscribedSkus';

describe('subscribedSkus as a list that people look at', () => {
  let server: TestServer;
  let world: World;
  const skus: Record<string, WorldProduct> = {};
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    for (const [name, part, seats] of [
      ['Visio Plan 2', 'VISIOCLIENT', 5],
      ['visio plan 1', 'VISIOONLINE_PLAN1', 3],
      ['Éclair 100% "suite"', 'ECLAIR', 9],
      ['Exchange Online', 'EXCHANGESTANDARD', 1],
    ] as const) {
      skus[name] = await world.addProduct({ A: {} }, { displayName: name, skuPartNumber: part });
      await world.buy(skus[name], seats);
    }
    await world.addProduct({ A: {} }, { displayName: 'Visio not bought' });
    await world.assign(await world.addUser(), [skus['Exchange Online']!]);
    for (const user of await world.addUsers(2)) await world.assign(user, [skus['Visio Plan 2']!]);
    const other = worldOf(server, await server.createTenant());
    await other.buy(await other.addProduct({ A: {} }, { displayName: 'Visio of others' }), 5);
  });
  after(() => server.close());

  const ask = (options: Record<string, string>) =>
    world.call('GET', `${PATH}?${new URLSearchParams(options).toString()}`);
  const names = async (options: Record<string, string>): Promise<string[]> => {
    const { status, body } = await ask({ $select: 'displayName', ...options });
    assert.equal(status, 200, JSON.stringify(body));
    return body.value.map((one: { displayName: string }) => one.displayName);
  };
  const search = (text: string) => names({ $search: JSON.stringify(text), $orderby: 'displayName' });

  it('shows displayName and availableUnits to who asks, and Graph’s clients what Graph has', async () => {
    const { skuId } = skus['Visio Plan 2']!;
    const [sku] = (await ask({ $filter: `skuId eq ${skuId}`, $select: 'displayName,availableUnits,skuId' })).body.value;
    assert.deepEqual(sku, { displayName: 'Visio Plan 2', availableUnits: 3, skuId });
    const [plain] = (await ask({ $filter: `skuId eq ${skuId}` })).body.value;
    assert.equal('displayName' in plain || 'availableUnits' in plain, false);
    assert.equal(plain.consumedUnits, 2);
    const one = await world.get(`${PATH}/${skuId}?$select=displayName,availableUnits`);
    assert.deepEqual([one.displayName, one.availableUnits], ['Visio Plan 2', 3]);
  });

  it('is sorted and filtered by displayName, without looking at case, and by availableUnits', async () => {
    const sorted = ['Exchange Online', 'visio plan 1', 'Visio Plan 2', 'Éclair 100% "suite"'];
    assert.deepEqual(await names({ $orderby: 'displayName' }), sorted);
    assert.deepEqual(await names({ $orderby: 'displayName desc' }), sorted.toReversed());
    assert.deepEqual(await names({ $filter: "startswith(displayName,'VISIO')", $orderby: 'displayName' }), [
      'visio plan 1',
      'Visio Plan 2',
    ]);
    assert.deepEqual(await names({ $filter: "displayName eq 'VISIO PLAN 1'" }), ['visio plan 1']);
    assert.deepEqual(await names({ $filter: 'availableUnits eq 0' }), ['Exchange Online']);
    assert.deepEqual(await names({ $filter: 'availableUnits gt 2', $orderby: 'availableUnits desc,displayName' }), [
      'Éclair 100% "suite"',
      'visio plan 1',
      'Visio Plan 2',
    ]);
  });

  it('has stable pages in the order of displayName, counted', async () => {
    const first = (await ask({ $select: 'displayName', $orderby: 'displayName', $top: '3', $count: 'true' })).body;
    assert.deepEqual([first.value.length, first['@odata.count']], [3, 4]);
    const next = await world.get(first['@odata.nextLink'].replace(`${server.config.baseUrl}/v1.0`, ''));
    assert.deepEqual(next.value, [{ displayName: 'Éclair 100% "suite"' }]);
    assert.equal(next['@odata.nextLink'], undefined);
  });

  it('is searched by what stands anywhere in a name or part number, as it is written', async () => {
    assert.deepEqual(await search('visio'), ['visio plan 1', 'Visio Plan 2']);
    assert.deepEqual(await search('PLAN 2'), ['Visio Plan 2']);
    assert.deepEqual(await search('online'), ['Exchange Online', 'visio plan 1']);
    assert.deepEqual(await search('éclair'), ['Éclair 100% "suite"']);
    assert.deepEqual(await search('100% "s'), ['Éclair 100% "suite"']);
    assert.deepEqual(await search('_%_'), []);
    assert.deepEqual(await search('others'), []);
    // A colon after what is no property belongs to the text.
    assert.deepEqual(await search('plan: 2'), []);
  });

  it('is searched in one of these alone, with AND, OR and NOT, and narrowed by a filter besides', async () => {
    assert.deepEqual(await search('displayName:online'), ['Exchange Online']);
    assert.deepEqual(await search('skuPartNumber:online'), ['visio plan 1']);
    assert.deepEqual(await names({ $search: '"visio" NOT "plan 2"' }), ['visio plan 1']);
    assert.deepEqual(await names({ $search: '"visio" AND "client" OR "éclair"', $orderby: 'displayName' }), [
      'Visio Plan 2',
      'Éclair 100% "suite"',
    ]);
    assert.deepEqual(await names({ $search: '"online"', $filter: 'availableUnits gt 0' }), ['visio plan 1']);
  });

  it('says what of a search it can’t do', async () => {
    const one = '/subscribedSkus/' + skus['Visio Plan 2']!.skuId;
    assertRefused(await ask({ $search: 'visio' }), 400, /text in double quotes/);
    assertRefused(
      await ask({ $search: '"skuId:1"' }),
      400,
      'Invalid $search: skuId can not be searched, only displayName, skuPartNumber at position 0.',
    );
    assertRefused(await world.call('GET', `${one}?$search="x"`), 400, /\$search is not one of \$select/);
  });
});
