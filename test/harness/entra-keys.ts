import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';

/** The app by which Entra ID calls. */
export const ENTRA_CALLER = '99045fe1-7639-4a75-9d4a-577b6ca3810f';

/** An endpoint of keys as Entra ID has it, and tokens that its keys have signed. */
export interface EntraKeys {
  /** What issuers begin with. */
  readonly authority: string;
  /** How often the keys were asked for. */
  readonly asked: () => number;
  /** Signs with another key from now on; the old one is published no more. */
  rotate(): Promise<void>;
  /** The endpoint sends whoever asks to another address. */
  redirectTo(address: string | undefined): void;
  token(
    tenantId: string,
    claims: Record<string, unknown>,
    more?: { key?: CryptoKey; expires?: string },
  ): Promise<string>;
  close(): Promise<void>;
}

export async function startEntraKeys(): Promise<EntraKeys> {
  let [asked, serial] = [0, 0];
  let redirect: string | undefined;
  let current = await newKey();
  async function newKey() {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    serial += 1;
    const jwk: JWK = { ...(await exportJWK(publicKey)), kid: `key-${serial}`, use: 'sig', kty: 'RSA' };
    return { privateKey, jwk };
  }
  const server = createServer((request, response) => {
    asked += 1;
    if (redirect) {
      response.writeHead(302, { location: redirect }).end();
      return;
    }
    const isKeys = /^\/[0-9a-f-]{36}\/discovery\/v2\.0\/keys$/.test(request.url ?? '');
    response.writeHead(isKeys ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ keys: [current.jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const authority = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    authority,
    asked: () => asked,
    async rotate() {
      current = await newKey();
    },
    redirectTo(address) {
      redirect = address;
    },
    token: (tenantId, claims, { key = current.privateKey, expires = '1h' } = {}) =>
      new SignJWT({ iss: `${authority}/${tenantId}/v2.0`, azp: ENTRA_CALLER, ver: '2.0', tid: tenantId, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: current.jwk.kid!, typ: 'JWT' })
        .setIssuedAt()
        .setExpirationTime(expires)
        .sign(key),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
