import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { findOrCreateUser } from '../engine/directory/find-or-create-user.ts';
import { readPerson } from '../engine/directory/person.ts';
import type { GuardedApp } from '../engine/forward-auth/find-forward-auth.ts';
import { forwardAuthActor } from '../engine/forward-auth/forward-auth.ts';
import { Admissions, type Admission, type Visitor } from '../signin/forward-auth/admissions.ts';
import { markOf, readAppSession } from '../signin/forward-auth/app-session.ts';
import { readCookie, type Asked } from '../signin/forward-auth/asked.ts';
import { cookiesOf } from '../signin/forward-auth/cookies.ts';
import { nameByProxy } from '../signin/forward-auth/trusted-proxy.ts';
import type { ServerContext } from './server.ts';

/** How long an answer is used again: a page and its hundred pictures are one look. */
const ANSWERED_MS = 2_000;
const ANSWERS_MAX = 20_000;

/** By what a visitor is recognised: the session's cookie at the app's origin, or a name that a trusted proxy tells. */
export type Recognised =
  | { readonly kind: 'session'; readonly key: string; readonly sessionKey: string; readonly origin: string }
  | { readonly kind: 'proxy'; readonly key: string; readonly name: string };

/** Who asks by a proxy, and whether they are let in. */
export class ForwardAuthVisitors {
  readonly #context: ServerContext;
  readonly #admissions: Admissions;
  readonly #answers = new LRUCache<string, { readonly at: number; readonly answer: Promise<Admission | undefined> }>({
    max: ANSWERS_MAX,
  });

  constructor(context: ServerContext) {
    this.#context = context;
    this.#admissions = new Admissions(context, ({ outcome, reason }) =>
      context.metrics.signIns.inc({ outcome, reason: reason ?? '' }),
    );
  }

  /** A trusted proxy's word goes before a session. undefined: nobody is there yet. */
  async recognise(app: GuardedApp, request: FastifyRequest, asked: Asked): Promise<Recognised | undefined> {
    const { forwardAuth } = app;
    const { appId, tenantId, origins } = forwardAuth;
    const name = await nameByProxy(forwardAuth, request.headers, request.socket.remoteAddress ?? '');
    if (name !== undefined) return { kind: 'proxy', key: `${tenantId}/${appId}/name/${name.toLowerCase()}`, name };
    if (asked.origin === undefined || !origins.includes(asked.origin)) return undefined;
    const sessionKey = readCookie(request.headers, cookiesOf(appId, asked.origin).session);
    if (!sessionKey) return undefined;
    const key = `${tenantId}/${appId}/${asked.origin}/${markOf(sessionKey)}`;
    return { kind: 'session', key, sessionKey, origin: asked.origin };
  }

  /**
   * Whether a visitor is let in; undefined where their session has ended.
   * @throws StoreUnavailable
   */
  admit(app: GuardedApp, recognised: Recognised, requestId: string): Promise<Admission | undefined> {
    const { key } = recognised;
    const known = this.#answers.get(key);
    if (known && performance.now() - known.at < ANSWERED_MS) return known.answer;
    // Kept as it begins: whoever asks meanwhile waits for the same look.
    const answer = this.#look(app, recognised, requestId);
    this.#answers.set(key, { at: performance.now(), answer });
    const forget = () => {
      if (this.#answers.peek(key)?.answer === answer) this.#answers.delete(key);
    };
    // Nobody is remembered to be nobody, and no failure to be one.
    answer.then((admission) => admission ?? forget(), forget);
    return answer;
  }

  /** The next request is looked at afresh, and is a sign-in again. */
  forget({ key }: Recognised): void {
    this.#answers.delete(key);
    this.#admissions.forget(key);
  }

  async #look(app: GuardedApp, recognised: Recognised, requestId: string): Promise<Admission | undefined> {
    const visitor = await this.#visitorOf(app, recognised, requestId);
    return visitor && this.#admissions.admit(app, visitor, requestId);
  }

  async #visitorOf(
    { forwardAuth, displayName }: GuardedApp,
    recognised: Recognised,
    requestId: string,
  ): Promise<Visitor | undefined> {
    const { db } = this.#context;
    const { tenantId, appId } = forwardAuth;
    const { key } = recognised;
    if (recognised.kind === 'session') {
      const { sessionKey, origin } = recognised;
      const user = await readAppSession(db, tenantId, sessionKey, { appId, origin });
      return user && { key, user, userPrincipalName: user.userPrincipalName };
    }
    const { name } = recognised;
    const tenancy = { db, tenantId, actor: forwardAuthActor(forwardAuth, displayName), correlationId: requestId };
    const found = await findOrCreateUser(tenancy, { userPrincipalName: name, isNameVerified: true });
    const user = found.kind === 'none' ? undefined : await readPerson(db, tenantId, found.userId);
    return { key, user, userPrincipalName: name };
  }
}
