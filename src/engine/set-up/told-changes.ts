import type { Change } from '../audit/audit.ts';
import type { PolicyEffect } from '../policy/preview.ts';
import type { SetUpResult } from './apply-set-up.ts';

/** What was done, thing by thing, for whoever is to read it. */
export interface ToldChange {
  readonly action: 'add' | 'change' | 'delete';
  readonly kind: 'setting' | 'app' | 'policy' | 'policyOrder' | 'groupLicenses' | 'role';
  readonly name: string;
  readonly id: string | null;
  readonly properties: readonly Change[];
  readonly effect: PolicyEffect | null;
  /** Of a group's licenses: how many people get or lose them. */
  readonly people: number | null;
}

/** A result as a list of changes, in the order of the document. */
export function changesOf({ steps, effects, people }: SetUpResult): ToldChange[] {
  const told = (
    action: ToldChange['action'],
    kind: ToldChange['kind'],
    name: string,
    id: string | null,
    properties: readonly Change[] = [],
    effect: PolicyEffect | null = null,
  ): ToldChange => ({ action, kind, name, id, properties, effect, people: null });
  return [
    ...(steps.setting ? [told('change', 'setting', 'Auto-claim', null, steps.setting.changes)] : []),
    ...steps.apps.map(({ before, draft, appId, changes }) =>
      told(before ? 'change' : 'add', 'app', before?.displayName ?? draft.displayName, before ? appId : null, changes),
    ),
    ...steps.deletedApps.map(({ displayName, appId }) => told('delete', 'app', displayName, appId)),
    ...steps.policies.map(({ before, draft, changes, target }) =>
      told(
        before ? 'change' : 'add',
        'policy',
        before?.displayName ?? draft.displayName,
        before?.policyId ?? null,
        changes,
        effects.get(target),
      ),
    ),
    ...steps.deletedPolicies.map(({ displayName, policyId }) => told('delete', 'policy', displayName, policyId)),
    ...steps.orders.map(({ appName, appId, before, after }) =>
      told('change', 'policyOrder', appName, appId, [{ name: 'order', before, after }]),
    ),
    ...steps.groups.map(({ groupId, groupName, before, after, changes }) => ({
      ...told(actionOf(before, after), 'groupLicenses', groupName, groupId, changes),
      people: people.get(groupId) ?? 0,
    })),
    ...steps.given.map(({ role, userId, userPrincipalName }) =>
      told('add', 'role', role.displayName, userId, [{ name: 'member', before: null, after: userPrincipalName }]),
    ),
    ...steps.taken.map(({ role, userId, userPrincipalName }) =>
      told('delete', 'role', role.displayName, userId, [{ name: 'member', before: userPrincipalName, after: null }]),
    ),
  ];
}

function actionOf(before: readonly unknown[], after: readonly unknown[]): ToldChange['action'] {
  if (before.length === 0) return 'add';
  return after.length === 0 ? 'delete' : 'change';
}
