import { generateKeyPair as generateKeyPairWithCallback } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';
import type { Database } from '../../db/open.ts';
import { recordAudit } from '../../engine/audit/audit.ts';
import { inTenant, type TenantTransaction } from '../../engine/tenant/tenancy.ts';
import { SYSTEM } from '../../engine/tenant/tenant.ts';

/** A tenant's key as it is kept: the private RSA key as a JWK with kid, alg and use. */
export interface SigningKey {
  readonly keyId: string;
  readonly privateJwk: JWK;
  /** It may sign by now; before, it is only published, so that everyone knows it when it does. */
  readonly isDue: boolean;
}

const HOUR_MS = 3_600_000;
/** How long a key signs before the next one does. */
const SIGNS_FOR_MS = 90 * 24 * HOUR_MS;
/** How long a key is published before it signs: whoever caches the key set has it in time. */
const PUBLISHED_AHEAD_MS = 24 * HOUR_MS;
/** How long a key stays published after its successor signs: its tokens live an hour, clocks differ. */
const PUBLISHED_AFTER_MS = 2 * HOUR_MS;
const MODULUS_BITS = 2048;

const generateKeyPair = promisify(generateKeyPairWithCallback);

/** A tenant's published keys, the one that signs (the newest that is due) first; none where none was made yet. */
export async function readSigningKeys(db: Database, tenantId: string): Promise<SigningKey[]> {
  const { rows } = await db.pool.query<SigningKey>(
    `select key_id as "keyId", private_jwk as "privateJwk", signs_from <= clock_timestamp() as "isDue"
       from signing_keys where tenant_id = $1
      order by (signs_from <= clock_timestamp()) desc, signs_from desc, key_id`,
    [tenantId],
  );
  return rows;
}

/** Makes a tenant's first key. Of servers that do it at once, one makes it and the others find it. */
export async function createFirstSigningKey(db: Database, tenantId: string): Promise<void> {
  const key = await generateSigningJwk();
  await inTenant({ db, tenantId, actor: SYSTEM, correlationId: null }, async (tx) => {
    if ((await lockKeys(tx)).length === 0) await insertKey(tx, key, tx.now);
  });
}

/**
 * Gives every tenant whose key will soon have signed for 90 days the next one, and takes away the
 * keys whose last token has expired. For the jobs, daily or oftener; on several servers at once it
 * still makes one key.
 */
export async function rotateSigningKeys(db: Database): Promise<{ added: number; removed: number }> {
  const { rows } = await db.pool.query<{ tenant_id: string }>('select distinct tenant_id from signing_keys');
  let [added, removed] = [0, 0];
  for (const { tenant_id: tenantId } of rows) {
    const changed = await rotateKeysOf(db, tenantId);
    added += changed.added;
    removed += changed.removed;
  }
  return { added, removed };
}

async function rotateKeysOf(db: Database, tenantId: string): Promise<{ added: number; removed: number }> {
  const tenancy = { db, tenantId, actor: SYSTEM, correlationId: null };
  const isNextDue = (tx: TenantTransaction, keys: readonly KeyTime[]) =>
    keys[0] !== undefined && keys[0].signs_from.getTime() + SIGNS_FOR_MS - PUBLISHED_AHEAD_MS <= tx.now.getTime();
  // Making a key takes a while, so not under the lock, and only where one is likely to be needed.
  const next = (await inTenant(tenancy, async (tx) => isNextDue(tx, await lockKeys(tx))))
    ? await generateSigningJwk()
    : undefined;
  return inTenant(tenancy, async (tx) => {
    const keys = await lockKeys(tx);
    const isAdding = next !== undefined && isNextDue(tx, keys);
    if (isAdding) {
      const signsFrom = Math.max(keys[0]!.signs_from.getTime() + SIGNS_FOR_MS, tx.now.getTime() + PUBLISHED_AHEAD_MS);
      await insertKey(tx, next, new Date(signsFrom));
    }
    const newestEstablished = keys.findIndex(
      (key) => key.signs_from.getTime() + PUBLISHED_AFTER_MS <= tx.now.getTime(),
    );
    const outlived = newestEstablished < 0 ? [] : keys.slice(newestEstablished + 1);
    for (const { key_id: keyId } of outlived) {
      await tx.client.query('delete from signing_keys where tenant_id = $1 and key_id = $2', [tx.tenantId, keyId]);
      await recordAudit(tx, [
        {
          category: 'KeyManagement',
          activity: 'Remove signing key',
          operation: 'Delete',
          target: { type: 'SigningKey', id: keyId, name: null },
        },
      ]);
    }
    return { added: isAdding ? 1 : 0, removed: outlived.length };
  });
}

interface KeyTime {
  readonly key_id: string;
  readonly signs_from: Date;
}

/** The tenant's keys, newest first, held against other changes of them by the tenant's row. */
async function lockKeys(tx: TenantTransaction): Promise<KeyTime[]> {
  await tx.client.query('select 1 from tenants where tenant_id = $1 for no key update', [tx.tenantId]);
  const { rows } = await tx.client.query<KeyTime>(
    'select key_id, signs_from from signing_keys where tenant_id = $1 order by signs_from desc, key_id',
    [tx.tenantId],
  );
  return rows;
}

async function insertKey(tx: TenantTransaction, jwk: JWK & { kid: string }, signsFrom: Date): Promise<void> {
  await tx.query
    .insertInto('signing_keys')
    .values({
      tenant_id: tx.tenantId,
      key_id: jwk.kid,
      private_jwk: JSON.stringify(jwk),
      signs_from: signsFrom,
      created_at: tx.now,
    })
    .execute();
  await recordAudit(tx, [
    {
      category: 'KeyManagement',
      activity: 'Add signing key',
      operation: 'Add',
      target: { type: 'SigningKey', id: jwk.kid, name: null },
      details: { signsFrom: signsFrom.toISOString() },
    },
  ]);
}

async function generateSigningJwk(): Promise<JWK & { kid: string }> {
  const { privateKey } = await generateKeyPair('rsa', { modulusLength: MODULUS_BITS });
  const jwk = privateKey.export({ format: 'jwk' }) as JWK;
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'RS256', use: 'sig' };
}
