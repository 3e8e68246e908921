import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { v7 as newId } from 'uuid';
import { startTestServer, type Answer, type TestServer } from '../harness/server.ts';

const NO_ONE = '11111111-1111-1111-1111-111111111111';
const ALREADY_THERE =
  "One or more added object references already exist for the following modified properties: 'members'.";

describe('groups', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const ask = (method: string, path: string, body?: unknown, tenantId?: string) =>
    server.request(method, `/v1.0${path}`, {
      permissions: ['User.ReadWrite.All', 'Group.ReadWrite.All'],
      body,
      ...(tenantId && { tenantId }),
    });
  const get = (path: string, options: Record<string, string> = {}) =>
    ask('GET', `${path}?${new URLSearchParams(options).toString()}`);
  const link = (id: string, kind = 'directoryObjects') => `https://graph.microsoft.com/v1.0/${kind}/${id}`;
  const join = (groupId: string, id: string, kind?: string) =>
    ask('POST', `/groups/${groupId}/members/$ref`, { '@odata.id': link(id, kind) });

  async function create(values: Record<string, unknown> = {}, tenantId?: string): Promise<any> {
    const group = {
      displayName: 'A group',
      mailEnabled: false,
      mailNickname: 'group',
      securityEnabled: true,
      ...values,
    };
    const answer = await ask('POST', '/groups', group, tenantId);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  }

  async function createUser(displayName = 'A user', tenantId?: string): Promise<string> {
    const answer = await ask(
      'POST',
      '/users',
      { displayName, userPrincipalName: `${newId()}@contoso.example` },
      tenantId,
    );
    assert.equal(answer.status, 201);
    return answer.body.id;
  }

  async function memberIds(groupId: string): Promise<string[]> {
    return (await get(`/groups/${groupId}/members`)).body.value.map((member: any) => member.id).toSorted();
  }

  async function activities(id: string): Promise<string[]> {
    const { rows } = await server.db.pool.query(
      'select activity from audit_entries where target_id = $1 order by happened_at, audit_id',
      [id],
    );
    return rows.map((row: any) => row.activity);
  }

  function assertBad(answer: Answer, message: RegExp | string): void {
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    assert.equal(answer.body.error.code, 'Request_BadRequest');
    if (typeof message === 'string') assert.equal(answer.body.error.message, message);
    else assert.match(answer.body.error.message, message);
  }

  it('are added, read, changed and deleted, each with its audit entry', async () => {
    const group = await create({ displayName: 'Sales', description: 'All of sales', visibility: 'Private' });
    const { '@odata.context': context, createdDateTime, ...rest } = group;
    assert.equal(context, `${server.config.baseUrl}/v1.0/$metadata#groups/$entity`);
    assert.match(createdDateTime, /Z$/);
    assert.deepEqual(rest, {
      id: group.id,
      description: 'All of sales',
      displayName: 'Sales',
      groupTypes: [],
      mail: null,
      mailEnabled: false,
      mailNickname: 'group',
      proxyAddresses: [],
      securityEnabled: true,
      visibility: 'Private',
    });
    assert.deepEqual((await get(`/groups/${group.id.toUpperCase()}`)).body, group);
    const patched = await ask('PATCH', `/groups/${group.id}`, { description: null, displayName: 'Sales EMEA' });
    assert.equal(patched.status, 204);
    const read = await get(`/groups/${group.id}`, { $select: 'displayName,description' });
    assert.deepEqual([read.body.displayName, read.body.description], ['Sales EMEA', null]);
    assert.equal((await ask('DELETE', `/groups/${group.id}`)).status, 204);
    assert.equal((await get(`/groups/${group.id}`)).status, 404);
    assert.deepEqual(await activities(group.id), ['Add group', 'Update group', 'Delete group']);
  });

  it('need a name alone: a mail nickname is made from it', async () => {
    const answer = await ask('POST', '/groups', { displayName: 'All of R & D' });
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get('location'), `${server.config.baseUrl}/v1.0/groups/${answer.body.id}`);
    assert.deepEqual(
      [answer.body.mailNickname, answer.body.securityEnabled, answer.body.mailEnabled],
      ['AllofRD', true, false],
    );
  });

  for (const [body, message] of [
    [{}, /^displayName is missing/],
    [{ displayName: '' }, /^displayName must be/],
    [{ displayName: null }, /^displayName/],
    [{ displayName: 'A', mailNickname: 'has space' }, /^mailNickname must be/],
    [{ displayName: 'A', mailNickname: '' }, /^mailNickname/],
    [{ displayName: 'A', groupTypes: ['DynamicMembership'] }, /^groupTypes\[0\] must be one of Unified/],
    [{ displayName: 'A', visibility: 'Secret' }, /^visibility/],
    [{ displayName: 'A', securityEnabled: 'yes' }, /^securityEnabled must be boolean/],
    [{ displayName: 'A', owners: [] }, /^owners is not a property/],
    [{ displayName: 'A', 'members@odata.bind': ['nobody'] }, /^members@odata.bind must be the address/],
    [{ displayName: 'A', 'members@odata.bind': Array(21).fill(link(NO_ONE)) }, /^members@odata.bind/],
  ] as [Record<string, unknown>, RegExp][]) {
    it(`refuse ${JSON.stringify(body).slice(0, 80)}`, async () => {
      assertBad(await ask('POST', '/groups', body), message);
    });
  }

  it('are listed, filtered, searched and counted', async () => {
    const tenantId = await server.createTenant();
    for (const displayName of ['Élan', 'Sales', 'sales EMEA'])
      await create({ displayName, description: 'x' }, tenantId);
    const list = async (options: Record<string, string>) => {
      const answer = await ask('GET', `/groups?${new URLSearchParams(options).toString()}`, undefined, tenantId);
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      return answer.body.value.map((group: any) => group.displayName);
    };
    assert.deepEqual(await list({}), ['Sales', 'sales EMEA', 'Élan']);
    assert.deepEqual(await list({ $filter: "startswith(displayName,'SALES')", $top: '1' }), ['Sales']);
    assert.deepEqual(await list({ $search: '"displayName:EMEA"' }), ['sales EMEA']);
    assert.deepEqual(await list({ $filter: "groupTypes/any(t:t eq 'Unified')" }), []);
    assert.equal((await ask('GET', '/groups/$count', undefined, tenantId)).body, '3');
    assertBad(await get('/groups', { $filter: "mail eq 'x'" }), /mail can not be filtered by/);
  });

  it('have users and groups as members, each shown as what it is', async () => {
    const { id } = await create();
    const inner = await create({ displayName: 'Inner' });
    const userId = await createUser('Ann');
    for (const [member, kind] of [
      [userId, 'users'],
      [inner.id, 'groups'],
    ] as const) {
      const answer = await join(id, member, kind);
      assert.equal(answer.status, 204);
      assert.equal(answer.body, '');
    }
    const { body } = await get(`/groups/${id}/members`, { $orderby: 'displayName' });
    assert.equal(body['@odata.context'], `${server.config.baseUrl}/v1.0/$metadata#directoryObjects`);
    const [user, group] = body.value;
    assert.equal(user['@odata.type'], '#microsoft.graph.user');
    assert.equal(user.id, userId);
    assert.deepEqual(user.businessPhones, []);
    assert.ok(!('mailEnabled' in user) && !('accountEnabled' in user));
    const { '@odata.context': _, ...innerAlone } = inner;
    assert.deepEqual(group, { '@odata.type': '#microsoft.graph.group', ...innerAlone });
    const selected = await get(`/groups/${id}/members`, {
      $select: 'id,userPrincipalName,accountEnabled',
      $orderby: 'displayName',
    });
    assert.deepEqual(Object.keys(selected.body.value[0]).toSorted(), [
      '@odata.type',
      'accountEnabled',
      'id',
      'userPrincipalName',
    ]);
    assert.deepEqual(Object.keys(selected.body.value[1]).toSorted(), ['@odata.type', 'id']);
    assert.equal((await get(`/groups/${id}/members/$count`)).body, '2');
    assert.deepEqual(await activities(id), ['Add group', 'Add member to group', 'Add member to group']);
  });

  it('show their members page by page', async () => {
    const { id } = await create();
    const added = [];
    for (let count = 0; count < 5; count += 1) added.push(await createUser(`Member ${count}`));
    for (const member of added) await join(id, member);
    const shown = [];
    let path = `/groups/${id}/members?$top=2&$select=id`;
    for (let pages = 0; path; pages += 1) {
      assert.ok(pages < 3);
      const { body } = await ask('GET', path);
      shown.push(...body.value.map((member: any) => member.id));
      path = body['@odata.nextLink']?.slice(`${server.config.baseUrl}/v1.0`.length);
    }
    assert.deepEqual(shown, added.toSorted());
  });

  it('take a member once', async () => {
    const { id } = await create();
    const userId = await createUser();
    const answers = await Promise.all([join(id, userId), join(id, userId)]);
    assert.deepEqual(answers.map((answer) => answer.status).toSorted(), [204, 400]);
    assertBad(await join(id, userId), ALREADY_THERE);
    assert.deepEqual(await memberIds(id), [userId]);
  });

  it('refuse a member that is not there, is of another tenant, or is the group itself', async () => {
    const { id } = await create();
    const foreign = await createUser('Foreign', await server.createTenant());
    for (const member of [NO_ONE, foreign]) {
      const answer = await join(id, member);
      assert.equal(answer.status, 404);
      assert.match(answer.body.error.message, new RegExp(`^Resource '${member}' does not exist`));
    }
    assertBad(await join(id, id), /^members: a group can not be a member of itself/);
    assertBad(
      await ask('POST', `/groups/${id}/members/$ref`, { '@odata.id': 'nonsense' }),
      /^@odata.id must be the address/,
    );
    assertBad(await ask('POST', `/groups/${id}/members/$ref`, {}), /^@odata.id is missing/);
    assert.equal((await join(NO_ONE, await createUser())).status, 404);
    assert.deepEqual(await memberIds(id), []);
  });

  it('let members go', async () => {
    const { id } = await create();
    const inner = await create();
    const userId = await createUser();
    for (const member of [userId, inner.id]) await join(id, member);
    assert.equal((await ask('DELETE', `/groups/${id}/members/${userId.toUpperCase()}/$ref`)).status, 204);
    assert.deepEqual(await memberIds(id), [inner.id]);
    assert.equal((await ask('DELETE', `/groups/${id}/members/${userId}/$ref`)).status, 404);
    assert.equal((await ask('DELETE', `/groups/${id}/members/${inner.id}/$ref`)).status, 204);
    assert.deepEqual(await memberIds(id), []);
    assert.equal((await get(`/users/${userId}`)).status, 200);
    assert.equal((await activities(id)).at(-1), 'Remove member from group');
  });

  it('are made and changed with members at once, all or none', async () => {
    const [one, two] = [await createUser(), await createUser()];
    const { id } = await create({ 'members@odata.bind': [link(one), link(two, 'users')] });
    assert.deepEqual(await memberIds(id), [one, two].toSorted());
    const three = await createUser();
    assertBad(
      await ask('PATCH', `/groups/${id}`, { displayName: 'New', 'members@odata.bind': [link(three), link(one)] }),
      ALREADY_THERE,
    );
    assert.equal((await get(`/groups/${id}`)).body.displayName, 'A group');
    assert.equal((await ask('PATCH', `/groups/${id}`, { 'members@odata.bind': [link(three)] })).status, 204);
    assert.deepEqual(await memberIds(id), [one, two, three].toSorted());
    const { rows: before } = await server.db.pool.query('select count(*) from groups');
    const answer = await ask('POST', '/groups', {
      displayName: 'Never',
      'members@odata.bind': [link(one), link(NO_ONE)],
    });
    assert.equal(answer.status, 404);
    assert.deepEqual((await server.db.pool.query('select count(*) from groups')).rows, before);
  });

  it('are told of a user, by id or name', async () => {
    const userId = await createUser();
    const [b, a] = [await create({ displayName: 'B' }), await create({ displayName: 'A' })];
    await create({ displayName: 'Not theirs' });
    for (const { id } of [a, b]) await join(id, userId);
    const { userPrincipalName } = (await get(`/users/${userId}`)).body;
    for (const user of [userId, userPrincipalName]) {
      const { body } = await get(`/users/${user}/memberOf`, { $select: 'displayName' });
      assert.deepEqual(body.value, [
        { '@odata.type': '#microsoft.graph.group', displayName: 'A' },
        { '@odata.type': '#microsoft.graph.group', displayName: 'B' },
      ]);
    }
    assert.equal((await get(`/users/${NO_ONE}/memberOf`)).status, 404);
  });

  it('leave a deleted user and a deleted group out of their members', async () => {
    const { id } = await create();
    const inner = await create();
    const userId = await createUser();
    for (const member of [userId, inner.id]) await join(id, member);
    assert.equal((await ask('DELETE', `/users/${userId}`)).status, 204);
    assert.equal((await ask('DELETE', `/groups/${inner.id}`)).status, 204);
    assert.deepEqual(await memberIds(id), []);
  });

  it('can not be deleted while licenses are assigned by them', async () => {
    const { id } = await create();
    const userId = await createUser();
    const { pool } = server.db;
    const sku = newId();
    await pool.query('insert into licenses values ($1, $2, $3, now())', [server.tenantId, userId, sku]);
    await pool.query("insert into assignment_paths values ($1, $2, $3, 'group', $4, '{}', null, null, null, now())", [
      server.tenantId,
      userId,
      sku,
      id,
    ]);
    assertBad(await ask('DELETE', `/groups/${id}`), /has active license assignments/);
    assert.equal((await get(`/groups/${id}`)).status, 200);
  });

  it("answer 404 for another tenant's, and 400 for what is no GUID", async () => {
    const { id } = await create({}, await server.createTenant());
    for (const groupId of [id, NO_ONE]) {
      for (const [method, path, body] of [
        ['GET', ''],
        ['PATCH', '', { displayName: 'X' }],
        ['DELETE', ''],
        ['GET', '/members'],
        ['GET', '/members/$count'],
        ['POST', '/members/$ref', { '@odata.id': link(NO_ONE) }],
        ['DELETE', `/members/${NO_ONE}/$ref`],
      ] as const) {
        assert.equal((await ask(method, `/groups/${groupId}${path}`, body)).status, 404, `${method} ${path}`);
      }
    }
    assertBad(await get('/groups/nonsense'), /^id must be a GUID/);
  });

  it('can be written with Group.ReadWrite.All alone', async () => {
    const { id } = await create();
    for (const [method, path, body] of [
      ['POST', '/groups', { displayName: 'X' }],
      ['PATCH', `/groups/${id}`, { displayName: 'X' }],
      ['DELETE', `/groups/${id}`],
      ['POST', `/groups/${id}/members/$ref`, { '@odata.id': link(NO_ONE) }],
      ['DELETE', `/groups/${id}/members/${NO_ONE}/$ref`],
    ] as const) {
      const permissions = ['Group.Read.All', 'User.ReadWrite.All', 'LicenseAssignment.ReadWrite.All'] as const;
      assert.equal(
        (await server.request(method, `/v1.0${path}`, { permissions, body })).status,
        403,
        `${method} ${path}`,
      );
    }
  });
});
