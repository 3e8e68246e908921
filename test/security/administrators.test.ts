import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { addPerson, personToken, roleId, signIn, type RoleName, type TestPerson } from '../harness/people.ts';
import { startTestServer, type Answer, type TestServer } from '../harness/server.ts';
import { assertRefused } from '../harness/world.ts';

// Who may do what to administrators, and that one is always left.

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

const call = (token: string, method: string, path: string, body?: unknown, headers = {}): Promise<Answer> =>
  server.request(method, `/v1.0${path}`, { token, body, headers });
const member = (role: RoleName, { id }: { id: string }) => `/directoryRoles/${roleId(role)}/members/${id}/$ref`;
const link = ({ id }: { id: string }) => ({ '@odata.id': `${server.config.baseUrl}/v1.0/directoryObjects/${id}` });
const OVER = /Only a Global Administrator may block, delete or rename a user who holds a directory role/;

describe('a User Administrator', () => {
  for (const [what, act] of Object.entries({
    block: (token: string, one: TestPerson) => call(token, 'PATCH', `/users/${one.id}`, { accountEnabled: false }),
    rename: (token: string, one: TestPerson) =>
      call(token, 'PATCH', `/users/${one.id}`, { userPrincipalName: `${randomUUID()}@contoso.example` }),
    delete: (token: string, one: TestPerson) => call(token, 'DELETE', `/users/${one.id}`),
    'set the password of': (token: string, one: TestPerson) =>
      call(token, 'PATCH', `/users/${one.id}`, { passwordProfile: { password: 'a new password' } }),
    'reset the password of': (token: string, one: TestPerson) => call(token, 'POST', `/users/${one.id}/resetPassword`),
    'block by import': (token: string, one: TestPerson) =>
      call(
        token,
        'POST',
        '/admin/import/users',
        `Object Id,User principal name,Display name,Block credential\n${one.id},${one.userPrincipalName},X,True\n`,
        { 'content-type': 'text/csv' },
      ),
  })) {
    it(`can ${what} who holds no role, and nobody who holds one`, async () => {
      const token = await personToken(server, ['User Administrator']);
      const [nobody, reader] = [await addPerson(server), await addPerson(server, ['Reports Reader'])];
      const answer = await act(token, nobody);
      assert.ok(answer.status < 300, JSON.stringify(answer.body));
      assertRefused(await act(token, reader), 403, OVER);
      // Nor an administrator who has no password yet: the link would be theirs.
      await server.db.pool.query('update users set password_hash = null where user_id = $1', [reader.id]);
      assertRefused(await act(token, reader), 403, OVER);
      const admin = await personToken(server, ['Global Administrator']);
      const byAdmin = await act(admin, reader);
      assert.ok(byAdmin.status < 300, JSON.stringify(byAdmin.body));
    });
  }

  it('an app with User.ReadWrite.All reaches no farther, unless it may write roles', async () => {
    const reader = await addPerson(server, ['Reports Reader']);
    const reset = async (permissions: Parameters<TestServer['token']>[0]) =>
      call(await server.token(permissions), 'POST', `/users/${reader.id}/resetPassword`);
    assertRefused(await reset(['User.ReadWrite.All']), 403, OVER);
    assert.equal((await reset(['User.ReadWrite.All', 'RoleManagement.ReadWrite.Directory'])).status, 200);
  });

  it('can change anything else of an administrator', async () => {
    const token = await personToken(server, ['User Administrator']);
    const reader = await addPerson(server, ['Reports Reader']);
    assert.equal((await call(token, 'PATCH', `/users/${reader.id}`, { jobTitle: 'Reader' })).status, 204);
  });
});

describe('a License Administrator', () => {
  it('sets the usage location, and nothing else of a user', async () => {
    const token = await personToken(server, ['License Administrator']);
    const { id } = await addPerson(server);
    assert.equal((await call(token, 'PATCH', `/users/${id}`, { usageLocation: 'FR' })).status, 204);
    const { body } = await call(token, 'GET', `/users/${id}?$select=usageLocation`);
    assert.equal(body.usageLocation, 'FR');
    for (const further of [
      { displayName: 'X' },
      { accountEnabled: false },
      { passwordProfile: { password: 'new password' } },
    ]) {
      const answer = await call(token, 'PATCH', `/users/${id}`, { usageLocation: 'US', ...further });
      assertRefused(answer, 403, new RegExp(`usageLocation alone, not ${Object.keys(further)[0]}`));
    }
    const after = await call(token, 'GET', `/users/${id}?$select=usageLocation`);
    assert.equal(after.body.usageLocation, 'FR');
  });
});

describe('roles', () => {
  it('are given and taken, count at once, and are in the audit', async () => {
    const admin = await personToken(server, ['Global Administrator']);
    const one = await addPerson(server);
    const { accessToken } = await signIn(server, one);
    assert.equal((await call(accessToken, 'GET', '/users')).status, 403);
    const path = `/directoryRoles/${roleId('Global Reader')}/members`;
    assert.equal((await call(admin, 'POST', `${path}/$ref`, link(one))).status, 204);
    assert.equal((await call(accessToken, 'GET', '/users')).status, 200);
    assertRefused(await call(admin, 'POST', `${path}/$ref`, link(one)), 400, /already exist/);
    const members = await call(admin, 'GET', `${path}?$select=id&$filter=id eq '${one.id}'`);
    assert.deepEqual(members.body.value, [{ '@odata.type': '#microsoft.graph.user', id: one.id }]);
    const held = await call(admin, 'GET', `/users/${one.id}/memberOf/microsoft.graph.directoryRole`);
    assert.deepEqual(
      held.body.value.map((role: any) => role.displayName),
      ['Global Reader'],
    );
    assert.equal((await call(admin, 'DELETE', member('Global Reader', one))).status, 204);
    assert.equal((await call(accessToken, 'GET', '/me')).status, 401);
    assert.equal((await call(admin, 'DELETE', member('Global Reader', one))).status, 404);
    const audit = await call(
      admin,
      'GET',
      `/auditLogs/directoryAudits?$filter=category eq 'RoleManagement' and targetResources/any(t:t/id eq '${one.id}')`,
    );
    assert.deepEqual(
      audit.body.value.map((entry: any) => entry.activityDisplayName),
      ['Remove member from role', 'Add member to role'],
    );
  });

  it('there are none but those, and no users but the own', async () => {
    const admin = await personToken(server, ['Global Administrator']);
    const one = await addPerson(server);
    assert.equal((await call(admin, 'GET', `/directoryRoles/${randomUUID()}`)).status, 404);
    assert.equal((await call(admin, 'POST', `/directoryRoles/${randomUUID()}/members/$ref`, link(one))).status, 404);
    const elsewhere = await addPerson(server, [], { tenantId: await server.createTenant() });
    for (const id of [elsewhere.id, randomUUID()]) {
      const path = `/directoryRoles/${roleId('Global Reader')}/members/$ref`;
      assert.equal((await call(admin, 'POST', path, link({ id }))).status, 404);
    }
    const { body } = await call(admin, 'GET', '/directoryRoles');
    assert.equal(body.value.length, 7);
  });
});

describe('the last Global Administrator', () => {
  /** A tenant with so many, and the token of each. */
  async function administrators(count: number) {
    const tenantId = await server.createTenant();
    // The first one, who was made with the tenant, isn't one of them.
    await server.db.pool.query('delete from directory_role_members where tenant_id = $1', [tenantId]);
    const people = await Promise.all(
      Array.from({ length: count }, () => addPerson(server, ['Global Administrator'], { tenantId })),
    );
    const tokens: string[] = [];
    for (const one of people) tokens.push((await signIn(server, one)).accessToken);
    return { tenantId, people, tokens };
  }
  const LAST = /This is the last Global Administrator who can sign in/;
  const acts: Record<string, (token: string, one: TestPerson) => Promise<Answer>> = {
    'losing the role': (token, one) => call(token, 'DELETE', member('Global Administrator', one)),
    'being blocked': (token, one) => call(token, 'PATCH', `/users/${one.id}`, { accountEnabled: false }),
    'being deleted': (token, one) => call(token, 'DELETE', `/users/${one.id}`),
    'being blocked by import': (token, one) =>
      call(
        token,
        'POST',
        '/admin/import/users',
        `Object Id,User principal name,Display name,Block credential\n${one.id},${one.userPrincipalName},X,True\n`,
        { 'content-type': 'text/csv' },
      ),
  };

  for (const [what, act] of Object.entries(acts)) {
    it(`is kept from ${what}; one of two is not`, async () => {
      const { people, tokens } = await administrators(2);
      const gone = await act(tokens[0]!, people[1]!);
      assert.ok(gone.status < 300, JSON.stringify(gone.body));
      assertRefused(await act(tokens[0]!, people[0]!), 400, LAST);
      assert.equal((await call(tokens[0]!, 'GET', '/me')).status, 200);
    });
  }

  it('is left where two take each other away at once', async () => {
    for (const act of [acts['losing the role']!, acts['being blocked']!, acts['being deleted']!]) {
      const { tenantId, people, tokens } = await administrators(2);
      const answers = await Promise.all([act(tokens[0]!, people[1]!), act(tokens[1]!, people[0]!)]);
      const statuses = answers.map(({ status }) => status).toSorted();
      assert.equal(statuses[0], 204, JSON.stringify(answers.map(({ body }) => body)));
      assert.ok(statuses[1]! >= 400, String(statuses));
      const { rows } = await server.db.pool.query(
        `select count(*) from directory_role_members join users using (tenant_id, user_id)
          where tenant_id = $1 and is_account_enabled`,
        [tenantId],
      );
      assert.equal(rows[0].count, 1);
    }
  });
});
