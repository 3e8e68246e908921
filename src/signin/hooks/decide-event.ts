import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailable } from '../../db/failures.ts';
import type { Database } from '../../db/open.ts';
import type { SignInBatches } from '../../engine/claim/batch.ts';
import { CorrelationReused } from '../../engine/claim/deliveries.ts';
import type { DecidedSignIn, SignIn } from '../../engine/claim/sign-in.ts';
import { findOrCreateUser } from '../../engine/directory/find-or-create-user.ts';
import { hookActor, type Hook } from '../../engine/hook/hook.ts';
import type { HookEvent } from './hook-event.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Nobody's: of a name that the provider doesn't vouch for, no user is found. */
const NOBODY = '00000000-0000-0000-0000-000000000000';
const NAME_LENGTH_MAX = 256;
const CORRELATION_LENGTH_MAX = 128;
/** How long, and how patiently, a decision is tried again that the store couldn't make; then the next sign-in makes it. */
const TRIED_FOR_MS = 10 * 60_000;
const PAUSE_MS = { first: 1_000, longest: 30_000 };

/** The app that a provider's client is here: as the hook maps it, else the one of the same id. */
export function appOf({ apps }: Pick<Hook, 'apps'>, clientId: string): string | undefined {
  const mapped = apps.find((app) => app.clientId === clientId)?.appId;
  return mapped ?? (GUID.test(clientId) ? clientId.toLowerCase() : undefined);
}

/**
 * Decides the sign-in that an event tells of. Each delivery of an event gets the same decision.
 * @throws StoreUnavailable
 */
export async function decideEvent(
  { db, signIns }: { readonly db: Database; readonly signIns: SignInBatches },
  hook: Hook,
  event: HookEvent,
  appId: string,
  requestId: string,
): Promise<DecidedSignIn> {
  const { tenantId, hookId, kind } = hook;
  const { person } = event;
  const actor = hookActor(hook);
  await findOrCreateUser({ db, tenantId, actor, correlationId: requestId }, person);
  const signIn: SignIn = {
    appId,
    // By name, whether the user is found, made just now, or none: so repeated deliveries ask the same.
    userId: person.isNameVerified ? null : NOBODY,
    userPrincipalName: person.isNameVerified ? person.userPrincipalName.slice(0, NAME_LENGTH_MAX) : null,
    clientId: hookId,
    correlationId: correlationIdOf(event.eventId),
    door: kind,
    actor,
    requestId,
  };
  try {
    return await signIns.decide(tenantId, signIn);
  } catch (error) {
    if (!(error instanceof CorrelationReused)) throw error;
    // A provider's id may span the sign-ins to several apps: each of them is one of its own.
    const own = [event.eventId, appId, signIn.userPrincipalName].join('\n');
    return signIns.decide(tenantId, { ...signIn, correlationId: hashed(own) });
  }
}

/** Decides a sign-in whose answer nobody waits for any more, when the store can again. */
export async function decideLater(decide: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  const until = performance.now() + TRIED_FOR_MS;
  for (let pause = PAUSE_MS.first; ; pause = Math.min(2 * pause, PAUSE_MS.longest)) {
    await sleep(pause, undefined, { signal, ref: false });
    try {
      await decide();
      return;
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || performance.now() > until) throw error;
    }
  }
}

function correlationIdOf(eventId: string): string {
  return eventId.length <= CORRELATION_LENGTH_MAX ? eventId : hashed(eventId);
}

function hashed(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
