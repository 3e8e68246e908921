import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { GROUP_LICENSING_LOCKS } from '../../src/db/advisory-locks.ts';
import { comeBack, goToProvider } from '../harness/identity-providers/federate.ts';
import { startForger, type Forger } from '../harness/identity-providers/forger.ts';
import { addPerson, followToApp, openBrowser, redeem, type TestPerson } from '../harness/people.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World } from '../harness/world.ts';

// Who isn't who they say: an identity provider's word, taken only for what it may say.

const CLIENT = { clientId: 'autoclaim', clientSecret: 'the secret of autoclaim' };
const DIRECTORY = '11111111-2222-4333-8444-555555555555';

let server: TestServer;
let world: World;
let forger: Forger;
let other: Forger;
let entra: Forger;
let google: Forger;
let id: string;
let otherId: string;
let entraId: string;
let googleId: string;
before(async () => {
  server = await startTestServer();
  world = worldOf(server);
  [forger, other, google] = [
    await startForger('autoclaim'),
    await startForger('autoclaim'),
    await startForger('autoclaim'),
  ];
  entra = await startForger('autoclaim', `/${DIRECTORY}/v2.0`);
  id = await addProvider('oidc', forger, 'contoso.example');
  otherId = await addProvider('oidc', other, 'fabrikam.example');
  entraId = await addProvider('entra', entra, 'entra.example');
  googleId = await addProvider('google', google, 'google.example');
});
after(async () => {
  await server.close();
  for (const one of [forger, other, entra, google]) await one.close();
});

async function addProvider(kind: string, { issuer }: Forger, domain: string): Promise<string> {
  const made = await world.post('/admin/identityProviders', {
    kind,
    displayName: `Provider of ${domain}`,
    issuer,
    ...CLIENT,
    domains: [domain],
  });
  return made.id;
}

const verified = (person: { userPrincipalName: string }, sub: string = randomUUID()) => ({
  sub,
  email: person.userPrincipalName,
  email_verified: true,
});
const linksOf = (userId: string) =>
  world.value('select count(*) from external_identities where tenant_id = $1 and user_id = $2', userId);
const nobody = async (response: Response, status: number, pattern: RegExp) => {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.match(text, pattern);
};
/** Comes by a provider, and is let in as this person. */
async function letIn(providerId: string, by: Forger, claims: object, person: TestPerson | { id: string }) {
  const at = await goToProvider(server, providerId);
  const answer = await comeBack(at, by, { claims: { ...claims } });
  const tokens = await redeem(server, at.request, await followToApp(at.browser, server, answer));
  const me = await server.request('GET', '/v1.0/me', { token: tokens.accessToken });
  assert.equal(me.body.id, person.id, JSON.stringify(me.body));
}
async function refusedBy(providerId: string, by: Forger, claims: object, pattern: RegExp, status = 403) {
  const at = await goToProvider(server, providerId);
  await nobody(await comeBack(at, by, { claims: { ...claims } }), status, pattern);
}

describe('the first link of a user', () => {
  it('is made by a verified mail address in the provider’s domains, once; then the subject alone counts', async () => {
    const person = await addPerson(server);
    const sub = randomUUID();
    await letIn(id, forger, verified(person, sub), person);
    assert.equal(await linksOf(person.id), 1);
    const audits = await world.get(
      "/auditLogs/directoryAudits?$filter=activityDisplayName eq 'Link external identity'",
    );
    const entry = audits.value.find((one: any) => one.targetResources[0].id === person.id);
    assert.match(JSON.stringify(entry), /Identity provider Provider of contoso\.example/);
    // The name at the provider has changed; it is still them.
    await letIn(id, forger, { sub, email: 'somebody@elsewhere.example', email_verified: false }, person);
    assert.equal(await linksOf(person.id), 1);
  });

  it('is not made by an address that is not verified, in any disguise', async () => {
    const person = await addPerson(server);
    for (const email_verified of [false, undefined, 'true', 1, null]) {
      await refusedBy(id, forger, { ...verified(person), email_verified }, /doesn’t vouch/);
    }
    await refusedBy(id, forger, { sub: 'a', preferred_username: person.userPrincipalName }, /doesn’t vouch/);
    await refusedBy(id, forger, { sub: 'a', upn: person.userPrincipalName, email_verified: true }, /doesn’t vouch/);
    assert.equal(await linksOf(person.id), 0);
  });

  it('is not made in another domain: not below it, not beside it, not with two @', async () => {
    const names = ['sub.contoso.example', 'contoso.example.evil.example', 'xcontoso.example', 'fabrikam.example'];
    for (const domain of names) {
      const person = await addPerson(server, [], { columns: { user_principal_name: `${randomUUID()}@${domain}` } });
      await refusedBy(id, forger, verified(person), /not with a user name that it may vouch for/);
      assert.equal(await linksOf(person.id), 0);
    }
    const victim = await addPerson(server);
    const twice = `${victim.userPrincipalName}@contoso.example`;
    await refusedBy(id, forger, verified({ userPrincipalName: twice }), /there is no user/);
    await refusedBy(id, forger, { sub: 'x', email: [victim.userPrincipalName], email_verified: true }, /vouch/);
  });

  it('is not made to a user who has another identity of that provider: the subject has changed', async () => {
    const person = await addPerson(server);
    await letIn(id, forger, verified(person), person);
    await refusedBy(id, forger, verified(person), /linked to another account/);
  });

  it('is not made by another provider with the same address, nor found by the same subject there', async () => {
    const person = await addPerson(server);
    const sub = randomUUID();
    await letIn(id, forger, verified(person, sub), person);
    await refusedBy(otherId, other, verified(person, sub), /not with a user name that it may vouch for/);
    await refusedBy(otherId, other, { iss: forger.issuer, ...verified(person, sub) }, /could not be used/, 502);
  });

  it('is not made silently to who holds a role: they give their password too, once', async () => {
    const admin = await addPerson(server, ['Global Administrator']);
    const claims = verified(admin);
    const at = await goToProvider(server, id);
    let page = await comeBack(at, forger, { claims });
    let text = await page.text();
    assert.match(text, /Confirm that this is you/);
    assert.equal(await linksOf(admin.id), 0);
    const keyOf = (html: string) => /name="key" value="([^"]+)"/.exec(html)![1]!;
    const confirm = (browser: typeof at.browser, key: string, password: string, userName = admin.userPrincipalName) =>
      browser.post(`${server.url}/${server.tenantId}/federation/confirm`, { key, password, userName });

    // Another browser, with the right password: it isn't theirs to confirm.
    await nobody(await confirm(openBrowser(server), keyOf(text), admin.password), 400, /has ended/);
    // A stranger's password, under a stranger's name.
    const stranger = await addPerson(server);
    page = await confirm(at.browser, keyOf(text), stranger.password, stranger.userPrincipalName);
    const second = await page.text();
    assert.match(second, /The password is wrong/);
    assert.equal(await linksOf(admin.id), 0);
    await nobody(await confirm(at.browser, keyOf(text), admin.password), 400, /has ended/);
    text = second;
    const done = await confirm(at.browser, keyOf(text), admin.password);
    await redeem(server, at.request, await followToApp(at.browser, server, done));
    assert.equal(await linksOf(admin.id), 1);
    await letIn(id, forger, claims, admin);
  });

  it('is not made to a blocked user; and who is blocked later is refused', async () => {
    const blocked = await addPerson(server, [], { columns: { is_account_enabled: false } });
    await refusedBy(id, forger, verified(blocked), /is blocked/);
    const person = await addPerson(server);
    const claims = verified(person);
    await letIn(id, forger, claims, person);
    await world.patch(`/users/${person.id}`, { accountEnabled: false });
    await refusedBy(id, forger, claims, /is blocked/);
  });

  it('makes one link of two first sign-ins at once', async () => {
    const person = await addPerson(server);
    const claims = verified(person);
    await Promise.all(
      [letIn(id, forger, claims, person), letIn(id, forger, claims, person)].map((one) => one.catch(() => 0)),
    );
    assert.equal(await linksOf(person.id), 1);
  });
});

describe('a sign-in with mapped groups', () => {
  it('waits for who changes groups only where it joins one, and holds nothing meanwhile', async () => {
    const group = await world.addGroup([]);
    const mapped = { groupsClaim: 'groups', groupMappings: [{ value: 'painters', groupId: group }] };
    await world.patch(`/admin/identityProviders/${id}`, mapped);
    const [member, joining] = [await addPerson(server), await addPerson(server)];
    const claimsOf = new Map(
      [member, joining].map((person) => [person, { ...verified(person), groups: ['painters'] }]),
    );
    const come = (person: TestPerson) => letIn(id, forger, claimsOf.get(person)!, person);
    await come(member);
    const client = await server.db.pool.connect();
    try {
      await client.query('begin');
      const lock = 'select pg_advisory_xact_lock($1, hashtext($2))';
      await client.query(lock, [GROUP_LICENSING_LOCKS, server.tenantId]);
      await come(member);
      const joined = come(joining);
      const waiting = `select from pg_locks where locktype = 'advisory' and classid = $1 and not granted
         and database = (select oid from pg_database where datname = current_database())`;
      while ((await server.db.pool.query(waiting, [GROUP_LICENSING_LOCKS])).rowCount === 0) await setTimeout(20);
      await client.query('select from users where tenant_id = $1 and user_id = $2 for update nowait', [
        server.tenantId,
        joining.id,
      ]);
      await client.query('commit');
      await joined;
    } finally {
      await client.query('rollback');
      client.release();
    }
    assert.equal((await world.get(`/groups/${group}/members`)).value.length, 2);
  });
});

describe('Entra ID', () => {
  const person = () => addPerson(server, [], { columns: { user_principal_name: `${randomUUID()}@entra.example` } });
  const token = (more: object) => ({ sub: randomUUID(), tid: DIRECTORY, oid: randomUUID(), ...more });

  it('is believed for its user principal names, by tid and oid whatever the sub', async () => {
    const ann = await person();
    const claims = token({ preferred_username: ann.userPrincipalName });
    await letIn(entraId, entra, claims, ann);
    await letIn(entraId, entra, { ...claims, sub: randomUUID(), preferred_username: 'x@y.example' }, ann);
  });

  it('is not believed for a mail address, unless it has checked its domain', async () => {
    const ann = await person();
    await refusedBy(entraId, entra, token({ email: ann.userPrincipalName, email_verified: true }), /doesn’t vouch/);
    await letIn(entraId, entra, token({ email: ann.userPrincipalName, xms_edov: true }), ann);
  });

  it('is not believed for guests, nor for another directory', async () => {
    const ann = await person();
    const name = { preferred_username: ann.userPrincipalName };
    await refusedBy(entraId, entra, token({ ...name, idp: 'https://live.com' }), /doesn’t vouch/);
    await refusedBy(entraId, entra, token({ ...name, acct: 1 }), /doesn’t vouch/);
    await refusedBy(entraId, entra, token({ ...name, tid: randomUUID() }), /doesn’t say who/);
    await refusedBy(entraId, entra, token({ ...name, oid: undefined }), /doesn’t say who/);
  });
});

describe('Google', () => {
  it('is believed for the domains that it hosts', async () => {
    const ann = await addPerson(server, [], { columns: { user_principal_name: `${randomUUID()}@google.example` } });
    await refusedBy(googleId, google, verified(ann), /doesn’t vouch/);
    await refusedBy(googleId, google, { ...verified(ann), hd: 'evil.example' }, /doesn’t vouch/);
    await letIn(googleId, google, { ...verified(ann), hd: 'google.example' }, ann);
  });
});

describe('what comes back', () => {
  let person: TestPerson;
  const sub = randomUUID();
  before(async () => {
    person = await addPerson(server);
  });
  const unused = /could not be used to sign you in/;

  it('is taken once, in the browser that began it, with its own state', async () => {
    const claims = verified(person, sub);
    const at = await goToProvider(server, id);
    // The link in another browser: nobody is signed in there with somebody else's account.
    await nobody(await comeBack({ ...at, browser: openBrowser(server) }, forger, { claims }), 400, /has ended/);
    await nobody(await comeBack({ ...at, state: randomUUID() }, forger, { claims }), 400, /has ended/);
    await nobody(await comeBack(at, forger, { claims }, { state: '' }), 400, /has ended/);
    assert.equal((await comeBack(at, forger, { claims })).status, 303);
    await nobody(await comeBack(at, forger, { claims }), 400, /has ended/);
  });

  it('finds no state of another tenant', async () => {
    const tenant = await server.createTenant();
    const at = await goToProvider(server, id);
    const callback = at.callback.replace(server.tenantId, tenant);
    for (const { name, value } of at.browser.cookies) at.browser.plant(name, value);
    await nobody(await comeBack({ ...at, callback }, forger, { claims: verified(person, sub) }), 400, /has ended/);
  });

  it('does not let in who has planted their own cookie in another browser', async () => {
    const at = await goToProvider(server, id);
    const victim = openBrowser(server);
    for (const { name, value } of at.browser.cookies) {
      if (name.startsWith('autoclaim_federation')) victim.plant(name, value);
    }
    const answer = await comeBack({ ...at, browser: victim }, forger, { claims: verified(person, sub) });
    // The provider of ours knows the browser by its own cookie.
    await assert.rejects(followToApp(victim, server, answer), /no redirect but 400/);
  });

  for (const [what, forgery] of Object.entries({
    'a nonce of another sign-in': { claims: { nonce: 'another' } },
    'no nonce': { claims: { nonce: undefined } },
    'another issuer': { claims: { iss: 'https://evil.example' } },
    'another audience': { claims: { aud: 'another-client' } },
    'a token that has expired': { claims: { exp: Math.floor(Date.now() / 1000) - 600 } },
    'a token without a subject': { claims: { sub: undefined } },
    'a stranger’s signature': { claims: {}, signedBy: 'stranger' as const },
    'no signature (alg none)': { claims: {}, signedBy: 'nobody' as const },
  })) {
    it(`is not believed with ${what}`, async () => {
      const at = await goToProvider(server, id);
      const claims = { ...verified(person, sub), ...forgery.claims };
      await nobody(await comeBack(at, forger, { ...forgery, claims }), 502, unused);
    });
  }

  it('is not believed where it names another issuer (RFC 9207)', async () => {
    const at = await goToProvider(server, id);
    const answer = await comeBack(at, forger, { claims: verified(person, sub) }, { iss: other.issuer });
    await nobody(answer, 502, unused);
  });

  it('is told kindly where the provider says no, without the provider’s words', async () => {
    const at = await goToProvider(server, id);
    const query = { error: 'access_denied', error_description: '<b>call 555', state: at.state };
    const answer = await at.browser.get(`${at.callback}?${new URLSearchParams(query).toString()}`);
    const text = await answer.text();
    assert.equal(answer.status, 403);
    assert.match(text, /has not signed you in/);
    assert.doesNotMatch(text, /555/);
    const back = /href="([^"]+\?choose=1)"/.exec(text)![1]!;
    assert.equal((await at.browser.get(back)).status, 200);
  });
});

describe('calls to a provider', () => {
  const CONFIGURATION = '/.well-known/openid-configuration';
  const begin = async (one: Forger) => {
    const providerId = await addProvider('oidc', one, `${randomUUID()}.example`);
    const browser = openBrowser(server);
    return { providerId, at: () => goToProvider(server, providerId, { browser }) };
  };

  it('follow no redirect, read no endless answer, and believe no other issuer', async () => {
    const one = await startForger('autoclaim');
    try {
      const { at } = await begin(one);
      one.instead.set(CONFIGURATION, (_, response) => response.writeHead(302, { location: forger.issuer }).end());
      await assert.rejects(at(), /can’t be reached/);
      one.instead.set(CONFIGURATION, (_, response) => response.end(Buffer.alloc(600 * 1024, ' ')));
      await assert.rejects(at(), /can’t be reached/);
      one.instead.set(CONFIGURATION, (_, response) =>
        response
          .setHeader('content-type', 'application/json')
          .end(JSON.stringify({ issuer: forger.issuer, authorization_endpoint: `${forger.issuer}/authorize` })),
      );
      await assert.rejects(at(), /can’t be reached/);
      one.instead.set(CONFIGURATION, (_, response) =>
        response
          .setHeader('content-type', 'application/json')
          .end(JSON.stringify({ issuer: one.issuer, authorization_endpoint: 'http://not-here.example/authorize' })),
      );
      await assert.rejects(at(), /can’t be reached/);
      one.instead.delete(CONFIGURATION);
    } finally {
      await one.close();
    }
  });

  it('find its addresses once, and again only after a failure', async () => {
    const one = await startForger('autoclaim');
    try {
      const { at } = await begin(one);
      one.instead.set(CONFIGURATION, (_, response) => response.writeHead(500).end());
      await assert.rejects(at());
      one.instead.delete(CONFIGURATION);
      await at();
      await at();
      assert.equal(one.asked.get(CONFIGURATION), 2);
    } finally {
      await one.close();
    }
  });
});
