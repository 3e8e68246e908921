import { anyExcluded, anyNeeded, plansHad } from './decision.ts';
import { licenseOf, personOf, productOf, type Organisation } from './organisation.ts';
import { freeSeats, isUsable, wasBought } from './purchases.ts';
import { endPaths, givePath } from './seats.ts';

/** An assignment by hand (FACTS.md, "assignLicense"). */
export interface Assignment {
  readonly userId: string;
  readonly add: readonly { readonly skuId: string; readonly without: readonly string[] }[];
  readonly remove: readonly string[];
}

/** Why it can't be done: the beginnings of all messages that would be right, since their order is nobody's promise. */
export function faultsOf(organisation: Organisation, { userId, add, remove }: Assignment): string[] {
  const person = personOf(organisation, userId);
  if (!person) return [`Resource '${userId}' does not exist`];
  const faults: string[] = [];
  for (const skuId of remove) {
    const license = licenseOf(organisation, userId, skuId);
    if (!license) faults.push('User does not have a corresponding license.');
    else if (license.paths.every(({ kind }) => kind === 'group')) faults.push('User license is inherited from a group');
  }
  for (const { skuId } of add) {
    const isProhibited =
      person.location === null || productOf(organisation, skuId).prohibitedIn.includes(person.location);
    const hasSeat = licenseOf(organisation, userId, skuId) !== undefined;
    if (!wasBought(organisation, skuId))
      faults.push(`License ${skuId} does not correspond to a valid company License.`);
    if (isProhibited) faults.push('License assignment cannot be done for user with invalid usage location.');
    if (!isUsable(organisation, skuId) || !(hasSeat || freeSeats(organisation, skuId) > 0)) {
      faults.push(`Subscription with SKU ${skuId} does not have any available licenses.`);
    }
  }
  const given = add.flatMap(({ skuId, without }) =>
    productOf(organisation, skuId).plans.filter(({ id }) => !without.includes(id)),
  );
  const touched = [...remove, ...add.map(({ skuId }) => skuId)];
  const kept = organisation.licenses.map((license) => ({
    ...license,
    paths: touched.includes(license.skuId) ? license.paths.filter(({ kind }) => kind === 'group') : license.paths,
  }));
  const had = plansHad(organisation, userId, kept);
  if (anyNeeded(given, had)) faults.push('License assignment failed because service plan ');
  if (anyExcluded(given, had)) faults.push('License assignment failed because service plans ');
  return faults;
}

/** Assigning takes over: policy paths end and one direct path remains. Unassigning ends direct and policy paths. */
export function assign(organisation: Organisation, { userId, add, remove }: Assignment): void {
  endPaths(
    organisation,
    ({ userId: of, skuId }, { kind }) => of === userId && remove.includes(skuId) && kind !== 'group',
  );
  for (const { skuId, without } of add) {
    givePath(organisation, userId, skuId, { kind: 'direct', without });
    endPaths(
      organisation,
      (license, { kind }) => license.userId === userId && license.skuId === skuId && kind === 'policy',
    );
  }
}
