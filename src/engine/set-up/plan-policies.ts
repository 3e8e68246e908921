import { changesBetween, type Change } from '../audit/audit.ts';
import type { Policy, PolicyDraft } from '../policy/policy.ts';
import { findByIdOrName, findProducts, likeBefore, shownProducts, type Naming, type Names } from './naming.ts';
import { ROOT, type CurrentSetUp, type SetUpDocument, type WantedPolicy } from './set-up.ts';

export interface PlannedPolicy {
  /** Where it stands in the document. */
  readonly target: string;
  /** undefined: it is new. */
  readonly before: Policy | undefined;
  readonly appId: string;
  readonly draft: PolicyDraft;
  readonly changes: readonly Change[];
}

/** The order of one app's policies, as it is to be; by their names, which no two have. */
export interface PlannedOrder {
  readonly appId: string;
  readonly appName: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

interface KnownApp {
  readonly appId: string;
  readonly displayName: string;
}

const APP = {
  word: 'app',
  idOf: ({ appId }: KnownApp) => appId,
  namesOf: ({ displayName }: KnownApp) => [displayName],
};

/**
 * Plans the policies and their orders.
 * @param apps as they will be
 */
export function planPolicies(
  document: SetUpDocument,
  current: CurrentSetUp,
  apps: readonly KnownApp[],
  prune: boolean,
  naming: Naming,
  names: Names,
) {
  if (!document.policies) return { planned: [], orders: [], unnamed: [] };
  const seen = new Set<string>();
  const planned = document.policies.flatMap((wanted, index): PlannedPolicy[] => {
    const target = `${ROOT}.policies[${index}]`;
    if (seen.has(wanted.displayName.toLowerCase()))
      naming.note(target, `the policy "${wanted.displayName}" is there twice.`);
    seen.add(wanted.displayName.toLowerCase());
    const before = findByIdOrName(wanted, current.policies, ({ policyId }) => policyId, naming, target, 'policy');
    const app = naming.find(APP, apps, wanted.app, `${target}.app`);
    if (app && before && before.appId !== app.appId) {
      naming.note(
        `${target}.app`,
        "a policy's app can't be changed. Give the policy another name, which makes a new one.",
      );
    }
    const draft = draftOf(wanted, before, target, naming);
    if (!app || !draft) return [];
    const shown = (one: PolicyDraft) => ({
      displayName: one.displayName,
      app: app.displayName,
      ...shownPolicy(one, names),
    });
    const changes = changesBetween(before ? shown(before) : {}, shown(draft));
    return [{ target, before, appId: app.appId, draft, changes }];
  });
  const named = new Set(planned.map(({ before }) => before?.policyId));
  const unnamed = current.policies.filter(({ policyId }) => !named.has(policyId));
  return { planned, orders: ordersOf(planned, current, apps, prune), unnamed };
}

/** Those of the document in its order, then those that it doesn't name, in theirs. */
function ordersOf(
  planned: readonly PlannedPolicy[],
  current: CurrentSetUp,
  apps: readonly KnownApp[],
  prune: boolean,
): PlannedOrder[] {
  return [...new Set(planned.map(({ appId }) => appId))].flatMap((appId): PlannedOrder[] => {
    const ofApp = planned.filter((one) => one.appId === appId);
    const wantedNames = ofApp.map(({ draft }) => draft.displayName);
    const plannedOf = (policy: Policy) => ofApp.find(({ before }) => before?.policyId === policy.policyId);
    const staying = current.policies.filter((policy) => policy.appId === appId && (!prune || plannedOf(policy)));
    const nameOf = (policy: Policy) => plannedOf(policy)?.draft.displayName ?? policy.displayName;
    // A new policy is the last of its app.
    const before = [
      ...staying.map(nameOf),
      ...ofApp.filter((one) => !one.before).map(({ draft }) => draft.displayName),
    ];
    const after = [...wantedNames, ...staying.filter((policy) => !plannedOf(policy)).map(nameOf)];
    if (before.every((name, index) => name === after[index])) return [];
    return [{ appId, appName: apps.find((app) => app.appId === appId)!.displayName, before, after }];
  });
}

/** undefined where one of its products isn't there. */
function draftOf(
  wanted: WantedPolicy,
  before: Policy | undefined,
  target: string,
  naming: Naming,
): PolicyDraft | undefined {
  const products = findProducts(wanted.products, before?.products ?? [], target, naming);
  const groups = (field: 'includeGroups' | 'excludeGroups') => {
    const held = before?.[field] ?? [];
    const found = wanted[field]?.map((group, at) => naming.group(group, `${target}.${field}[${at}]`, held));
    return found ? likeBefore(held, found) : held;
  };
  return (
    products && {
      displayName: wanted.displayName,
      isEnabled: wanted.isEnabled ?? before?.isEnabled ?? true,
      products,
      includeGroups: groups('includeGroups'),
      excludeGroups: groups('excludeGroups'),
      includeGuests: wanted.includeGuests ?? before?.includeGuests ?? false,
    }
  );
}

/** A policy as a document has it, less its name and app. */
function shownPolicy(policy: Omit<PolicyDraft, 'displayName'>, names: Names): Record<string, unknown> {
  return {
    isEnabled: policy.isEnabled,
    products: shownProducts(policy.products, names),
    includeGroups: policy.includeGroups.map(names.group),
    excludeGroups: policy.excludeGroups.map(names.group),
    includeGuests: policy.includeGuests,
  };
}
