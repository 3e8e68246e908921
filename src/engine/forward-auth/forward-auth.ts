import type { Selectable } from 'kysely';
import type { ForwardAuthTable } from '../../db/doors-schema.ts';
import { invalid } from '../refused.ts';
import type { Actor } from '../tenant/tenancy.ts';
import { addressFault } from './trusted-addresses.ts';

/** How reverse proxies ask for one app. */
export interface ForwardAuth {
  readonly tenantId: string;
  readonly forwardAuthId: string;
  readonly appId: string;
  readonly origins: readonly string[];
  readonly trustedAddresses: readonly string[];
  readonly userHeader: string;
  readonly secretHash: string;
}

/** What can be written of it. */
export type ForwardAuthValues = Pick<ForwardAuth, 'origins' | 'trustedAddresses' | 'userHeader'>;

export function forwardAuthOf(row: Selectable<ForwardAuthTable>): ForwardAuth {
  return {
    tenantId: row.tenant_id,
    forwardAuthId: row.forward_auth_id,
    appId: row.app_id,
    origins: row.origins,
    trustedAddresses: row.trusted_addresses,
    userHeader: row.user_header,
    secretHash: row.secret_hash,
  };
}

/** The door as the audit shows it where it has done something. */
export function forwardAuthActor({ forwardAuthId }: Pick<ForwardAuth, 'forwardAuthId'>, appName: string): Actor {
  return { kind: 'application', appId: forwardAuthId, displayName: `Forward auth of ${appName}` };
}

/** The values as the audit compares them. */
export function auditedForwardAuth({ origins, trustedAddresses, userHeader }: ForwardAuthValues): ForwardAuthValues {
  return { origins, trustedAddresses, userHeader };
}

const LOOPBACKS = new Set(['localhost', '127.0.0.1', '[::1]']);
/** RFC 9110's token. */
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
/** Headers that mean something else: whoever sends them doesn't name a user. */
const TAKEN =
  /^(x-autoclaim-.*|x-license-.*|x-original-.*|x-forwarded-(for|host|proto|uri|method|port)|forwarded|cookie|authorization|host|connection|content-.*|sec-.*|accept.*|if-.*|range|te|trailer|transfer-encoding|upgrade|via|expect|origin|referer|user-agent)$/i;

/**
 * What no schema can say.
 * @throws Refused invalid, naming the field
 */
export function checkForwardAuth({ origins, trustedAddresses, userHeader }: ForwardAuthValues): void {
  origins.forEach((origin, index) => {
    const fault = originFault(origin) ?? (origins.indexOf(origin) < index ? `${origin} is named twice.` : undefined);
    if (fault !== undefined) throw invalid(`origins[${index}]`, fault);
  });
  trustedAddresses.forEach((address, index) => {
    const fault = addressFault(address);
    if (fault !== undefined) throw invalid(`trustedAddresses[${index}]`, fault);
  });
  if (!HEADER_NAME.test(userHeader)) throw invalid('userHeader', `'${userHeader}' can't be a header's name.`);
  if (TAKEN.test(userHeader)) throw invalid('userHeader', `${userHeader} means something else already.`);
}

/** An origin as browsers write it: it is compared to the letter. */
function originFault(origin: string): string | undefined {
  const url = URL.parse(origin);
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    return `'${origin}' is no origin, such as https://app.contoso.example.`;
  }
  if (url.origin !== origin) return `write it as browsers do, without a path: ${url.origin}`;
  if (url.protocol === 'http:' && !LOOPBACKS.has(url.hostname) && !url.hostname.endsWith('.localhost')) {
    return 'http: is for localhost, names below it, 127.0.0.1 and [::1] alone. Use https:.';
  }
  return undefined;
}
