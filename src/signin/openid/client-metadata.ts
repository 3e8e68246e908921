import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import type { JWK } from 'jose';
import type { Client as ProviderClient, ClientMetadata } from 'oidc-provider';
import type { Client, ClientCertificate } from '../../engine/app/client.ts';
import { clientKindOf } from '../../engine/app/redirect-uris.ts';

/** The property of a client in the OpenID Provider that holds our own view of it. */
export const OWN_VIEW = 'autoclaim_client';

/** What a request of a client proves itself with; nothing, where a browser is sent or a public client calls. */
export type Proof = 'secret' | 'assertion' | 'none';

// The provider wants a secret in the metadata of a client that uses one. Ours are kept as hashes
// and compared by our own function (provider.ts), so this one opens nothing; it is random in case
// anything ever compares with it.
const NO_SECRET = randomBytes(32).toString('base64url');

/**
 * A client as the OpenID Provider knows clients. It binds one way to authenticate to a client,
 * while an app may have both secrets and certificates: so it gets the view that fits the request.
 * A public client is one where people sign in; where it proves itself by a secret, it acts for
 * itself alone, as any app may.
 */
export function clientMetadata(clientId: string, client: Client, proof: Proof): ClientMetadata {
  const kind = clientKindOf(client.redirectUris);
  const isPublic = kind === 'spa' || kind === 'publicClient';
  const own = { client_id: clientId, client_name: client.displayName, [OWN_VIEW]: client };
  if (isPublic && proof === 'none') {
    return {
      ...own,
      ...signInMetadata(client),
      application_type: kind === 'spa' ? 'web' : 'native',
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    };
  }
  return {
    ...own,
    ...(kind === 'web'
      ? { ...signInMetadata(client), grant_types: ['authorization_code', 'refresh_token', 'client_credentials'] }
      : { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }),
    ...(proof === 'assertion'
      ? {
          token_endpoint_auth_method: 'private_key_jwt',
          jwks: { keys: client.certificates.flatMap(jwksOf) },
        }
      : { token_endpoint_auth_method: 'client_secret_basic', client_secret: NO_SECRET }),
  };
}

/** Where sign-ins and sign-outs go back to: any of the app's addresses, as at Microsoft. */
function signInMetadata({ redirectUris: { web, spa, publicClient } }: Client) {
  const uris = [...web, ...spa, ...publicClient];
  return { response_types: ['code' as const], redirect_uris: uris, post_logout_redirect_uris: uris };
}

/** Our own view of a client that is an app; undefined for the admin center. */
export function ownViewOf(client: ProviderClient | undefined): Client | undefined {
  return client?.[OWN_VIEW] as Client | undefined;
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
