import assert from 'node:assert/strict';
import type { Answer } from './server.ts';
import type { World, WorldProduct } from './world.ts';

type Given = { skuId: string; disabledPlans?: string[] };

/** What tests of group-based licensing do and look at, over the API. */
export interface GroupLicensing {
  /** A product with the plans CHAT and MAIL. */
  readonly productWith: (seats: number, more?: object) => Promise<WorldProduct>;
  /** POST assignLicense of a group; nothing is asserted. */
  readonly assign: (group: string, add: readonly Given[], remove?: readonly { skuId: string }[]) => Promise<Answer>;
  /** The same; it must succeed. */
  readonly give: (group: string, add: readonly Given[], remove?: readonly { skuId: string }[]) => Promise<void>;
  readonly join: (group: string, id: string) => Promise<void>;
  readonly leave: (group: string, id: string) => Promise<void>;
  /** The products that a user holds. */
  readonly holds: (user: { id: string }) => Promise<string[]>;
  /** licenseAssignmentStates */
  readonly statesOf: (user: { id: string }) => Promise<any[]>;
  /** By product: "Active None", "Error CountViolation". */
  readonly errorsOf: (user: { id: string }) => Promise<Record<string, string>>;
  /** [state, members, waiting, inError] */
  readonly stateOf: (group: string) => Promise<unknown[]>;
}

export function groupLicensingOf(world: World): GroupLicensing {
  const assign: GroupLicensing['assign'] = (group, add, remove = []) =>
    world.call('POST', `/groups/${group}/assignLicense`, {
      addLicenses: add.map(({ skuId, disabledPlans = [] }) => ({ skuId, disabledPlans })),
      removeLicenses: remove.map(({ skuId }) => skuId),
    });
  const statesOf: GroupLicensing['statesOf'] = async (user) =>
    (await world.get(`/users/${user.id}?$select=licenseAssignmentStates`)).licenseAssignmentStates;
  return {
    assign,
    statesOf,
    async productWith(seats, more = {}) {
      const product = await world.addProduct({ CHAT: {}, MAIL: {} }, more);
      if (seats > 0) await world.buy(product, seats);
      return product;
    },
    async give(...args) {
      const answer = await assign(...args);
      assert.equal(answer.status, 202, JSON.stringify(answer.body));
    },
    join: (group, id) =>
      world.post(`/groups/${group}/members/$ref`, { '@odata.id': `https://x/directoryObjects/${id}` }),
    leave: (group, id) => world.remove(`/groups/${group}/members/${id}/$ref`),
    holds: async (user) =>
      (await world.get(`/users/${user.id}?$select=assignedLicenses`)).assignedLicenses.map((one: any) => one.skuId),
    errorsOf: async (user) =>
      Object.fromEntries((await statesOf(user)).map((one) => [one.skuId, `${one.state} ${one.error}`])),
    async stateOf(group) {
      const { state, members, waiting, inError } = await world.get(`/groups/${group}/licenses`);
      return [state, members, waiting, inError];
    },
  };
}
