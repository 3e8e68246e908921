import type { GroupLicense, GroupLicenseError, GroupLicensingFacts, Member } from './group-license.ts';
import { findFaults, hasLicense, otherError } from './group-license-faults.ts';
import type { HeldLicense, LicensedProduct } from './held.ts';
import type { AssignmentPath } from './path.ts';

type GroupPath = Extract<AssignmentPath, { kind: 'group' }>;

/** A path to give or to change. */
export interface PlannedPath {
  readonly member: Member;
  readonly skuId: string;
  readonly path: GroupPath;
  /** The path as it is; undefined: there is none yet. */
  readonly before: GroupPath | undefined;
  /** He has a seat of the product already, by whatever path. */
  readonly isSeated: boolean;
}

export interface PlannedEnd {
  readonly member: Member;
  readonly skuId: string;
  readonly path: GroupPath;
  readonly reason: string;
}

/** What is to be done for some users, so that they have what their groups give and nothing that these don't. */
export interface GroupLicensingPlan {
  readonly paths: readonly PlannedPath[];
  readonly ends: readonly PlannedEnd[];
  /** Of each user whose errors are others than before: all of them as they are now. */
  readonly errors: readonly { readonly member: Member; readonly errors: readonly GroupLicenseError[] }[];
  /** The products whose pools decide: they must be locked for the plan to hold. */
  readonly skuIds: ReadonlySet<string>;
}

/**
 * Decides for some users what groups give and take (FACTS.md, "Group-based licensing"). First all
 * that ends, whose seats the others may have; then, user by user, each of his groups by its id, all
 * of its products or none. What a group gave before stays, whatever has come to stand against it:
 * who has it must not lose it because a group gives more.
 */
export function planGroupLicenses(facts: GroupLicensingFacts): GroupLicensingPlan {
  const free = new Map([...facts.products.values()].map((product) => [product.skuId, freeSeats(product)]));
  const ends = facts.members.flatMap((member) => endsOf(facts, member));
  const kept = new Map(facts.members.map((member) => [member, keptBy(member, ends)]));
  for (const member of facts.members) {
    for (const { skuId } of member.licenses) {
      const stays = kept.get(member)!.some((license) => license.skuId === skuId) || isGiven(facts, member, skuId);
      if (!stays) free.set(skuId, (free.get(skuId) ?? 0) + 1);
    }
  }
  const paths: PlannedPath[] = [];
  const errors: { member: Member; errors: readonly GroupLicenseError[] }[] = [];
  for (const member of facts.members) {
    const found: GroupLicenseError[] = [];
    let licenses = kept.get(member)!;
    for (const groupId of member.groupIds) {
      const given = giveGroup(facts, free, member, licenses, facts.licenses.get(groupId) ?? []);
      paths.push(...given.paths);
      found.push(...given.errors);
      licenses = given.licenses;
    }
    if (!areSame(member.errors, found)) errors.push({ member, errors: found });
  }
  const concerned = [...paths, ...ends, ...errors.flatMap((one) => [...one.errors, ...one.member.errors])];
  return { paths, ends, errors, skuIds: new Set([...facts.duePools, ...concerned.map(({ skuId }) => skuId)]) };
}

function freeSeats({ pool }: LicensedProduct): number {
  return pool?.isUsable ? pool.seats - pool.consumed : 0;
}

function isGiven({ licenses }: GroupLicensingFacts, { groupIds }: Member, skuId: string): boolean {
  return groupIds.some((groupId) => licenses.get(groupId)?.some((license) => license.skuId === skuId));
}

function endsOf({ licenses }: GroupLicensingFacts, member: Member): PlannedEnd[] {
  return member.licenses.flatMap(({ skuId, paths }) =>
    groupPaths(paths).flatMap((path): PlannedEnd[] => {
      if (!member.groupIds.includes(path.groupId))
        // Without a license the group isn't among his, whether or not he is in it.
        return [{ member, skuId, path, reason: reasonOf(licenses, path.groupId) }];
      const isIntended = licenses.get(path.groupId)?.some((license) => license.skuId === skuId);
      return isIntended ? [] : [{ member, skuId, path, reason: REMOVED }];
    }),
  );
}

const REMOVED = 'The license was removed from the group';

function reasonOf(licenses: GroupLicensingFacts['licenses'], groupId: string): string {
  return licenses.has(groupId) ? 'No longer a member of the group' : REMOVED;
}

function keptBy(member: Member, ends: readonly PlannedEnd[]): readonly HeldLicense[] {
  const ended = new Set(ends.filter((end) => end.member === member).map(({ path }) => path));
  if (ended.size === 0) return member.licenses;
  return member.licenses
    .map(({ skuId, paths }) => ({ skuId, paths: paths.filter((path) => !ended.has(path as GroupPath)) }))
    .filter(({ paths }) => paths.length > 0);
}

interface Given {
  readonly paths: readonly PlannedPath[];
  readonly errors: readonly GroupLicenseError[];
  readonly licenses: readonly HeldLicense[];
}

/** What one group gives to a user who has licenses by now: all that he hasn't yet, or none of it. */
function giveGroup(
  facts: GroupLicensingFacts,
  free: Map<string, number>,
  member: Member,
  licenses: readonly HeldLicense[],
  wanted: readonly GroupLicense[],
): Given {
  const open = wanted
    .map((license) => ({ license, before: pathOf(licenses, license) }))
    .filter(({ license, before }) => !before || !isSameSet(before.disabledPlans, license.disabledPlans));
  const narrowed = open.filter(({ license, before }) => before && !turnsOn(license, before));
  const added = open.filter((one) => !narrowed.includes(one));
  const faults = findFaults(
    facts,
    free,
    member,
    licenses,
    added.map(({ license }) => license),
  );
  const done = faults.size > 0 ? narrowed : open;
  const paths = done.map(({ license: { skuId, groupId, disabledPlans }, before }): PlannedPath => {
    const isSeated = member.licenses.some((held) => held.skuId === skuId) || hasLicense(licenses, skuId);
    if (!isSeated) free.set(skuId, (free.get(skuId) ?? 0) - 1);
    return { member, skuId, path: { kind: 'group', groupId, disabledPlans }, before, isSeated };
  });
  return {
    paths,
    licenses: paths.reduce(withPath, licenses),
    errors: faults.size === 0 ? [] : added.map(({ license }) => faults.get(license) ?? otherError(license, faults)),
  };
}

function groupPaths(paths: readonly AssignmentPath[]): GroupPath[] {
  return paths.filter((path): path is GroupPath => path.kind === 'group');
}

function pathOf(licenses: readonly HeldLicense[], { skuId, groupId }: GroupLicense): GroupPath | undefined {
  const held = licenses.find((license) => license.skuId === skuId);
  return groupPaths(held?.paths ?? []).find((path) => path.groupId === groupId);
}

function withPath(licenses: readonly HeldLicense[], { skuId, path, before }: PlannedPath): readonly HeldLicense[] {
  const held = licenses.find((license) => license.skuId === skuId);
  const paths = [...(held?.paths ?? []).filter((one) => one !== before), path];
  return [...licenses.filter((license) => license !== held), { skuId, paths }];
}

/** Whether an intent turns on a plan that the path leaves out. */
function turnsOn(license: GroupLicense, before: GroupPath): boolean {
  return before.disabledPlans.some((plan) => !license.disabledPlans.includes(plan));
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((plan) => other.includes(plan));
}

function areSame(one: readonly GroupLicenseError[], other: readonly GroupLicenseError[]): boolean {
  const key = (errors: readonly GroupLicenseError[]) =>
    errors.map(({ groupId, skuId, error, detail }) => JSON.stringify([groupId, skuId, error, detail])).sort();
  return JSON.stringify(key(one)) === JSON.stringify(key(other));
}
