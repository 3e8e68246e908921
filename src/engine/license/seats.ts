import { patternRows } from '../patterned-rows.ts';
import type { TenantClient } from '../tenant/tenancy.ts';
import { sourceOf, type AssignmentPath } from './path.ts';

/** A path to give a user; it takes a seat where the user has none of this product yet. */
export interface Placement {
  readonly userId: string;
  readonly skuId: string;
  readonly path: AssignmentPath;
}

/** Seats would be taken that aren't there: a broken invariant, never a refusal. Whoever calls has decided under the locks. */
export class Oversold extends Error {
  override readonly name = 'Oversold';
}

/**
 * The one place where seats are taken. Under the locks of all pools named: writes licenses where
 * the user has none, the paths (a path that is there gets the new disabled plans), and the pools'
 * counters, for any number of users in one statement. A pool without a free seat fails the whole.
 * Indexes: the primary keys of licenses, assignment_paths and pools.
 */
export async function takeSeats(tx: TenantClient, placements: readonly Placement[], at: Date): Promise<void> {
  if (placements.length === 0) return;
  const { rows, patterns } = patternRows(placements.map(rowOf));
  const { rows: found } = await tx.client.query<{ short: string | null }>(
    {
      name: 'take-seats',
      text: `
        with wanted as materialized (
          select *
            from json_to_recordset($2::json) as r(pattern integer, user_id uuid, claim_id uuid)
            join jsonb_to_recordset($3::jsonb) as p(
                   pattern integer, sku_id uuid, kind text, source_id uuid, disabled_plans uuid[],
                   policy_id uuid, is_backup boolean)
           using (pattern)
        ), seated as (
          insert into licenses (tenant_id, user_id, sku_id, created_at)
          select distinct $1::uuid, user_id, sku_id, $4::timestamptz from wanted
          on conflict (tenant_id, user_id, sku_id) do nothing
          returning sku_id
        ), placed as (
          insert into assignment_paths (tenant_id, user_id, sku_id, kind, source_id, disabled_plans,
                                        policy_id, claim_id, is_backup, modified_at)
          select $1::uuid, user_id, sku_id, kind, source_id, disabled_plans, policy_id, claim_id, is_backup, $4::timestamptz
            from wanted
          on conflict (tenant_id, user_id, sku_id, kind, source_id)
          do update set disabled_plans = excluded.disabled_plans, modified_at = excluded.modified_at
        ), taken as (
          select sku_id, count(*) as seats from seated group by sku_id
        ), counted as (
          update pools set consumed = pools.consumed + taken.seats
            from taken
           where pools.tenant_id = $1 and pools.sku_id = taken.sku_id
             and pools.consumed + taken.seats <= pools.enabled + pools.warning
          returning pools.sku_id
        )
        select string_agg(sku_id::text, ', ') as short from taken where sku_id not in (select sku_id from counted)`,
      values: [tx.tenantId, rows, patterns, at],
    },
  );
  const short = found[0]?.short;
  if (short) throw new Oversold(`No free seat of ${short} for what was decided.`);
}

function rowOf({ userId, skuId, path }: Placement) {
  const byPolicy = path.kind === 'policy';
  return {
    own: { user_id: userId, claim_id: byPolicy ? path.claimId : null },
    pattern: {
      sku_id: skuId,
      kind: path.kind,
      source_id: sourceOf(path),
      disabled_plans: path.disabledPlans,
      policy_id: byPolicy ? path.policyId : null,
      is_backup: byPolicy ? path.isBackup : null,
    },
  };
}

/** Paths to end, by user and product; without kinds all of them, with sources only those. */
export interface Ending {
  readonly userId: string;
  readonly skuId: string;
  readonly kinds?: readonly AssignmentPath['kind'][];
  readonly groupId?: string;
}

/**
 * Under the locks of all pools named: ends paths; a license whose last path ended goes, and its
 * seat is free with this transaction's commit.
 * @returns the licenses that ended
 */
export async function endPaths(tx: TenantClient, endings: readonly Ending[]): Promise<{ userId: string; skuId: string }[]> {
  if (endings.length === 0) return [];
  const values = [
    tx.tenantId,
    JSON.stringify(
      endings.map(({ userId, skuId, kinds, groupId }) => ({ user_id: userId, sku_id: skuId, kinds: kinds ?? null, group_id: groupId ?? null })),
    ),
  ];
  await tx.client.query(
    `delete from assignment_paths p
      using jsonb_to_recordset($2::jsonb) as e(user_id uuid, sku_id uuid, kinds text[], group_id uuid)
      where p.tenant_id = $1 and p.user_id = e.user_id and p.sku_id = e.sku_id
        and (e.kinds is null or p.kind = any(e.kinds))
        and (e.group_id is null or (p.kind = 'group' and p.source_id = e.group_id))`,
    values,
  );
  // A statement of its own: it has to see the paths gone.
  const { rows } = await tx.client.query<{ user_id: string; sku_id: string }>(
    `with ended as (
       delete from licenses l
        using (select distinct user_id, sku_id from jsonb_to_recordset($2::jsonb) as e(user_id uuid, sku_id uuid)) as e
        where l.tenant_id = $1 and l.user_id = e.user_id and l.sku_id = e.sku_id
          and not exists (select from assignment_paths p
                           where p.tenant_id = $1 and p.user_id = l.user_id and p.sku_id = l.sku_id)
       returning l.user_id, l.sku_id
     ), counted as (
       update pools set consumed = pools.consumed - freed.seats
         from (select sku_id, count(*) as seats from ended group by sku_id) as freed
        where pools.tenant_id = $1 and pools.sku_id = freed.sku_id
     )
     select user_id, sku_id from ended`,
    values,
  );
  return rows.map((row) => ({ userId: row.user_id, skuId: row.sku_id }));
}
