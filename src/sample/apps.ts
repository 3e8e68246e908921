import { CLIENT_ID } from '../../sample-app/client-id.ts';
import type { App } from '../engine/app/app.ts';
import { NO_REDIRECT_URIS } from '../engine/app/redirect-uris.ts';
import { PLANS, type PlanName } from './plans.ts';
import { sampleId } from './sample-id.ts';

/** The sample's apps. Each opens for the plans of two products or more, so that a policy can have backups. */
export const APPS: readonly Omit<App, 'createdAt'>[] = [
  app('Microsoft Teams', ['TEAMS1']),
  app('Power Apps', ['POWERAPPS_PER_USER', 'POWERAPPS_PER_APP_NEW']),
  app('Visio', ['VISIOONLINE']),
  app('Sample app', ['BI_AZURE_P2'], CLIENT_ID),
];

function app(
  displayName: string,
  requiredPlans: readonly PlanName[],
  appId = sampleId('app', displayName),
): Omit<App, 'createdAt'> {
  return {
    id: sampleId('application', displayName),
    appId,
    clientId: appId,
    displayName,
    requiredServicePlanIds: requiredPlans.map((name) => PLANS[name][0]),
    permissions: [],
    onRefusal: 'block',
    redirectUris: NO_REDIRECT_URIS,
  };
}
