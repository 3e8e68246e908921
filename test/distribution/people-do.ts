import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { ensureFirstAdministrator } from '../../src/engine/directory/first-administrator.ts';
import { createCertificate } from '../harness/certificate.ts';
import { addPerson, openBrowser, personToken, signIn, tokenRequest } from '../harness/people.ts';
import { addAppClient, beginSignIn, open, signInToApp } from '../harness/app-client.ts';
import { worldOf } from '../harness/world.ts';
import { getToken, type TestServer } from '../harness/server.ts';
import { askForToken } from '../harness/tokens.ts';

/** What people and clients do to get in, and to get out again. */
export async function doAsPeople(server: TestServer, tenantId: string): Promise<void> {
  const admin = await personToken(server, ['Global Administrator'], tenantId);
  const person = await addPerson(server, ['Reports Reader'], { tenantId });
  const { accessToken, idToken, refreshToken, browser } = await signIn(server, person);
  // The second time it is somebody else's by all one knows: everything of that grant ends.
  const other = await signIn(server, await addPerson(server, [], { tenantId }));
  for (const token of [refreshToken, other.refreshToken, other.refreshToken]) {
    await tokenRequest(server, tenantId, { grant_type: 'refresh_token', refresh_token: token });
  }
  for (const path of [
    '',
    '/permissions',
    '/licenses',
    '/licenseDetails',
    '/memberOf',
    '/memberOf/microsoft.graph.directoryRole',
  ]) {
    await server.request('GET', `/v1.0/me${path}`, { token: accessToken });
  }
  await server.request('GET', `/${tenantId}/openid/userinfo`, { token: accessToken });
  const change = { currentPassword: person.password, newPassword: 'another password 1' };
  await server.request('POST', '/v1.0/me/changePassword', {
    token: accessToken,
    body: { ...change, currentPassword: 'wrong' },
  });
  await server.request('POST', '/v1.0/me/changePassword', { token: accessToken, body: change });
  const page = await browser.get(`${server.url}/${tenantId}/oauth2/v2.0/logout?id_token_hint=${idToken}`);
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? '';
  await browser.post(`${server.url}/${tenantId}/oauth2/v2.0/logout/confirm`, { xsrf, logout: 'yes' });

  await signInToApps(server, tenantId);
  await signInOnDevice(server, tenantId);

  const reset = await server.request('POST', `/v1.0/users/${person.id}/resetPassword`, { token: admin });
  const anybody = openBrowser(server);
  await anybody.get(reset.body.setUpLink as string);
  const password = 'my own new password';
  await anybody.post(reset.body.setUpLink as string, { newPassword: password, confirmation: password });
  // A role given and taken; an administrator who is guarded, and one who is let go.
  const role = '4a5d8f65-41da-4de4-8968-e035b65339cf';
  const member = { '@odata.id': `https://x/directoryObjects/${person.id}` };
  await server.request('DELETE', `/v1.0/directoryRoles/${role}/members/${person.id}/$ref`, { token: admin });
  await server.request('POST', `/v1.0/directoryRoles/${role}/members/$ref`, { token: admin, body: member });
  await server.request('PATCH', `/v1.0/users/${person.id}`, { token: admin, body: { accountEnabled: false } });
  await server.request('DELETE', `/v1.0/users/${person.id}`, { token: admin });
  // Wrong passwords until one has to wait.
  const forgetful = await addPerson(server, [], { tenantId });
  for (let times = 0; times < 7; times += 1) {
    await signIn(server, { ...forgetful, password: 'wrong password' }).catch(() => undefined);
  }
  await ensureFirstAdministrator(server.db, server.tenantId, undefined);
  await ensureFirstAdministrator(server.db, server.tenantId, 'a password for the first');
  await useCertificate(server);
  for (const name of ['common', 'contoso.example', 'nobody.example']) {
    await server.request('GET', `/${name}/discovery/v2.0/keys`, { token: null });
  }
}

/** A client that signs its assertions, and takes a secret and a certificate away again. */
async function useCertificate(server: TestServer): Promise<void> {
  const certificate = createCertificate();
  const client = await server.createClient(['Application.ReadWrite.All']);
  const token = await getToken(server, server.tenantId, client);
  const path = `/v1.0/applications/${client.objectId}`;
  const keyCredentials = [{ type: 'AsymmetricX509Cert', usage: 'Verify', key: certificate.key }];
  await server.request('PATCH', path, { token, body: { keyCredentials } });
  const assertion = await new SignJWT({
    iss: client.clientId,
    sub: client.clientId,
    aud: `${server.url}/${server.tenantId}/oauth2/v2.0/token`,
    jti: randomUUID(),
    exp: Math.floor(Date.now() / 1000) + 60,
  })
    .setProtectedHeader({ alg: 'RS256' })
    .sign(certificate.privateKey);
  await askForToken(server, client, {
    client_secret: undefined,
    client_assertion: assertion,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  });
  const { body } = await server.request('POST', `${path}/addPassword`, { token, body: {} });
  await server.request('POST', `${path}/removePassword`, { token, body: { keyId: body.keyId } });
  await server.request('PATCH', path, { token, body: { keyCredentials: [] } });
}

/** A program without a browser: its code is typed, confirmed and taken. */
async function signInOnDevice(server: TestServer, tenantId: string): Promise<void> {
  const { browser } = await signIn(server, await addPerson(server, [], { tenantId }));
  const client = { client_id: 'autoclaim-cli' };
  const asked = await fetch(`${server.url}/${tenantId}/oauth2/v2.0/devicecode`, {
    method: 'POST',
    body: new URLSearchParams({ ...client, scope: `openid ${server.config.baseUrl}/.default` }),
  });
  const { user_code, device_code } = (await asked.json()) as { user_code: string; device_code: string };
  const address = `${server.url}/${tenantId}/device`;
  const page = await (await browser.get(address)).text();
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)![1]!;
  await browser.post(address, { xsrf, user_code, confirm: 'yes' });
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code';
  await tokenRequest(server, tenantId, { ...client, grant_type, device_code });
}

/** Apps that let people in: one who gets a license, one who gets none. */
async function signInToApps(server: TestServer, tenantId: string): Promise<void> {
  const world = worldOf(server, tenantId);
  const product = await world.addProduct({ SIGNED_IN_TO: {} });
  const more = { requiredServicePlanIds: [product.plans['SIGNED_IN_TO']!] };
  const app = await addAppClient(world, 'web', more);
  const person = await addPerson(server, [], { tenantId });
  const refused = await open(server, await beginSignIn(app), person);
  await refused.browser.post(refused.page!.url, { next: 'otherAccount' });
  await world.buy(product, 1);
  await world.assign(person, [product]);
  await signInToApp(server, app, person, { scope: 'openid offline_access' });
}
