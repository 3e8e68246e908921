import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import type { JWK } from 'jose';
import type { ClientMetadata } from 'oidc-provider';
import type { Client, ClientCertificate } from '../../engine/app/client.ts';

/** The property of a client in the OpenID Provider that holds our own view of it. */
export const OWN_VIEW = 'autoclaim_client';

/** What a token request proves itself with. */
export type Proof = 'secret' | 'assertion';

// The provider wants a secret in the metadata of a client that uses one. Ours are kept as hashes
// and compared by our own function (provider.ts), so this one opens nothing; it is random in case
// anything ever compares with it.
const NO_SECRET = randomBytes(32).toString('base64url');

/**
 * A client as the OpenID Provider knows clients. It binds one way to authenticate to a client,
 * while an app may have both secrets and certificates: so it gets the view that fits the request.
 */
export function clientMetadata(clientId: string, client: Client, proof: Proof): ClientMetadata {
  return {
    client_id: clientId,
    client_name: client.displayName,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    [OWN_VIEW]: client,
    ...(proof === 'secret'
      ? { token_endpoint_auth_method: 'client_secret_basic', client_secret: NO_SECRET }
      : {
          token_endpoint_auth_method: 'private_key_jwt',
          jwks: { keys: client.certificates.flatMap(jwksOf) },
        }),
  };
}

/**
 * A certificate's public key, under each name that clients call it by in an assertion's kid: its
 * keyId here, its SHA-1 thumbprint (base64url as in x5t, or hexadecimal as Microsoft's libraries
 * write it). An assertion without a kid is tried with all keys.
 */
function jwksOf({ keyId, certificate }: ClientCertificate): JWK[] {
  const der = Buffer.from(certificate, 'base64');
  const sha1 = createHash('sha1').update(der).digest();
  const x5t = sha1.toString('base64url');
  const key: JWK = {
    ...(new X509Certificate(der).publicKey.export({ format: 'jwk' }) as JWK),
    use: 'sig',
    x5t,
    'x5t#S256': createHash('sha256').update(der).digest('base64url'),
  };
  return [keyId, x5t, sha1.toString('hex').toUpperCase()].map((kid) => ({ ...key, kid }));
}
