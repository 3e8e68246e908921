import type { IncomingHttpHeaders } from 'node:http';
import { matchesSecret } from '../../engine/app/secret.ts';
import type { ForwardAuth } from '../../engine/forward-auth/forward-auth.ts';
import { isAmong } from '../../engine/forward-auth/trusted-addresses.ts';

/** Proves, with its address, that a proxy is one whose word for the user is taken. */
export const SECRET_HEADER = 'x-autoclaim-proxy-secret';
const NAME_LENGTH_MAX = 256;

/**
 * The user whom a trusted proxy names; undefined where it names none, and where whoever asks isn't one: then
 * the header says nothing at all.
 * @param address of the socket, whatever any header says
 */
export async function nameByProxy(
  { trustedAddresses, userHeader, secretHash }: ForwardAuth,
  headers: IncomingHttpHeaders,
  address: string,
): Promise<string | undefined> {
  const secret = headers[SECRET_HEADER];
  const given = headers[userHeader.toLowerCase()];
  if (typeof secret !== 'string' || typeof given !== 'string') return undefined;
  if (!isAmong(trustedAddresses, address) || !(await matchesSecret(secret, secretHash))) return undefined;
  const name = decode(given).trim();
  return name === '' || name.length > NAME_LENGTH_MAX ? undefined : name;
}

/** Node reads headers as Latin-1; most proxies write UTF-8. */
function decode(value: string): string {
  const bytes = Buffer.from(value, 'latin1');
  const text = bytes.toString('utf8');
  return text.includes('\uFFFD') ? value : text;
}
