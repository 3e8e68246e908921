import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { createApp } from '../../../src/engine/app/write-app.ts';
import { createGroup } from '../../../src/engine/directory/write-group.ts';
import { addMember } from '../../../src/engine/license/change-members.ts';
import { createUser } from '../../../src/engine/directory/write-user.ts';
import { createProduct } from '../../../src/engine/product/write-product.ts';
import { createTenant, ensureFirstTenant } from '../../../src/engine/tenant/create-tenant.ts';
import type { Tenancy } from '../../../src/engine/tenant/tenancy.ts';
import { SYSTEM } from '../../../src/engine/tenant/tenant.ts';
import type { Database } from '../../../src/db/open.ts';
import type { App, Organisation, Person, Plan, Product } from '../model/organisation.ts';

// How an organisation begins: four products that share six plans, with rules between them; two
// apps; people and groups, some nested.

export interface Founding {
  /** For each product, which of the six plans it has, as bits. */
  readonly plans: readonly number[];
  /** Of a product: one of its plans (by its place) needs or excludes another of the six. */
  readonly rules: readonly {
    readonly product: number;
    readonly plan: number;
    readonly kind: 'needs' | 'excludes';
    readonly other: number;
  }[];
  /** Of the first and the second app, the plans required, as bits. */
  readonly requires: readonly number[];
  readonly people: readonly { readonly blocked: boolean; readonly guest: boolean; readonly location: string | null }[];
  /** Members of each group, as picks among people and then groups. */
  readonly members: readonly (readonly number[])[];
}

const PLANS = 6;
const GROUPS = 3;
/** The tenant's usage location for who has none. */
const DEFAULT_LOCATION = 'US';

export const foundings: fc.Arbitrary<Founding> = fc.record({
  // Plans 0 and 1 are those that apps require: most products have one of them.
  plans: fc
    .array(fc.integer({ min: 1, max: 63 }), { minLength: 4, maxLength: 4 })
    .map((bits) => bits.map((one, index) => one | (index === 3 ? 0 : 1 << (index % 2)))),
  rules: fc.array(
    fc.record({
      product: fc.nat({ max: 3 }),
      plan: fc.nat({ max: PLANS - 1 }),
      kind: fc.constantFrom('needs', 'excludes'),
      other: fc.nat({ max: PLANS - 1 }),
    }),
    { maxLength: 3, size: 'max' },
  ),
  requires: fc.tuple(fc.constantFrom(1, 3), fc.constantFrom(2, 3, 6)),
  people: fc.array(
    fc.record({
      blocked: fc.constantFrom(...Array<boolean>(12).fill(false), true),
      guest: fc.constantFrom(false, false, false, true),
      location: fc.constantFrom('US', 'US', 'DE', null),
    }),
    { minLength: 4, maxLength: 7 },
  ),
  members: fc.array(fc.uniqueArray(fc.nat({ max: 6 }), { maxLength: 4 }), { minLength: GROUPS, maxLength: GROUPS }),
});

/** The tenant under whose name others are made. */
export async function firstTenancy(db: Database): Promise<Tenancy> {
  const tenantId = await ensureFirstTenant(db, { name: 'First', defaultDomain: 'first.example' });
  return { db, tenantId, actor: SYSTEM, correlationId: null };
}

/** Founds an organisation in a tenant of its own, in the database and in the model. */
export async function found(
  first: Tenancy,
  founding: Founding,
  name: string,
): Promise<{ tenancy: Tenancy; organisation: Organisation }> {
  const domain = `${randomUUID().slice(0, 13)}.example`;
  const newTenant = { displayName: name, defaultDomain: domain, countryLetterCode: DEFAULT_LOCATION };
  const { tenant } = await createTenant(first, newTenant, () => Promise.resolve());
  const tenancy = { ...first, tenantId: tenant.id };
  const products = productsOf(founding, name);
  for (const product of products) await createProduct(tenancy, asWritten(product));
  const apps: App[] = [];
  for (const [index, bits] of founding.requires.entries()) {
    // Only what some product has can be required.
    const requires = planIds(bits).filter((id) => products.some(({ plans }) => plans.some((plan) => plan.id === id)));
    const draft = { displayName: `${name} app ${index}`, requiredServicePlanIds: requires };
    const { appId, id } = await createApp(tenancy, draft, { permissions: new Set() });
    apps.push({ id: appId, objectId: id, name: draft.displayName, requires });
  }
  const people: Person[] = [];
  for (const [index, person] of founding.people.entries()) people.push(await addPerson(tenancy, name, index, person));
  const groups = new Map<string, Set<string>>();
  for (let index = 0; index < GROUPS; index += 1) {
    groups.set(await createGroup(tenancy, { displayName: `${name} group ${index}` }), new Set());
  }
  const members = [...people.map(({ id }) => id), ...groups.keys()];
  for (const [index, [group, own]] of [...groups].entries()) {
    for (const member of new Set(founding.members[index]!.map((at) => members[at % members.length]!))) {
      if (member === group) continue;
      await addMember(tenancy, group, member);
      own.add(member);
    }
  }
  const organisation: Organisation = {
    now: 0,
    isAutoClaimOn: false,
    defaultLocation: DEFAULT_LOCATION,
    people,
    groups,
    products,
    purchases: [],
    apps,
    policies: [],
    given: new Map(),
    groupErrors: [],
    licenses: [],
    claims: [],
    extensions: 0,
    delivered: new Map(),
  };
  return { tenancy, organisation };
}

export async function addPerson(
  tenancy: Tenancy,
  name: string,
  index: number,
  { blocked, guest, location }: Founding['people'][number],
): Promise<Person> {
  const principalName = `Person.${index}@${name.toLowerCase()}.example`;
  const displayName = `${name} person ${index}`;
  const id = await createUser(tenancy, {
    userPrincipalName: principalName,
    displayName,
    accountEnabled: !blocked,
    userType: guest ? 'Guest' : 'Member',
    usageLocation: location,
  });
  return { id, principalName, displayName, isBlocked: blocked, isGuest: guest, location, isDeleted: false };
}

/** The same ids in every tenant: a statement that forgot the tenant would find the other's. */
function productsOf({ plans, rules }: Founding, name: string): Product[] {
  return plans.map((bits, index) => {
    const ids = planIds(bits);
    const own = rules
      .filter(({ product }) => product === index)
      .map(({ plan, kind, other }) => ({ kind, plan: ids[plan % ids.length]!, other: planId(other) }))
      .filter(({ plan, other }) => plan !== other);
    const named = (id: string, kind: 'needs' | 'excludes') => [
      ...new Set(own.filter((rule) => rule.plan === id && rule.kind === kind).map(({ other }) => other)),
    ];
    return {
      skuId: `5c000000-0000-4000-8000-00000000000${index}`,
      partNumber: `${name.toUpperCase()}_${index}`,
      name: `${name} product ${index}`,
      plans: ids.map((id): Plan => {
        const needs = named(id, 'needs');
        const excludes = named(id, 'excludes').filter((other) => !needs.includes(other));
        return { id, name: `PLAN_${id.at(-1)}`, needs, excludes };
      }),
      prohibitedIn: index === 2 ? ['DE'] : [],
    };
  });
}

function asWritten({ skuId, partNumber, name, plans, prohibitedIn }: Product) {
  return {
    skuId,
    skuPartNumber: partNumber,
    displayName: name,
    prohibitedUsageLocations: prohibitedIn,
    servicePlans: plans.map((plan) => ({
      servicePlanId: plan.id,
      servicePlanName: plan.name,
      dependsOn: plan.needs,
      conflictsWith: plan.excludes,
    })),
  };
}

/** The plans that a number's bits mean. */
export function planIds(bits: number): string[] {
  return Array.from({ length: PLANS }, (_, index) => index)
    .filter((index) => bits & (1 << index))
    .map(planId);
}

function planId(index: number): string {
  return `9a000000-0000-4000-8000-00000000000${index}`;
}
