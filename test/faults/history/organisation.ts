import { randomUUID } from 'node:crypto';
import type { Chance } from './chance.ts';
import type { Client } from './send.ts';

/** The client that the servers were given by AUTOCLAIM_BOOTSTRAP_CLIENT_ID and _SECRET. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A tenant as its history begins. The lists of policies and purchases grow. */
export interface Tenant {
  readonly client: Client;
  readonly apps: readonly { readonly appId: string; readonly products: readonly string[] }[];
  /** skuIds. */
  readonly products: readonly string[];
  readonly users: readonly string[];
  /** Has some of the users. */
  readonly groupId: string;
  readonly purchases: string[];
  readonly policies: { readonly id: string; readonly appId: string }[];
}

/** Two tenants of one installation. */
export interface Organisation {
  readonly tenants: readonly [Tenant, Tenant];
  readonly tenantIds: readonly string[];
  /** By tenant: a text that stands in all its names. */
  readonly canaries: ReadonlyMap<string, string>;
}

const MEMBERS_MAX = 20;

/** Founds two tenants over the API of a new installation, with products, few seats, people and policies; auto-claim is on. */
export async function found(url: string, credentials: Credentials, chance: Chance, users = 40): Promise<Organisation> {
  const first = await clientOf(url, 'common', credentials);
  const created = await post(url, first, '/v1.0/admin/tenants', {
    displayName: `Second ${randomUUID()}`,
    defaultDomain: 'second.example',
    countryLetterCode: 'US',
  });
  const second = await clientOf(url, created.id as string, created as Credentials);
  const tenants = [await furnish(url, first, chance, users), await furnish(url, second, chance, users)] as const;
  return {
    tenants,
    tenantIds: tenants.map(({ client }) => client.tenantId),
    canaries: new Map(tenants.map(({ client }) => [client.tenantId, client.canary])),
  };
}

/** A client with a token, by a real client-credentials call. */
export async function clientOf(url: string, tenant: string, { clientId, clientSecret }: Credentials): Promise<Client> {
  const configuration = (await get(`${url}/${tenant}/v2.0/.well-known/openid-configuration`)) as { issuer: string };
  const response = await fetch(`${url}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: `${new URL(configuration.issuer).origin}/.default`,
    }),
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`No token: ${response.status}`);
  const { tid } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { tid: string };
  return { tenantId: tid, clientId, token, canary: `canary${randomUUID().replaceAll('-', '')}` };
}

/** Two apps, of which one product serves both: X is required by the first, Y by the second. */
async function furnish(url: string, client: Client, chance: Chance, count: number): Promise<Tenant> {
  const { canary } = client;
  const [x, y] = [randomUUID(), randomUUID()];
  const products: string[] = [];
  const purchases: string[] = [];
  for (const plans of [[x], [x, y], [y], [x]]) {
    const skuId = randomUUID();
    await post(url, client, '/v1.0/admin/products', {
      skuId,
      skuPartNumber: `PART_${skuId.slice(0, 8)}_${canary}`,
      displayName: `Product ${skuId.slice(0, 8)} ${canary}`,
      servicePlans: plans.map((servicePlanId) => ({
        servicePlanId,
        servicePlanName: `PLAN_${servicePlanId.slice(0, 8)}_${canary}`,
      })),
    });
    const bought = { skuId, totalLicenses: 2 + chance.upTo(8) };
    purchases.push((await post(url, client, '/v1.0/directory/subscriptions', bought)).id as string);
    products.push(skuId);
  }
  const apps = await Promise.all(
    [x, y].map(async (plan, index) => {
      const body = { displayName: `App ${index} ${canary}`, requiredServicePlanIds: [plan] };
      const { appId } = await post(url, client, '/v1.0/applications', body);
      return {
        appId: appId as string,
        products: products.filter((_, at) => (index === 0 ? at !== 2 : at === 1 || at === 2)),
      };
    }),
  );
  const users = await addUsers(url, client, count);
  const { id: groupId } = await post(url, client, '/v1.0/groups', {
    displayName: `Group ${canary}`,
    mailEnabled: false,
    mailNickname: 'group',
    securityEnabled: true,
    'members@odata.bind': users
      .slice(0, Math.min(MEMBERS_MAX, count / 2))
      .map((id) => `${url}/v1.0/directoryObjects/${id}`),
  });
  const policies: Tenant['policies'] = [];
  for (const [app, places, includeGroups] of [
    [0, [0, 1], [groupId]],
    [0, [3, 0], []],
    [1, [1, 2], []],
  ] as const) {
    const { appId } = apps[app]!;
    const body = {
      displayName: `Policy ${policies.length} ${canary}`,
      appId,
      products: places.map((at) => ({ skuId: products[at]!, disabledPlans: [] })),
      includeGroups,
    };
    policies.push({ id: (await post(url, client, '/v1.0/policies/autoClaimPolicies', body)).id as string, appId });
  }
  await call(url, client, 'PATCH', '/v1.0/admin/autoClaim', { isEnabled: true });
  return { client, apps, products, users, groupId: groupId as string, purchases, policies };
}

async function addUsers(url: string, client: Client, count: number): Promise<string[]> {
  const organization = await call(url, client, 'GET', '/v1.0/organization');
  const domain = organization.value[0].verifiedDomains[0].name as string;
  const lines = Array.from(
    { length: count },
    (_, at) => `User ${at} ${client.canary},user${at}-${client.canary}@${domain},DE`,
  );
  const response = await fetch(`${url}/v1.0/admin/import/users`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.token}`, 'content-type': 'text/csv' },
    body: ['Display name,User principal name,Usage location', ...lines].join('\n'),
  });
  if (!response.ok) throw new Error(`Users are not imported: ${await response.text()}`);
  const ids: string[] = [];
  for (let path = "/v1.0/users?$top=999&$filter=startswith(userPrincipalName,'user')"; path;) {
    const page = await call(url, client, 'GET', path);
    ids.push(...page.value.map((user: { id: string }) => user.id));
    const next = page['@odata.nextLink'] as string | undefined;
    path = next === undefined ? '' : next.slice(next.indexOf('/v1.0/'));
  }
  return ids.sort();
}

async function get(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

function post(url: string, client: Client, path: string, body: object): Promise<any> {
  return call(url, client, 'POST', path, body);
}

async function call(url: string, { token }: Client, method: string, path: string, body?: object): Promise<any> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
