import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { startTestServer, type TestServer } from '../harness/server.ts';
import {
  assertRefused,
  worldOf,
  type World,
  type WorldApp,
  type WorldProduct,
  type WorldUser,
} from '../harness/world.ts';

const PATH = '/auditLogs/signIns';

describe('the log of sign-ins', () => {
  let server: TestServer;
  let world: World;
  let product: WorldProduct;
  let app: WorldApp;
  let user: WorldUser;
  let policy: any;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
    await world.turnAutoClaim(true);
    product = await world.addProduct({ TEAMS1: {} });
    await world.buy(product, 10);
    app = await world.addApp([product.plans['TEAMS1']!], 'Teams');
    policy = await world.addPolicy(app, [product]);
    user = await world.addUser({ display_name: 'Ada' });
  });
  after(() => server.close());

  const one = async (id: string) => {
    const { '@odata.context': _, ...entry } = await world.get(`${PATH}/${id}`);
    return entry;
  };
  const SUCCESS = { errorCode: 0, failureReason: null, additionalDetails: null };

  it('has every decision, claimed, licensed and refused, as it was answered', async () => {
    const correlationId = randomUUID();
    const claimed = await world.signIn(app, user, { correlationId });
    const licensed = await world.signIn(app, user);
    const refused = await world.signIn(app, await world.addUser({ user_type: 'Guest' }));
    const entry = await one(claimed.id);
    const { clientAppUsed, ...rest } = entry;
    assert.match(clientAppUsed, /^[0-9a-f-]{36}$/);
    assert.deepEqual(rest, {
      id: claimed.id,
      createdDateTime: claimed.createdDateTime,
      userId: user.id,
      userPrincipalName: user.userPrincipalName,
      userDisplayName: 'Ada',
      appId: app.appId,
      appDisplayName: 'Teams',
      door: 'api',
      correlationId,
      isInteractive: true,
      status: SUCCESS,
      outcome: 'claimed',
      reason: null,
      skuId: product.skuId,
      policyId: policy.id,
      claimId: claimed.claimId,
    });
    assert.deepEqual(await one(licensed.id), {
      ...entry,
      id: licensed.id,
      createdDateTime: licensed.createdDateTime,
      correlationId: null,
      outcome: 'licensed',
    });
    const { status, outcome, reason, skuId, policyId, claimId } = await one(refused.id);
    assert.deepEqual([outcome, reason, skuId, policyId, claimId], ['refused', 'notInAudience', null, null, null]);
    assert.equal(status.errorCode > 0, true);
    assert.match(status.failureReason, /audience/);
    assert.equal(status.additionalDetails, 'notInAudience');
  });

  it('has who and what is unknown by the name that was told', async () => {
    const appId = randomUUID();
    const noUser = await world.post('/signIns', { appId: app.appId, userPrincipalName: 'Nobody@contoso.example' });
    const noApp = await world.signIn({ appId }, user);
    const unknown = await one(noUser.id);
    assert.deepEqual(
      [unknown.userId, unknown.userPrincipalName, unknown.userDisplayName, unknown.appDisplayName, unknown.reason],
      ['', 'Nobody@contoso.example', null, 'Teams', 'unknownUser'],
    );
    const foreign = await one(noApp.id);
    assert.deepEqual(
      [foreign.appId, foreign.appDisplayName, foreign.userId, foreign.reason],
      [appId, null, user.id, 'unknownApp'],
    );
  });

  it('keeps the names of the day when the user and the app are gone', async () => {
    const leaver = await world.addUser({ display_name: 'Leaver' });
    const other = await world.addApp([], 'Short-lived');
    const { id } = await world.signIn(other, leaver);
    await one(id);
    await world.remove(`/users/${leaver.id}`);
    await world.remove(`/applications/${other.id}`);
    const entry = await one(id);
    assert.deepEqual([entry.userDisplayName, entry.appDisplayName, entry.userId], ['Leaver', 'Short-lived', leaver.id]);
  });

  it('is newest first, filtered by user, app, outcome, reason and time, and paged', async () => {
    const other = await world.addApp([]);
    const people = await world.addUsers(5);
    const ids = [];
    for (const person of people) ids.unshift((await world.signIn(other, person)).id);
    const list = async (filter: string) =>
      (await world.get(`${PATH}?$filter=${encodeURIComponent(`appId eq '${other.appId}'${filter}`)}`)).value;
    assert.deepEqual(
      (await list('')).map(({ id }: any) => id),
      ids,
    );
    assert.deepEqual(
      (await list(` and userId eq '${people[1]!.id}'`)).map(({ id }: any) => id),
      [ids[3]],
    );
    assert.equal((await list(` and outcome eq 'refused' and reason eq 'noPolicy'`)).length, 5);
    assert.equal((await list(` and outcome ne 'refused'`)).length, 0);
    const { createdDateTime } = await one(ids[2]);
    const later = await list(` and createdDateTime gt ${createdDateTime}`);
    assert.ok(later.length <= 2);
    const page = await world.get(`${PATH}?$top=2&$filter=appId eq '${other.appId}'&$count=true`);
    assert.deepEqual([page['@odata.count'], page.value.length], [5, 2]);
    await world.signIn(other, people[0]!);
    const next = await world.get(page['@odata.nextLink'].replace(`${server.config.baseUrl}/v1.0`, ''));
    assert.deepEqual(
      next.value.map(({ id }: any) => id),
      ids.slice(2, 4),
    );
    assertRefused(await world.call('GET', `${PATH}?$filter=status eq 1`), 400, /status/);
  });

  it('reaches the database by itself within a second', async () => {
    const { id } = await world.signIn(app, await world.addUser({ is_account_enabled: false }));
    const isThere = () => world.value('select count(*) from sign_ins where tenant_id = $1 and sign_in_id = $2', id);
    const deadline = Date.now() + 5_000;
    while ((await isThere()) === 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(await isThere(), 1);
  });

  it('is written to the end when the server closes', async () => {
    const beside = await startTestServer({ beside: server });
    const token = await server.token(['SignIn.Create']);
    const body = { value: (await world.addUsers(50)).map(({ id }) => ({ appId: randomUUID(), userId: id })) };
    const answer = await beside.request('POST', '/v1.0/signIns', { token, body });
    await beside.close();
    const ids = answer.body.value.map(({ id }: any) => id);
    const found = await world.value('select count(*) from sign_ins where tenant_id = $1 and sign_in_id = any($2)', ids);
    assert.equal(found, 50);
  });

  it('is one tenant’s alone, and can be read with AuditLog.Read.All', async () => {
    const other = worldOf(server, await server.createTenant());
    assert.deepEqual((await other.get(PATH)).value, []);
    const [entry] = (await world.get(PATH)).value;
    assertRefused(await other.call('GET', `${PATH}/${entry.id}`), 404, /does not exist/);
    assert.equal((await server.request('GET', `/v1.0${PATH}`, { permissions: ['SignIn.Create'] })).status, 403);
  });
});
