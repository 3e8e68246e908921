import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '../../db/open.ts';
import { currentTime } from '../../db/transaction.ts';
import type { Claims } from '../../engine/identity-provider/external-person.ts';

/** How long a person may be at their provider. */
const BEGUN_SECONDS = 15 * 60;
/** How long the address of a test is good; and a page that asks for the password. */
const TICKET_SECONDS = 5 * 60;

/** A sign-in that has gone to a provider: what is held against what comes back. */
export interface BegunSignIn {
  readonly providerId: string;
  /** The app's request that it is for; undefined: a test. */
  readonly interactionId: string | undefined;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** An identity that is linked once its user has given their password. */
export interface AwaitedConfirmation {
  readonly providerId: string;
  readonly interactionId: string;
  readonly userId: string;
  readonly claims: Claims;
}

/** What is kept, by the model's name; each is found once, by whoever has its key, in the browser that began it. */
interface Kept {
  readonly FederatedSignIn: BegunSignIn;
  readonly FederationLink: AwaitedConfirmation;
  readonly FederationTest: { readonly providerId: string };
}

export const newKey = (): string => randomBytes(32).toString('base64url');

/** Keeps a sign-in that goes to a provider. @param browser what only this browser has, in a cookie */
export function keepBegun(db: Database, tenantId: string, state: string, browser: string, begun: BegunSignIn) {
  return keep(db, tenantId, 'FederatedSignIn', state, browser, begun, BEGUN_SECONDS);
}

/** The sign-in that a state is of: once, and to the browser that began it alone. */
export function takeBegun(db: Database, tenantId: string, state: string, browser: string) {
  return take(db, tenantId, 'FederatedSignIn', state, browser);
}

export function keepConfirmation(
  db: Database,
  tenantId: string,
  key: string,
  browser: string,
  confirmation: AwaitedConfirmation,
) {
  return keep(db, tenantId, 'FederationLink', key, browser, confirmation, BEGUN_SECONDS);
}

export function takeConfirmation(db: Database, tenantId: string, key: string, browser: string) {
  return take(db, tenantId, 'FederationLink', key, browser);
}

/** A ticket to try a provider, whichever browser it is opened in. */
export async function issueTestTicket(db: Database, tenantId: string, providerId: string): Promise<string> {
  const ticket = newKey();
  await keep(db, tenantId, 'FederationTest', ticket, '', { providerId }, TICKET_SECONDS);
  return ticket;
}

export function takeTestTicket(db: Database, tenantId: string, ticket: string) {
  return take(db, tenantId, 'FederationTest', ticket, '');
}

async function keep<Model extends keyof Kept>(
  db: Database,
  tenantId: string,
  model: Model,
  key: string,
  browser: string,
  value: Kept[Model],
  seconds: number,
): Promise<void> {
  await db.pool.query(
    `insert into openid_artifacts (tenant_id, model, artifact_id, payload, expires_at)
     values ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5))`,
    [tenantId, model, hashOf(key, browser), JSON.stringify({ value }), seconds],
  );
}

/** Taken by its deletion: of two that come at once with the same key, one finds it. */
async function take<Model extends keyof Kept>(
  db: Database,
  tenantId: string,
  model: Model,
  key: string,
  browser: string,
): Promise<Kept[Model] | undefined> {
  const now = await currentTime(db.pool);
  const { rows } = await db.pool.query<{ payload: { value: Kept[Model] }; expires_at: Date }>(
    `delete from openid_artifacts where tenant_id = $1 and model = $2 and artifact_id = $3 returning payload, expires_at`,
    [tenantId, model, hashOf(key, browser)],
  );
  return rows[0] && rows[0].expires_at > now ? rows[0].payload.value : undefined;
}

/** Only the hash is kept: who reads the table can't go on with a sign-in. */
function hashOf(key: string, browser: string): string {
  return createHash('sha256')
    .update(JSON.stringify([key, browser]))
    .digest('hex');
}
