import { v7 as newId } from 'uuid';
import { FIRST_TENANT_LOCK } from '../../db/advisory-locks.ts';
import type { Database } from '../../db/open.ts';
import { currentTime, inTransaction, type Transaction } from '../../db/transaction.ts';
import { recordAudit } from '../audit/audit.ts';
import { duplicate, invalid } from '../refused.ts';
import { isCountry } from './country.ts';
import { inTenant, type Tenancy, type TenantTransaction } from './tenancy.ts';
import { SYSTEM, type Tenant } from './tenant.ts';

/** What a new tenant is made of. */
export interface NewTenant {
  readonly displayName: string;
  /** Its first verified domain, unique over all tenants. */
  readonly defaultDomain: string;
  /** ISO 3166-1 alpha-2; it is the usage location of people who have none, until that is set otherwise. */
  readonly countryLetterCode: string;
}

// A host name of two labels or more (RFC 1123), by which people and clients may name the tenant.
const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

/**
 * Creates a tenant for another one's caller, and does further work in it, all or nothing.
 * @param furnish runs inside the new tenant, as Autoclaim itself
 * @throws Refused where the domain is none, or taken by any tenant
 */
export function createTenant<T>(
  tenancy: Tenancy,
  tenant: NewTenant,
  furnish: (tx: TenantTransaction) => Promise<T>,
): Promise<{ tenant: Tenant; furnished: T }> {
  return inTenant(tenancy, async (tx) => {
    const created = await insertTenant(tx, tenant, tx.now);
    await recordAudit(tx, [
      {
        category: 'DirectoryManagement',
        activity: 'Add tenant',
        operation: 'Add',
        target: { type: 'Tenant', id: created.id, name: created.displayName },
        details: { defaultDomain: created.defaultDomain },
      },
    ]);
    return { tenant: created, furnished: await furnish({ ...tx, tenantId: created.id, actor: SYSTEM }) };
  });
}

/**
 * The first tenant, made where the database has none; of servers that start at once, one makes it.
 * @param furnish runs inside the tenant where it was made now, as Autoclaim itself: all or nothing
 * @returns its id
 */
export function ensureFirstTenant(
  db: Database,
  first: { name: string } & Partial<NewTenant>,
  furnish?: (tx: TenantTransaction) => Promise<void>,
): Promise<string> {
  return inTransaction(db, async (transaction) => {
    const { client } = transaction;
    await client.query('select pg_advisory_xact_lock($1)', [FIRST_TENANT_LOCK]);
    const existing = await firstTenant(client);
    if (existing) return existing;
    const { name, defaultDomain = 'organisation.example', countryLetterCode = 'US' } = first;
    const now = await currentTime(client);
    const { id } = await insertTenant(transaction, { displayName: name, defaultDomain, countryLetterCode }, now);
    await furnish?.({ ...transaction, tenantId: id, actor: SYSTEM, correlationId: null, now });
    return id;
  });
}

/** The id of the tenant that was there first: the installation's own. */
export async function firstTenant(client: Pick<Transaction['client'], 'query'>): Promise<string | undefined> {
  const { rows } = await client.query<{ tenant_id: string }>(
    'select tenant_id from tenants order by created_at, tenant_id limit 1',
  );
  return rows[0]?.tenant_id;
}

async function insertTenant({ query, client }: Transaction, tenant: NewTenant, now: Date): Promise<Tenant> {
  if (!DOMAIN.test(tenant.defaultDomain))
    throw invalid('defaultDomain', 'must be a host name, such as contoso.example');
  if (!isCountry(tenant.countryLetterCode))
    throw invalid('countryLetterCode', `${tenant.countryLetterCode} is not a country (ISO 3166-1 alpha-2).`);
  const id = newId();
  const { rows } = await client.query<{ domain: string }>(
    'insert into verified_domains (domain, tenant_id) values (lower($1), $2) on conflict (domain) do nothing returning domain',
    [tenant.defaultDomain, id],
  );
  const domain = rows[0]?.domain;
  if (domain === undefined) throw duplicate('defaultDomain');
  await query
    .insertInto('tenants')
    .values({
      tenant_id: id,
      display_name: tenant.displayName,
      default_domain: domain,
      country_letter_code: tenant.countryLetterCode,
      default_usage_location: tenant.countryLetterCode,
      created_at: now,
    })
    .execute();
  return { ...tenant, id, defaultDomain: domain, createdAt: now };
}
