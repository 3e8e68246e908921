import { v7 as newId } from 'uuid';
import type { App } from '../app/app.ts';
import type { AppDraft } from '../app/write-app.ts';
import { changesBetween, type Change } from '../audit/audit.ts';
import type { DirectoryRole } from '../directory/roles.ts';
import type { Policy } from '../policy/policy.ts';
import type { AutoClaimSetting } from '../policy/setting.ts';
import { findByIdOrName, likeBefore, Naming, Names } from './naming.ts';
import { planGroupLicenses, type PlannedGroupLicenses } from './plan-group-licenses.ts';
import { planPolicies, type PlannedOrder, type PlannedPolicy } from './plan-policies.ts';
import { ROOT, SetUpRejected, type CurrentSetUp, type RoleMember, type SetUpDocument } from './set-up.ts';

/** What is to be done so that the set-up is as a document has it. */
export interface SetUpSteps {
  readonly setting: { readonly patch: Partial<AutoClaimSetting>; readonly changes: readonly Change[] } | undefined;
  readonly apps: readonly PlannedApp[];
  readonly policies: readonly PlannedPolicy[];
  readonly orders: readonly PlannedOrder[];
  readonly groups: readonly PlannedGroupLicenses[];
  readonly given: readonly PlannedMember[];
  readonly taken: readonly RoleMember[];
  readonly deletedPolicies: readonly Policy[];
  readonly deletedApps: readonly App[];
  /** What the document doesn't name and stays. */
  readonly kept: readonly KeptThing[];
}

export interface PlannedApp {
  /** Where it stands in the document. */
  readonly target: string;
  readonly appId: string;
  /** undefined: it is new. */
  readonly before: App | undefined;
  readonly draft: Pick<AppDraft, 'displayName'> & Partial<AppDraft>;
  readonly changes: readonly Change[];
}

export interface PlannedMember {
  readonly target: string;
  readonly role: DirectoryRole;
  readonly userId: string;
  readonly userPrincipalName: string;
}

export interface KeptThing {
  readonly kind: 'app' | 'policy' | 'groupLicenses' | 'role';
  readonly name: string;
  readonly id: string | null;
}

export interface PlanOptions {
  /** What the document's parts don't name is deleted. */
  readonly prune: boolean;
  /** The app that asks: it isn't pruned, or nobody could ask again. */
  readonly ownAppId: string | undefined;
}

/**
 * Compares a document with what is there. Pure: nothing is read and nothing written.
 * @throws SetUpRejected with all that the document names and isn't there, or that can't be
 */
export function planSetUp(
  document: SetUpDocument,
  current: CurrentSetUp,
  { prune, ownAppId }: PlanOptions,
): SetUpSteps {
  const naming = new Naming(current);
  const names = new Names(current);
  const { apps, unnamed: unnamedApps } = planApps(document, current, naming, names);
  const renamed = new Map(apps.map(({ appId, draft }) => [appId, draft.displayName]));
  const known = [
    ...current.apps.map(({ appId, id, displayName }) => ({
      appId,
      id,
      displayName: renamed.get(appId) ?? displayName,
    })),
    ...apps
      .filter(({ before }) => !before)
      .map(({ appId, draft }) => ({ appId, id: appId, displayName: draft.displayName })),
  ];
  const policies = planPolicies(document, current, known, prune, naming, names);
  const groups = planGroupLicenses(document, current, naming, names);
  const roles = planRoles(document, current, naming);
  if (naming.findings.length > 0) throw new SetUpRejected(naming.findings);
  const isPruned = ({ appId }: App) => prune && appId !== ownAppId;
  return {
    setting: planSetting(document, current),
    apps: apps.filter(({ before, changes }) => !before || changes.length > 0),
    policies: policies.planned.filter(({ before, changes }) => !before || changes.length > 0),
    orders: policies.orders,
    groups: [...groups.planned, ...(prune ? groups.unnamed : [])],
    given: roles.given,
    taken: prune ? roles.unnamed : [],
    deletedPolicies: prune ? policies.unnamed : [],
    deletedApps: unnamedApps.filter(isPruned),
    kept: [
      ...unnamedApps
        .filter((app) => !isPruned(app))
        .map((app) => ({ kind: 'app' as const, name: app.displayName, id: app.appId })),
      ...(prune
        ? []
        : groups.unnamed.map((one) => ({ kind: 'groupLicenses' as const, name: one.groupName, id: one.groupId }))),
      ...(prune
        ? []
        : policies.unnamed.map((one) => ({ kind: 'policy' as const, name: one.displayName, id: one.policyId }))),
      ...(prune
        ? []
        : roles.unnamed.map((one) => ({
            kind: 'role' as const,
            name: `${one.role.displayName}: ${one.userPrincipalName}`,
            id: one.userId,
          }))),
    ],
  };
}

/** Whether anything is to be done. */
export function isNothing(steps: SetUpSteps): boolean {
  const { setting, kept: _kept, ...lists } = steps;
  return setting === undefined && Object.values(lists).every((list: readonly unknown[]) => list.length === 0);
}

function planSetting({ setting }: SetUpDocument, current: CurrentSetUp): SetUpSteps['setting'] {
  if (!setting) return undefined;
  const patch = {
    ...setting,
    ...(setting.allowedDomains && {
      allowedDomains: likeBefore(current.setting.allowedDomains, setting.allowedDomains),
    }),
  };
  const changes = changesBetween({ ...current.setting }, { ...current.setting, ...patch });
  return changes.length > 0 ? { patch, changes } : undefined;
}

function planApps(document: SetUpDocument, current: CurrentSetUp, naming: Naming, names: Names) {
  if (!document.apps) return { apps: [], unnamed: [] };
  const taken = new Set<string>();
  const apps = document.apps.map((wanted, index): PlannedApp => {
    const target = `${ROOT}.apps[${index}]`;
    const before = findByIdOrName(wanted, current.apps, ({ appId }) => appId, naming, target, 'app');
    const appId = before?.appId ?? newId();
    if (taken.has(appId) || (!before && taken.has(wanted.displayName.toLowerCase()))) {
      naming.note(target, `the app "${wanted.displayName}" is there twice.`);
    }
    taken.add(appId).add(wanted.displayName.toLowerCase());
    const draft = draftOfApp(wanted, before, target, naming);
    const changes = changesBetween(before ? shownApp(before, names) : {}, shownApp({ ...before, ...draft }, names));
    return { target, appId, before, draft, changes };
  });
  return { apps, unnamed: current.apps.filter(({ appId }) => !taken.has(appId)) };
}

function draftOfApp(
  wanted: NonNullable<SetUpDocument['apps']>[number],
  before: App | undefined,
  target: string,
  naming: Naming,
): PlannedApp['draft'] {
  const { displayName, requiredServicePlans, onRefusal, permissions, redirectUris } = wanted;
  const plans = requiredServicePlans?.map((plan, at) => naming.anyPlan(plan, `${target}.requiredServicePlans[${at}]`));
  return {
    displayName,
    ...(plans && { requiredServicePlanIds: likeBefore(before?.requiredServicePlanIds, plans) }),
    ...(onRefusal && { onRefusal }),
    ...(permissions && { permissions: likeBefore(before?.permissions, permissions) }),
    ...(redirectUris && {
      redirectUris: {
        web: likeBefore(before?.redirectUris.web, redirectUris.web ?? before?.redirectUris.web ?? []),
        spa: likeBefore(before?.redirectUris.spa, redirectUris.spa ?? before?.redirectUris.spa ?? []),
        publicClient: likeBefore(
          before?.redirectUris.publicClient,
          redirectUris.publicClient ?? before?.redirectUris.publicClient ?? [],
        ),
      },
    }),
  };
}

/** An app as a document has it. */
function shownApp(app: PlannedApp['draft'], names: Names): Record<string, unknown> {
  return {
    displayName: app.displayName,
    requiredServicePlans: app.requiredServicePlanIds?.map(names.anyPlan),
    onRefusal: app.onRefusal,
    permissions: app.permissions,
    ...Object.fromEntries(Object.entries(app.redirectUris ?? {}).map(([kind, uris]) => [`redirectUris.${kind}`, uris])),
  };
}

function planRoles({ roles }: SetUpDocument, { members }: CurrentSetUp, naming: Naming) {
  if (!roles) return { given: [], unnamed: [] };
  const named = new Set<string>();
  const given = roles.flatMap(({ role: roleName, members: users }, index) => {
    const role = naming.role(roleName, `${ROOT}.roles[${index}].role`);
    return users.flatMap((name, at): PlannedMember[] => {
      const target = `${ROOT}.roles[${index}].members[${at}]`;
      const user = naming.user(name, target);
      if (!role || !user) return [];
      const key = `${role.id} ${user.userId}`;
      const isHeld = members.some((one) => one.role.id === role.id && one.userId === user.userId);
      const isNamed = named.has(key);
      named.add(key);
      return isHeld || isNamed ? [] : [{ target, role, ...user }];
    });
  });
  return { given, unnamed: members.filter(({ role, userId }) => !named.has(`${role.id} ${userId}`)) };
}
