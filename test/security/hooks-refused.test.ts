import assert from 'node:assert/strict';
import { createHmac, randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { createVerifyEntraToken, KeysUnavailable } from '../../src/signin/hooks/entra-token.ts';
import { hookOf } from '../../src/engine/hook/hook.ts';
import { ENTRA_CALLER, startEntraKeys, type EntraKeys } from '../harness/entra-keys.ts';
import { addHook, deliver, eventOf, type ConfiguredHook } from '../harness/hooks.ts';
import { startTestServer, type Answer, type TestServer } from '../harness/server.ts';
import { worldOf, type World, type WorldApp } from '../harness/world.ts';

const ENTRA_TENANT = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';
const AUDIENCE = 'ffff0000-0000-4000-8000-00000000a0d1';

let keys: EntraKeys;
let server: TestServer;
let world: World;
let other: World;
let app: WorldApp;
let name: string;
before(async () => {
  keys = await startEntraKeys();
  server = await startTestServer({ config: { entraAuthority: keys.authority } });
  world = worldOf(server);
  other = worldOf(server, await server.createTenant());
  app = await world.addApp([]);
  name = (await world.addUser()).userPrincipalName;
});
after(async () => {
  await server.close();
  await keys.close();
});

const signIns = () => world.value('select count(*) from sign_in_deliveries where tenant_id = $1');
const refusals = async () => {
  const { body } = await server.request('GET', '/metrics', { token: null });
  const counts = [
    ...(body as string).matchAll(/hook_events_total\{[^}]*result="(?:unauthenticated|stale|foreign)"\} (\d+)/g),
  ];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
};

function assertForeign({ status, body, headers }: Answer): void {
  assert.deepEqual([status, body.error.code], [401, 'InvalidAuthenticationToken'], JSON.stringify(body));
  assert.ok(headers.has('www-authenticate'));
}

function entraEvent(tenantId = ENTRA_TENANT) {
  return {
    type: 'microsoft.graph.authenticationEvent.tokenIssuanceStart',
    data: {
      tenantId,
      authenticationContext: {
        correlationId: randomUUID(),
        clientServicePrincipal: { appId: app.appId },
        user: { userPrincipalName: name },
      },
    },
  };
}

describe('an event that is not proven', () => {
  let hooks: Record<'okta' | 'auth0' | 'keycloak', ConfiguredHook>;
  let entra: ConfiguredHook;
  before(async () => {
    hooks = {
      okta: await addHook(world, 'okta'),
      auth0: await addHook(world, 'auth0'),
      keycloak: await addHook(world, 'keycloak'),
    };
    entra = await addHook(world, 'entra', { entraTenantId: ENTRA_TENANT, entraAudience: AUDIENCE });
  });

  for (const kind of ['okta', 'auth0', 'keycloak'] as const) {
    it(`of ${kind}: with no secret, a wrong one, another tenant's, or another hook's is 401, counted, and decides nothing`, async () => {
      const hook = hooks[kind];
      const event = eventOf(kind, { name, clientId: app.appId });
      const stranger = await addHook(other, kind);
      const sibling = await addHook(world, kind);
      const [before, counted] = [await signIns(), await refusals()];
      const wrong = [
        await deliver(world, { ...hook, secretText: `${hook.secretText}x` }, event),
        await deliver(world, { ...hook, secretText: stranger.secretText }, event),
        await deliver(world, { ...hook, secretText: sibling.secretText }, event),
        await deliver(world, { ...hook, id: randomUUID() }, event),
        await deliver(world, { ...hook, id: "' or 1=1" }, event),
        await deliver(world, hook, event, { authorization: '', 'x-keycloak-signature': 'zz' }),
        await deliver(world, hook, event, { 'x-autoclaim-test-pass': 'guessed' }),
      ];
      for (const answer of wrong) assertForeign(answer);
      assert.equal(await signIns(), before);
      assert.equal(await refusals(), counted + wrong.length);
      assert.equal((await deliver(world, hook, event)).status, 200);
    });

    it(`of ${kind}: that is stale, of the future or without a time is 401; whose hook it is, the admin sees it`, async () => {
      const hook = hooks[kind];
      const at = (ms: number) => eventOf(kind, { name, clientId: app.appId, at: new Date(Date.now() + ms) });
      const before = await signIns();
      for (const event of [at(-7 * 3_600_000), at(3_600_000), { ...at(0), eventTime: 'then', time: 'then' }])
        assertForeign(await deliver(world, hook, event));
      assert.equal(await signIns(), before);
    });
  }

  it('of Keycloak: of which a byte was changed, is 401', async () => {
    const body = JSON.stringify(eventOf('keycloak', { name, clientId: app.appId }));
    const signature = createHmac('sha256', hooks.keycloak.secretText).update(body).digest('hex');
    const altered = await deliver(world, hooks.keycloak, `${body} `, { 'x-keycloak-signature': signature });
    assertForeign(altered);
    assert.equal(
      (await deliver(world, hooks.keycloak, body, { 'x-keycloak-signature': signature.toUpperCase() })).status,
      200,
    );
  });

  it('of Entra ID: with any token but its own for this hook is 401', async () => {
    const aud = AUDIENCE;
    const foreign = await generateKeyPair('RS256');
    const pem = await exportSPKI(foreign.publicKey);
    const claims = { iss: `${keys.authority}/${ENTRA_TENANT}/v2.0`, aud, azp: ENTRA_CALLER };
    const tokens = {
      none: '',
      garbage: 'a.b.c',
      'another audience': await keys.token(ENTRA_TENANT, { aud: randomUUID() }),
      'another issuer': await keys.token(randomUUID(), { aud }),
      'the issuer of version 1': await keys.token(ENTRA_TENANT, {
        aud,
        iss: `https://sts.windows.net/${ENTRA_TENANT}/`,
      }),
      'another caller': await keys.token(ENTRA_TENANT, { aud, azp: randomUUID() }),
      'no caller': await keys.token(ENTRA_TENANT, { aud, azp: undefined }),
      'two callers': await keys.token(ENTRA_TENANT, { aud, appid: randomUUID() }),
      expired: await keys.token(ENTRA_TENANT, { aud }, { expires: '-5m' }),
      'a foreign key': await keys.token(ENTRA_TENANT, { aud }, { key: foreign.privateKey }),
      'alg none': new UnsecuredJWT(claims).setExpirationTime('1h').encode(),
      'a symmetric key': await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
        .setExpirationTime('1h')
        .sign(new TextEncoder().encode(pem)),
      ours: await server.token(['SignIn.Create']),
    };
    const before = await signIns();
    for (const [kind, token] of Object.entries(tokens)) {
      const answer = await deliver(world, entra, entraEvent(), { authorization: `Bearer ${token}` });
      assert.equal(answer.status, 401, kind);
    }
    const good = await keys.token(ENTRA_TENANT, { aud });
    const authorization = `Bearer ${good}`;
    assertForeign(await deliver(world, entra, entraEvent(randomUUID()), { authorization }));
    assertForeign(await deliver(world, entra, entraEvent(), { authorization: good }));
    assert.equal(await signIns(), before);
    assert.equal((await deliver(world, entra, entraEvent(), { authorization })).status, 200);
    const versionOne = await keys.token(ENTRA_TENANT, { aud, azp: undefined, appid: ENTRA_CALLER, ver: '1.0' });
    assert.equal((await deliver(world, entra, entraEvent(), { authorization: `Bearer ${versionOne}` })).status, 200);
  });

  it('of Entra ID: is not another tenant’s of ours, though that says the same of itself', async () => {
    const squatter = await addHook(other, 'entra', { entraTenantId: ENTRA_TENANT, entraAudience: AUDIENCE });
    const authorization = `Bearer ${await keys.token(ENTRA_TENANT, { aud: AUDIENCE })}`;
    // The address names the hook; without, it can't be told whose it is.
    assert.equal((await deliver(world, entra, entraEvent(), { authorization })).status, 200);
    const unnamed = { token: null, body: entraEvent(), headers: { authorization } };
    const path = '/hooks/entra/token-issuance-start';
    assertForeign(await server.request('POST', path, unnamed));
    await other.remove(`/admin/signInHooks/${squatter.id}`);
  });
});

describe("Entra ID's keys", () => {
  const hook = hookOf({
    kind: 'entra',
    entra_tenant_id: ENTRA_TENANT,
    entra_audience: AUDIENCE,
    entra_cloud: 'global',
  } as Parameters<typeof hookOf>[0]);

  it('are asked for once, and again when a token has a new one', async () => {
    const verify = createVerifyEntraToken(keys.authority, 0);
    const asked = keys.asked();
    const first = await keys.token(ENTRA_TENANT, { aud: AUDIENCE });
    assert.deepEqual(await Promise.all([1, 2, 3].map(() => verify(first, hook))), [true, true, true]);
    assert.equal(keys.asked(), asked + 1);
    await keys.rotate();
    assert.equal(await verify(await keys.token(ENTRA_TENANT, { aud: AUDIENCE }), hook), true);
    assert.equal(keys.asked(), asked + 2);
    assert.equal(await verify(first, hook), false);
  });

  it('come from their address or not at all: a redirect is not followed, and then nothing is said of a token', async () => {
    const elsewhere = await startEntraKeys();
    keys.redirectTo(`${elsewhere.authority}/${ENTRA_TENANT}/discovery/v2.0/keys`);
    try {
      const verify = createVerifyEntraToken(keys.authority, 0);
      const forged = await elsewhere.token(ENTRA_TENANT, {
        aud: AUDIENCE,
        iss: `${keys.authority}/${ENTRA_TENANT}/v2.0`,
      });
      await assert.rejects(verify(forged, hook), KeysUnavailable);
      assert.equal(elsewhere.asked(), 0);
    } finally {
      keys.redirectTo(undefined);
      await elsewhere.close();
    }
  });
});

describe('a body that is none', () => {
  it('is refused: too large, packed, of another type, absurdly deep, or not JSON', async () => {
    const hook = await addHook(world, 'keycloak');
    const deep = '['.repeat(100_000);
    const statuses = [
      await deliver(world, hook, `"${'x'.repeat(300_000)}"`),
      await deliver(world, hook, '{}', { 'content-encoding': 'gzip' }),
      await deliver(world, hook, 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }),
      await deliver(world, hook, deep),
      await deliver(world, hook, '{"type":"LOGIN","type":"LOGOUT"}'),
      await deliver(world, hook, '{"__proto__":{"type":"LOGIN"}}'),
      await deliver(world, hook, 'LOGIN'),
    ].map(({ status }) => status);
    assert.deepEqual(statuses, [413, 415, 415, 400, 400, 400, 400]);
    // What is no object is no sign-in either, whatever it is.
    for (const odd of ['null', '[]', '"LOGIN"', '{"type":{"a":1}}', '{"type":"LOGIN","id":7,"details":"x"}'])
      assert.equal((await deliver(world, hook, odd)).status, 200, odd);
  });

  it('as a setting of a hook is refused, naming the field', async () => {
    const theirs = await other.addApp([]);
    const refusals: [object, RegExp][] = [
      [{ kind: 'entra' }, /entraTenantId/],
      [{ kind: 'okta', entraAudience: 'x' }, /entraAudience/],
      [{ kind: 'okta', apps: [{ clientId: 'a', appId: theirs.appId }] }, /apps\[0\]\.appId/],
      [{ kind: 'okta', apps: [1, 2].map(() => ({ clientId: 'a', appId: app.appId })) }, /apps\[1\]\.clientId/],
      [{ kind: 'okta', secretText: 'mine' }, /secretText/],
      [{ kind: 'okta', entraAuthority: 'http://10.0.0.1' }, /entraAuthority/],
      [{ kind: 'ping' }, /kind/],
    ];
    for (const [body, message] of refusals) {
      const answer = await world.call('POST', '/admin/signInHooks', { displayName: 'H', ...body });
      assert.equal(answer.status, 400);
      assert.match(answer.body.error.message, message);
    }
  });
});
