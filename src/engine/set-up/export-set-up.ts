import { DIRECTORY_ROLES } from '../directory/roles.ts';
import { inTenant, type Tenancy } from '../tenant/tenancy.ts';
import { Names, shownProducts } from './naming.ts';
import { readCurrentSetUp } from './read-set-up.ts';
import type { CurrentSetUp, SetUpDocument, WantedApp, WantedPolicy } from './set-up.ts';

/** The set-up as a document that, applied, changes nothing. */
export async function exportSetUp(tenancy: Tenancy): Promise<Required<SetUpDocument>> {
  return documentOf(await inTenant(tenancy, (tx) => readCurrentSetUp(tx)));
}

/** Writes what is there in the names that people have for it. */
export function documentOf(current: CurrentSetUp): Required<SetUpDocument> {
  const names = new Names(current);
  const appName = (appId: string) => {
    const app = current.apps.find((one) => one.appId === appId);
    return app && isOnlyOne(current, app.displayName) ? app.displayName : appId;
  };
  const apps = current.apps.toSorted(byName).map((app): WantedApp => ({
    displayName: app.displayName,
    ...(!isOnlyOne(current, app.displayName) && { id: app.appId }),
    requiredServicePlans: app.requiredServicePlanIds.map(names.anyPlan),
    onRefusal: app.onRefusal,
    permissions: app.permissions,
    redirectUris: app.redirectUris,
  }));
  const policies = current.policies
    .toSorted((one, other) => compare(appName(one.appId), appName(other.appId)) || one.order - other.order)
    .map((policy): WantedPolicy => ({
      displayName: policy.displayName,
      app: appName(policy.appId),
      isEnabled: policy.isEnabled,
      products: shownProducts(policy.products, names),
      includeGroups: policy.includeGroups.map(names.group),
      excludeGroups: policy.excludeGroups.map(names.group),
      includeGuests: policy.includeGuests,
    }));
  const roles = DIRECTORY_ROLES.map(({ id, displayName }) => ({
    role: displayName,
    members: current.members.filter(({ role }) => role.id === id).map(({ userPrincipalName }) => userPrincipalName),
  })).filter(({ members }) => members.length > 0);
  const byGroup = Map.groupBy(current.groupLicenses, ({ groupId }) => groupId);
  const groupLicenses = [...byGroup]
    .map(([groupId, licenses]) => ({ group: names.group(groupId), products: shownProducts(licenses, names) }))
    .toSorted((one, other) => compare(one.group, other.group));
  return { setting: current.setting, apps, policies, groupLicenses, roles };
}

function isOnlyOne({ apps }: CurrentSetUp, displayName: string): boolean {
  return apps.filter((app) => app.displayName.toLowerCase() === displayName.toLowerCase()).length === 1;
}

function byName(one: { displayName: string; appId: string }, other: { displayName: string; appId: string }): number {
  return compare(one.displayName, other.displayName) || compare(one.appId, other.appId);
}

/** The same on every machine, whatever its language. */
function compare(one: string, other: string): number {
  const [low, high] = [one.toLowerCase(), other.toLowerCase()];
  return low < high ? -1 : low > high ? 1 : 0;
}
