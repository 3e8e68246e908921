import type { Door } from '../../../contract/sign-in.ts';
import type { Actor } from '../tenant/tenancy.ts';
import type { Decision, Entitlement, Reason } from './decision.ts';
import type { AppFacts, Facts, UserFacts } from './facts.ts';
import type { Ask } from './moment.ts';
import { sentenceForPerson } from './sentences.ts';

/** A user signs in to an app: the question that the engine answers. */
export interface SignIn extends Ask {
  /** The client that asks; a correlationId is its own. */
  readonly clientId: string;
  /** The same sign-in delivered again within 24 hours has the same; at most 128 characters. */
  readonly correlationId: string | null;
  /** Where the sign-in came in, as the log shows it. */
  readonly door: Door;
  readonly actor: Actor;
  readonly requestId: string | null;
}

/** The answer to a sign-in, as it is told and kept. */
export interface DecidedSignIn {
  readonly signInId: string;
  readonly outcome: Decision['outcome'];
  readonly reason: Reason | null;
  /** The sentence for the person. */
  readonly message: string;
  readonly appId: string;
  readonly userId: string | null;
  readonly entitlement: Entitlement | null;
  readonly decidedAt: Date;
}

/** A decided sign-in with the names that the log keeps. */
export interface LoggedSignIn {
  readonly decided: DecidedSignIn;
  readonly asked: SignIn;
  readonly user: UserFacts | null;
  readonly app: AppFacts | null;
}

/** Puts a decision into the form in which it is told. */
export function tell(
  signInId: string,
  decidedAt: Date,
  asked: Ask,
  facts: Facts,
  outcome: Decision['outcome'],
  reason: Reason | null,
  entitlement: Entitlement | null,
): DecidedSignIn {
  return {
    signInId,
    outcome,
    reason,
    message: sentenceForPerson(outcome, reason, facts),
    appId: asked.appId,
    userId: facts.user?.userId ?? null,
    entitlement,
    decidedAt,
  };
}
