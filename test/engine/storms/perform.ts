import type { SignInBatches } from '../../../src/engine/claim/batch.ts';
import type { DecidedSignIn } from '../../../src/engine/claim/sign-in.ts';
import { addMember } from '../../../src/engine/license/change-members.ts';
import { assignLicensesToGroup } from '../../../src/engine/license/assign-to-group.ts';
import { workOffQueues } from '../../../src/engine/license/work-off-queue.ts';
import { assignLicenses } from '../../../src/engine/license/assign.ts';
import { deleteUser } from '../../../src/engine/license/delete-user.ts';
import { endDeletedSubscriptions } from '../../../src/engine/license/end-subscriptions.ts';
import { removeMember } from '../../../src/engine/license/change-members.ts';
import { createPolicy, deletePolicy, reorderPolicies, updatePolicy } from '../../../src/engine/policy/policies.ts';
import type { Policy } from '../../../src/engine/policy/policy.ts';
import { writeSetting } from '../../../src/engine/policy/setting.ts';
import { Refused } from '../../../src/engine/refused.ts';
import { createSubscription, updateSubscription } from '../../../src/engine/subscription/subscription.ts';
import type { Tenancy } from '../../../src/engine/tenant/tenancy.ts';
import type { Organisation } from '../model/organisation.ts';
import type { Action, Expiry } from './actions.ts';

/** One of two servers on one database. */
export interface Server {
  readonly tenancy: Tenancy;
  readonly signIns: SignInBatches;
}

/** What there is to act on; the lists grow as things are made. */
export interface Stage {
  readonly organisation: Organisation;
  readonly policies: { readonly id: string; readonly appId: string }[];
  readonly purchases: string[];
}

/** Something that was done: begun and answered, in milliseconds of one clock. */
export interface Event {
  readonly action: Action;
  readonly begin: number;
  readonly end: number;
  readonly signIn?: { readonly question: string; readonly decided: DecidedSignIn } | undefined;
  /** The policy as it was left; null: deleted. */
  readonly policy?: { readonly id: string; readonly state: Policy | null } | undefined;
  readonly ended?: { readonly userId: string; readonly skuIds: readonly string[] } | undefined;
}

const DAY_MS = 86_400_000;
/** How far ahead a subscription's change lies that is to come in the middle of a storm. */
const SOON_MS = 15;
let names = 0;

/** Does one action. @returns what is to be judged; undefined where the engine refused it @throws what no client may see */
export async function perform(server: Server, stage: Stage, action: Action): Promise<Event | undefined> {
  const begin = performance.now();
  try {
    const done = await act(server, stage, action);
    return { action, begin, end: performance.now(), ...done };
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

type Done = Pick<Event, 'signIn' | 'policy' | 'ended'>;

async function act({ tenancy, signIns }: Server, stage: Stage, action: Action): Promise<Done> {
  const { people, apps, groups, products } = stage.organisation;
  const person = people[('who' in action ? action.who : 0) % people.length]!;
  const group = [...groups.keys()][('group' in action ? action.group : 0) % groups.size]!;
  const app = apps[('app' in action ? action.app : 0) % apps.length]!;
  const policy = stage.policies[('policy' in action ? action.policy : 0) % stage.policies.length];
  const skuIds = (picks: readonly number[]) => picks.map((at) => products[at]!.skuId);
  const asProducts = (picks: readonly number[]) => skuIds(picks).map((skuId) => ({ skuId, disabledPlans: [] }));
  switch (action.do) {
    case 'sign in': {
      const correlationId = action.delivery === null ? null : `${action.delivery} of ${person.id} ${app.id}`;
      const actor = tenancy.actor;
      const asked = {
        appId: app.id,
        userId: person.id,
        userPrincipalName: null,
        clientId: 'client',
        correlationId,
        actor,
        requestId: null,
        door: 'api' as const,
      };
      const decided = await signIns.decide(tenancy.tenantId, asked);
      return { signIn: { question: correlationId ?? '', decided } };
    }
    case 'turn setting':
      await writeSetting(tenancy, { isEnabled: action.on });
      return {};
    case 'turn policy':
      return edited(policy, (id) => updatePolicy(tenancy, id, { isEnabled: action.on }, undefined));
    case 'set products':
      return edited(policy, (id) => updatePolicy(tenancy, id, { products: asProducts(action.products) }, undefined));
    case 'delete policy':
      return edited(policy, (id) => deletePolicy(tenancy, id, undefined).then(() => null));
    case 'add policy': {
      names += 1;
      const audience = { includeGroups: [], excludeGroups: [], includeGuests: true };
      const draft = {
        displayName: `Policy ${names}`,
        isEnabled: true,
        products: asProducts(action.products),
        ...audience,
      };
      const state = await createPolicy(tenancy, app.id, draft);
      stage.policies.push({ id: state.policyId, appId: app.id });
      return { policy: { id: state.policyId, state } };
    }
    case 'reverse policies': {
      const ids = stage.policies.filter(({ appId }) => appId === app.id).map(({ id }) => id);
      await reorderPolicies(tenancy, ids.reverse());
      return {};
    }
    case 'buy': {
      const { skuId } = products[action.product]!;
      stage.purchases.push(
        (await createSubscription(tenancy, { skuId, totalLicenses: action.quantity })).subscriptionId,
      );
      return {};
    }
    case 'set quantity': {
      const id = stage.purchases[action.purchase % stage.purchases.length]!;
      await updateSubscription(tenancy, id, { totalLicenses: action.quantity });
      return {};
    }
    case 'assign': {
      const disabledPlans = action.isAppOff ? apps.flatMap(({ requires }) => requires) : [];
      const add = action.add.map((at) => {
        const { skuId, plans } = products[at]!;
        return { skuId, disabledPlans: disabledPlans.filter((id) => plans.some((plan) => plan.id === id)) };
      });
      const remove = action.remove.filter((at) => !action.add.includes(at));
      await assignLicenses(tenancy, person.id, add, skuIds(remove));
      return { ended: { userId: person.id, skuIds: skuIds([...action.add, ...remove]) } };
    }
    case 'license by group':
      await assignLicensesToGroup(tenancy, group, [{ skuId: products[action.product]!.skuId, disabledPlans: [] }], []);
      return {};
    case 'unlicense by group':
      await assignLicensesToGroup(tenancy, group, [], [products[action.product]!.skuId]);
      return {};
    case 'work off queues':
      await workOffQueues(tenancy.db);
      return {};
    case 'leave group':
      await removeMember(tenancy, group, person.id);
      return {};
    case 'join group':
      await addMember(tenancy, group, person.id);
      return {};
    case 'delete person':
      await deleteUser(tenancy, person.id);
      return {};
    case 'end purchase':
    case 'settle what is deleted':
      await expire(tenancy, stage, action);
      return {};
  }
}

async function edited(
  policy: { readonly id: string } | undefined,
  edit: (id: string) => Promise<Policy | null>,
): Promise<Done> {
  if (!policy) return {};
  return { policy: { id: policy.id, state: await edit(policy.id) } };
}

async function expire(tenancy: Tenancy, { purchases }: Stage, action: Expiry): Promise<void> {
  if (action.do === 'settle what is deleted') return endDeletedSubscriptions(tenancy);
  const id = purchases[action.purchase % purchases.length]!;
  const days = { Enabled: null, Warning: 0, Suspended: 30, Deleted: 120 }[action.state];
  const soon = days === null || !action.soon ? undefined : new Date(Date.now() + SOON_MS - days * DAY_MS);
  await updateSubscription(tenancy, id, soon ? { nextLifecycleDateTime: soon } : { status: action.state });
}
