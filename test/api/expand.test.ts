import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World } from '../harness/world.ts';

const REPORTS_READER = '4a5d8f65-41da-4de4-8968-e035b65339cf';

describe('$expand, and what else Graph’s lists can be asked', () => {
  let server: TestServer;
  let world: World;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
  });
  after(() => server.close());

  const refused = async (path: string, text: RegExp) => assertRefused(await world.call('GET', path), 400, text);

  it('answers the members of groups as their own list does, users and groups each with what they have', async () => {
    const [user] = await world.addUsers(1);
    const inner = await world.addGroup();
    const outer = await world.addGroup([user!.id], [inner]);
    const group = await world.get(`/groups/${outer}?$expand=members`);
    const { value } = await world.get(`/groups/${outer}/members`);
    assert.deepEqual(group.members, value);
    assert.equal(group['@odata.context'], `${server.url}/v1.0/$metadata#groups(members())/$entity`);
    assert.equal(group.displayName, 'Group');

    const selected = await world.get(`/groups/${outer}?$select=id&$expand=members($select=id,displayName)`);
    assert.deepEqual(Object.keys(selected).toSorted(), ['@odata.context', 'id', 'members']);
    assert.deepEqual(selected.members, (await world.get(`/groups/${outer}/members?$select=id,displayName`)).value);

    const list = await world.get(`/groups?$expand=members&$filter=id eq ${outer} or id eq ${inner}`);
    const found = new Map(list.value.map((one: any) => [one.id, one.members]));
    assert.deepEqual(found.get(outer), value);
    assert.deepEqual(found.get(inner), []);
  });

  it('answers the groups of users', async () => {
    const [user, other] = await world.addUsers(2);
    const groups = [await world.addGroup([user!.id]), await world.addGroup([user!.id])];
    await world.addGroup([], [groups[0]!]);
    const read = await world.get(`/users/${user!.id}?$select=displayName&$expand=memberOf($select=id)`);
    assert.deepEqual(
      read.memberOf,
      groups.toSorted().map((id) => ({ '@odata.type': '#microsoft.graph.group', id })),
    );
    const whole = await world.get(`/users/${user!.id}?$expand=memberOf`);
    const { value } = await world.get(`/users/${user!.id}/memberOf?$orderby=id`);
    assert.deepEqual(whole.memberOf, value);
    const page = await world.get(`/users?$expand=memberOf&$filter=id in ('${user!.id}','${other!.id}')`);
    assert.deepEqual(
      new Map(page.value.map((one: any) => [one.id, one.memberOf.length])),
      new Map([
        [user!.id, 2],
        [other!.id, 0],
      ]),
    );
  });

  it('answers 20 at most, and pages as without', async () => {
    const users = (await world.addUsers(30)).map(({ id }) => id);
    const group = await world.addGroup(users);
    const { members } = await world.get(`/groups/${group}?$expand=members($select=id)`);
    assert.deepEqual(
      members.map(({ id }: { id: string }) => id),
      users.toSorted().slice(0, 20),
    );
    const first = await world.get('/groups?$expand=members($select=id)&$top=2');
    const second = await world.get(first['@odata.nextLink'].replace(`${server.config.baseUrl}/v1.0`, ''));
    assert.ok(second.value.every((one: any) => Array.isArray(one.members)));
  });

  it('answers no other tenant’s members', async () => {
    const other = worldOf(server, await server.createTenant());
    const [user] = await world.addUsers(1);
    const group = await world.addGroup([user!.id]);
    // The same ids in another tenant.
    await server.db.pool.query(
      `insert into users (tenant_id, user_id, user_principal_name, display_name, created_at)
       values ($1, $2, 'other@other.example', 'Other', now())`,
      [other.tenantId, user!.id],
    );
    await server.db.pool.query(
      `insert into groups (tenant_id, group_id, display_name, mail_nickname, created_at) values ($1, $2, 'Other', 'other', now())`,
      [other.tenantId, group],
    );
    assert.deepEqual((await other.get(`/groups/${group}?$expand=members`)).members, []);
    assert.deepEqual((await other.get(`/users/${user!.id}?$expand=memberOf`)).memberOf, []);
    assert.equal((await world.get(`/groups/${group}?$expand=members`)).members.length, 1);
  });

  it('refuses what can not be expanded, or is not understood', async () => {
    await refused('/users?$expand=manager', /^\$expand: manager can not be expanded; only memberOf/);
    await refused('/users?$expand=', /^\$expand: nothing can not be expanded/);
    await refused('/users?$expand=memberOf,memberOf', /^\$expand names a property twice/);
    await refused('/groups?$expand=members($filter=id eq null)', /^\$expand: of members only \$select is understood/);
    await refused('/groups?$expand=members($select=id;$top=1)', /^\$expand: of members only \$select is understood/);
    await refused('/groups?$expand=members($select=nothing)', /^\$select: unknown property nothing/);
    await refused('/applications?$expand=members', /^The query option \$expand is not one of/);
  });

  it('lists members of one type, and the groups of groups, by all names that clients write', async () => {
    const [user] = await world.addUsers(1);
    const inner = await world.addGroup();
    const outer = await world.addGroup([user!.id], [inner]);
    const ids = async (path: string) => (await world.get(path)).value.map(({ id }: { id: string }) => id);
    for (const type of ['microsoft.graph.user', 'graph.user'])
      assert.deepEqual(await ids(`/groups/${outer}/members/${type}?$select=id`), [user!.id]);
    assert.deepEqual(await ids(`/groups/${outer}/Members/microsoft.graph.user?$select=id`), [user!.id]);
    for (const type of ['', '/microsoft.graph.group', '/graph.group']) {
      assert.deepEqual(await ids(`/groups/${inner}/memberOf${type}`), [outer]);
      assert.deepEqual(await ids(`/users/${user!.id}/memberOf${type}?$select=id`), [outer]);
    }
    assert.deepEqual(await ids(`/users/${user!.id}/memberOf/graph.directoryRole`), []);
    assert.equal((await world.call('GET', `/groups/${randomUUID()}/memberOf`)).status, 404);
    assert.equal((await world.call('GET', `/groups/${randomUUID()}/members/graph.user`)).status, 404);
  });

  it('lists directory roles with all options, and who holds them', async () => {
    const [user] = await world.addUsers(1);
    await world.post(`/directoryRoles/${REPORTS_READER}/members/$ref`, {
      '@odata.id': `${server.url}/v1.0/directoryObjects/${user!.id}`,
    });
    const { value } = await world.get(
      "/directoryRoles?$filter=displayName eq 'Reports Reader'&$expand=members($select=id)",
    );
    assert.deepEqual(
      value.map(({ id, roleTemplateId, members }: any) => [id, roleTemplateId, members]),
      [[REPORTS_READER, REPORTS_READER, [{ '@odata.type': '#microsoft.graph.user', id: user!.id }]]],
    );
    const byTemplate = await world.get(
      `/directoryRoles?$filter=roleTemplateId eq '${REPORTS_READER}'&$select=displayName&$count=true`,
    );
    assert.deepEqual([byTemplate.value, byTemplate['@odata.count']], [[{ displayName: 'Reports Reader' }], 1]);
    assert.equal(
      (await world.get(`/directoryRoles/${REPORTS_READER}?$select=displayName`)).displayName,
      'Reports Reader',
    );
  });

  it('filters users by the plans that they have', async () => {
    const product = await world.addProduct({ ON: {}, OFF: {} });
    await world.buy(product, 2);
    const [user] = await world.addUsers(1);
    await world.assign(user!, [{ skuId: product.skuId, disabledPlans: [product.plans['OFF']!] }]);
    const having = async (condition: string) =>
      (await world.get(`/users?$filter=${encodeURIComponent(condition)}`)).value.map(({ id }: any) => id);
    assert.deepEqual(await having(`assignedPlans/any(p:p/servicePlanId eq ${product.plans['ON']!})`), [user!.id]);
    assert.deepEqual(
      await having(
        `assignedPlans/any(p:p/servicePlanId eq ${product.plans['ON']!} and p/capabilityStatus eq 'Enabled')`,
      ),
      [user!.id],
    );
    assert.deepEqual(await having(`assignedPlans/any(p:p/servicePlanId eq ${product.plans['OFF']!})`), []);
    assert.deepEqual(await having(`assignedLicenses/any(x:x/skuId eq ${product.skuId})`), [user!.id]);
    assert.deepEqual(await having(`id eq ${user!.id} and assignedLicenses/$count ne 0`), [user!.id]);
    assert.deepEqual(await having(`id eq ${user!.id} and assignedLicenses/$count eq 0`), []);
    assert.ok(!(await having(`not assignedLicenses/any(x:x/skuId eq ${product.skuId})`)).includes(user!.id));
    const count = await world.call(
      'GET',
      `/users/$count?$filter=assignedLicenses/any(x:x/skuId eq ${product.skuId})`,
      undefined,
      {
        consistencylevel: 'eventual',
      },
    );
    assert.equal(count.body, '1');
  });

  it('answers of the organization what is selected', async () => {
    const { value } = await world.get('/organization?$select=id,verifiedDomains');
    assert.deepEqual(Object.keys(value[0]), ['id', 'verifiedDomains']);
    assert.equal(value[0].id, server.tenantId);
    assert.deepEqual(Object.keys(await world.get(`/organization/${server.tenantId}?$select=displayName`)), [
      '@odata.context',
      'displayName',
    ]);
    await refused(`/organization?$select=${randomUUID()}`, /^\$select: unknown property/);
  });
});
