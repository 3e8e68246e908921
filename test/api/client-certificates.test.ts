import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { decodeJwt, SignJWT } from 'jose';
import * as openid from 'openid-client';
import { createCertificate } from '../harness/certificate.ts';
import { getToken, startTestServer, type TestClient, type TestServer } from '../harness/server.ts';
import { askForToken, discover, grant } from '../harness/tokens.ts';

describe('a client with a certificate', () => {
  const certificate = createCertificate();
  let server: TestServer;
  let client: TestClient;
  before(async () => {
    server = await startTestServer();
    client = await server.createClient(['Application.ReadWrite.All']);
    const keyCredentials = [{ type: 'AsymmetricX509Cert', usage: 'Verify', key: certificate.key }];
    const token = await getToken(server, server.tenantId, client);
    assert.equal(
      (await server.request('PATCH', `/v1.0/applications/${client.objectId}`, { token, body: { keyCredentials } }))
        .status,
      204,
    );
  });
  after(() => server.close());

  const ask = (form?: Record<string, string | undefined>) => askForToken(server, client, form);
  const endpoint = () => `${server.url}/${server.tenantId}/oauth2/v2.0/token`;
  const assertion = (
    claims: Record<string, unknown> = {},
    header: Record<string, unknown> = {},
    key = certificate.privateKey,
  ) =>
    new SignJWT({
      iss: client.clientId,
      sub: client.clientId,
      aud: endpoint(),
      jti: randomUUID(),
      exp: Math.floor(Date.now() / 1000) + 60,
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', ...header })
      .sign(key);
  const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  const askWith = (client_assertion: string) =>
    ask({ client_secret: undefined, client_assertion, client_assertion_type: type });

  it('gives a token for an assertion, beside the secrets of the same app', async () => {
    const key = await crypto.subtle.importKey(
      'pkcs8',
      certificate.privateKey.export({ type: 'pkcs8', format: 'der' }),
      { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
      false,
      ['sign'],
    );
    const token = await grant(server, await discover(server, client.clientId, openid.PrivateKeyJwt(key)));
    assert.equal(decodeJwt(token)['appid'], client.appId);
    assert.equal((await ask()).status, 200);
  });

  it('knows the key by its thumbprint, as clients of Microsoft name it', async () => {
    const app = await server.request('GET', `/v1.0/applications/${client.objectId}`, {
      permissions: ['Application.ReadWrite.All'],
    });
    const [{ customKeyIdentifier: thumbprint, keyId }] = app.body.keyCredentials;
    const x5t = Buffer.from(thumbprint, 'hex').toString('base64url');
    for (const header of [{ kid: thumbprint, x5t }, { kid: keyId }, { kid: x5t }, { x5t }]) {
      assert.equal((await askWith(await assertion({}, header))).status, 200, JSON.stringify(header));
    }
    assert.equal((await askWith(await assertion({}, { kid: 'another' }))).status, 401);
  });

  it('takes each assertion once, also when it comes twice at the same time', async () => {
    const once = await assertion();
    const statuses = await Promise.all([once, once, once, once].map(async (same) => (await askWith(same)).status));
    assert.deepEqual(statuses.toSorted(), [200, 401, 401, 401]);
    assert.equal((await askWith(once)).status, 401);
  });

  it('takes no assertion that is stale, for someone else, or of another key', async () => {
    const past = Math.floor(Date.now() / 1000) - 60;
    for (const [what, bad] of [
      ['stale', assertion({ exp: past })],
      ['without an end', assertion({ exp: undefined })],
      ['without an id', assertion({ jti: undefined })],
      ['for another audience', assertion({ aud: 'https://login.example/token' })],
      ['of another issuer', assertion({ iss: randomUUID() })],
      ['of another key', assertion({}, {}, createCertificate().privateKey)],
    ] as const) {
      const answer = await askWith(await bad);
      assert.equal(answer.status, 401, what);
      assert.equal(answer.body.error, 'invalid_client');
    }
  });

  it('accepts no assertion signed with what is public', async () => {
    const secret = Buffer.from(certificate.key, 'base64');
    const forged = await new SignJWT({
      iss: client.clientId,
      sub: client.clientId,
      aud: endpoint(),
      jti: randomUUID(),
      exp: Math.floor(Date.now() / 1000) + 60,
    })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(secret);
    assert.equal((await askWith(forged)).status, 401);
  });

  it('ends when the certificate is removed', async () => {
    const token = await getToken(server, server.tenantId, client);
    const other = createCertificate();
    const keyCredentials = [{ type: 'AsymmetricX509Cert', usage: 'Verify', key: other.key }];
    assert.equal(
      (await server.request('PATCH', `/v1.0/applications/${client.objectId}`, { token, body: { keyCredentials } }))
        .status,
      204,
    );
    assert.equal((await askWith(await assertion())).status, 401);
    assert.equal((await askWith(await assertion({}, {}, other.privateKey))).status, 200);
  });

  it("doesn't take certificates that are weak, over, or none", async () => {
    const day = 86_400_000;
    for (const [what, key] of [
      ['weak', createCertificate({ bits: 1024 }).key],
      ['over', createCertificate({ from: new Date(Date.now() - 2 * day), to: new Date(Date.now() - day) }).key],
      ['none', Buffer.from('no certificate').toString('base64')],
    ] as const) {
      const body = { displayName: 'x', keyCredentials: [{ type: 'AsymmetricX509Cert', usage: 'Verify', key }] };
      const answer = await server.request('POST', '/v1.0/applications', {
        permissions: ['Application.ReadWrite.All'],
        body,
      });
      assert.equal(answer.status, 400, what);
      assert.match(answer.body.error.message, /^keyCredentials\[0\]/);
    }
  });
});
