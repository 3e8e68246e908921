import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { Database } from '../../db/open.ts';
import { readProfile } from '../../engine/directory/person.ts';
import { countAttempt, forgiveAttempt } from '../../engine/directory/sign-in-attempts.ts';
import { confirmDevicePage, deviceCodePage, deviceSignedInPage } from '../pages/device-pages.ts';
import { waitPage } from '../pages/message-pages.ts';
import { addressOf } from '../request-address.ts';
import { rewriteQuery } from './rewritten-query.ts';

/** Where people type the code that a program shows them. Short: some will copy it by hand. */
export const DEVICE_PATH = '/device';

/** How long a code may wait to be typed, in seconds. */
export const DEVICE_CODE_SECONDS = 600;

/** What the page of a code says where the code didn't do. */
const PROBLEMS: Readonly<Record<string, string>> = {
  NoCodeError: 'Type the code that the program shows.',
  NotFoundError: 'No program waits with this code. It may be older than 10 minutes: begin again there.',
  ExpiredError: 'This code is older than 10 minutes. Begin again where it is shown.',
  AlreadyUsedError: 'This code was used already. Begin again where it is shown.',
  AbortedError: 'Nobody was signed in. The program has been told.',
};

const codesInAddress = new WeakMap<object, string>();
/** Requests with a code that nobody waits with. */
const wrongCodes = new WeakSet<object>();
/** Codes that were guessed are counted beside passwords; nobody is called so. */
const GUESSED_CODES = 'codes of devices';

/**
 * Signing in on a device without a browser of its own (RFC 8628): the person types the program's code in
 * any browser, and confirms there that they began it themselves. The pages are ours; what is checked (the
 * code, its form's secret, the session) is the provider's.
 */
export function deviceSignInFeature(db: Database, baseUrl: string, tenantId: string) {
  return {
    enabled: true,
    charset: 'base-20' as const,
    mask: '****-****',
    // Nothing of what a program says of itself helps to tell whether it is one's own.
    deviceInfo: () => ({}),
    userCodeInputSource(ctx: KoaContextWithOIDC, _form: string, out?: { error_description?: string }, error?: Error) {
      if (error?.name === 'NotFoundError') wrongCodes.add(ctx.req);
      const problem = error && (PROBLEMS[error.name] ?? out?.error_description ?? 'Begin again.');
      const userCode = (error as { userCode?: string } | undefined)?.userCode ?? codesInAddress.get(ctx.req);
      answer(ctx, deviceCodePage(baseUrl, { ...formOf(ctx), userCode, problem }));
    },
    async userCodeConfirmSource(
      ctx: KoaContextWithOIDC,
      _form: string,
      client: { clientName?: string; clientId: string },
      _deviceInfo: unknown,
      userCode: string,
    ) {
      const { accountId } = ctx.oidc.session!;
      const person = accountId === undefined ? undefined : await readProfile(db, tenantId, accountId);
      const program = client.clientName ?? client.clientId;
      const userName = person?.userPrincipalName;
      answer(ctx, confirmDevicePage(baseUrl, { ...formOf(ctx), userCode, program, userName }));
    },
    successSource(ctx: KoaContextWithOIDC) {
      const { clientName, clientId } = ctx.oidc.client!;
      answer(ctx, deviceSignedInPage(baseUrl, clientName ?? clientId));
    },
  };
}

/**
 * What the provider is spared of its pages. A code in the address (verification_uri_complete) only fills
 * the field in: the person reads what it is for, and goes on by themselves. Whoever comes to a later step
 * without a session, as another site's form does, begins with the first; the provider would fail. And
 * whoever guesses codes has to wait, as with passwords (RFC 8628, 5.1).
 */
export function guardDevicePages(
  provider: Provider,
  db: Database,
  baseUrl: string,
  tenantId: string,
): Parameters<Provider['use']>[0] {
  return async (ctx, next) => {
    const isFirst = ctx.path === DEVICE_PATH && ctx.method === 'GET';
    if (isFirst && ctx.query['user_code'] !== undefined) {
      const { user_code: userCode, ...query } = ctx.query;
      codesInAddress.set(ctx.req, String(userCode).slice(0, 20));
      rewriteQuery(ctx, query);
    }
    const isLater = !isFirst && (ctx.path === DEVICE_PATH || ctx.path.startsWith(`${DEVICE_PATH}/`));
    const isStranger = isLater && ((await provider.Session.get(ctx)) as { new?: boolean }).new === true;
    if (isStranger) {
      ctx.status = 303;
      ctx.redirect(`${baseUrl}/${tenantId}${DEVICE_PATH}`);
      return;
    }
    if (!isLater || ctx.method !== 'POST') {
      await next();
      return;
    }
    const address = addressOf(ctx.req);
    const attempt = { userName: `${GUESSED_CODES} ${address}`, address };
    const seconds = await countAttempt(db, tenantId, attempt);
    if (seconds !== undefined) {
      ctx.status = 429;
      ctx.set('retry-after', String(seconds));
      answer(ctx, waitPage(baseUrl, seconds));
      return;
    }
    await next();
    if (!wrongCodes.has(ctx.req)) await forgiveAttempt(db, tenantId, attempt);
  };
}

function formOf(ctx: KoaContextWithOIDC): { action: string; secret: string } {
  const { secret } = ctx.oidc.session!.state as { secret: string };
  return { action: ctx.oidc.urlFor('code_verification'), secret };
}

function answer(ctx: Pick<KoaContextWithOIDC, 'type' | 'set' | 'body'>, page: string): void {
  ctx.type = 'text/html; charset=utf-8';
  ctx.set('cache-control', 'no-store');
  ctx.body = page;
}
