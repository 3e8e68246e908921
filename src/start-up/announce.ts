import type { Config } from '../config.ts';
import type { FirstSignIn, Organisation } from './organisation.ts';

/** What a start tells the person at the terminal, who reads stdout. */
export function announce({ baseUrl, bootstrapClient }: Config, organisation: Organisation): string {
  const { displayName, domain, tenantId, firstAdministrator } = organisation;
  return [
    '',
    `Autoclaim is running at ${baseUrl} for ${displayName}.`,
    '',
    ...describeSignIn(baseUrl, firstAdministrator),
    `  API reference   ${baseUrl}/docs`,
    `  Tenant          ${domain} (${tenantId})`,
    `  Access tokens   ${baseUrl}/${domain}/oauth2/v2.0/token`,
    ...describeClient(organisation, bootstrapClient?.id),
    '',
  ].join('\n');
}

function describeSignIn(baseUrl: string, first: FirstSignIn | undefined): string[] {
  if (!first) return [`  Admin center    ${baseUrl}/`];
  if (!first.setUpAddress) return [`  Admin center    ${baseUrl}/`, `  Sign in as      ${first.userPrincipalName}`];
  return [
    `  Begin here      ${first.setUpAddress}`,
    `                  sets the password of ${first.userPrincipalName}: once, within 24 hours`,
    `  Admin center    ${baseUrl}/`,
  ];
}

function describeClient({ newClient, clientFile }: Organisation, bootstrapClientId: string | undefined): string[] {
  if (newClient) {
    return [
      `  Client id       ${newClient.clientId}`,
      `  Client secret   ${newClient.clientSecret}`,
      '',
      `The client has every permission, and its secret is shown this once. Both are in ${clientFile ?? ''};`,
      'to use them in a shell:',
      '',
      `  . ${clientFile ?? ''}`,
    ];
  }
  if (clientFile) return [`  Client          its id and secret are in ${clientFile}`];
  if (bootstrapClientId) return [`  Client          ${bootstrapClientId} (AUTOCLAIM_BOOTSTRAP_CLIENT_ID)`];
  return [];
}
