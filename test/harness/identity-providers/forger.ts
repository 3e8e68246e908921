import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';

/** How the forger's next token is made. */
export interface Forgery {
  readonly claims: Readonly<Record<string, unknown>>;
  /** Another key than the published one; or none at all. */
  readonly signedBy?: 'stranger' | 'nobody';
}

/** An identity provider that says whatever a test wants: what a real one never would. */
export interface Forger {
  readonly issuer: string;
  /** The next code's token; the nonce and the times are right unless the claims say otherwise. */
  next(nonce: string, forgery: Forgery): void;
  /** What it answers instead, by path: a status, headers and a body. */
  readonly instead: Map<string, (request: IncomingMessage, response: ServerResponse) => void>;
  /** How often each path was asked. */
  readonly asked: Map<string, number>;
  close(): Promise<void>;
}

/** @param path behind its host, such as Entra ID has: /<tenant>/v2.0 */
export async function startForger(clientId: string, path = ''): Promise<Forger> {
  const [own, strangers] = [await generateKeyPair('RS256'), await generateKeyPair('RS256')];
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'own', alg: 'RS256', use: 'sig' };
  const instead: Forger['instead'] = new Map();
  const asked: Forger['asked'] = new Map();
  let token: (() => Promise<string>) | undefined;
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = new URL(request.url!, issuer).pathname.slice(path.length);
    asked.set(at, (asked.get(at) ?? 0) + 1);
    const other = instead.get(at);
    if (other) {
      other(request, response);
      return;
    }
    const body = await bodyOf(at);
    response.statusCode = body === undefined ? 404 : 200;
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body ?? {}));
  }

  async function bodyOf(at: string): Promise<object | undefined> {
    if (at === '/.well-known/openid-configuration') {
      return {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        id_token_signing_alg_values_supported: ['RS256', 'none'],
        authorization_response_iss_parameter_supported: false,
      };
    }
    if (at === '/keys') return { keys: [jwk] };
    if (at !== '/token' || !token) return undefined;
    return { access_token: 'access', token_type: 'Bearer', expires_in: 60, id_token: await token() };
  }

  return {
    issuer,
    instead,
    asked,
    next(nonce, { claims, signedBy }) {
      const now = Math.floor(Date.now() / 1000);
      const payload = { iss: issuer, aud: clientId, iat: now, exp: now + 300, nonce, ...claims } as JWTPayload;
      token =
        signedBy === 'nobody'
          ? async () => new UnsecuredJWT(payload).encode()
          : () =>
              new SignJWT(payload)
                .setProtectedHeader({ alg: 'RS256', kid: 'own' })
                .sign(signedBy === 'stranger' ? strangers.privateKey : own.privateKey);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
