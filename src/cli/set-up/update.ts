import { isMap, isNode, isScalar, isSeq, type Document, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import type { SetUp, SetUpChange } from '../../../contract/set-up.ts';

// A file is brought up to date by undoing, in the file, each change that applying it would make. What
// no change is about isn't touched: not its comments, its order, nor how it names things.

type Part = 'apps' | 'policies' | 'groupLicenses' | 'roles';

/**
 * Writes what is there into a document.
 * @param changes that applying it, with prune, would make
 * @param setUp what is there
 */
export function updateDocument(document: Document, changes: readonly SetUpChange[], setUp: SetUp): void {
  for (const change of changes) {
    const { kind } = change;
    if (kind === 'setting') {
      for (const property of change.properties) put(document, mapAt(document, 'setting'), property.name, property);
    } else if (kind === 'app') updateItem(document, 'apps', change, setUp);
    else if (kind === 'policy') updateItem(document, 'policies', change, setUp);
    else if (kind === 'groupLicenses') updateGroup(document, change, setUp);
    else if (kind === 'role') updateRole(document, change, setUp);
  }
  for (const change of changes.filter(({ kind }) => kind === 'policyOrder')) {
    giveCommentToFirst(listAt(document, 'policies'));
    reorder(listAt(document, 'policies'), change.properties[0]!.before as string[]);
  }
  placeNew(listAt(document, 'policies'), setUp);
}

function updateItem(document: Document, part: 'apps' | 'policies', change: SetUpChange, setUp: SetUp): void {
  const list = listAt(document, part);
  const { action, name, id, properties } = change;
  if (action === 'delete') {
    const there = (setUp[part] as readonly { readonly displayName: string; readonly id?: string }[] | undefined)?.find(
      (item) => item.displayName === name && (item.id === undefined || item.id === id),
    );
    if (there) list.add(document.createNode(there));
    return;
  }
  // As the file calls it, which where it has the id isn't how it is called now.
  const wanted = properties.find((property) => property.name === 'displayName')?.after ?? name;
  const item = list.items.find(
    (one) => isMap(one) && (isText(one.get('id'), id) || (!one.has('id') && isText(one.get('displayName'), wanted))),
  );
  if (action === 'add') {
    list.items = list.items.filter((one) => one !== item);
  } else if (isMap(item)) {
    for (const property of properties) {
      const [outer, inner] = property.name.split('.') as [string, string?];
      const holder = inner === undefined ? item : item.get(outer);
      if (isMap(holder)) put(document, holder, inner ?? outer, property);
    }
  }
}

function updateGroup(document: Document, { action, name, id, properties }: SetUpChange, setUp: SetUp): void {
  const list = listAt(document, 'groupLicenses');
  const item = list.items.find((one) => isMap(one) && (isText(one.get('group'), name) || isText(one.get('group'), id)));
  if (action === 'add') list.items = list.items.filter((one) => one !== item);
  else if (isMap(item)) put(document, item, 'products', properties[0]!);
  else {
    const there = setUp.groupLicenses?.find(({ group }) => group === name);
    if (there) list.add(document.createNode(there));
  }
}

function updateRole(document: Document, { action, name, id, properties }: SetUpChange, setUp: SetUp): void {
  const list = listAt(document, 'roles');
  const role = list.items.find((one) => isMap(one) && isText(one.get('role'), name));
  const [member] = properties;
  if (action === 'add') {
    const members = isMap(role) ? role.get('members') : undefined;
    if (isSeq(members)) members.items = members.items.filter((one) => !isText(one, member!.after) && !isText(one, id));
  } else if (isMap(role)) {
    const members = role.get('members');
    if (isSeq(members)) members.add(document.createNode(member!.before));
  } else {
    const there = setUp.roles?.find((one) => one.role === name);
    if (there) list.add(document.createNode(there));
  }
}

/**
 * Puts what is there where the file has something else. Of lists, what both have stays as it is
 * written: the file's list, in the API's names and in its order, is `after`.
 */
function put(
  document: Document,
  holder: YAMLMap,
  key: string,
  { before, after }: Pick<Property, 'before' | 'after'>,
): void {
  const node = holder.get(key, true) as Node | undefined;
  if (isSeq(node) && Array.isArray(before) && Array.isArray(after)) {
    const written = node.items;
    // [] becomes a block once there are things in it, as elsewhere in the file.
    if (written.length === 0 && before.some((one) => one instanceof Object)) node.flow = false;
    node.items = before.map((value: unknown) => {
      const index = after.findIndex((one) => keyOf(one) === keyOf(value));
      const item = written[index];
      if (item === undefined) return document.createNode(value);
      if (isMap(item) && isProduct(value) && isProduct(after[index])) putPlans(document, item, value, after[index]);
      return item;
    });
  } else if (isScalar(node) && !(before instanceof Object)) node.value = before;
  else holder.set(key, document.createNode(before));
}

type Property = SetUpChange['properties'][number];
type Product = NonNullable<SetUp['policies']>[number]['products'][number];

function isProduct(value: unknown): value is Product {
  return value instanceof Object && 'product' in value;
}

function keyOf(value: unknown): unknown {
  return isProduct(value) ? value.product : value;
}

function putPlans(
  document: Document,
  item: YAMLMap,
  { disabledPlans: before = [] }: Product,
  { disabledPlans: after = [] }: Product,
) {
  if (JSON.stringify(before) !== JSON.stringify(after)) put(document, item, 'disabledPlans', { before, after });
}

/** Policies of one app, at the places that they take, in another order. */
function reorder(list: YAMLSeq, order: readonly string[]): void {
  const rank = (item: unknown) => (isMap(item) ? order.indexOf(String(item.get('displayName'))) : -1);
  const places = list.items.flatMap((item, index) => (rank(item) >= 0 ? [index] : []));
  const sorted = places.map((place) => list.items[place]).toSorted((one, other) => rank(one) - rank(other));
  places.forEach((place, index) => {
    list.items[place] = sorted[index];
  });
}

/** What stands above the first of a list is read as being above the list: it goes where the first goes. */
function giveCommentToFirst(list: YAMLSeq): void {
  const [first] = list.items;
  if (typeof list.commentBefore !== 'string' || !isNode(first) || first.commentBefore) return;
  first.commentBefore = list.commentBefore;
  list.commentBefore = null;
}

/** Policies that came in last stand in their app's order, too. */
function placeNew(list: YAMLSeq, setUp: SetUp): void {
  for (const app of new Set((setUp.policies ?? []).map((policy) => policy.app))) {
    const order = setUp.policies!.filter((policy) => policy.app === app).map(({ displayName }) => displayName);
    reorder(list, order);
  }
}

function isText(node: unknown, value: unknown): boolean {
  const text: unknown = isScalar(node) ? node.value : node;
  return typeof text === 'string' && typeof value === 'string' && text.toLowerCase() === value.toLowerCase();
}

function mapAt(document: Document, key: string): YAMLMap {
  const found = document.get(key);
  if (isMap(found)) return found;
  document.set(key, document.createNode({}));
  return document.get(key) as YAMLMap;
}

/** Flow lists ([]) of nothing are written as blocks once something is in them. */
function listAt(document: Document, part: Part): YAMLSeq {
  const found = document.get(part);
  if (isSeq(found)) {
    if (found.items.length === 0) found.flow = false;
    return found;
  }
  // A part that isn't there has no changes.
  return document.createNode([]);
}
