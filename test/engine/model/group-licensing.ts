import { anyExcluded, anyNeeded, plansHad } from './decision.ts';
import { hasMember, licenseOf, personOf, productOf, type Organisation, type Path, type Plan } from './organisation.ts';
import { freeSeats, isUsable } from './purchases.ts';
import { endPaths, givePath } from './seats.ts';

// FACTS.md, "Group-based licensing".

interface Gift {
  readonly skuId: string;
  readonly without: readonly string[];
  /** What the user has of it by this group. */
  readonly path: Path | undefined;
}

/** Everybody in groups, through however many others, and whoever has a license by them. */
export function concernedBy(organisation: Organisation, groupIds: readonly string[]): string[] {
  const isConcerned = (userId: string) =>
    groupIds.some(
      (groupId) =>
        hasMember(organisation, groupId, userId) ||
        organisation.licenses.some(
          (one) => one.userId === userId && one.paths.some((path) => path.kind === 'group' && path.groupId === groupId),
        ),
    );
  return organisation.people.map(({ id }) => id).filter(isConcerned);
}

/** Whether a group, or one that it is in, gives anything. */
export function isBelowGiving(organisation: Organisation, groupId: string): boolean {
  return [...organisation.given].some(
    ([giving, gifts]) => gifts.size > 0 && (giving === groupId || hasMember(organisation, giving, groupId)),
  );
}

/** Everybody who hasn't got something that a group is to give. */
export function peopleInError({ groupErrors }: Organisation): string[] {
  return [...new Set(groupErrors.map(({ userId }) => userId))];
}

/** Gives people what their groups give, each group's products all or none, and takes what these don't. */
export function licenseByGroups(organisation: Organisation, userIds: readonly string[]): void {
  const there = [...new Set(userIds)].filter((id) => personOf(organisation, id)).sort();
  for (const userId of there) {
    for (const license of organisation.licenses.filter((one) => one.userId === userId)) {
      license.paths = license.paths.filter(
        (path) => path.kind !== 'group' || giftsOf(organisation, userId, path.groupId).has(license.skuId),
      );
    }
  }
  // A seat is kept as long as another group may yet give the product to the same person.
  const isAwaited = (userId: string, skuId: string) =>
    there.includes(userId) && [...organisation.given.keys()].some((id) => giftsOf(organisation, userId, id).has(skuId));
  organisation.licenses = organisation.licenses.filter(
    ({ userId, skuId, paths }) => paths.length > 0 || isAwaited(userId, skuId),
  );
  organisation.groupErrors = organisation.groupErrors.filter(({ userId }) => !there.includes(userId));
  for (const userId of there) {
    for (const groupId of [...organisation.given.keys()].sort()) giveAll(organisation, userId, groupId);
  }
  endPaths(organisation, () => false);
}

function giftsOf({ given, ...organisation }: Organisation, userId: string, groupId: string) {
  return hasMember({ given, ...organisation }, groupId, userId)
    ? (given.get(groupId) ?? new Map<string, readonly string[]>())
    : new Map<string, readonly string[]>();
}

function giveAll(organisation: Organisation, userId: string, groupId: string): void {
  const gifts = [...giftsOf(organisation, userId, groupId)].map(([skuId, without]): Gift => {
    const paths = licenseOf(organisation, userId, skuId)?.paths ?? [];
    return { skuId, without, path: paths.find((path) => path.kind === 'group' && path.groupId === groupId) };
  });
  const give = ({ skuId, without }: Gift) => givePath(organisation, userId, skuId, { kind: 'group', groupId, without });
  const isMore = ({ without, path }: Gift) => !path || path.without.some((id) => !without.includes(id));
  // What only comes to leave out more is given whatever else can't be.
  const more = gifts.filter(isMore);
  const errors = more.map((gift) => errorOf(organisation, userId, gift, more));
  const isFine = errors.every((error) => error === null);
  gifts.filter((gift) => !isMore(gift) || isFine).forEach(give);
  if (isFine) return;
  more.forEach(({ skuId }, at) =>
    organisation.groupErrors.push({ userId, groupId, skuId, error: errors[at] ?? 'Other' }),
  );
}

/** Why one product can't be given. */
function errorOf(organisation: Organisation, userId: string, gift: Gift, all: readonly Gift[]): string | null {
  const { skuId } = gift;
  const location = personOf(organisation, userId)!.location ?? organisation.defaultLocation;
  if (location === null || productOf(organisation, skuId).prohibitedIn.includes(location))
    return 'ProhibitedInUsageLocationViolation';
  const turnedOn = (one: Gift): Plan[] =>
    productOf(organisation, one.skuId).plans.filter(({ id }) => !one.without.includes(id));
  const others = all.filter((one) => one !== gift).flatMap(turnedOn);
  const had = [...plansHad(organisation, userId), ...others];
  if (anyExcluded(turnedOn(gift), had)) return 'MutuallyExclusiveViolation';
  if (anyNeeded(turnedOn(gift), had)) return 'DependencyViolation';
  if (!isUsable(organisation, skuId)) return 'CountViolation';
  return licenseOf(organisation, userId, skuId) || freeSeats(organisation, skuId) > 0 ? null : 'CountViolation';
}
