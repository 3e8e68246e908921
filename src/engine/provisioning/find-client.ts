import { LRUCache } from 'lru-cache';
import { asStoreFailure } from '../../db/failures.ts';
import type { Database } from '../../db/open.ts';
import { currentTime } from '../../db/transaction.ts';
import { keepGenerated } from '../app/secret.ts';
import type { ProvisioningClient } from './client.ts';

/** How long what was found is used again: each request asks, and a change counts within this. */
const KEPT_MS = 3_000;
const KEPT_MAX = 1_000;
/** So often at most a client's last use is written. */
const USE_NOTED_EACH_MS = 60_000;

/** Finds the client that a token is of; undefined where it is none's, or revoked. */
export type FindProvisioningClient = (token: string) => Promise<ProvisioningClient | undefined>;

/**
 * A client by its token, found by the token's hash: of 256 random bits nothing can be guessed, near
 * or far. What is found is kept for a moment.
 * @param onFailure told of a last use that couldn't be written: nobody waits for it
 * @throws StoreUnavailable
 */
export function createFindProvisioningClient(
  db: Database,
  onFailure: (error: unknown) => void,
): FindProvisioningClient {
  const kept = new LRUCache<string, ProvisioningClient>({ max: KEPT_MAX, ttl: KEPT_MS });
  const noted = new LRUCache<string, true>({ max: KEPT_MAX, ttl: USE_NOTED_EACH_MS });
  return async (token) => {
    const { hash } = keepGenerated(token);
    const known = kept.get(hash) ?? (await readClient(db, hash));
    if (!known) return undefined;
    if (!kept.has(hash)) kept.set(hash, known);
    if (!noted.has(known.clientId)) {
      noted.set(known.clientId, true);
      noteUse(db, known).catch(onFailure);
    }
    return known;
  };
}

async function readClient(db: Database, hash: string): Promise<ProvisioningClient | undefined> {
  try {
    const { rows: tokens } = await db.pool.query<{ tenant_id: string; client_id: string }>(
      'select tenant_id, client_id from provisioning_tokens where token_hash = $1',
      [hash],
    );
    if (!tokens[0]) return undefined;
    const { rows } = await db.pool.query<{ display_name: string; releases_licenses: boolean }>(
      `select display_name, releases_licenses from provisioning_clients
        where tenant_id = $1 and client_id = $2 and token_hash = $3`,
      [tokens[0].tenant_id, tokens[0].client_id, hash],
    );
    return (
      rows[0] && {
        tenantId: tokens[0].tenant_id,
        clientId: tokens[0].client_id,
        displayName: rows[0].display_name,
        releasesLicenses: rows[0].releases_licenses,
      }
    );
  } catch (error) {
    throw asStoreFailure(error);
  }
}

async function noteUse(db: Database, { tenantId, clientId }: ProvisioningClient): Promise<void> {
  const now = await currentTime(db.pool);
  await db.pool.query('update provisioning_clients set last_used_at = $3 where tenant_id = $1 and client_id = $2', [
    tenantId,
    clientId,
    now,
  ]);
}
