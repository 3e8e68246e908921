import { lockAllPools } from '../subscription/pools.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';

/** What is given versions in one transaction: as much as an import of a large organisation writes in some seconds. */
const PART_CHANGES = 20_000;
/** How long what changed is kept. A delta link that is older has to begin anew. */
export const CHANGES_KEPT_DAYS = 30;
/** A version tells its time to this much, also where nothing has changed for long. */
const VERSION_FRESH = '1 hour';
/** A clock of the database that is set back by less loses no claim. */
const CLAIMS_OVERLAP = '1 minute';

interface Given {
  readonly version: number;
  readonly isMore: boolean;
}

/**
 * Gives a version to every change of the directory that is committed and has none. What commits
 * later gets a greater one, however long ago it began: so whoever knows what is up to a version
 * misses nothing that comes after it. Writers take no part in it, and wait for nothing.
 * @param withLicenses claims count as changes of their users, too
 * @returns the version up to which all is known
 */
export async function sequenceChanges(tenancy: Tenancy, withLicenses: boolean): Promise<number> {
  if (withLicenses) await noteClaims(tenancy);
  const known = await readVersion(tenancy);
  if (known !== undefined) return known;
  for (;;) {
    const { version, isMore } = await inTenant(tenancy, giveVersions);
    if (!isMore) return version;
  }
}

/** The last version, where nothing waits for one; undefined where something does, or it is of long ago. */
async function readVersion({ db, tenantId }: Tenancy): Promise<number | undefined> {
  const { rows } = await db.pool.query<{ version: number }>(
    `select version from directory_versions
      where tenant_id = $1
        and version > (extract(epoch from clock_timestamp() - $2::interval) * 1000000)::bigint
        and not exists (select from directory_changes where tenant_id = $1 and version is null)`,
    [tenantId, VERSION_FRESH],
  );
  return rows[0]?.version;
}

async function giveVersions(tx: TenantTransaction): Promise<Given> {
  const { version: last } = await lockVersion(tx);
  // The clock's time keeps versions apart also where a standby that takes over has lost the last ones.
  const base = Math.max(last, tx.now.getTime() * 1_000);
  const { rowCount } = await tx.client.query(
    `update directory_changes c set version = $2 + n.place
       from (select change_id, row_number() over (order by change_id) as place
               from directory_changes where tenant_id = $1 and version is null order by change_id limit $3) n
      where c.tenant_id = $1 and c.change_id = n.change_id`,
    [tx.tenantId, base, PART_CHANGES],
  );
  const version = base + (rowCount ?? 0);
  await tx.client.query('update directory_versions set version = $2 where tenant_id = $1', [tx.tenantId, version]);
  return { version, isMore: rowCount === PART_CHANGES };
}

/** Waits for whoever gives versions; what is read after this, in a new statement, sees theirs. */
async function lockVersion({ client, tenantId }: TenantTransaction) {
  await client.query('insert into directory_versions (tenant_id, version) values ($1, 0) on conflict do nothing', [
    tenantId,
  ]);
  const { rows } = await client.query<{ version: number; claims_until: Date | null }>(
    'select version, claims_until from directory_versions where tenant_id = $1 for no key update',
    [tenantId],
  );
  return rows[0]!;
}

/**
 * Puts the claims since the last time among the changes. The claim itself writes nothing for it: it is
 * what there must be most of in little time, and few tenants ask.
 */
async function noteClaims(tenancy: Tenancy): Promise<void> {
  // A claim takes its time under a pool's lock: once all locks were free, all that was claimed
  // before this moment is committed. Held for no longer.
  const until = await inTenant(tenancy, async (tx) => {
    await lockAllPools(tx);
    const { rows } = await tx.client.query<{ now: Date }>(
      "select date_trunc('milliseconds', clock_timestamp()) as now",
    );
    return rows[0]!.now;
  });
  while (await inTenant(tenancy, (tx) => notePartOfClaims(tx, until)));
}

/** @returns whether there are more */
async function notePartOfClaims(tx: TenantTransaction, until: Date): Promise<boolean> {
  const { claims_until: noted } = await lockVersion(tx);
  if (noted && noted >= until) return false; // another reader was here
  const from = noted ?? until;
  const end = await endOfPart(tx, from, until);
  await tx.client.query(
    `insert into directory_changes (tenant_id, change_id, is_user, object_id, recorded_at)
     select tenant_id, claim_id, true, user_id, $4
       from claims
      where tenant_id = $1 and claimed_at >= $2::timestamptz - $5::interval and claimed_at < $3
        and claimed_at > $4::timestamptz - make_interval(days => $6)
     on conflict (tenant_id, change_id) do nothing`,
    [tx.tenantId, from, end, tx.now, CLAIMS_OVERLAP, CHANGES_KEPT_DAYS],
  );
  await tx.client.query('update directory_versions set claims_until = $2 where tenant_id = $1', [tx.tenantId, end]);
  return end < until;
}

/** The time after so many claims; the whole rest, where there are fewer. Index: claims_newest_first. */
async function endOfPart({ client, tenantId }: TenantTransaction, from: Date, until: Date): Promise<Date> {
  const { rows } = await client.query<{ end: Date }>(
    `select claimed_at as end from claims
      where tenant_id = $1 and claimed_at > $2 and claimed_at < $3 order by claimed_at offset $4 limit 1`,
    [tenantId, from, until, PART_CHANGES],
  );
  return rows[0]?.end ?? until;
}
