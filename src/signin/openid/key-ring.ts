import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Database } from '../../db/open.ts';
import { asStoreFailure } from '../../db/failures.ts';
import { createFirstSigningKey, readSigningKeys, type SigningKey } from './signing-keys.ts';

/** This process's copy of the tenants' signing keys. */
export interface KeyRing {
  /** A tenant's keys, the one that signs first; the first key is made where there is none. */
  signingKeys(tenantId: string): Promise<readonly SigningKey[]>;
  /** The public key that a token names, where it is one of this tenant's own. */
  verificationKey(tenantId: string, keyId: string): Promise<KeyObject | undefined>;
}

interface Entry {
  readonly keys: readonly SigningKey[];
  readonly publicKeys: ReadonlyMap<string, KeyObject>;
  /** When the read began: what was committed later may be missing. */
  readonly readAt: number;
}

/** A key that another server made is seen after this long at the latest. */
const FRESH_FOR_MS = 60_000;
/** A token with an unknown key makes the keys be read again, for each tenant once in this time. */
const UNKNOWN_KEY_INTERVAL_MS = 1_000;
const TENANTS_MAX = 1_000;

/** @param now a monotonic clock in milliseconds */
export function createKeyRing(db: Database, now: () => number = () => performance.now()): KeyRing {
  const entries = new LRUCache<string, Entry>({ max: TENANTS_MAX });
  const reading = new Map<string, { startedAt: number; entry: Promise<Entry> }>();

  /** The keys as they were at a moment or later; requests that wait for the same read share it. */
  async function readSince(tenantId: string, moment: number): Promise<Entry> {
    const entry = entries.get(tenantId);
    if (entry && entry.readAt >= moment) return entry;
    let current = reading.get(tenantId);
    if (!current || current.startedAt < moment) {
      current = { startedAt: now(), entry: read(tenantId, now()) };
      reading.set(tenantId, current);
      const mine = current;
      void current.entry
        .catch(() => undefined)
        .then(() => {
          if (reading.get(tenantId) === mine) reading.delete(tenantId);
        });
    }
    return current.entry;
  }

  async function read(tenantId: string, readAt: number): Promise<Entry> {
    const keys = await readSigningKeys(db, tenantId).catch((error: unknown) => {
      throw asStoreFailure(error);
    });
    const publicKeys = new Map(keys.map((key) => [key.keyId, publicKeyOf(key)]));
    const entry = { keys, publicKeys, readAt };
    // A tenant without keys isn't kept: tokens that name invented tenants would push the others out.
    if (keys.length > 0 && readAt >= (entries.get(tenantId)?.readAt ?? 0)) entries.set(tenantId, entry);
    return entry;
  }

  return {
    async signingKeys(tenantId) {
      const { keys } = await readSince(tenantId, now() - FRESH_FOR_MS);
      if (keys[0]?.isDue) return keys;
      await createFirstSigningKey(db, tenantId);
      return (await readSince(tenantId, now())).keys;
    },
    async verificationKey(tenantId, keyId) {
      const arrivedAt = now();
      const entry = await readSince(tenantId, arrivedAt - FRESH_FOR_MS);
      const key = entry.publicKeys.get(keyId);
      if (key || entry.readAt >= arrivedAt) return key;
      // Another server may have made it since. Whoever sends invented keys waits; nobody is refused wrongly.
      await sleep(Math.max(0, entry.readAt + UNKNOWN_KEY_INTERVAL_MS - now()));
      return (await readSince(tenantId, arrivedAt)).publicKeys.get(keyId);
    },
  };
}

function publicKeyOf(key: SigningKey): KeyObject {
  return createPublicKey(createPrivateKey({ format: 'jwk', key: key.privateJwk }));
}
