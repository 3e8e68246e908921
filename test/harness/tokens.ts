import * as openid from 'openid-client';
import type { TestClient, TestServer } from './server.ts';

/** A client as openid-client makes one: by discovery. */
export function discover(
  server: TestServer,
  clientId: string,
  authentication: openid.ClientAuth,
): Promise<openid.Configuration> {
  return openid.discovery(new URL(`${server.url}/${server.tenantId}/v2.0`), clientId, undefined, authentication, {
    execute: [openid.allowInsecureRequests],
  });
}

/** An access token, got by openid-client. */
export async function grant(server: TestServer, config: openid.Configuration): Promise<string> {
  return (await openid.clientCredentialsGrant(config, { scope: `${server.url}/.default` })).access_token;
}

/** What the token endpoint answers to a form; client, secret and scope are right unless said otherwise. */
export async function askForToken(
  server: TestServer,
  client: TestClient,
  form: Record<string, string | undefined> = {},
  tenant = server.tenantId,
) {
  const fields = {
    grant_type: 'client_credentials',
    client_id: client.clientId,
    client_secret: client.clientSecret,
    scope: `${server.url}/.default`,
    ...form,
  };
  const body = new URLSearchParams(
    Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined),
  );
  const response = await fetch(`${server.url}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body });
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
}
