import { createHash, randomBytes } from 'node:crypto';
import { asStoreFailure } from '../../db/failures.ts';
import type { Database } from '../../db/open.ts';
import { currentTime } from '../../db/transaction.ts';
import { readPersonInSession, type Person } from '../../engine/directory/person.ts';

/** From Autoclaim back to the app is one redirect. */
const TICKET_SECONDS = 60;
/** A session at an app is renewed after so long, without a page while the one at Autoclaim lasts. */
const SESSION_SECONDS = 12 * 3600;
const KEY = /^[\w-]{43}$/;

/** A person at one app, on one of its origins, in one browser. */
export interface AppSession {
  readonly appId: string;
  readonly origin: string;
  readonly userId: string;
  /** Their session at Autoclaim: this one ends with it. */
  readonly sessionUid: string;
}

/** A sign-in that is on its way back to the app. */
export interface Returning extends AppSession {
  readonly uri: string;
}

/** 256 random bits: a ticket, a session, or what a browser is known by. */
export const newKey = (): string => randomBytes(32).toString('base64url');

/** What of a browser's secret may be told on the way. */
export const markOf = (key: string): string => hashOf(key);

/** Keeps who has signed in, for the browser that began it. @returns the ticket that it takes to the app's host */
export async function issueTicket(
  db: Database,
  tenantId: string,
  browserMark: string,
  returning: Returning,
): Promise<string> {
  const ticket = newKey();
  await keep(db, tenantId, 'ForwardAuthTicket', hashOf(ticket, browserMark), returning, TICKET_SECONDS);
  return ticket;
}

/**
 * Makes a session of a ticket: once, in the browser that began the sign-in, at the app and origin that it is for.
 * @returns the session's key, and where the browser was going
 */
export async function redeemTicket(
  db: Database,
  tenantId: string,
  ticket: string,
  browserKey: string,
  at: Pick<AppSession, 'appId' | 'origin'>,
): Promise<{ readonly key: string; readonly uri: string } | undefined> {
  if (!KEY.test(ticket) || !KEY.test(browserKey)) return undefined;
  // Taken by its deletion: of two that come at once, one finds it.
  const { rows } = await db.pool.query<{ payload: Payload<Returning>; expires_at: Date }>(
    `delete from openid_artifacts where tenant_id = $1 and model = 'ForwardAuthTicket' and artifact_id = $2
     returning payload, expires_at`,
    [tenantId, hashOf(ticket, hashOf(browserKey))],
  );
  const [row] = rows;
  if (!row || row.expires_at <= (await currentTime(db.pool))) return undefined;
  const { uri, ...session } = row.payload.value;
  if (session.appId !== at.appId || session.origin !== at.origin) return undefined;
  const key = newKey();
  await keep(db, tenantId, 'ForwardAuthSession', hashOf(key), session, SESSION_SECONDS);
  return { key, uri };
}

/**
 * Whose a session is; undefined once it has ended: by time, by a sign-out at Autoclaim, or because the
 * person was blocked, deleted, or had the sessions ended.
 * @throws StoreUnavailable
 */
export async function readAppSession(
  db: Database,
  tenantId: string,
  key: string,
  at: Pick<AppSession, 'appId' | 'origin'>,
): Promise<Person | undefined> {
  if (!KEY.test(key)) return undefined;
  try {
    const { rows } = await db.pool.query<{ payload: Payload<AppSession> }>({
      name: 'forward-auth-session',
      text: `select payload from openid_artifacts
              where tenant_id = $1 and model = 'ForwardAuthSession' and artifact_id = $2
                and expires_at > clock_timestamp()`,
      values: [tenantId, hashOf(key)],
    });
    const session = rows[0]?.payload.value;
    if (!session || session.appId !== at.appId || session.origin !== at.origin) return undefined;
    return await readPersonInSession(db, tenantId, session.userId, session.sessionUid);
  } catch (error) {
    throw asStoreFailure(error);
  }
}

export async function endAppSession(db: Database, tenantId: string, key: string): Promise<void> {
  await db.pool.query(
    `delete from openid_artifacts where tenant_id = $1 and model = 'ForwardAuthSession' and artifact_id = $2`,
    [tenantId, hashOf(key)],
  );
}

interface Payload<Value> {
  readonly value: Value;
}

/** With the names by which all that a person has got by signing in is found, and ended (engine/directory/sessions.ts). */
async function keep(
  db: Database,
  tenantId: string,
  model: string,
  id: string,
  value: AppSession,
  seconds: number,
): Promise<void> {
  const payload = { accountId: value.userId, sessionUid: value.sessionUid, value };
  await db.pool.query(
    `insert into openid_artifacts (tenant_id, model, artifact_id, payload, expires_at)
     values ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5))`,
    [tenantId, model, id, JSON.stringify(payload), seconds],
  );
}

/** Only hashes are kept: who reads the table can be nobody. */
function hashOf(...keys: readonly string[]): string {
  return createHash('sha256').update(keys.join('\n')).digest('base64url');
}
