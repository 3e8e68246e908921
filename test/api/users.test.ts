import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { verify } from '@node-rs/argon2';
import { v7 as newId } from 'uuid';
import { startTestServer, type Answer, type TestServer } from '../harness/server.ts';

const NO_ONE = '11111111-1111-1111-1111-111111111111';
const DEFAULTS = [
  'businessPhones',
  'displayName',
  'givenName',
  'jobTitle',
  'mail',
  'mobilePhone',
  'officeLocation',
  'preferredLanguage',
  'surname',
  'userPrincipalName',
  'id',
];

describe('users', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const ask = (method: string, path: string, body?: unknown, tenantId?: string) =>
    server.request(method, `/v1.0${path}`, {
      permissions: ['User.ReadWrite.All'],
      body,
      ...(tenantId && { tenantId }),
    });
  const get = (path: string, options: Record<string, string> = {}) =>
    ask('GET', `${path}?${new URLSearchParams(options).toString()}`);

  async function create(values: Record<string, unknown> = {}, tenantId?: string): Promise<any> {
    const name = `u${newId()}`;
    const answer = await ask(
      'POST',
      '/users',
      { displayName: name, userPrincipalName: `${name}@contoso.example`, ...values },
      tenantId,
    );
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  }

  async function lastAudit() {
    const { rows } = await server.db.pool.query(
      'select * from audit_entries order by happened_at desc, audit_id desc limit 1',
    );
    return rows[0];
  }

  function assertBad(answer: Answer, message: RegExp): void {
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    assert.equal(answer.body.error.code, 'Request_BadRequest');
    assert.match(answer.body.error.message, message);
  }

  it('are written with properties by names in any case, as Graph takes them', async () => {
    const { id } = await create({ mailNickName: 'nick', JOBTITLE: 'Painter' });
    const { body } = await get(`/users/${id}`, { $select: 'mailNickname,jobTitle' });
    assert.deepEqual([body.mailNickname, body.jobTitle], ['nick', 'Painter']);
    assert.equal((await ask('PATCH', `/users/${id}`, { JobTitle: 'Poet' })).status, 204);
    const twice = await ask('PATCH', `/users/${id}`, { jobTitle: 'Poet', JobTitle: 'Painter' });
    assertBad(twice, /^JobTitle is not a property that can be given here/);
    const secondFactor = { password: 'correct horse 1 Battery', forceChangePasswordNextSignInWithMfa: true };
    assertBad(
      await ask('PATCH', `/users/${id}`, { passwordProfile: secondFactor }),
      /^passwordProfile\.forceChangePasswordNextSignInWithMfa must be false/,
    );
  });

  it('are added with what Graph requires, and defaults for the rest', async () => {
    const answer = await ask('POST', '/users', {
      displayName: 'Adele Vance',
      userPrincipalName: 'AdeleV@Contoso.example',
    });
    assert.equal(answer.status, 201);
    const { id } = answer.body;
    assert.equal(answer.headers.get('location'), `${server.config.baseUrl}/v1.0/users/${id}`);
    assert.equal(answer.body['@odata.context'], `${server.config.baseUrl}/v1.0/$metadata#users/$entity`);
    assert.deepEqual(Object.keys(answer.body).slice(1).toSorted(), DEFAULTS.toSorted());
    assert.equal(answer.body.userPrincipalName, 'AdeleV@Contoso.example');
    const more = await get(`/users/${id}`, {
      $select:
        'accountEnabled,mailNickname,userType,usageLocation,createdDateTime,assignedLicenses,onPremisesSyncEnabled',
    });
    const { createdDateTime, '@odata.context': context, ...rest } = more.body;
    assert.deepEqual(rest, {
      accountEnabled: true,
      mailNickname: 'AdeleV',
      userType: 'Member',
      usageLocation: null,
      assignedLicenses: [],
      onPremisesSyncEnabled: null,
    });
    assert.match(createdDateTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.match(context, /#users\(accountEnabled,/);
    const audit = await lastAudit();
    assert.deepEqual(
      [audit.activity, audit.operation, audit.target_id, audit.target_name],
      ['Add user', 'Add', id, 'AdeleV@Contoso.example'],
    );
  });

  it('keep every property that was given', async () => {
    const values = {
      accountEnabled: false,
      businessPhones: ['+1 425 555 0100'],
      city: 'Bellevue',
      companyName: 'Contoso',
      country: 'United States',
      department: 'Sales',
      employeeId: '4711',
      faxNumber: '+1 425 555 0109',
      givenName: 'Ada',
      jobTitle: 'Engineer',
      mail: 'ada@contoso.example',
      mailNickname: 'ada',
      mobilePhone: '+1 425 555 0101',
      officeLocation: '18/2111',
      otherMails: ['ada@home.example'],
      passwordPolicies: 'DisablePasswordExpiration',
      postalCode: '98004',
      preferredDataLocation: 'NAM',
      preferredLanguage: 'en-US',
      state: 'WA',
      streetAddress: '9256 Towne Center Dr.',
      surname: 'Lovelace',
      usageLocation: 'CH',
      userType: 'Guest',
    };
    const { id } = await create(values);
    const { '@odata.context': _, ...read } = (await get(`/users/${id}`, { $select: Object.keys(values).join() })).body;
    assert.deepEqual(read, values);
  });

  it('who were invited are guests unless said otherwise', async () => {
    const { id } = await create({ userPrincipalName: `bob_fabrikam.example#EXT#@contoso.example` });
    assert.equal((await get(`/users/${id}`, { $select: 'userType' })).body.userType, 'Guest');
  });

  it('are found by id or by user principal name, in any case and percent-encoded', async () => {
    const { id, userPrincipalName } = await create({ userPrincipalName: 'Zoë+x#EXT#@Contoso.example' });
    for (const name of [id, id.toUpperCase(), userPrincipalName, 'zOË+X#ext#@contoso.EXAMPLE']) {
      const answer = await get(`/users/${encodeURIComponent(name)}`);
      assert.equal(answer.status, 200, name);
      assert.equal(answer.body.id, id);
    }
  });

  it("answer 404 where there is nobody, and for another tenant's", async () => {
    const other = await server.createTenant();
    const { id, userPrincipalName } = await create({}, other);
    for (const name of [NO_ONE, 'nobody@contoso.example', 'nobody', id, userPrincipalName]) {
      for (const [method, body] of [['GET'], ['PATCH', { city: 'X' }], ['DELETE']] as const) {
        const answer = await ask(method, `/users/${name}`, body);
        assert.equal(answer.status, 404, `${method} ${name}`);
        assert.equal(answer.body.error.code, 'Request_ResourceNotFound');
        assert.match(
          answer.body.error.message,
          /^Resource '.*' does not exist or one of its queried reference-property objects are not present\.$/,
        );
      }
    }
    assert.equal((await get('/users', { $filter: `id eq '${id}'` })).body.value.length, 0);
  });

  it('are changed in part; null clears', async () => {
    const { id } = await create({ city: 'Bern', department: 'IT' });
    const answer = await ask('PATCH', `/users/${id}`, { city: null, jobTitle: 'Chief', usageLocation: 'DE' });
    assert.equal(answer.status, 204);
    assert.equal(answer.body, '');
    const { body } = await get(`/users/${id}`, { $select: 'city,jobTitle,usageLocation,department' });
    assert.deepEqual([body.city, body.jobTitle, body.usageLocation, body.department], [null, 'Chief', 'DE', 'IT']);
    const audit = await lastAudit();
    assert.equal(audit.activity, 'Update user');
    assert.deepEqual(audit.changes, [
      { name: 'city', before: 'Bern', after: null },
      { name: 'jobTitle', before: null, after: 'Chief' },
      { name: 'usageLocation', before: null, after: 'DE' },
    ]);
  });

  it('that are changed to what they are leave no audit entry', async () => {
    const { id } = await create({ city: 'Bern' });
    const { audit_id } = await lastAudit();
    assert.equal((await ask('PATCH', `/users/${id}`, { city: 'Bern' })).status, 204);
    assert.equal((await ask('PATCH', `/users/${id}`, {})).status, 204);
    assert.equal((await lastAudit()).audit_id, audit_id);
  });

  it('have unique user principal names within a tenant, whatever the case', async () => {
    const { userPrincipalName } = await create();
    const { id } = await create();
    const upper = userPrincipalName.toUpperCase();
    for (const answer of [
      await ask('POST', '/users', { displayName: 'X', userPrincipalName: upper }),
      await ask('PATCH', `/users/${id}`, { userPrincipalName: upper }),
    ]) {
      assert.equal(answer.status, 400);
      assert.equal(answer.body.error.code, 'Request_MultipleObjectsWithSameKeyValue');
      assert.equal(
        answer.body.error.message,
        'Another object with the same value for property userPrincipalName already exists.',
      );
    }
    await create({ userPrincipalName }, await server.createTenant());
  });

  it('keep a password as an argon2id hash, which is never shown', async () => {
    const { id } = await create({ passwordProfile: { password: 'Tr0ub4dor&3', forceChangePasswordNextSignIn: true } });
    const row = async () => (await server.db.pool.query('select * from users where user_id = $1', [id])).rows[0];
    const { password_hash, must_change_password, last_password_change_at } = await row();
    assert.match(password_hash, /^\$argon2id\$/);
    assert.ok(await verify(password_hash, 'Tr0ub4dor&3'));
    assert.equal(must_change_password, true);
    assert.ok(last_password_change_at);
    assert.equal(
      (
        await ask('PATCH', `/users/${id}`, {
          passwordProfile: { password: 'another one', forceChangePasswordNextSignIn: false },
        })
      ).status,
      204,
    );
    assert.ok(await verify((await row()).password_hash, 'another one'));
    assert.equal((await lastAudit()).activity, 'Reset user password');
    const { rows } = await server.db.pool.query('select * from audit_entries where target_id = $1', [id]);
    assert.doesNotMatch(JSON.stringify(rows), /Tr0ub4dor|another one|argon2/);
    assertBad(await get(`/users/${id}`, { $select: 'passwordProfile' }), /unknown property passwordProfile/);
  });

  for (const [body, message] of [
    [{ userPrincipalName: 'a@b.example' }, /^displayName is missing\.$/],
    [{ displayName: 'A' }, /^userPrincipalName is missing\.$/],
    [{ displayName: '', userPrincipalName: 'a@b.example' }, /^displayName must be a text/],
    [{ displayName: ' ', userPrincipalName: 'a@b.example' }, /^displayName must be a text/],
    [{ displayName: 'A'.repeat(257), userPrincipalName: 'a@b.example' }, /^displayName/],
    [{ displayName: 1, userPrincipalName: 'a@b.example' }, /^displayName must be string/],
    [{ displayName: 'A', userPrincipalName: 'nobody' }, /^userPrincipalName: must be of the form name@domain/],
    [{ displayName: 'A', userPrincipalName: 'a@b@c' }, /^userPrincipalName/],
    [{ displayName: 'A', userPrincipalName: 'a b@c.example' }, /^userPrincipalName/],
    [{ displayName: 'A', userPrincipalName: 'a\u00a0b@c.example' }, /^userPrincipalName/],
    [{ displayName: 'A', userPrincipalName: `${'a'.repeat(256)}@c.example` }, /^userPrincipalName/],
    [{ usageLocation: 'us' }, /^usageLocation must be a two-letter country code/],
    [{ usageLocation: 'ZZ' }, /^usageLocation: "ZZ" is not a country code/],
    [{ usageLocation: 'EU' }, /^usageLocation/],
    [{ userType: 'Robot' }, /^userType must be one of Member, Guest/],
    [{ accountEnabled: 'true' }, /^accountEnabled must be boolean/],
    [{ accountEnabled: null }, /^accountEnabled must be boolean/],
    [{ otherMails: 'a@b' }, /^otherMails must be array/],
    [{ city: '' }, /^city/],
    [{ id: NO_ONE }, /^id is not a property that can be given here/],
    [{ foo: 1 }, /^foo is not a property/],
    [{ assignedLicenses: [] }, /^assignedLicenses is not a property/],
    [{ passwordProfile: { password: 'short' } }, /password complexity/],
    [{ passwordProfile: { password: 'long enough', foo: 1 } }, /^passwordProfile\.foo/],
    [{ passwordPolicies: 'Whatever' }, /^passwordPolicies must be None/],
    [[], /body/],
  ] as [unknown, RegExp][]) {
    it(`refuses ${JSON.stringify(body).slice(0, 70)}`, async () => {
      const whole =
        typeof body === 'object' && !Array.isArray(body) && !('displayName' in body!) && !('userPrincipalName' in body!)
          ? { displayName: 'A', userPrincipalName: `${newId()}@b.example`, ...body }
          : body;
      const counts = 'select (select count(*) from users) as users, (select count(*) from audit_entries) as entries';
      const { rows: before } = await server.db.pool.query(counts);
      assertBad(await ask('POST', '/users', whole), message);
      assert.deepEqual((await server.db.pool.query(counts)).rows, before);
    });
  }

  it('can be written with User.ReadWrite.All alone, and read with User.Read.All', async () => {
    const { id } = await create();
    const calls = [
      ['POST', '/users', { displayName: 'A', userPrincipalName: 'never@b.example' }],
      ['PATCH', `/users/${id}`, { usageLocation: 'US' }],
      ['DELETE', `/users/${id}`],
    ] as const;
    for (const [method, path, body] of calls) {
      const permissions = [
        'User.Read.All',
        'LicenseAssignment.ReadWrite.All',
        'Group.ReadWrite.All',
        'Organization.ReadWrite.All',
      ] as const;
      const answer = await server.request(method, `/v1.0${path}`, { permissions, body });
      assert.equal(answer.status, 403, method);
      assert.equal(answer.body.error.code, 'Authorization_RequestDenied');
    }
    assert.equal((await server.request('GET', `/v1.0/users/${id}`, { permissions: ['User.Read.All'] })).status, 200);
    assert.equal(
      (await server.request('GET', `/v1.0/users/${id}`, { permissions: ['Group.ReadWrite.All'] })).status,
      403,
    );
    assert.equal((await server.request('GET', `/v1.0/users`, { token: null })).status, 401);
  });
});
