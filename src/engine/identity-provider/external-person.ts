import { DEFAULT_ATTRIBUTES, type MappedAttribute } from '../../../contract/identity-provider.ts';
import { entraDirectoryOf, type IdentityProvider } from './identity-provider.ts';

/** What an identity provider's token says, once the token has been checked. */
export type Claims = Readonly<Record<string, unknown>>;

/** A person as an identity provider tells of them. */
export interface ExternalPerson {
  /** Who they are at the provider, for ever: names and mail addresses change hands. */
  readonly subject: string;
  /** The name to find them by the first time; undefined where the provider vouches for none. */
  readonly userName: string | undefined;
  /** Why it vouches for none, in words for an admin. */
  readonly whyNoName: string | undefined;
  readonly attributes: Readonly<Partial<Record<MappedAttribute, string>>>;
  /** The tenant's groups that theirs are mapped to. */
  readonly groupIds: readonly string[];
}

/**
 * Reads a token's claims.
 * @returns undefined where they don't say who it is
 */
export function externalPersonOf(provider: IdentityProvider, claims: Claims): ExternalPerson | undefined {
  const subject = subjectOf(provider, claims);
  if (subject === undefined) return undefined;
  const named = nameOf(provider, claims);
  return {
    subject,
    userName: 'userName' in named ? named.userName : undefined,
    whyNoName: 'why' in named ? named.why : undefined,
    attributes: attributesOf(provider, claims),
    groupIds: groupsOf(provider, claims),
  };
}

/**
 * `iss` and `sub`; of Entra ID `tid` and `oid`, since its `sub` is another for each app
 * (learn.microsoft.com/entra/identity-platform/id-token-claims-reference).
 */
function subjectOf({ kind, issuer }: IdentityProvider, claims: Claims): string | undefined {
  if (kind !== 'entra') {
    const sub = textOf(claims['sub']);
    return sub === undefined ? undefined : JSON.stringify([issuer, sub]);
  }
  const [tid, oid] = [textOf(claims['tid']), textOf(claims['oid'])];
  if (oid === undefined || tid === undefined || tid !== entraDirectoryOf(issuer)) return undefined;
  return JSON.stringify([tid, oid]);
}

type Named = { readonly userName: string } | { readonly why: string };

function nameOf(provider: IdentityProvider, claims: Claims): Named {
  if (provider.kind === 'entra') return entraNameOf(provider, claims);
  const email = textOf(claims['email']);
  if (email === undefined) return { why: 'The token has no claim email.' };
  // A mail address that it has not verified anyone may have typed in. A text "true" is no true.
  if (claims['email_verified'] !== true) return { why: `The provider has not verified ${email} (email_verified).` };
  // Outside Google's own domains an address was verified once; whose it is today, Google doesn't know
  // (developers.google.com/identity/gsi/web/guides/verify-google-id-token, "hd").
  if (provider.kind === 'google' && domainOf(email) !== 'gmail.com') {
    const hosted = textOf(claims['hd'])?.toLowerCase();
    if (hosted !== domainOf(email)) return { why: `Google does not host the domain of ${email} (hd).` };
  }
  return { userName: email };
}

/**
 * Whoever administrates any directory may write any address into `email`; that its domain is the
 * directory's own says `xms_edov`. The user principal name's domain always is one that the directory
 * has proved, but for guests, who bring theirs.
 */
function entraNameOf({ issuer }: IdentityProvider, claims: Claims): Named {
  const email = textOf(claims['email']);
  if (email !== undefined && isTrue(claims['xms_edov'])) return { userName: email };
  const home = textOf(claims['idp']);
  if ((home !== undefined && home !== issuer) || Number(claims['acct'] ?? 0) !== 0)
    return { why: 'The person is a guest of the directory.' };
  const userName = textOf(claims['upn']) ?? textOf(claims['preferred_username']);
  if (userName === undefined) return { why: 'The token has no claim preferred_username or upn.' };
  if (userName.toUpperCase().includes('#EXT#')) return { why: 'The person is a guest of the directory.' };
  return { userName };
}

function isTrue(value: unknown): boolean {
  return value === true || value === 1 || value === '1' || value === 'true';
}

function attributesOf({ attributes }: IdentityProvider, claims: Claims): ExternalPerson['attributes'] {
  const names = Object.keys(DEFAULT_ATTRIBUTES) as MappedAttribute[];
  const told = names.map((name) => [name, textOf(claims[attributes[name] ?? DEFAULT_ATTRIBUTES[name]])] as const);
  return Object.fromEntries(told.filter(([, value]) => value !== undefined));
}

function groupsOf({ groupsClaim, groupMappings }: IdentityProvider, claims: Claims): string[] {
  if (groupsClaim === null) return [];
  const told = [claims[groupsClaim]].flat().filter((one) => typeof one === 'string');
  const ids = groupMappings.filter(({ value }) => told.includes(value)).map(({ groupId }) => groupId);
  return [...new Set(ids)];
}

/** A claim that is a text, as it is; undefined where there is nothing in it, or too much to be a name. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' && value.length <= 1_024 && !value.includes('\0')
    ? value
    : undefined;
}

/** Domains are equal as whole names: a subdomain is another domain. */
export function domainOf(userName: string): string {
  return userName.slice(userName.lastIndexOf('@') + 1).toLowerCase();
}
