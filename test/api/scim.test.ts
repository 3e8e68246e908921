import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World } from '../harness/world.ts';

// Sequences as Entra ID's and Okta's public documentation shows them.

const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const CORE = 'urn:ietf:params:scim:schemas:core:2.0';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

let server: TestServer;
let world: World;
let token: string;
before(async () => {
  server = await startTestServer();
  world = worldOf(server);
  token = (await world.post('/admin/provisioningClients', { kind: 'entra', displayName: 'Entra ID' })).tokenText;
});
after(() => server.close());

function scim(method: string, path: string, body?: unknown, headers: Record<string, string> = {}, as = token) {
  return server.request(method, `/scim/v2${path}`, {
    token: as,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: { ...(body !== undefined && { 'content-type': 'application/scim+json' }), ...headers },
  });
}
const patch = (path: string, ...operations: object[]) =>
  scim('PATCH', path, { schemas: [PATCH_OP], Operations: operations });
const filtered = async (path: string, filter: string) =>
  (await scim('GET', `${path}?filter=${encodeURIComponent(filter)}`)).body;
const newName = () => `${randomUUID()}@contoso.example`;

async function addUser(more: object = {}) {
  const { status, body } = await scim('POST', '/Users', {
    schemas: [`${CORE}:User`, ENTERPRISE],
    externalId: randomUUID(),
    userName: newName(),
    active: true,
    emails: [{ primary: true, type: 'work', value: 'first@contoso.example' }],
    meta: { resourceType: 'User' },
    name: { formatted: 'Given Family', familyName: 'Family', givenName: 'Given' },
    roles: [],
    ...more,
  });
  assert.equal(status, 201, JSON.stringify(body));
  return body;
}

describe('Entra ID by SCIM', () => {
  it('looks for a user, adds them, and finds them by name and by its own id', async () => {
    const userName = newName();
    const none = await filtered('/Users', `userName eq "${userName}"`);
    assert.deepEqual([none.totalResults, none.Resources], [0, []]);
    const made = await addUser({ userName });
    assert.equal(made.displayName, 'Given Family');
    const byName = await filtered('/Users', `userName eq "${userName.toUpperCase()}"`);
    assert.deepEqual(byName.Resources, [made]);
    const byId = await filtered('/Users', `externalId eq "${made.externalId}"`);
    assert.equal(byId.Resources[0].id, made.id);
    const here = await world.get(`/users/${made.id}?$select=mail,givenName,userPrincipalName,accountEnabled`);
    assert.deepEqual([here.mail, here.givenName, here.accountEnabled], ['first@contoso.example', 'Given', true]);
    assert.equal((await scim('POST', '/Users', { userName })).body.scimType, 'uniqueness');
  });

  it('changes them in its dialect', async () => {
    const { id } = await addUser();
    const { status, body } = await patch(
      `/Users/${id}`,
      { op: 'Replace', path: 'emails[type eq "work"].value', value: 'updated@contoso.example' },
      { op: 'Replace', path: 'name.familyName', value: 'Updated' },
      { op: 'Add', path: 'phoneNumbers[type eq "mobile"].value', value: '+1 555' },
      { op: 'Add', path: `${ENTERPRISE}:department`, value: 'Sales' },
      { op: 'Add', path: `${ENTERPRISE}:manager`, value: '26118915' },
      {
        op: 'Replace',
        value: { displayName: 'Dotted', 'name.givenName': 'New', [`${ENTERPRISE}:employeeNumber`]: '7' },
      },
    );
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.emails[0].value, 'updated@contoso.example');
    assert.deepEqual(body.name, { formatted: 'Given Family', familyName: 'Updated', givenName: 'New' });
    assert.deepEqual(body.phoneNumbers, [{ type: 'mobile', value: '+1 555' }]);
    assert.deepEqual(body[ENTERPRISE], { employeeNumber: '7', department: 'Sales', manager: { value: '26118915' } });
    const here = await world.get(`/users/${id}?$select=mail,surname,mobilePhone,department,employeeId,displayName`);
    assert.deepEqual(
      [here.mail, here.surname, here.mobilePhone, here.department, here.employeeId, here.displayName],
      ['updated@contoso.example', 'Updated', '+1 555', 'Sales', '7', 'Dotted'],
    );
  });

  it('deactivates by a text, which blocks the user and frees the seats; deleting frees the rest', async () => {
    const product = await world.addProduct({ PLAN: {} });
    await world.buy(product, 2);
    const consumed = () =>
      world.value('select consumed from pools where tenant_id = $1 and sku_id = $2', product.skuId);
    const located = { 'urn:ietf:params:scim:schemas:extension:autoclaim:2.0:User': { usageLocation: 'us' } };
    const [one, two] = [await addUser(located), await addUser(located)];
    await world.assign({ id: one.id } as never, [product]);
    await world.assign({ id: two.id } as never, [product]);
    assert.equal(await consumed(), 2);
    const off = await patch(`/Users/${one.id}`, { op: 'Replace', path: 'active', value: 'False' });
    assert.equal(off.body.active, false);
    assert.equal((await world.get(`/users/${one.id}?$select=accountEnabled`)).accountEnabled, false);
    assert.equal(await consumed(), 1);
    assert.equal((await scim('DELETE', `/Users/${two.id}`)).status, 204);
    assert.equal(await consumed(), 0);
    assert.equal((await scim('GET', `/Users/${two.id}`)).status, 404);
  });

  it('deactivates who has a license by a group too: that stays, and the audit tells what ended', async () => {
    const product = await world.addProduct({ PLAN: {} });
    await world.buy(product, 1);
    const user = await world.addUser();
    await world.giveByGroup(user.id, product.skuId, await world.addGroup([user.id]));
    await world.assign(user, [product]);
    assert.equal((await patch(`/Users/${user.id}`, { op: 'Replace', path: 'active', value: 'False' })).status, 200);
    assert.equal(await world.consumed(product), 1);
    const ended = await world.value(
      "select details from audit_entries where tenant_id = $1 and target_id = $2 and operation = 'Unassign'",
      user.id,
    );
    assert.deepEqual(ended, [
      { key: 'SkuId', value: product.skuId },
      { key: 'Reason', value: 'Deactivated by a provisioning client' },
      { key: 'StillHeldBy', value: 'group' },
    ]);
  });

  it('keeps groups: adds them empty, fills and empties them, renames and deletes them', async () => {
    const [one, two] = [await addUser(), await addUser()];
    const made = await scim('POST', '/Groups', {
      schemas: [`${CORE}:Group`, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
      externalId: randomUUID(),
      displayName: 'Sales',
      meta: { resourceType: 'Group' },
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.deepEqual(made.body.members, []);
    const path = `/Groups/${made.body.id}`;
    const members = async () => (await scim('GET', path)).body.members.map(({ value }: any) => value).toSorted();
    const value = [
      { $ref: null, value: one.id },
      { $ref: null, value: two.id },
    ];
    assert.equal((await patch(path, { op: 'Add', path: 'members', value })).status, 204);
    assert.equal((await patch(path, { op: 'Add', path: 'members', value })).status, 204, 'twice does no harm');
    assert.deepEqual(await members(), [one.id, two.id].toSorted());
    const asked = `id eq "${made.body.id}" and members eq "${one.id}"`;
    assert.equal((await filtered('/Groups', asked)).totalResults, 1);
    await patch(path, { op: 'Remove', path: 'members', value: [{ $ref: null, value: one.id }] });
    assert.deepEqual(await members(), [two.id]);
    await patch(path, { op: 'Remove', path: `members[value eq "${two.id}"]` });
    assert.deepEqual(await members(), []);
    await patch(path, { op: 'Replace', path: 'displayName', value: 'Renamed' });
    const bare = (await scim('GET', `${path}?excludedAttributes=members`)).body;
    assert.deepEqual([bare.displayName, bare.members], ['Renamed', undefined]);
    assert.equal((await scim('DELETE', path)).status, 204);
    assert.equal((await scim('GET', path)).status, 404);
  });
});

describe('Okta by SCIM', () => {
  it('replaces whole users, and deactivates by an object', async () => {
    const made = await addUser({ password: '1mz050nq-secret', groups: [] });
    assert.equal(made.password, undefined);
    await world.patch(`/users/${made.id}`, { usageLocation: 'US' });
    const { status, body } = await scim('PUT', `/Users/${made.id}`, {
      ...made,
      name: { givenName: 'Another', familyName: 'User' },
      emails: [],
    });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual([body.name.givenName, body.emails], ['Another', undefined]);
    // What it never told is others'.
    assert.equal((await world.get(`/users/${made.id}?$select=usageLocation`)).usageLocation, 'US');
    const off = await patch(`/Users/${made.id}`, { op: 'replace', value: { active: false } });
    assert.equal(off.body.active, false);
    const { rows } = await server.db.pool.query('select attributes::text from provisioned_users');
    assert.ok(!JSON.stringify(rows).includes('1mz050nq'));
  });

  it('pushes groups: renames with its id in the value, replaces all members', async () => {
    const one = await addUser();
    const { body } = await scim('POST', '/Groups', {
      displayName: 'Pushed',
      members: [{ value: one.id, display: 'x' }],
    });
    assert.equal(body.members.length, 1);
    await patch(`/Groups/${body.id}`, { op: 'replace', value: { id: body.id, displayName: 'Pushed again' } });
    const two = await addUser();
    await patch(`/Groups/${body.id}`, { op: 'replace', path: 'members', value: [{ value: two.id }] });
    const now = (await scim('GET', `/Groups/${body.id}`)).body;
    assert.equal(now.displayName, 'Pushed again');
    assert.deepEqual(
      now.members.map(({ value }: any) => value),
      [two.id],
    );
  });
});

describe('SCIM', () => {
  it('takes the same member from several calls at once, and from each gives what the others have done', async () => {
    const group = await scim('POST', '/Groups', { schemas: [`${CORE}:Group`], displayName: randomUUID() });
    const users = await Promise.all([addUser(), addUser()]);
    const add = (value: string) =>
      patch(`/Groups/${group.body.id}`, { op: 'Add', path: 'members', value: [{ value }] });
    const answers = await Promise.all(users.flatMap(({ id }) => [add(id), add(id), add(id), add(id)]));
    assert.deepEqual(
      answers.filter(({ status }) => status >= 300).map(({ body }) => body),
      [],
    );
    const { body } = await scim('GET', `/Groups/${group.body.id}`);
    assert.equal(body.members.length, 2);
  });

  it('leaves what it was not told of a group, also where that changes in the same moment', async () => {
    const group = await scim('POST', '/Groups', { displayName: 'Before', externalId: 'kept' });
    const path = `/Groups/${group.body.id}`;
    const { id } = await addUser();
    const client = await server.db.pool.connect();
    try {
      await client.query('begin');
      const rename = "update groups set display_name = 'After' where tenant_id = $1 and group_id = $2";
      await client.query(rename, [server.tenantId, group.body.id]);
      const told = patch(path, { op: 'Add', path: 'members', value: [{ value: id }] });
      const waiting =
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' limit 1";
      while ((await server.db.pool.query(waiting)).rowCount === 0) await setTimeout(20);
      await client.query('commit');
      assert.equal((await told).status, 204);
    } finally {
      await client.query('rollback');
      client.release();
    }
    const { body } = await scim('GET', path);
    assert.deepEqual([body.displayName, body.externalId, body.members.length], ['After', 'kept', 1]);
  });

  it('is for provisioning clients alone, and each is its tenant’s', async () => {
    for (const as of [null, 'x', await server.token(['User.ReadWrite.All'])]) {
      const { status, body, headers } = await scim('GET', '/Users', undefined, {}, as as never);
      assert.deepEqual([status, body.status], [401, '401']);
      assert.match(headers.get('www-authenticate')!, /^Bearer/);
    }
    const other = worldOf(server, await server.createTenant());
    const { tokenText } = await other.post('/admin/provisioningClients', { kind: 'okta', displayName: 'Okta' });
    const made = await addUser();
    assert.equal((await scim('GET', `/Users/${made.id}`, undefined, {}, tokenText)).status, 404);
    assert.equal((await scim('DELETE', `/Users/${made.id}`, undefined, {}, tokenText)).status, 404);
    const { body } = await scim('GET', `/Users?count=500`, undefined, {}, tokenText);
    assert.ok(body.Resources.every(({ id }: any) => id !== made.id));
  });

  it('pages, with all counted, and answers what is asked for alone', async () => {
    for (let count = 0; count < 3; count += 1) await addUser({ title: 'Paged' });
    const all = await scim('GET', '/Users?count=0');
    assert.deepEqual(all.body.Resources, []);
    const { totalResults } = all.body;
    const seen: string[] = [];
    for (let startIndex = 1; startIndex <= totalResults; startIndex += 2)
      seen.push(
        ...(await scim('GET', `/Users?startIndex=${startIndex}&count=2&attributes=userName`)).body.Resources.map(
          ({ id }: any) => id,
        ),
      );
    assert.equal(new Set(seen).size, totalResults);
    const { Resources } = (
      await scim('GET', '/Users?attributes=userName,name.givenName&filter=title%20eq%20%22paged%22')
    ).body;
    assert.deepEqual(Object.keys(Resources[0]).toSorted(), ['id', 'name', 'schemas', 'userName']);
    assert.deepEqual(Object.keys(Resources[0].name), ['givenName']);
  });

  it('filters by what RFC 7644 has, quotes and operators in names included', async () => {
    const displayName = `rock and roll "or" not ${randomUUID()}`;
    const made = await addUser({ displayName, title: 'Tour Guide' });
    const quoted = JSON.stringify(displayName);
    const finds = [
      `displayName eq ${quoted}`,
      `displayName eq ${quoted} and active eq true`,
      `displayName co ${quoted} and not (title eq "x")`,
      `urn:ietf:params:scim:schemas:core:2.0:User:displayName sw ${quoted}`,
      `(title eq "none" or title ew "guide") and displayName eq ${quoted}`,
      `emails[type eq "work"].value eq "first@contoso.example" and displayName eq ${quoted}`,
      `emails[type eq "work" and value co "@contoso"] and displayName eq ${quoted}`,
      `displayName eq ${quoted} and meta.created gt "2011-05-13T04:42:34Z"`,
      `displayName eq ${quoted} and title pr`,
    ];
    for (const filter of finds) {
      const body = await filtered('/Users', filter);
      assert.deepEqual(
        body.Resources?.map(({ id }: any) => id),
        [made.id],
        `${filter}: ${JSON.stringify(body).slice(0, 300)}`,
      );
    }
    const both = await filtered('/Users', `not (displayName eq ${quoted} and active eq true) and id eq "${made.id}"`);
    assert.equal(both.totalResults, 0);
  });

  it('refuses filters that it does not understand, at once', async () => {
    const bombs = ['('.repeat(2_000), 'a eq "', `${'title eq "a" or '.repeat(200)}title pr`, 'x'.repeat(7_000)];
    for (const filter of [
      'userName eq',
      'userName zz "a"',
      'nope eq "a"',
      'userName eq "a" or',
      'constructor eq "a"',
      'userName eq "\u0001',
      ...bombs,
    ]) {
      const begun = performance.now();
      const { status, body } = await scim('GET', `/Users?filter=${encodeURIComponent(filter)}`);
      assert.deepEqual(
        [status, body.scimType],
        [400, 'invalidFilter'],
        `${filter.slice(0, 50)} ${JSON.stringify(body)}`,
      );
      assert.ok(performance.now() - begun < 1_000);
    }
  });

  it('keeps changes of what was not read from happening', async () => {
    const { id } = await addUser();
    const read = await scim('GET', `/Users/${id}`);
    const etag = read.headers.get('etag')!;
    assert.equal(read.body.meta.version, etag);
    assert.equal((await scim('GET', `/Users/${id}`, undefined, { 'if-none-match': etag })).status, 304);
    await world.patch(`/users/${id}`, { jobTitle: 'Changed' });
    const operations = { schemas: [PATCH_OP], Operations: [{ op: 'replace', path: 'title', value: 'Mine' }] };
    assert.equal((await scim('PATCH', `/Users/${id}`, operations, { 'if-match': etag })).status, 412);
    assert.equal((await scim('PATCH', `/Users/${id}`, operations, { 'if-match': '*' })).status, 200);
  });

  it('says in its own words what is wrong, and changes nothing', async () => {
    const { id } = await addUser();
    const cases: [object, string][] = [
      [{ op: 'replace', path: 'nope', value: 1 }, 'invalidPath'],
      [{ op: 'replace', path: '__proto__', value: { x: 1 } }, 'invalidSyntax'],
      [{ op: 'remove' }, 'noTarget'],
      [{ op: 'move', path: 'title' }, 'invalidSyntax'],
      [{ op: 'replace', path: 'active', value: 'perhaps' }, 'invalidValue'],
      [{ op: 'replace', path: 'userName', value: 'no domain' }, 'invalidValue'],
      [{ op: 'remove', path: 'userName' }, 'invalidValue'],
    ];
    for (const [operation, scimType] of cases) {
      const { status, body } = await patch(`/Users/${id}`, operation);
      assert.equal(status, 400, JSON.stringify(body));
      if (!JSON.stringify(operation).includes('__proto__')) assert.equal(body.scimType, scimType, JSON.stringify(body));
    }
    assert.equal((await scim('POST', '/Groups', { displayName: 'x', members: [{ value: randomUUID() }] })).status, 400);
    assert.equal((await scim('GET', '/Users/none')).status, 404);
    assert.equal(
      (
        await server.request('POST', '/scim/v2/Users', {
          token,
          body: '{',
          headers: { 'content-type': 'application/scim+json' },
        })
      ).status,
      400,
    );
  });

  it('can do nothing to administrators', async () => {
    const { id } = await addUser();
    const role = '4a5d8f65-41da-4de4-8968-e035b65339cf';
    const added = await world.call('POST', `/directoryRoles/${role}/members/$ref`, {
      '@odata.id': `https://x/directoryObjects/${id}`,
    });
    assert.equal(added.status, 204, JSON.stringify(added.body));
    assert.equal((await patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false })).status, 403);
    assert.equal((await scim('DELETE', `/Users/${id}`)).status, 403);
  });

  it('says what there is of it, writes who did what, and when a token was last used', async () => {
    assert.equal((await scim('GET', '/ServiceProviderConfig')).body.patch.supported, true);
    const schemas = (await scim('GET', '/Schemas')).body;
    assert.ok(schemas.Resources.some(({ id }: any) => id === ENTERPRISE));
    assert.equal((await scim('GET', `/Schemas/${CORE}:User`)).body.name, 'User');
    assert.equal((await scim('GET', '/ResourceTypes/Group')).body.endpoint, '/Groups');
    const { id } = await addUser();
    const actor = await world.value(
      "select actor ->> 'displayName' from audit_entries where tenant_id = $1 and target_id = $2",
      id,
    );
    assert.equal(actor, 'Provisioning client Entra ID');
    const used = await world.value(
      'select count(*) from provisioning_clients where tenant_id = $1 and last_used_at is not null',
    );
    assert.ok(used >= 1);
  });
});
