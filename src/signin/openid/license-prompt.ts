import type { KoaContextWithOIDC } from 'oidc-provider';
import type { DecidedSignIn } from '../../engine/claim/sign-in.ts';
import { decideAppSignIn, isLetIn, type AppSignIns } from './app-sign-in.ts';
import { ownViewOf } from './client-metadata.ts';
import { interactionPolicy } from './oidc-provider.ts';

/** The interaction in which a person reads why an app doesn't let them in. */
export const LICENSE_PROMPT = 'license';

/** What the page of a refusal is told. */
export interface Refusal {
  readonly signInId: string;
  readonly reason: string;
  /** The sentence for the person. */
  readonly message: string;
  readonly appName: string;
  readonly userId: string;
}

/**
 * What happens between an app's request and its code: the person signs in, then the sign-in is decided.
 * Each request is decided, also where the session made a page unnecessary (prompt=none too); who is
 * refused gets the page, unless the app lets them go on. Nobody is asked for consent: for whom an app
 * may act is the organisation's decision, made when the app was registered. So prompt=consent, which
 * clients send for a refresh token, asks nothing.
 */
export function signInPolicy(signIns: AppSignIns) {
  const { Check, Prompt, base } = interactionPolicy;
  const policy = base();
  policy.get('consent')!.checks.clear();
  const refusals = new WeakMap<KoaContextWithOIDC['oidc'], Refusal>();
  const isRefused = new Check(
    'license_refused',
    'The person has no license for this app.',
    'access_denied',
    async ({ oidc, req }) => {
      const app = ownViewOf(oidc.client);
      const userId = oidc.session?.accountId;
      if (!app || userId === undefined) return false;
      const decided = await decideAppSignIn(signIns, app, userId, requestIdOf(req));
      if (!decided || isLetIn(app, decided.entitlement)) return false;
      refusals.set(oidc, refusalOf(decided, app.displayName, userId));
      return true;
    },
    ({ oidc }) => ({ ...refusals.get(oidc) }),
  );
  policy.add(new Prompt({ name: LICENSE_PROMPT, requestable: false }, isRefused));
  return policy;
}

function refusalOf({ signInId, reason, message }: DecidedSignIn, appName: string, userId: string): Refusal {
  return { signInId, reason: reason!, message, appName, userId };
}

/** The id that ties the answer to the server's log; the server has put it on the raw request. */
function requestIdOf(request: object): string | null {
  return 'id' in request && typeof request.id === 'string' ? request.id : null;
}
