import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { getToken, startTestServer, type TestServer } from '../harness/server.ts';
import {
  assertRefused,
  worldOf,
  type World,
  type WorldApp,
  type WorldProduct,
  type WorldUser,
} from '../harness/world.ts';

describe('a sign-in delivered again', () => {
  let server: TestServer;
  let world: World;
  let app: WorldApp;
  let product: WorldProduct;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    await world.turnAutoClaim(true);
    product = await world.addProduct({ TEAMS1: {} });
    await world.buy(product, 100);
    app = await world.addApp([product.plans['TEAMS1']!]);
    await world.addPolicy(app, [product]);
  });
  after(() => server.close());

  const claims = (user: WorldUser) =>
    world.value('select count(*) from claims where tenant_id = $1 and user_id = $2', user.id);
  const logged = async (correlationId: string) =>
    (await world.get(`/auditLogs/signIns?$filter=correlationId eq '${correlationId}'`)).value.length;
  /** Makes what was kept older, as if the time had passed. */
  const age = (correlationId: string, hours: number, ms = 0) =>
    server.db.pool.query(
      `update sign_in_deliveries set decided_at = decided_at - make_interval(hours => $2, secs => $3::float8 / 1000)
        where correlation_id = $1`,
      [correlationId, hours, ms],
    );

  it('with the same correlationId is answered the same, id and claim included, and logged once', async () => {
    const [user, correlationId] = [await world.addUser(), randomUUID()];
    const first = await world.signIn(app, user, { correlationId });
    assert.equal(first.outcome, 'claimed');
    assert.deepEqual(await world.signIn(app, user, { correlationId }), first);
    assert.deepEqual(await world.signIn({ appId: app.appId.toUpperCase() }, user, { correlationId }), first);
    assert.equal(await logged(correlationId), 1);
    assert.equal(await claims(user), 1);
  });

  it('is answered as it was decided, whatever has happened since', async () => {
    const [user, blocked, nobody] = [await world.addUser(), await world.addUser(), randomUUID()];
    await world.patch(`/users/${blocked.id}`, { accountEnabled: false });
    const [claimed, licensed, refused, unknown] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const first = [
      await world.signIn(app, user, { correlationId: claimed }),
      await world.signIn(app, user, { correlationId: licensed }),
      await world.signIn(app, blocked, { correlationId: refused }),
      await world.signIn(app, { id: nobody }, { correlationId: unknown }),
    ];
    assert.deepEqual(
      first.map(({ outcome, reason }) => reason ?? outcome),
      ['claimed', 'licensed', 'userBlocked', 'unknownUser'],
    );
    await world.assign(user, [], [product]);
    await world.patch(`/users/${blocked.id}`, { accountEnabled: true });
    assert.deepEqual(
      [
        await world.signIn(app, user, { correlationId: claimed }),
        await world.signIn(app, user, { correlationId: licensed }),
        await world.signIn(app, blocked, { correlationId: refused }),
        await world.signIn(app, { id: nobody }, { correlationId: unknown }),
      ],
      first,
    );
    assert.equal(await claims(user), 1);
  });

  it('with another body is refused with 422, and nothing is decided', async () => {
    const [user, other, correlationId] = [await world.addUser(), await world.addUser(), randomUUID()];
    const otherApp = await world.addApp([product.plans['TEAMS1']!]);
    const first = await world.signIn(app, user, { correlationId });
    for (const body of [
      { appId: app.appId, userId: other.id },
      { appId: otherApp.appId, userId: user.id },
      { appId: app.appId, userPrincipalName: user.userPrincipalName },
    ]) {
      const answer = await world.call('POST', '/signIns', { ...body, correlationId });
      assertRefused(answer, 422, /^correlationId: it was used within the last 24 hours/);
    }
    assert.equal(await claims(other), 0);
    assert.equal(await logged(correlationId), 1);
    assert.deepEqual(await world.signIn(app, user, { correlationId }), first);
  });

  it('by another client, or in another tenant, is another sign-in', async () => {
    const [user, correlationId] = [await world.addUser(), randomUUID()];
    const first = await world.signIn(app, user, { correlationId });
    const token = await getToken(server, world.tenantId, await server.createClient(['SignIn.Create']));
    const body = { appId: app.appId, userId: user.id, correlationId };
    const second = await server.request('POST', '/v1.0/signIns', { token, body });
    assert.deepEqual([second.body.outcome, second.body.claimId], ['licensed', first.claimId]);
    assert.notEqual(second.body.id, first.id);
    const other = worldOf(server, await server.createTenant());
    assert.equal((await other.signIn(app, user, { correlationId })).reason, 'unknownApp');
  });

  it('is remembered for 24 hours, and then is a new one, of any body', async () => {
    const [user, other, correlationId] = [await world.addUser(), await world.addUser(), randomUUID()];
    const first = await world.signIn(app, user, { correlationId });
    await age(correlationId, 23);
    assert.deepEqual(await world.signIn(app, user, { correlationId }), first);
    await age(correlationId, 1);
    const second = await world.signIn(app, user, { correlationId });
    assert.deepEqual([second.outcome, second.claimId], ['licensed', first.claimId]);
    assert.notEqual(second.id, first.id);
    assert.deepEqual(await world.signIn(app, user, { correlationId }), second);
    await age(correlationId, 24);
    assert.equal((await world.signIn(app, other, { correlationId })).outcome, 'claimed');
  });

  it('many times at once, on two servers, is decided once', async () => {
    const beside = await startTestServer({ beside: server });
    const [user, correlationId] = [await world.addUser(), randomUUID()];
    const token = await server.token(['SignIn.Create']);
    const body = { appId: app.appId, userId: user.id, correlationId };
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, n) =>
        (n % 2 ? server : beside).request('POST', '/v1.0/signIns', { token, body }).then((answer) => answer.body),
      ),
    );
    await beside.close();
    assert.equal(answers[0].outcome, 'claimed');
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.equal(await claims(user), 1);
  });

  it('in one list is answered the same; with another body beside it, that one has its error in its place', async () => {
    const [user, other, correlationId] = [await world.addUser(), await world.addUser(), randomUUID()];
    const one = { appId: app.appId, userId: user.id, correlationId };
    const { value } = await world.post('/signIns', { value: [one, one, { ...one, userId: other.id }, one] });
    assert.equal(value[0].outcome, 'claimed');
    assert.deepEqual([value[1], value[3]], [value[0], value[0]]);
    assert.deepEqual(Object.keys(value[2]), ['error']);
    assert.match(value[2].error.message, /^correlationId: /);
    assert.equal(await claims(other), 0);
  });

  it('without a correlationId is licensed with the same claimId', async () => {
    const user = await world.addUser();
    const answers = await Promise.all(Array.from({ length: 8 }, () => world.signIn(app, user)));
    assert.deepEqual(answers.map(({ outcome }) => outcome).sort(), [
      'claimed',
      ...Array.from({ length: 7 }, () => 'licensed'),
    ]);
    assert.equal(new Set(answers.map(({ claimId }) => claimId)).size, 1);
    assert.equal(new Set(answers.map(({ id }) => id)).size, 8);
  });

  it('may have any correlationId of up to 128 characters', async () => {
    const user = await world.addUser();
    for (const correlationId of [' ', '𝄞'.repeat(128), "x'; --", '\u0001\n"\\', randomUUID().toUpperCase()]) {
      const first = await world.signIn(app, user, { correlationId });
      assert.deepEqual(await world.signIn(app, user, { correlationId }), first);
    }
    const upper = randomUUID().toUpperCase();
    const [one, two] = [
      await world.signIn(app, user, { correlationId: upper }),
      await world.signIn(app, user, { correlationId: upper.toLowerCase() }),
    ];
    assert.notEqual(one.id, two.id, 'it is compared as it is written');
  });
});
