import type { Database } from '../db/open.ts';
import { insertApp } from '../engine/app/app.ts';
import { recordAudit } from '../engine/audit/audit.ts';
import { takeSeats } from '../engine/license/seats.ts';
import { completePlans } from '../engine/product/product.ts';
import { insertProducts, writePlans } from '../engine/product/stored-products.ts';
import { recountUnits } from '../engine/subscription/pools.ts';
import { ensureFirstTenant } from '../engine/tenant/create-tenant.ts';
import type { TenantTransaction } from '../engine/tenant/tenancy.ts';
import { APPS } from './apps.ts';
import { GROUPS } from './groups.ts';
import { DOMAIN, PEOPLE } from './people.ts';
import { PRODUCTS } from './products.ts';
import { PURCHASES } from './purchases.ts';

const YEAR_MS = 365 * 24 * 3_600_000;

/** The sample organisation's tenant. */
export const CONTOSO = { displayName: 'Contoso', defaultDomain: DOMAIN, countryLetterCode: 'US' };

/**
 * Loads the sample into a database that has no tenant; any other is left as it is. One
 * transaction; of servers that start at once, one loads it.
 * @returns the id of the database's first tenant
 */
export function loadSample(db: Database): Promise<string> {
  return ensureFirstTenant(db, { name: CONTOSO.displayName, ...CONTOSO }, furnishContoso);
}

/** Fills a new tenant with the sample: everything but policies, which are the newcomer's to make. */
export async function furnishContoso(tx: TenantTransaction): Promise<void> {
  await addProducts(tx);
  await addPeople(tx);
  await addGroups(tx);
  for (const app of APPS) await insertApp(tx, { ...app, createdAt: tx.now });
  await addPurchases(tx);
  // One entry: nobody needs the history of an organisation that came to be at once.
  const target = { type: 'Tenant', id: tx.tenantId, name: CONTOSO.displayName };
  await recordAudit(tx, [
    { category: 'DirectoryManagement', activity: 'Load sample organisation', operation: 'Add', target },
  ]);
}

async function addProducts(tx: TenantTransaction): Promise<void> {
  const products = PRODUCTS.map((product) => ({
    ...product,
    appliesTo: 'User' as const,
    prohibitedUsageLocations: [],
    servicePlans: completePlans(product.servicePlans),
  }));
  await insertProducts(tx, products);
  await writePlans(
    tx,
    products.flatMap(({ skuId, servicePlans }) => servicePlans.map((plan, position) => ({ ...plan, skuId, position }))),
  );
}

async function addPeople(tx: TenantTransaction): Promise<void> {
  const rows = PEOPLE.map((person) => ({
    tenant_id: tx.tenantId,
    user_id: person.id,
    user_principal_name: person.userPrincipalName,
    display_name: person.displayName,
    user_type: person.userType,
    is_account_enabled: person.isEnabled,
    usage_location: person.usageLocation,
    mail: person.mail,
    mail_nickname: person.userPrincipalName.split('@', 1)[0]!,
    given_name: person.givenName,
    surname: person.surname,
    job_title: person.jobTitle,
    department: person.department,
    company_name: person.companyName,
    employee_id: person.employeeId,
    office_location: person.office?.city ?? null,
    city: person.office?.city ?? null,
    country: person.office?.country ?? null,
    preferred_language: person.office?.language ?? null,
    created_at: tx.now,
  }));
  await tx.query.insertInto('users').values(rows).execute();
}

async function addGroups(tx: TenantTransaction): Promise<void> {
  const shared = { tenant_id: tx.tenantId, added_at: tx.now };
  const rows = GROUPS.map(({ id, displayName, description, mailNickname }) => ({
    tenant_id: tx.tenantId,
    group_id: id,
    display_name: displayName,
    description,
    mail_nickname: mailNickname,
    created_at: tx.now,
  }));
  await tx.query.insertInto('groups').values(rows).execute();
  const users = GROUPS.flatMap(({ id, users }) => users.map((user_id) => ({ ...shared, group_id: id, user_id })));
  await tx.query.insertInto('group_users').values(users).execute();
  const groups = GROUPS.flatMap(({ id, groups }) =>
    groups.map((member) => ({ ...shared, group_id: id, member_group_id: member })),
  );
  await tx.query.insertInto('group_groups').values(groups).execute();
}

/** Buys, assigns, and only then lets run out what has run out: seats are taken while they can be. */
async function addPurchases(tx: TenantTransaction): Promise<void> {
  const skuIds = PURCHASES.map(({ skuId }) => skuId);
  const pools = skuIds.map((sku_id) => ({
    sku_id,
    tenant_id: tx.tenantId,
    is_usable: false,
    enabled: 0,
    warning: 0,
    suspended: 0,
  }));
  await tx.query.insertInto('pools').values(pools).execute();
  const later = (after_ms: number) => new Date(tx.now.getTime() + after_ms);
  const subscriptions = PURCHASES.map(({ subscriptionId, skuId, totalLicenses, isTrial, endsIn_ms }) => ({
    tenant_id: tx.tenantId,
    subscription_id: subscriptionId,
    sku_id: skuId,
    total_licenses: totalLicenses,
    is_trial: isTrial,
    created_at: later(Math.min(endsIn_ms ?? 0, 0) - YEAR_MS),
  }));
  await tx.query.insertInto('subscriptions').values(subscriptions).execute();
  await recountUnits(tx, skuIds);
  await takeSeats(
    tx,
    PURCHASES.flatMap(({ skuId, holders }) =>
      holders.map(({ userId, disabledPlans }) => ({ userId, skuId, path: { kind: 'direct' as const, disabledPlans } })),
    ),
    tx.now,
  );
  for (const { subscriptionId, endsIn_ms } of PURCHASES) {
    if (endsIn_ms === null) continue;
    await tx.query
      .updateTable('subscriptions')
      .set({ ends_at: later(endsIn_ms) })
      .where('tenant_id', '=', tx.tenantId)
      .where('subscription_id', '=', subscriptionId)
      .execute();
  }
  await recountUnits(tx, skuIds);
}
