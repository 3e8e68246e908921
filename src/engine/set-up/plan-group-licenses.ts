import { changesBetween, type Change } from '../audit/audit.ts';
import type { GroupLicense } from '../license/group-license.ts';
import { findProducts, shownProducts, type Naming, type Names } from './naming.ts';
import { ROOT, type CurrentSetUp, type SetUpDocument } from './set-up.ts';

/** What a group will give its members. */
export interface PlannedGroupLicenses {
  /** Where it stands in the document. */
  readonly target: string;
  readonly groupId: string;
  readonly groupName: string;
  readonly before: readonly GroupLicense[];
  readonly after: readonly Omit<GroupLicense, 'groupId'>[];
  readonly changes: readonly Change[];
}

/** Plans what groups give; those that the document doesn't name come back apart, with all that they give. */
export function planGroupLicenses(document: SetUpDocument, current: CurrentSetUp, naming: Naming, names: Names) {
  if (!document.groupLicenses) return { planned: [], unnamed: [] };
  const givenBy = Map.groupBy(current.groupLicenses, ({ groupId }) => groupId);
  const named = new Set<string>();
  const planned = document.groupLicenses.flatMap(({ group: name, products }, index): PlannedGroupLicenses[] => {
    const target = `${ROOT}.groupLicenses[${index}]`;
    const groupId = naming.group(name, `${target}.group`, []);
    if (named.has(groupId)) naming.note(`${target}.group`, `the group "${name}" is there twice.`);
    named.add(groupId);
    const before = givenBy.get(groupId) ?? [];
    const after = findProducts(products, before, target, naming);
    if (!after) return [];
    const twice = after.findIndex(({ skuId }, at) => after.findIndex((one) => one.skuId === skuId) < at);
    if (twice >= 0)
      naming.note(`${target}.products[${twice}].product`, `product "${products[twice]!.product}" is there twice.`);
    return [plannedOf(target, groupId, before, inOrderOf(before, after), names)];
  });
  const unnamed = [...givenBy]
    .filter(([groupId]) => !named.has(groupId))
    .map(([groupId, before]) => plannedOf(`${ROOT}.groupLicenses`, groupId, before, [], names));
  return { planned: planned.filter(({ changes }) => changes.length > 0), unnamed };
}

function plannedOf(
  target: string,
  groupId: string,
  before: readonly GroupLicense[],
  after: PlannedGroupLicenses['after'],
  names: Names,
): PlannedGroupLicenses {
  const changes = changesBetween({ products: shownProducts(before, names) }, { products: shownProducts(after, names) });
  return { target, groupId, groupName: names.group(groupId), before, after, changes };
}

/** All of them are given: their order means nothing. */
function inOrderOf(
  before: readonly GroupLicense[],
  after: PlannedGroupLicenses['after'],
): PlannedGroupLicenses['after'] {
  const held = before.flatMap(({ skuId }) => after.find((one) => one.skuId === skuId) ?? []);
  return [...held, ...after.filter((one) => !held.includes(one))];
}
