import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { ENTRA } from '../../src/signin/hooks/entra.ts';
import { startEntraKeys, type EntraKeys } from '../harness/entra-keys.ts';
import { addHook, deliver, eventOf, HOOK_PATHS, type ConfiguredHook } from '../harness/hooks.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World, type WorldApp, type WorldProduct } from '../harness/world.ts';

const DATA = new URL('../../../shared/data/', import.meta.url);
const absent = existsSync(DATA) ? false : 'the wire samples are not there';
const sample = (name: string) => JSON.parse(readFileSync(new URL(name, DATA), 'utf8'));

let keys: EntraKeys;
let server: TestServer;
let world: World;
let product: WorldProduct;
let app: WorldApp;
before(async () => {
  keys = await startEntraKeys();
  server = await startTestServer({ config: { entraAuthority: keys.authority } });
  world = worldOf(server);
  product = await world.addProduct({ TEAMS1: {}, OTHER: {} });
  await world.buy(product, 50);
  app = await world.addApp([product.plans['TEAMS1']!]);
  await world.patch('/admin/autoClaim', { isEnabled: true });
  await world.addPolicy(app, [product]);
});
after(async () => {
  await server.close();
  await keys.close();
});

const claimsOfUser = (name: string) =>
  world.value('select count(*) from claims where tenant_id = $1 and user_principal_name = $2', name);
const newName = () => `${randomUUID()}@contoso.example`;
const createUsers = (isOn: boolean) =>
  world.patch('/admin/autoClaim', {
    createUsersOnSignIn: isOn,
    allowedDomains: ['contoso.example', 'contoso.com', 'clouditude.net'],
  });
/** What is decided and counted in the background is there. */
async function eventually<T>(read: () => Promise<T>, isThere: (value: T) => boolean): Promise<T> {
  for (const until = Date.now() + 5_000; ;) {
    const value = await read();
    if (isThere(value) || Date.now() > until) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

describe('the hooks of identity providers', () => {
  it('take Entra ID’s own sample, create the person, and answer in its form', { skip: absent }, async () => {
    await createUsers(true);
    const event = sample('entra-ontokenissuancestart-request.json');
    const { tenantId } = event.data;
    const clientId = event.data.authenticationContext.clientServicePrincipal.appId;
    const hook = await addHook(world, 'entra', {
      entraTenantId: tenantId,
      entraAudience: 'api-app',
      apps: [{ clientId, appId: app.appId }],
    });
    const authorization = `Bearer ${await keys.token(tenantId, { aud: 'api-app' })}`;
    const answers = [
      await deliver(world, hook, event, { authorization }),
      await deliver(world, hook, event, { authorization }),
    ];
    // Without the hook's id in the address it is found by whose token it is.
    answers.push(
      await server.request('POST', HOOK_PATHS.entra, { token: null, body: event, headers: { authorization } }),
    );
    const expected = sample('entra-ontokenissuancestart-response.json');
    expected.data.actions[0].claims = { licenses: [product.skuPartNumber], service_plans: ['TEAMS1'] };
    for (const answer of answers) {
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.body, expected);
    }
    assert.equal(await claimsOfUser('casey@contoso.com'), 1);
    const { value } = await world.get(
      `/users?$filter=userPrincipalName eq 'casey@contoso.com'&$select=displayName,companyName,preferredLanguage,userType`,
    );
    assert.deepEqual(value[0].displayName, 'Casey Jensen');
    const { value: signIns } = await world.get(
      `/auditLogs/signIns?$filter=correlationId eq 'aaaa0000-bb11-2222-33cc-444444dddddd'`,
    );
    assert.deepEqual(
      signIns.map((one: any) => one.userPrincipalName),
      ['casey@contoso.com'],
    );
    assert.equal(
      await world.value<string>(
        `select door from sign_ins where tenant_id = $1 and user_principal_name = 'casey@contoso.com'`,
      ),
      'entra',
    );
    const audit = (await world.get(`/auditLogs/directoryAudits?$filter=activityDisplayName eq 'Add user'&$top=1`))
      .value[0];
    assert.equal(audit.initiatedBy.app.displayName, 'Sign-in hook A hook of entra');
  });

  it('take Okta’s own sample, and patch both tokens', { skip: absent }, async () => {
    await createUsers(true);
    const event = { ...sample('okta-token-hook-request.json'), eventTime: new Date().toISOString() };
    const hook = await addHook(world, 'okta', { apps: [{ clientId: 'customClientIdNative', appId: app.appId }] });
    const value = [
      { op: 'add', path: '/claims/licenses', value: [product.skuPartNumber] },
      { op: 'add', path: '/claims/service_plans', value: ['TEAMS1'] },
    ];
    const expected = sample('okta-token-hook-response.json').commands.map(({ type }: { type: string }) => ({
      type,
      value,
    }));
    const answer = await deliver(world, hook, event);
    assert.deepEqual([answer.status, answer.body.commands], [200, expected]);
    // By the secret alone, without the hook's id.
    const again = await server.request('POST', HOOK_PATHS.okta, {
      token: null,
      body: event,
      headers: { authorization: hook.secretText },
    });
    assert.deepEqual(again.body.commands, expected);
    assert.equal(await claimsOfUser('administrator1@clouditude.net'), 1);
  });

  for (const kind of ['okta', 'auth0', 'keycloak'] as const) {
    it(`of ${kind}: an event, delivered often and at once, claims once and is answered the same`, async () => {
      const hook = await addHook(world, kind);
      const { userPrincipalName: name } = await world.addUser();
      const event = eventOf(kind, { name: name.toUpperCase(), clientId: app.appId });
      const answers = await Promise.all(Array.from({ length: 8 }, () => deliver(world, hook, event)));
      answers.push(await deliver(world, hook, event));
      for (const { status, body } of answers) assert.deepEqual([status, body], [200, answers[0]!.body]);
      assert.match(JSON.stringify(answers[0]!.body), kind === 'okta' ? /TEAMS1/ : /claimed/);
      assert.equal(await claimsOfUser(name), 1);
    });
  }

  it('say nothing of licenses to who is refused, or the reason where they are set so', async () => {
    await createUsers(false);
    const quiet = await addHook(world, 'okta');
    const telling = await addHook(world, 'okta', { onRefusal: 'reasonClaim' });
    const event = () => eventOf('okta', { name: newName(), clientId: app.appId });
    assert.deepEqual((await deliver(world, quiet, event())).body, { commands: [] });
    const { commands } = (await deliver(world, telling, event())).body;
    assert.deepEqual(commands[0].value, [{ op: 'add', path: '/claims/license_refusal', value: 'unknownUser' }]);
  });

  it('find nobody by an address that Auth0 has not verified, and create nobody', async () => {
    await createUsers(true);
    const { userPrincipalName: boss } = await world.addUser();
    const hook = await addHook(world, 'auth0');
    for (const name of [boss, newName()]) {
      const event = {
        ...(eventOf('auth0', { name, clientId: app.appId }) as any),
        user: { email: name, email_verified: false },
      };
      const { status, body } = await deliver(world, hook, event);
      assert.deepEqual([status, body.reason, body.claims], [200, 'unknownUser', {}]);
      assert.equal(await claimsOfUser(name), 0);
    }
  });

  it('answer without claims what is no sign-in, what no app is mapped to, and where they are off', async () => {
    const hook = await addHook(world, 'keycloak', { userNameDomain: 'contoso.example' });
    const short = randomUUID();
    await world.addUser({ user_principal_name: `${short}@contoso.example` });
    const login = eventOf('keycloak', { name: short, clientId: app.appId });
    const nothing = { outcome: null, reason: null };
    assert.deepEqual((await deliver(world, hook, { ...login, type: 'LOGOUT' })).body, nothing);
    assert.deepEqual((await deliver(world, hook, { ...login, clientId: 'account-console' })).body, nothing);
    const off = await addHook(world, 'keycloak', { isEnabled: false, userNameDomain: 'contoso.example' });
    assert.deepEqual((await deliver(world, off, login)).body, nothing);
    assert.equal((await deliver(world, hook, login)).body.outcome, 'claimed');
    const told = await eventually(
      () => world.get(`/admin/signInHooks/${hook.id}`),
      ({ eventCount }) => eventCount >= 3,
    );
    assert.equal(told.lastUnmappedClientId, 'account-console');
    assert.ok(told.lastEventDateTime);
  });

  it('are answered within 800 ms while the database keeps the claim waiting, which then comes exactly once', async () => {
    const hook = await addHook(world, 'okta');
    const { userPrincipalName: name } = await world.addUser();
    const event = eventOf('okta', { name, clientId: app.appId });
    const client = await server.db.pool.connect();
    try {
      await client.query('begin');
      await client.query('select from pools where tenant_id = $1 for update', [server.tenantId]);
      const begun = performance.now();
      const answers = await Promise.all([deliver(world, hook, event), deliver(world, hook, event)]);
      const took = performance.now() - begun;
      for (const { status, body } of answers) assert.deepEqual([status, body], [200, { commands: [] }]);
      assert.ok(took < 800, `it took ${took} ms`);
      assert.equal(await claimsOfUser(name), 0);
    } finally {
      await client.query('rollback');
      client.release();
    }
    assert.equal(
      await eventually(
        () => claimsOfUser(name),
        (count) => count > 0,
      ),
      1,
    );
    assert.match(JSON.stringify((await deliver(world, hook, event)).body), /TEAMS1/);
    assert.equal(await claimsOfUser(name), 1);
    assert.match(
      (await server.request('GET', '/metrics', { token: null })).body,
      /hook_events_total\{door="okta",result="late"\} [1-9]/,
    );
  });

  it('are answered within 800 ms while no statement gets through at all', async () => {
    const hook = await addHook(world, 'auth0');
    const { userPrincipalName: name } = await world.addUser();
    const client = await server.db.pool.connect();
    try {
      await client.query('begin; lock table sign_in_hook_names, users');
      const begun = performance.now();
      const { status, body } = await deliver(world, hook, eventOf('auth0', { name, clientId: app.appId }));
      assert.ok(performance.now() - begun < 800);
      assert.deepEqual([status, body.outcome, body.claims], [200, null, {}]);
    } finally {
      await client.query('rollback');
      client.release();
    }
    assert.equal(
      await eventually(
        () => claimsOfUser(name),
        (count) => count > 0,
      ),
      1,
    );
  });

  it('are answered when the database breaks off a claim, which is made when it can be again, once', async () => {
    const hook = await addHook(world, 'okta');
    const { userPrincipalName: name } = await world.addUser();
    const event = eventOf('okta', { name, clientId: app.appId });
    const client = await server.db.pool.connect();
    try {
      await client.query('begin');
      await client.query('select from pools where tenant_id = $1 for update', [server.tenantId]);
      const answer = deliver(world, hook, event);
      const brokenOff = await eventually(
        () =>
          world.value(
            `select count(pg_terminate_backend(pid)) from pg_stat_activity
              where $1::uuid is not null and datname = current_database() and wait_event_type = 'Lock'`,
          ),
        (count) => count > 0,
      );
      assert.equal(brokenOff, 1);
      assert.deepEqual((await answer).body, { commands: [] });
    } finally {
      await client.query('rollback');
      client.release();
    }
    assert.equal(await claimsOfUser(name), 0);
    assert.equal(
      await eventually(
        () => claimsOfUser(name),
        (count) => count > 0,
      ),
      1,
    );
  });

  it('of Entra ID never answer more than 3 KB of claims, and say where service plans are left out', () => {
    const servicePlans = Array.from({ length: 111 }, (_, index) => `A_RATHER_LONG_SERVICE_PLAN_NAME_${index}_ÄÖ`);
    const answer = (plans: readonly string[]) =>
      (ENTRA.answer({ licenses: ['SKU'], servicePlans: plans, refusal: null }, null).body as any).data.actions[0]
        .claims;
    const cut = answer(servicePlans);
    assert.ok(Buffer.byteLength(JSON.stringify(cut)) <= 3 * 1024);
    assert.equal(cut.service_plans_cut, 'true');
    assert.ok(cut.service_plans.length > 40);
    assert.deepEqual(cut.service_plans, servicePlans.slice(0, cut.service_plans.length));
    assert.deepEqual(answer(['ONE']), { licenses: ['SKU'], service_plans: ['ONE'] });
  });

  it('are tried by an admin with a test event, which comes in by the hook’s own door', async () => {
    for (const kind of ['entra', 'okta', 'auth0', 'keycloak'] as const) {
      const entra = kind === 'entra' ? { entraTenantId: randomUUID(), entraAudience: 'a' } : {};
      const hook = await addHook(world, kind, { ...entra, apps: [{ clientId: 'theirs', appId: app.appId }] });
      const { userPrincipalName } = await world.addUser();
      const test = await world.post(`/admin/signInHooks/${hook.id}/test`, { userPrincipalName, clientId: 'theirs' });
      assert.equal(test.status, 200, JSON.stringify(test));
      assert.match(JSON.stringify(test.answer), kind === 'keycloak' ? /claimed/ : /TEAMS1/);
      assert.equal(await claimsOfUser(userPrincipalName), 1);
    }
  });

  it('are written with an audit entry, never show a secret again, and are gone when deleted', async () => {
    const hook: ConfiguredHook = await addHook(world, 'auth0');
    const event = () => eventOf('auth0', { name: newName(), clientId: app.appId });
    const { secretText: next } = await world.post(`/admin/signInHooks/${hook.id}/rotateSecret`, {});
    assert.notEqual(next, hook.secretText);
    assert.equal((await deliver(world, hook, event())).status, 401);
    assert.equal((await deliver(world, { ...hook, secretText: next }, event())).status, 200);
    const shown = JSON.stringify([
      await world.get('/admin/signInHooks'),
      await world.get('/auditLogs/directoryAudits?$top=50'),
      (await server.db.pool.query(`select * from sign_in_hooks where kind = 'auth0'`)).rows,
    ]);
    assert.ok(shown.includes(hook.id));
    for (const secret of [hook.secretText, next]) assert.ok(!shown.includes(secret));
    await world.remove(`/admin/signInHooks/${hook.id}`);
    assert.equal(
      await world.value('select count(*) from sign_in_hook_names where tenant_id = $1 and hook_id = $2', hook.id),
      0,
    );
  });
});
