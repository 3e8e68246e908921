import { DIRECTORY_ROLES, type DirectoryRole } from '../directory/roles.ts';
import type { CatalogueProduct, CurrentSetUp, SetUpFinding, WantedPolicy } from './set-up.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** As many as a finding lists of what a name could mean. */
const LISTED_MAX = 5;

type Plan = CatalogueProduct['servicePlans'][number];

/** How things are told apart: each by its id, and by any of its names in whatever case. */
interface Kind<T> {
  readonly word: string;
  readonly idOf: (thing: T) => string;
  readonly namesOf: (thing: T) => readonly string[];
}

const PRODUCT: Kind<CatalogueProduct> = {
  word: 'product',
  idOf: ({ skuId }) => skuId,
  namesOf: ({ skuPartNumber, displayName }) => [skuPartNumber, displayName],
};
const PLAN: Kind<Plan> = {
  word: 'service plan',
  idOf: ({ servicePlanId }) => servicePlanId,
  namesOf: ({ servicePlanName, friendlyName }) => [servicePlanName, friendlyName],
};
const GROUP: Kind<CurrentSetUp['groups'][number]> = {
  word: 'group',
  idOf: ({ groupId }) => groupId,
  namesOf: ({ displayName }) => [displayName],
};
const USER: Kind<CurrentSetUp['users'][number]> = {
  word: 'user',
  idOf: ({ userId }) => userId,
  namesOf: ({ userPrincipalName }) => [userPrincipalName],
};
const ROLE: Kind<DirectoryRole> = {
  word: 'directory role',
  idOf: ({ id }) => id,
  namesOf: ({ displayName }) => [displayName],
};

/** Finds what a document names; what it doesn't find it notes, and goes on: all is told at once. */
export class Naming {
  readonly #current: CurrentSetUp;
  readonly #plans: readonly Plan[];
  readonly findings: SetUpFinding[] = [];

  constructor(current: CurrentSetUp) {
    this.#current = current;
    this.#plans = plansOf(current);
  }

  note(target: string, message: string): void {
    this.findings.push({ target, message });
  }

  /** Of an app, from any product: its id. */
  anyPlan(text: string, target: string): string {
    return this.#id(PLAN, this.#plans, text, target);
  }

  product(text: string, target: string): CatalogueProduct | undefined {
    return this.find(PRODUCT, this.#current.products, text, target);
  }

  planOf(product: CatalogueProduct, text: string, target: string): string {
    return this.#id({ ...PLAN, word: `service plan of ${product.displayName}` }, product.servicePlans, text, target);
  }

  /** A group that is gone may stay where it was named: by its id, which nothing else is. */
  group(text: string, target: string, gone: readonly string[]): string {
    return gone.includes(text.toLowerCase()) ? text.toLowerCase() : this.#id(GROUP, this.#current.groups, text, target);
  }

  user(text: string, target: string): CurrentSetUp['users'][number] | undefined {
    return this.find(USER, this.#current.users, text, target);
  }

  role(text: string, target: string): DirectoryRole | undefined {
    return this.find(ROLE, DIRECTORY_ROLES, text, target);
  }

  find<T>(kind: Kind<T>, things: readonly T[], text: string, target: string): T | undefined {
    const found = matching(kind, things, text);
    if (found.length === 1) return found[0];
    if (found.length === 0) this.note(target, `there is no ${kind.word} "${text}".`);
    else {
      const ids = found.slice(0, LISTED_MAX).map(kind.idOf).join(', ');
      this.note(
        target,
        `"${text}" names more than one ${kind.word}. Give the id: ${ids}${found.length > LISTED_MAX ? ' …' : ''}.`,
      );
    }
    return undefined;
  }

  #id<T>(kind: Kind<T>, things: readonly T[], text: string, target: string): string {
    const found = this.find(kind, things, text, target);
    // Noted already: nothing is done with it.
    return found === undefined ? text : kind.idOf(found);
  }
}

/** The names by which a document may name things again: a name where that is enough, else the id. */
export class Names {
  readonly #current: CurrentSetUp;
  readonly #plans: readonly Plan[];

  constructor(current: CurrentSetUp) {
    this.#current = current;
    this.#plans = plansOf(current);
  }

  readonly anyPlan = (id: string): string => nameOf(PLAN, this.#plans, id);
  readonly product = (skuId: string): string => nameOf(PRODUCT, this.#current.products, skuId);
  readonly planOf = (skuId: string, planId: string): string => {
    const product = this.#current.products.find((one) => one.skuId === skuId);
    return product ? nameOf(PLAN, product.servicePlans, planId) : planId;
  };
  readonly group = (id: string): string => nameOf(GROUP, this.#current.groups, id);
}

/** By the id, which beats all names; else by a name. */
function matching<T>({ idOf, namesOf }: Kind<T>, things: readonly T[], text: string): T[] {
  const wanted = text.toLowerCase();
  const byId = things.filter((thing) => idOf(thing) === wanted);
  return byId.length > 0
    ? byId
    : things.filter((thing) => namesOf(thing).some((name) => name.toLowerCase() === wanted));
}

function nameOf<T>(kind: Kind<T>, things: readonly T[], id: string): string {
  const thing = things.find((one) => kind.idOf(one) === id);
  const name = thing && kind.namesOf(thing).find((one) => !GUID.test(one) && matching(kind, things, one).length === 1);
  return name ?? id;
}

/** Each service plan of the catalogue once. */
function plansOf({ products }: CurrentSetUp): Plan[] {
  const plans = new Map<string, Plan>();
  for (const plan of products.flatMap(({ servicePlans }) => servicePlans)) {
    if (!plans.has(plan.servicePlanId)) plans.set(plan.servicePlanId, plan);
  }
  return [...plans.values()];
}

/** The one that a part of a document is about: by its id, which must be there; else by its name; undefined: it is new. */
export function findByIdOrName<T extends { readonly displayName: string }>(
  wanted: { readonly id?: string; readonly displayName: string },
  things: readonly T[],
  idOf: (thing: T) => string,
  naming: Naming,
  target: string,
  word: string,
): T | undefined {
  if (wanted.id !== undefined) {
    const id = wanted.id.toLowerCase();
    const found = things.find((thing) => idOf(thing) === id);
    if (!found) naming.note(`${target}.id`, `there is no ${word} with the id ${id}. Leave the id out for a new one.`);
    return found;
  }
  const name = wanted.displayName.toLowerCase();
  const found = things.filter((thing) => thing.displayName.toLowerCase() === name);
  if (found.length > 1) {
    naming.note(
      target,
      `several ${word}s are called "${wanted.displayName}". Say which one with id: ${found.map(idOf).join(', ')}.`,
    );
  }
  return found[0];
}

/** Lists whose order means nothing: the same things in another order are no change. */
export function likeBefore<T>(before: readonly T[] | undefined, wanted: readonly T[]): readonly T[] {
  const isSame = before?.length === wanted.length && wanted.every((one) => before.includes(one));
  return isSame ? before : wanted;
}

/** Products of a policy or a group, by their ids. */
type Products = readonly { readonly skuId: string; readonly disabledPlans: readonly string[] }[];

/** The products that a part of a document names; undefined where one of them isn't there, which is noted. */
export function findProducts(
  wanted: WantedPolicy['products'],
  before: Products,
  target: string,
  naming: Naming,
): Products | undefined {
  const products = wanted.map(({ product: name, disabledPlans = [] }, index) => {
    const field = `${target}.products[${index}]`;
    const product = naming.product(name, `${field}.product`);
    if (!product) return undefined;
    const plans = disabledPlans.map((plan, at) => naming.planOf(product, plan, `${field}.disabledPlans[${at}]`));
    const held = before.find(({ skuId }) => skuId === product.skuId)?.disabledPlans;
    return { skuId: product.skuId, disabledPlans: likeBefore(held, plans) };
  });
  const found = products.filter((product) => product !== undefined);
  return found.length === products.length ? found : undefined;
}

/** Products as a document has them. */
export function shownProducts(products: Products, names: Names): { product: string; disabledPlans: string[] }[] {
  return products.map(({ skuId, disabledPlans }) => ({
    product: names.product(skuId),
    disabledPlans: disabledPlans.map((plan) => names.planOf(skuId, plan)),
  }));
}
