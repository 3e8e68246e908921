import { randomUUID } from 'node:crypto';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { worldOf, type World } from '../harness/world.ts';

/** Ids of one thing of each kind that a tenant has. */
export interface Things {
  readonly tenantId: string;
  readonly user: string;
  readonly userPrincipalName: string;
  readonly group: string;
  /** A user who is in the group. */
  readonly member: string;
  /** A user who isn't. */
  readonly otherUser: string;
  /** An app's object id, and its appId. */
  readonly application: string;
  readonly appId: string;
  /** The key id of a secret of the app. */
  readonly secret: string;
  readonly sku: string;
  /** The plan of the product that the app requires, and one that it doesn't. */
  readonly plan: string;
  readonly otherPlan: string;
  readonly subscription: string;
  /** As subscribedSkus names it. */
  readonly pool: string;
  readonly policy: string;
  readonly directoryAudit: string;
  readonly signIn: string;
  /** A sign-in hook, of Okta. */
  readonly hook: string;
  readonly forwardAuth: string;
  /** Of an app without forward auth. */
  readonly otherAppId: string;
  /** A provisioning client. */
  readonly provisioningClient: string;
  /** An identity provider, by which the user has signed in. */
  readonly identityProvider: string;
  /** What only a browser or the owner of a link knows; invented. */
  readonly interaction: string;
}

/** One installation with two tenants that have one thing of each kind, and claimed a license of it. */
export interface TwoTenants {
  readonly server: TestServer;
  readonly first: Things;
  readonly other: Things;
  close(): Promise<void>;
}

export async function startTwoTenants(): Promise<TwoTenants> {
  const server = await startTestServer();
  try {
    const first = await furnish(worldOf(server));
    const other = await furnish(worldOf(server, await server.createTenant()));
    return { server, first, other, close: () => server.close() };
  } catch (error) {
    // A server that stays would keep the test's process from ending.
    await server.close();
    throw error;
  }
}

export async function furnish(world: World): Promise<Things> {
  const { tenantId } = world;
  const userPrincipalName = `${randomUUID()}@${tenantId}.example`;
  const user = await world.addUser({ user_principal_name: userPrincipalName });
  const [member, otherUser] = await world.addUsers(2);
  const group = await world.addGroup([member!.id]);
  const product = await world.addProduct({ REQUIRED: {}, OTHER: {} });
  const [plan, otherPlan] = Object.values(product.plans) as [string, string];
  const subscription = await world.buy(product, 10);
  const app = await world.addApp([plan]);
  const { keyId: secret } = await world.post(`/applications/${app.id}/addPassword`, {});
  await world.turnAutoClaim(true);
  const policy = await world.addPolicy(app, [product]);
  const { id: signIn } = await world.signIn(app, user);
  const { id: hook } = await world.post('/admin/signInHooks', { kind: 'okta', displayName: 'Okta' });
  const { id: forwardAuth } = await world.post('/admin/forwardAuth', {
    appId: app.appId,
    origins: ['https://app.contoso.example'],
  });
  const otherApp = await world.addApp([plan]);
  const { id: provisioningClient } = await world.post('/admin/provisioningClients', {
    kind: 'okta',
    displayName: 'Okta',
  });
  const { id: identityProvider } = await world.post('/admin/identityProviders', {
    kind: 'oidc',
    displayName: 'Provider',
    issuer: 'https://provider.example',
    clientId: 'autoclaim',
    clientSecret: 'a secret of autoclaim',
    domains: ['provider.example'],
  });
  await world.value(
    `insert into external_identities (tenant_id, provider_id, subject, user_id, linked_at)
     values ($1, $2, 'somebody', $3, now()) returning 1`,
    identityProvider,
    user.id,
  );
  const audits = await world.get('/auditLogs/directoryAudits?$top=1');
  return {
    tenantId,
    user: user.id,
    userPrincipalName,
    group,
    member: member!.id,
    otherUser: otherUser!.id,
    application: app.id,
    appId: app.appId,
    secret,
    sku: product.skuId,
    plan,
    otherPlan,
    subscription: subscription.id,
    pool: `${tenantId}_${product.skuId}`,
    policy: policy.id,
    directoryAudit: audits.value[0].id,
    signIn,
    hook,
    forwardAuth,
    otherAppId: otherApp.appId,
    provisioningClient,
    identityProvider,
    interaction: randomUUID(),
  };
}

/** Things that there are not. */
export function nothings(tenantId: string): Things {
  const sku = randomUUID();
  return {
    tenantId,
    user: randomUUID(),
    userPrincipalName: `${randomUUID()}@nowhere.example`,
    group: randomUUID(),
    member: randomUUID(),
    otherUser: randomUUID(),
    application: randomUUID(),
    appId: randomUUID(),
    secret: randomUUID(),
    sku,
    plan: randomUUID(),
    otherPlan: randomUUID(),
    subscription: randomUUID(),
    pool: `${tenantId}_${sku}`,
    policy: randomUUID(),
    directoryAudit: randomUUID(),
    signIn: randomUUID(),
    hook: randomUUID(),
    forwardAuth: randomUUID(),
    otherAppId: randomUUID(),
    provisioningClient: randomUUID(),
    identityProvider: randomUUID(),
    interaction: randomUUID(),
  };
}
