import type { Static } from 'typebox';
import type { Application } from '../../../contract/application.ts';
import type { Policy } from '../../../contract/auto-claim.ts';
import type { Group } from '../../../contract/group.ts';
import type { Product } from '../../../contract/product.ts';
import type { User } from '../../../contract/user.ts';
import { EXIT_NOT_FOUND } from '../exit-codes.ts';
import { literal, segment, type Api } from './api.ts';
import { ApiFailure, CommandFailure } from './failure.ts';

type Policy_ = Static<typeof Policy>;
type Product_ = Static<typeof Product>;
type Plan = Product_['servicePlans'][number];
type Group_ = Static<typeof Group> & { readonly id: string; readonly displayName: string };
/** A user as it is read here. */
export type NamedUser = Static<typeof User> & {
  readonly id: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
};

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** As many as an error lists before it only counts them. */
const LISTED_MAX = 10;

/**
 * Finds things by what people call them: an id, or a name in whatever case. Where there is nothing so
 * called, or more than one thing, that is a CommandFailure which lists what was meant.
 */
export class Names {
  readonly #api: Api;
  #apps: Promise<Application[]> | undefined;
  #policies: Promise<Policy_[]> | undefined;
  #products: Promise<Product_[]> | undefined;

  constructor(api: Api) {
    this.#api = api;
  }

  /** All apps: hundreds at most. */
  apps(): Promise<Application[]> {
    return (this.#apps ??= this.#api.all('/applications'));
  }

  /** All policies: tens. */
  policies(): Promise<Policy_[]> {
    return (this.#policies ??= this.#api.all('/policies/autoClaimPolicies'));
  }

  /** All products of the catalogue with their service plans: hundreds. */
  products(): Promise<Product_[]> {
    return (this.#products ??= this.#api.all('/admin/products'));
  }

  async app(text: string): Promise<Application> {
    const apps = await this.apps();
    return one(
      'app',
      text,
      matches(apps, text, [({ appId }) => appId, ({ id }) => id], [({ displayName }) => displayName]),
      {
        idOf: ({ appId }) => appId,
        nameOf: ({ displayName }) => displayName,
        all: apps,
      },
    );
  }

  async policy(text: string): Promise<Policy_> {
    const policies = await this.policies();
    return one('policy', text, matches(policies, text, [({ id }) => id], [({ displayName }) => displayName]), {
      idOf: ({ id }) => id,
      nameOf: ({ displayName }) => displayName,
      all: policies,
    });
  }

  async product(text: string): Promise<Product_> {
    const products = await this.products();
    const names = [({ skuPartNumber }: Product_) => skuPartNumber, ({ displayName }: Product_) => displayName];
    return one('product', text, matches(products, text, [({ skuId }) => skuId], names), {
      idOf: ({ skuId }) => skuId,
      nameOf: ({ displayName, skuPartNumber }) => `${displayName} (${skuPartNumber})`,
      all: products,
    });
  }

  /** A service plan of one product: by its id, its name or its friendly name. */
  plan(text: string, product: Product_): Plan {
    return one(`service plan of ${product.displayName}`, text, planMatches(text, product), {
      idOf: ({ servicePlanId }) => servicePlanId,
      nameOf: ({ servicePlanName }) => servicePlanName,
      all: product.servicePlans,
    });
  }

  /**
   * Service plans of one of several products, by their ids: each product has those that it has. One
   * that none of them has is a CommandFailure.
   */
  plansOf(texts: readonly string[], product: Product_, products: readonly Product_[]): string[] {
    return texts.flatMap((text) => {
      const isElsewhere = products.some((one) => one !== product && planMatches(text, one).length > 0);
      if (isElsewhere && planMatches(text, product).length === 0) return [];
      return [this.plan(text, product).servicePlanId];
    });
  }

  /** A user: by id or user principal name, else by a display name that is one person's alone. */
  async user(text: string, select?: string): Promise<NamedUser> {
    const $select = select ?? 'id,displayName,userPrincipalName';
    if (GUID.test(text) || text.includes('@')) {
      try {
        return await this.#api.get(`/users/${segment(text)}`, { $select });
      } catch (error) {
        throw isNotFound(error) ? missing('user', text) : error;
      }
    }
    const found = await this.#api.all<NamedUser>('/users', { $filter: `displayName eq ${literal(text)}`, $select });
    return one('user', text, found, {
      idOf: ({ userPrincipalName }) => userPrincipalName,
      nameOf: ({ displayName }) => displayName,
    });
  }

  async group(text: string): Promise<Group_> {
    const $filter = GUID.test(text) ? `id eq ${text}` : `displayName eq ${literal(text)}`;
    return one('group', text, await this.#api.all<Group_>('/groups', { $filter }), {
      idOf: ({ id }) => id,
      nameOf: ({ displayName }) => displayName,
    });
  }
}

function planMatches(text: string, { servicePlans }: Product_): Plan[] {
  const names = [({ servicePlanName }: Plan) => servicePlanName, ({ friendlyName }: Plan) => friendlyName];
  return matches(servicePlans, text, [({ servicePlanId }) => servicePlanId], names);
}

function isNotFound(error: unknown): boolean {
  return error instanceof ApiFailure && error.status === 404;
}

/** By an id, which beats all names; else by any of its names. */
function matches<T>(
  things: readonly T[],
  text: string,
  ids: readonly ((thing: T) => string)[],
  names: readonly ((thing: T) => string)[],
): T[] {
  const wanted = text.toLowerCase();
  const by = (ways: readonly ((thing: T) => string)[]) =>
    things.filter((thing) => ways.some((of) => of(thing).toLowerCase() === wanted));
  const byId = by(ids);
  return byId.length > 0 ? byId : by(names);
}

interface Told<T> {
  readonly idOf: (thing: T) => string;
  readonly nameOf: (thing: T) => string;
  /** What there is, where that is little enough to be told. */
  readonly all?: readonly T[];
}

function one<T>(kind: string, text: string, found: readonly T[], { idOf, nameOf, all }: Told<T>): T {
  if (found.length === 1) return found[0]!;
  if (found.length > 1) {
    const listed = found.slice(0, LISTED_MAX).map((thing) => `  ${idOf(thing)}  ${nameOf(thing)}`);
    const more = found.length > LISTED_MAX ? [`  and ${found.length - LISTED_MAX} more`] : [];
    throw new CommandFailure(
      [`"${text}" names more than one ${kind}. Give the id:`, ...listed, ...more].join('\n'),
      EXIT_NOT_FOUND,
    );
  }
  throw missing(kind, text, nearest(text, (all ?? []).map(nameOf)));
}

function missing(kind: string, text: string, near: readonly string[] = []): CommandFailure {
  const hint = near.length > 0 ? ` Did you mean ${near.map((name) => `"${name}"`).join(' or ')}?` : '';
  return new CommandFailure(`There is no ${kind} "${text}".${hint}`, EXIT_NOT_FOUND);
}

/** Names that have the text in them, or are in it. */
function nearest(text: string, names: readonly string[]): string[] {
  const wanted = text.toLowerCase();
  const isNear = (name: string) => name.toLowerCase().includes(wanted) || wanted.includes(name.toLowerCase());
  return names.filter((name) => name !== '' && isNear(name)).slice(0, 3);
}
