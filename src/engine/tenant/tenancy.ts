import type pg from 'pg';
import type { Kysely } from 'kysely';
import type { Database } from '../../db/open.ts';
import type { Tables } from '../../db/schema.ts';
import { currentTime, inTransaction } from '../../db/transaction.ts';

/** Who does something, as the audit shows them. */
export type Actor =
  | { readonly kind: 'application'; readonly appId: string; readonly displayName: string | null }
  | {
      readonly kind: 'user';
      readonly userId: string;
      readonly userPrincipalName: string;
      readonly displayName: string;
    }
  | { readonly kind: 'system'; readonly displayName: string };

/** The handle that the engine works through: one tenant, and who is asking. Nothing reaches past it. */
export interface Tenancy {
  readonly db: Database;
  readonly tenantId: string;
  readonly actor: Actor;
  /** Ties what happened to the request that made it happen (its request-id). */
  readonly correlationId: string | null;
  /**
   * Done first in every transaction of this tenancy, so that it is there if and only if the change
   * is: how a request that must not be carried out twice is noted.
   */
  readonly alongside?: ((tx: TenantTransaction) => Promise<void>) | undefined;
  /** Set by joined: the transaction that all work through this tenancy is part of. */
  readonly within?: TenantTransaction | undefined;
}

/** A tenancy inside one transaction. Every statement names tenantId. */
export interface TenantTransaction extends Omit<Tenancy, 'db' | 'alongside' | 'within'> {
  readonly query: Kysely<Tables>;
  readonly client: pg.PoolClient;
  /** The database's time when the transaction began, to the millisecond. */
  readonly now: Date;
}

/** As much of a transaction as statements on the claim path need; they take their time from their facts. */
export type TenantClient = Pick<TenantTransaction, 'tenantId' | 'client'>;

/**
 * Runs work as one transaction of a tenant; see inTransaction for what it promises.
 * @throws StoreUnavailable
 */
export function inTenant<T>(tenancy: Tenancy, work: (tx: TenantTransaction) => Promise<T>): Promise<T> {
  if (tenancy.within) return work(tenancy.within);
  return inTransaction(tenancy.db, async ({ query, client }) => {
    const { tenantId, actor, correlationId, alongside } = tenancy;
    const tx = { tenantId, actor, correlationId, query, client, now: await currentTime(client) };
    await alongside?.(tx);
    return work(tx);
  });
}

/**
 * The tenancy inside a transaction that has begun: what is done through it is done if and only if
 * that transaction commits. Whoever opens it takes first whatever locks the work in it takes first.
 */
export function joined(tenancy: Tenancy, tx: TenantTransaction): Tenancy {
  return { ...tenancy, within: tx };
}
