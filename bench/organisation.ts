import { randomUUID } from 'node:crypto';
import type { LoadOrder } from './harness/load.ts';

/** A client of the API, as any other program is one. */
export interface ApiClient {
  readonly baseUrl: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What people sign in to: one app whose pool never runs out, and one whose pools are all empty. */
export interface BenchOrganisation {
  readonly token: string;
  readonly roomyApp: BenchApp;
  readonly emptyApp: BenchApp;
}

export interface BenchApp extends Pick<LoadOrder, 'appId'> {
  readonly skuId: string;
  readonly policyId: string;
}

/** A client-credentials call. */
export async function getToken({ baseUrl, tenantId, clientId, clientSecret }: ApiClient): Promise<string> {
  const response = await fetch(`${baseUrl}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: `${baseUrl}/.default`,
    }),
  });
  const answer = (await response.json()) as { access_token?: string };
  if (!answer.access_token) throw new Error(`No token: ${response.status} ${JSON.stringify(answer)}`);
  return answer.access_token;
}

/** Calls the API. @throws for any other status than those of 2xx */
export async function call(baseUrl: string, token: string, method: string, path: string, body: object): Promise<any> {
  const response = await fetch(`${baseUrl}/v1.0${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** Sets up the tenant through the API: products, subscriptions, apps, policies, and the switch. */
export async function setUpOrganisation(client: ApiClient, seats: number): Promise<BenchOrganisation> {
  const token = await getToken(client);
  const roomyApp = await setUpApp(client, token, 'Roomy', seats);
  const emptyApp = await setUpApp(client, token, 'Empty', 0);
  await call(client.baseUrl, token, 'PATCH', '/admin/autoClaim', { isEnabled: true });
  return { token, roomyApp, emptyApp };
}

/** An app with a product of its own, so many seats of it, and a policy for everyone. */
export async function setUpApp(client: ApiClient, token: string, name: string, seats: number): Promise<BenchApp> {
  const post = (path: string, body: object) => call(client.baseUrl, token, 'POST', path, body);
  const [skuId, servicePlanId] = [randomUUID(), randomUUID()];
  await post('/admin/products', {
    skuId,
    skuPartNumber: `${name.toUpperCase()}_SUITE`,
    displayName: `${name} suite`,
    servicePlans: [
      { servicePlanId, servicePlanName: name.toUpperCase() },
      ...['MAIL', 'FILES', 'FORMS', 'BOARD'].map((plan) => ({ servicePlanId: randomUUID(), servicePlanName: plan })),
    ],
  });
  await post('/directory/subscriptions', { skuId, totalLicenses: seats });
  const { appId } = await post('/applications', { displayName: name, requiredServicePlanIds: [servicePlanId] });
  const { id } = await post('/policies/autoClaimPolicies', {
    displayName: `${name} for everyone`,
    appId,
    products: [{ skuId }],
  });
  return { appId, skuId, policyId: id };
}
