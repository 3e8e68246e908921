import { LRUCache } from 'lru-cache';
import type { Database } from '../../db/open.ts';
import type { SignInBatches } from '../../engine/claim/batch.ts';
import type { Entitlement, Reason } from '../../engine/claim/decision.ts';
import { readEntitlement } from '../../engine/claim/read-entitlement.ts';
import type { DecidedSignIn } from '../../engine/claim/sign-in.ts';
import type { GuardedApp } from '../../engine/forward-auth/find-forward-auth.ts';
import { forwardAuthActor } from '../../engine/forward-auth/forward-auth.ts';

/** A user as the app is told. */
export interface AdmittedUser {
  readonly userId: string;
  readonly userPrincipalName: string;
}

/** Who asks to be let in, as was found out. */
export interface Visitor {
  /** What is remembered of them is under this: their session, or their name where a proxy tells it. */
  readonly key: string;
  /** undefined: nobody of this name may sign in (there is none, or they are blocked). */
  readonly user: AdmittedUser | undefined;
  /** The name where there is no user. */
  readonly userPrincipalName: string;
}

export interface Admitted {
  readonly kind: 'admitted';
  readonly user: AdmittedUser;
  /** undefined: the app requires no license, or lets people in without. */
  readonly entitlement: Entitlement | undefined;
}
export interface NotAdmitted {
  readonly kind: 'refused';
  readonly signInId: string;
  /** The sentence for the person. */
  readonly message: string;
  readonly userPrincipalName: string;
}
export type Admission = Admitted | NotAdmitted;

/** A proxy asks for every picture. A license that is there is a sign-in once in so long; in between it is only looked up. */
const LICENSED_FOR_MS = 5 * 60_000;
/** One that was refused is decided, and logged, again after so long; or at once where the person asks for it. */
const REFUSED_FOR_MS = 30_000;
const REMEMBERED_MAX = 20_000;
/** Why nobody is let in, whatever the app wants done without a license. */
const NOBODY: readonly (Reason | null)[] = ['unknownApp', 'unknownUser', 'userBlocked'];

interface Remembered {
  readonly decided: DecidedSignIn;
  readonly until: number;
}

/** Lets visitors in, or not, as the engine decides their sign-ins. */
export class Admissions {
  readonly #db: Database;
  readonly #signIns: SignInBatches;
  readonly #onDecided: (decided: DecidedSignIn) => void;
  readonly #remembered = new LRUCache<string, Remembered>({ max: REMEMBERED_MAX });

  constructor(
    { db, signIns }: { readonly db: Database; readonly signIns: SignInBatches },
    onDecided: (decided: DecidedSignIn) => void,
  ) {
    this.#db = db;
    this.#signIns = signIns;
    this.#onDecided = onDecided;
  }

  /** The next request of this visitor is a sign-in again. */
  forget(key: string): void {
    this.#remembered.delete(key);
  }

  /**
   * What holds at this moment: a license that was taken away counts at once, and so does a new one.
   * @throws StoreUnavailable
   */
  async admit(app: GuardedApp, visitor: Visitor, requestId: string): Promise<Admission> {
    const { user } = visitor;
    if (user && !app.needsLicense) return { kind: 'admitted', user, entitlement: undefined };
    const { tenantId, appId } = app.forwardAuth;
    const entitlement =
      user && (await readEntitlement(this.#db, tenantId, { appId, userId: user.userId, userPrincipalName: null }));
    const known = this.#remembered.get(visitor.key);
    if (known && known.until > performance.now() && Boolean(known.decided.entitlement) === Boolean(entitlement)) {
      return admissionOf(app, visitor, known.decided, entitlement);
    }
    const decided = await this.#decide(app, visitor, requestId);
    const keptFor = decided.entitlement ? LICENSED_FOR_MS : REFUSED_FOR_MS;
    this.#remembered.set(visitor.key, { decided, until: performance.now() + keptFor });
    return admissionOf(app, visitor, decided, decided.entitlement ?? undefined);
  }

  async #decide(app: GuardedApp, { user, userPrincipalName }: Visitor, requestId: string): Promise<DecidedSignIn> {
    const { tenantId, appId, forwardAuthId } = app.forwardAuth;
    const decided = await this.#signIns.decide(tenantId, {
      appId,
      userId: user?.userId ?? null,
      userPrincipalName: user ? null : userPrincipalName,
      clientId: forwardAuthId,
      correlationId: null,
      door: 'forwardAuth',
      actor: forwardAuthActor(app.forwardAuth, app.displayName),
      requestId,
    });
    this.#onDecided(decided);
    return decided;
  }
}

function admissionOf(
  app: GuardedApp,
  { user, userPrincipalName }: Visitor,
  { signInId, reason, message }: DecidedSignIn,
  entitlement: Entitlement | undefined,
): Admission {
  const isLetIn = entitlement !== undefined || (app.onRefusal === 'continue' && !NOBODY.includes(reason));
  return user && isLetIn
    ? { kind: 'admitted', user, entitlement }
    : { kind: 'refused', signInId, message, userPrincipalName };
}
