import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import * as openid from 'openid-client';
import { startTestServer, type TestServer } from '../harness/server.ts';

describe('tokens', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const discover = (clientId: string, authentication: openid.ClientAuth, tenantId = server.tenantId) =>
    openid.discovery(new URL(`${server.url}/${tenantId}/v2.0`), clientId, undefined, authentication, {
      execute: [openid.allowInsecureRequests],
    });

  for (const [name, method] of [
    ['in the body', openid.ClientSecretPost],
    ['in the header', openid.ClientSecretBasic],
  ] as const) {
    it(`gives a token to a client with its secret ${name}`, async () => {
      const client = await server.createClient(['User.Read.All']);
      const config = await discover(client.clientId, method(client.clientSecret));
      const answer = await openid.clientCredentialsGrant(config, { scope: `${server.url}/.default` });
      assert.equal(answer.token_type, 'bearer');
      assert.equal(answer.expires_in, 3600);
      const part = (index: number) => JSON.parse(Buffer.from(answer.access_token.split('.')[index]!, 'base64url').toString()) as Record<string, unknown>;
      assert.equal(part(0)['typ'], 'at+jwt');
      assert.deepEqual(part(1)['roles'], ['User.Read.All']);
    });
  }
});
