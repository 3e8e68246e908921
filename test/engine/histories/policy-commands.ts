import { updateApp } from '../../../src/engine/app/write-app.ts';
import { createPolicy, deletePolicy, reorderPolicies, updatePolicy } from '../../../src/engine/policy/policies.ts';
import { writeSetting } from '../../../src/engine/policy/setting.ts';
import { updateProduct } from '../../../src/engine/product/write-product.ts';
import { licenseByGroups, peopleInError } from '../model/group-licensing.ts';
import { isValid, licenses, policiesOf, reorder, type Draft } from '../model/policies.ts';
import type { App, Organisation } from '../model/organisation.ts';
import type { Command, DraftCommand } from './commands.ts';
import { planIds } from './found.ts';
import { chosen, doIfAllowed, type Audited, type World } from './world.ts';

type Of<T extends Command['do']> = Extract<Command, { do: T }>;

export async function addPolicy({ tenancy, organisation }: World, command: Of<'add policy'>): Promise<Audited> {
  const app = chosen(organisation.apps, command.app)!;
  const draft = draftOf(organisation, app, command);
  const outcome = await doIfAllowed(isValid(organisation, app, draft), createPolicy(tenancy, app.id, asWritten(draft)));
  if (!outcome) return 0;
  organisation.policies.push({ id: outcome.done.policyId, appId: app.id, ...draft });
  return 'as it changed';
}

export async function editPolicy(
  { tenancy, organisation }: World,
  { policy: pick, parts, draft: wanted }: Of<'edit policy'>,
): Promise<Audited> {
  const policy = chosen(organisation.policies, pick);
  if (!policy) return 0;
  const app = organisation.apps.find(({ id }) => id === policy.appId)!;
  const { name, isOn, products, include, exclude, guests } = draftOf(organisation, app, wanted);
  const patch: Partial<Draft> = {
    ...(parts & 1 && { products }),
    ...(parts & 2 && { isOn }),
    ...(parts & 4 && { include, exclude }),
    ...(parts & 8 && { guests }),
    ...(parts & 16 && { name }),
  };
  const isAllowed = isValid(organisation, app, { ...policy, ...patch }, policy);
  const outcome = await doIfAllowed(isAllowed, updatePolicy(tenancy, policy.id, asWritten(patch), undefined));
  if (!outcome) return 0;
  Object.assign(policy, patch);
  return 'if it changed';
}

export async function removePolicy(
  { tenancy, organisation }: World,
  { policy: pick }: Of<'delete policy'>,
): Promise<Audited> {
  const policy = chosen(organisation.policies, pick);
  if (!policy) return 0;
  await deletePolicy(tenancy, policy.id, undefined);
  organisation.policies = organisation.policies.filter((one) => one !== policy);
  return 'as it changed';
}

export async function putInOrder(
  { tenancy, organisation }: World,
  { app: pick, shuffle }: Of<'reorder policies'>,
): Promise<Audited> {
  const app = chosen(organisation.apps, pick)!;
  const ids = policiesOf(organisation, app.id).map(({ id }) => id);
  if (ids.length === 0) return 0;
  const order = [...ids.splice(shuffle % ids.length, 1), ...ids.reverse()];
  await reorderPolicies(tenancy, order);
  reorder(organisation, app.id, order);
  return 'if it changed';
}

export async function turn({ tenancy, organisation }: World, { on }: Of<'switch'>): Promise<Audited> {
  await writeSetting(tenancy, { isEnabled: on });
  organisation.isAutoClaimOn = on;
  return 'as it changed';
}

export async function setDefaultLocation(
  { tenancy, organisation }: World,
  { location }: Of<'set default location'>,
): Promise<Audited> {
  await writeSetting(tenancy, { defaultUsageLocation: location });
  if (location !== organisation.defaultLocation) {
    organisation.defaultLocation = location;
    licenseByGroups(organisation, peopleInError(organisation));
  }
  return 'as it changed';
}

/** An app comes to require other plans. */
export async function requirePlans(
  { tenancy, organisation }: World,
  { app: pick, plans }: Of<'require'>,
): Promise<Audited> {
  const app = chosen(organisation.apps, pick)!;
  const catalogue = organisation.products.flatMap((product) => product.plans.map(({ id }) => id));
  const requires = planIds(plans).filter((id) => catalogue.includes(id));
  const isAllowed = policiesOf(organisation, app.id).every(({ products }) =>
    products.every((product) => licenses(organisation, product, requires)),
  );
  const outcome = await doIfAllowed(
    isAllowed,
    updateApp(tenancy, app.objectId, { requiredServicePlanIds: requires }, { permissions: new Set() }),
  );
  if (outcome) app.requires = requires;
  return outcome ? 'as it changed' : 0;
}

export async function prohibit(
  { tenancy, organisation }: World,
  { product: pick, location }: Of<'prohibit'>,
): Promise<Audited> {
  const product = chosen(organisation.products, pick)!;
  product.prohibitedIn = location === null ? [] : [location];
  await updateProduct(tenancy, product.skuId, { prohibitedUsageLocations: product.prohibitedIn });
  return 'as it changed';
}

const NOWHERE = '99999999-0000-4000-8000-000000000000';

/** A draft that mostly could stand: products that fit the app, with a required plan on. */
function draftOf(
  organisation: Organisation,
  { requires }: App,
  { name, isOn, products, include, exclude, guests }: DraftCommand,
): Draft {
  const groups = [...organisation.groups.keys()];
  const groupOf = (at: number) => (at === 11 ? NOWHERE : chosen(groups, at)!);
  const fitting = organisation.products.filter(({ plans }) => plans.some(({ id }) => requires.includes(id)));
  const picked = products.map(({ product, without }) => ({
    // Where an app requires nothing, none fits: then one that doesn't is tried, and refused.
    ...chosen(product === 11 || fitting.length === 0 ? organisation.products : fitting, product)!,
    bits: without,
  }));
  return {
    name: name === 23 ? 'POLICY 1' : `Policy ${name}`,
    isOn,
    products: picked
      .filter(({ skuId }, at) => products[0]!.product === 10 || picked.findIndex((one) => one.skuId === skuId) === at)
      .map(({ skuId, plans, bits }) => {
        const kept = plans.find(({ id }) => requires.includes(id) && bits % 7 > 0);
        return {
          skuId,
          without: planIds(bits).filter((id) => id !== kept?.id && plans.some((plan) => plan.id === id)),
        };
      }),
    include: groups.length === 0 ? [] : [...new Set(include.map(groupOf))],
    exclude: groups.length === 0 ? [] : [...new Set(exclude.map(groupOf))],
    guests,
  };
}

/** In the engine's words, only what is given. */
function asWritten(draft: Partial<Draft>) {
  const { name, isOn, products, include, exclude, guests } = draft;
  const written = {
    displayName: name,
    isEnabled: isOn,
    products: products?.map(({ skuId, without }) => ({ skuId, disabledPlans: without })),
    includeGroups: include,
    excludeGroups: exclude,
    includeGuests: guests,
  };
  return Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined)) as unknown as Required<{
    [K in keyof typeof written]: NonNullable<(typeof written)[K]>;
  }>;
}
