import type { ClientConfig } from '../../config.ts';
import { EXIT_NOT_SIGNED_IN } from '../exit-codes.ts';
import { Api } from './api.ts';
import { CommandFailure } from './failure.ts';
import { Profiles, type PersonTokens, type Profile } from './profiles.ts';
import { findIssuer, renewTokens, tokenOfClient } from './tokens.ts';

/** Where one is signed in, and by what. */
export interface Session {
  readonly api: Api;
  readonly url: string;
  readonly tenantId: string;
  readonly clientId: string;
  /** The profile's name, or "environment". */
  readonly from: string;
}

/**
 * Signs in with what there is: a profile that is named; else the environment's client; else the
 * current profile.
 * @throws CommandFailure where there is nothing, or the server doesn't take it
 */
export async function openSession(config: ClientConfig, named: string | undefined): Promise<Session> {
  const { from, ...profile } = whichProfile(config, named);
  const { url, clientId, tenant, person } = profile;
  const session = (token: string, tenantId: string): Session => ({
    api: new Api(url, token),
    url,
    tenantId,
    clientId,
    from,
  });
  if (person && isFresh(person)) return session(person.accessToken, tenant);
  const issuer = await findIssuer(url, tenant);
  if (profile.clientSecret !== undefined) {
    return session(await tokenOfClient(issuer, clientId, profile.clientSecret), issuer.tenantId);
  }
  const renewed = await new Profiles(config.configDirectory).renew(from, async (kept) =>
    isFresh(kept) ? kept : { ...kept, ...(await renewTokens(issuer, kept.refreshToken)) },
  );
  if (!renewed) throw new CommandFailure(SIGN_IN, EXIT_NOT_SIGNED_IN);
  return session(renewed.accessToken, issuer.tenantId);
}

/** A command may take a while. */
function isFresh({ expiresAt }: PersonTokens): boolean {
  return expiresAt - Date.now() > 60_000;
}

const SIGN_IN =
  'You are not signed in. Do it with: autoclaim login --url <address>. In scripts, set AUTOCLAIM_URL, AUTOCLAIM_CLIENT_ID and AUTOCLAIM_CLIENT_SECRET.';

function whichProfile(config: ClientConfig, named: string | undefined): Profile & { readonly from: string } {
  const profiles = new Profiles(config.configDirectory);
  const name = named ?? config.profile;
  if (name === undefined && config.clientId !== undefined && config.clientSecret !== undefined) {
    const { url, tenant = 'common', clientId, clientSecret } = config;
    if (url === undefined) {
      throw new CommandFailure(
        'AUTOCLAIM_CLIENT_ID is set, but not AUTOCLAIM_URL: where is the server?',
        EXIT_NOT_SIGNED_IN,
      );
    }
    return { url: readUrl(url, 'AUTOCLAIM_URL'), tenant, clientId, clientSecret, from: 'environment' };
  }
  const found = profiles.find(name);
  if (found) return { ...found, from: found.name };
  if (name === undefined) throw new CommandFailure(SIGN_IN, EXIT_NOT_SIGNED_IN);
  const { names } = profiles.list();
  const there = names.length > 0 ? `There are: ${names.join(', ')}.` : 'There is none yet.';
  throw new CommandFailure(
    `There is no profile "${name}". ${there} Make it with: autoclaim login --profile ${name}`,
    EXIT_NOT_SIGNED_IN,
  );
}

/** An address of a server. @throws CommandFailure naming where it was given */
export function readUrl(text: string, name: string): string {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.search || url.hash || url.username) {
    throw new CommandFailure(
      `${name} must be an http or https address without query or user, such as https://autoclaim.example.`,
    );
  }
  return url.href.replace(/\/+$/, '');
}
