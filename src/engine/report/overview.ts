import { sql } from 'kysely';
import type { Database } from '../../db/open.ts';
import { poolRows } from '../subscription/subscription-rows.ts';

/** A pool with few free seats. */
export interface TightPool {
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly displayName: string;
  /** Seats that may be used: enabled and warning. */
  readonly units: number;
  readonly consumedUnits: number;
  readonly availableUnits: number;
}

/** How the organisation stands at this moment, for a home page. */
export interface Standing {
  readonly isAutoClaimEnabled: boolean;
  readonly policies: {
    readonly total: number;
    readonly on: number;
    /** On, and none of its products has a free seat. */
    readonly outOfLicenses: number;
  };
  readonly pools: {
    readonly total: number;
    readonly nearlyEmpty: number;
    /** The fullest of them, at most POOLS_TOLD. */
    readonly fullest: readonly TightPool[];
  };
}

/** Nearly empty: at most this share of a pool's seats is free. */
const FREE_SHARE = 0.1;
const POOLS_TOLD = 5;

/** Reads it in one statement: a page that refreshes by itself asks often. */
export async function readStanding(db: Database, tenantId: string): Promise<Standing> {
  const { rows } = await sql<Standing>`
    with pool as materialized (
      select o.sku_id, o.sku_part_number, t.display_name, o.enabled + o.warning as units, o.consumed,
             greatest(o.enabled + o.warning - o.consumed, 0) as available
        from ${poolRows(tenantId)} join products t on t.tenant_id = ${tenantId} and t.sku_id = o.sku_id
       where o.applies_to = 'User' and o.enabled + o.warning > 0
    ), tight as (select * from pool where available <= units * ${FREE_SHARE}::float8)
    select (select is_auto_claim_enabled from tenants where tenant_id = ${tenantId}) as "isAutoClaimEnabled",
           (select json_build_object('total', count(*), 'on', count(*) filter (where p.is_enabled),
                     'outOfLicenses', count(*) filter (where p.is_enabled and not exists (
                        select from jsonb_array_elements(p.products) e join pool on pool.sku_id = (e ->> 'skuId')::uuid
                         where pool.available > 0)))
              from policies p where p.tenant_id = ${tenantId}) as policies,
           json_build_object(
             'total', (select count(*) from pool),
             'nearlyEmpty', (select count(*) from tight),
             'fullest', (select coalesce(json_agg(json_build_object(
                           'skuId', sku_id, 'skuPartNumber', sku_part_number, 'displayName', display_name,
                           'units', units, 'consumedUnits', consumed, 'availableUnits', available)
                           order by available::float8 / units, sku_part_number), '[]')
                           from (select * from tight order by available::float8 / units, sku_part_number
                                  limit ${POOLS_TOLD}) one)) as pools`.execute(db.query);
  return rows[0]!;
}

/** What sign-ins have come to: claims since a moment, and refusals of the last week by reason. */
export interface Activity {
  readonly claims: number;
  readonly refusals: readonly { readonly reason: string; readonly count: number }[];
}

export async function readActivity(
  db: Database,
  tenantId: string,
  claimsSince: Date,
  refusalsSince: Date,
): Promise<Activity> {
  const { rows } = await sql<Activity>`
    select (select count(*)::int from claims where tenant_id = ${tenantId} and claimed_at >= ${claimsSince}) as claims,
           (select coalesce(json_agg(r order by r.count desc, r.reason), '[]')
              from (select reason, count(*) as count from sign_ins
                     where tenant_id = ${tenantId} and outcome = 'refused' and decided_at >= ${refusalsSince}
                     group by 1) as r) as refusals`.execute(db.query);
  return rows[0]!;
}
