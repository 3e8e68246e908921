import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { getToken, startTestServer, type TestClient, type TestServer } from '../harness/server.ts';
import {
  assertRefused,
  worldOf,
  type World,
  type WorldApp,
  type WorldProduct,
  type WorldUser,
} from '../harness/world.ts';

describe('sign-ins in lists, and what they are refused for', () => {
  let server: TestServer;
  let world: World;
  let app: WorldApp;
  let product: WorldProduct;
  let user: WorldUser;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    await world.turnAutoClaim(true);
    product = await world.addProduct({ TEAMS1: {} });
    await world.buy(product, 600);
    app = await world.addApp([product.plans['TEAMS1']!]);
    await world.addPolicy(app, [product]);
    user = await world.addUser();
  });
  after(() => server.close());

  const state = async () => {
    // Which writes to the log what waits to be written.
    await world.get('/auditLogs/signIns?$top=1');
    return world.value<object>(
      `select json_build_array((select count(*) from claims), (select count(*) from sign_ins),
                               (select count(*) from sign_in_deliveries), (select sum(consumed) from pools))
         from tenants where tenant_id = $1`,
    );
  };

  it('are answered in their order, up to 1,000 at once, and never claim more than there is', async () => {
    const users = await world.addUsers(998);
    const asked = users.map(({ id, userPrincipalName }, index) => ({
      appId: app.appId,
      ...(index % 2 ? { userId: id } : { userPrincipalName }),
    }));
    const unknown = { appId: app.appId, userId: randomUUID() };
    const { value, ...rest } = await world.post('/signIns', {
      value: [unknown, ...asked, { ...asked[0], correlationId: 'last' }],
    });
    assert.deepEqual(rest, {});
    assert.equal(value.length, 1_000);
    assert.equal(value[0].reason, 'unknownUser');
    assert.deepEqual(
      value.slice(1, 999).map((answer: any) => answer.userId),
      users.map(({ id }) => id),
    );
    const claimed = value.filter((answer: any) => answer.outcome === 'claimed');
    assert.equal(claimed.length, 600);
    assert.equal(await world.consumed(product), 600);
    assert.deepEqual(
      new Set(value.slice(1, 999).map((answer: any) => answer.reason ?? answer.outcome)),
      new Set(['claimed', 'noSeats']),
    );
    await world.buy(product, 400);
    assert.equal(await world.value('select count(distinct claim_id) from claims where tenant_id = $1'), 600);
  });

  it('go through beside one that the database chokes on, which has its error in its place', async () => {
    const users = await world.addUsers(5);
    const poison = users[2]!;
    await server.db.pool.query(`
      create function choke() returns trigger language plpgsql as $$ begin raise exception 'poison'; end $$;
      create trigger choke before insert on claims for each row when (new.user_id = '${poison.id}') execute function choke()`);
    const { value } = await world.post('/signIns', {
      value: users.map(({ id }) => ({ appId: app.appId, userId: id })),
    });
    const alone = await world.call('POST', '/signIns', { appId: app.appId, userId: poison.id });
    await server.db.pool.query('drop trigger choke on claims');
    assert.deepEqual(
      value.map((answer: any) => answer.outcome ?? answer.error.code),
      ['claimed', 'claimed', 'InternalServerError', 'claimed', 'claimed'],
    );
    assert.deepEqual(Object.keys(value[2]), ['error']);
    assert.doesNotMatch(JSON.stringify(value[2]), /poison/);
    assert.equal(alone.status, 500);
    assert.doesNotMatch(JSON.stringify(alone.body), /poison/);
    assert.equal((await world.signIn(app, poison)).outcome, 'claimed');
  });

  it('may be of one member, with the same answer as alone', async () => {
    const { value } = await world.post('/signIns', { value: [{ appId: app.appId, userId: user.id }] });
    const alone = await world.signIn(app, user);
    const { id, createdDateTime, ...rest } = value[0];
    assert.equal(rest.outcome, 'claimed');
    assert.deepEqual({ ...alone, id, createdDateTime, outcome: 'claimed', message: rest.message }, value[0]);
  });

  const good = () => ({ appId: app.appId, userId: user.id });
  const members: [string, () => unknown, RegExp][] = [
    ['without an appId', () => ({ userId: user.id }), /^appId is missing/],
    ['with an appId that is no GUID', () => ({ ...good(), appId: 'teams' }), /^appId must be a GUID/],
    ['with an appId that is null', () => ({ ...good(), appId: null }), /^appId/],
    ['without a user', () => ({ appId: app.appId }), /^userPrincipalName or userId must be given/],
    [
      'with a user named twice',
      () => ({ ...good(), userPrincipalName: user.userPrincipalName }),
      /^userPrincipalName or userId must be given, and not both/,
    ],
    ['with a userId that is no GUID', () => ({ ...good(), userId: user.userPrincipalName }), /^userId must be a GUID/],
    ['with a userId that is a number', () => ({ ...good(), userId: 7 }), /^userId must be string/],
    [
      'with an empty name',
      () => ({ appId: app.appId, userPrincipalName: '' }),
      /^userPrincipalName must NOT have fewer/,
    ],
    [
      'with a name of 257 characters',
      () => ({ appId: app.appId, userPrincipalName: 'x'.repeat(257) }),
      /^userPrincipalName/,
    ],
    [
      'with a name that is a list',
      () => ({ appId: app.appId, userPrincipalName: [] }),
      /^userPrincipalName must be string/,
    ],
    ['with a correlationId of 129 characters', () => ({ ...good(), correlationId: 'x'.repeat(129) }), /^correlationId/],
    ['with an empty correlationId', () => ({ ...good(), correlationId: '' }), /^correlationId/],
    ['with a correlationId that is a number', () => ({ ...good(), correlationId: 1 }), /^correlationId must be string/],
    [
      'with an unknown property',
      () => ({ ...good(), tenantId: 'x' }),
      /^tenantId is not a property that can be given here/,
    ],
    ['with the answer’s property', () => ({ ...good(), outcome: 'claimed' }), /^outcome /],
  ];
  for (const [what, member, text] of members) {
    it(`are refused ${what}; in a list all of them, naming the member, and nothing is written`, async () => {
      const was = await state();
      assertRefused(await world.call('POST', '/signIns', member()), 400, text);
      assertRefused(await world.call('POST', '/signIns/explain', member()), 400, text);
      const [fresh] = await world.addUsers(1);
      const list = await world.call('POST', '/signIns', { value: [{ appId: app.appId, userId: fresh!.id }, member()] });
      const named = text.source.replace(/^\^/, '^value\\[1\\].').replace(' or userId', ' or value\\[1\\].userId');
      assertRefused(list, 400, new RegExp(named));
      assert.deepEqual(await state(), was);
    });
  }

  for (const [what, body, text] of [
    ['an empty list', { value: [] }, /^value/],
    ['a list that is none', { value: {} }, /^value must be array/],
    ['a list that is null', { value: null }, /^value/],
    ['a member that is none', { value: ['x'] }, /^value\[0\] must be object/],
    [
      'something beside the list',
      { value: [{ appId: randomUUID(), userId: randomUUID() }], correlationId: 'x' },
      /^correlationId /,
    ],
    ['a list as the body', [{ appId: randomUUID(), userId: randomUUID() }], /^The body must be object/],
    ['nothing', {}, /^appId is missing/],
    ['a text', 'text', /^The body must be object/],
    ['null', null, /^The body must be object/],
  ] as const) {
    it(`are refused for ${what}`, async () => {
      const was = await state();
      const json = JSON.stringify(body);
      assertRefused(await world.call('POST', '/signIns', json, { 'content-type': 'application/json' }), 400, text);
      assert.deepEqual(await state(), was);
    });
  }

  it('are refused in a list of 1,001, and without a body', async () => {
    const was = await state();
    const value = Array.from({ length: 1_001 }, () => good());
    assertRefused(await world.call('POST', '/signIns', { value }), 400, /^value must NOT have more than 1000 items/);
    assertRefused(await world.call('POST', '/signIns'), 400, /^The body must be object/);
    assertRefused(await world.call('POST', '/signIns?$top=1', good()), 400, /\$top/);
    assert.deepEqual(await state(), was);
  });

  describe('by an app’s own client', () => {
    let client: TestClient;
    let token: string;
    before(async () => {
      client = await server.createClient([]);
      token = await getToken(server, world.tenantId, client);
    });
    const as = (body: unknown, path = '/signIns') => server.request('POST', `/v1.0${path}`, { token, body });

    it('are decided for its own appId, in either case, alone and in a list', async () => {
      for (const appId of [client.appId, client.appId.toUpperCase()]) {
        const alone = await as({ appId, userId: user.id });
        assert.deepEqual([alone.status, alone.body.reason], [200, 'noPolicy']);
        const list = await as({ value: [{ appId, userId: user.id }] });
        assert.deepEqual([list.status, list.body.value[0].reason], [200, 'noPolicy']);
      }
    });

    it('are refused with 403 for any other app, known or not, and for a list with one such member', async () => {
      const was = await state();
      for (const appId of [app.appId, randomUUID()]) {
        assertRefused(await as({ appId, userId: user.id }), 403, /SignIn\.Create/);
        const list = await as({
          value: [
            { appId: client.appId, userId: user.id },
            { appId, userId: user.id },
          ],
        });
        assertRefused(list, 403, /SignIn\.Create/);
      }
      assert.deepEqual(await state(), was);
    });

    it('are not explained, which shows what the policies and the user are', async () => {
      assertRefused(
        await as({ appId: client.appId, userId: user.id }, '/signIns/explain'),
        403,
        /AutoClaimPolicy\.Read\.All/,
      );
    });

    it('are decided for any app with SignIn.Create, and explained with either permission', async () => {
      for (const [permission, path, status] of [
        ['SignIn.Create', '/signIns', 200],
        ['SignIn.Create', '/signIns/explain', 200],
        ['AutoClaimPolicy.Read.All', '/signIns/explain', 200],
        ['AutoClaimPolicy.ReadWrite.All', '/signIns/explain', 200],
        ['AutoClaimPolicy.ReadWrite.All', '/signIns', 403],
        ['User.ReadWrite.All', '/signIns', 403],
      ] as const) {
        const answer = await server.request('POST', `/v1.0${path}`, { permissions: [permission], body: good() });
        assert.equal(answer.status, status, `${permission} ${path}`);
      }
      assert.equal((await server.request('POST', '/v1.0/signIns', { token: null, body: good() })).status, 401);
    });
  });
});
