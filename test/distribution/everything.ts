import { randomUUID } from 'node:crypto';
import { PERMISSIONS } from '../../contract/permission.ts';
import { jobsOf } from '../../src/start-up/jobs.ts';
import { runJob } from '../../src/jobs/schedule.ts';
import type { TestServer } from '../harness/server.ts';
import { worldOf, type World } from '../harness/world.ts';
import { bodiesOf, pathOf } from '../security/requests.ts';
import { addPerson, signIn } from '../harness/people.ts';
import { furnish, type Things } from '../security/two-tenants.ts';
import { doAsPeople } from './people-do.ts';
import { signInByProvider } from './federation-do.ts';
import { comeByProxies } from './forward-auth-do.ts';
import { doAsProviders } from './providers-do.ts';
import { doAsProvisioners } from './scim-do.ts';

// Everything that the program can be asked to do, done once: for tests that look at what it sends.

/** Query options that lists are asked with; one that a list doesn't know is refused, which is no harm. */
const ASKED = [
  '$top=1&$count=true',
  '$search=%22displayName:on%22',
  '$filter=' + encodeURIComponent("startswith(displayName,'a') or displayName eq 'b'"),
  '$orderby=displayName desc',
  '$orderby=createdDateTime',
  '$select=id',
  '$expand=members',
  'period=D7',
  'period=D30&$format=csv',
];

/** @returns the answers that were failures of the server, which there shouldn't be */
export async function doEverything(server: TestServer): Promise<string[]> {
  const failures: string[] = [];
  const tenantId = await server.createTenant();
  const world = watched(worldOf(server, tenantId), failures);
  const things = await furnish(world);
  await read(server, things, failures);
  await signPeopleIn(world, things);
  await write(server, things, failures);
  await importAll(world);
  await doAsPeople(server, tenantId);
  await doAsProviders(world, things);
  await doAsProvisioners(world, things);
  await signInByProvider(world, things);
  // Where no other provider is asked first.
  await comeByProxies(watched(worldOf(server, await server.createTenant()), failures));
  await doOnceOnly(world);
  await reorder(world, things);
  await followChanges(world, () => endThings(world, things));
  await age(world);
  await runJobs(server);
  return failures;
}

function watched(world: World, failures: string[]): World {
  const call = world.call.bind(world);
  world.call = async (method, path, ...rest) => {
    const answer = await call(method, path, ...rest);
    if (answer.status >= 500) failures.push(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer;
  };
  return world;
}

const routesOf = (server: TestServer, ...methods: readonly string[]) =>
  server.routes.filter(({ method }) => methods.includes(method));

async function read(server: TestServer, things: Things, failures: string[]): Promise<void> {
  const { tenantId } = things;
  for (const { path } of routesOf(server, 'GET')) {
    const isList = path.startsWith('/v1.0/') && !path.endsWith('$count');
    for (const options of ['', ...(isList ? ASKED.map((one) => `?${one}`) : [])]) {
      const whole = pathOf(path, things) + options;
      const answer = await server.request('GET', whole, { permissions: PERMISSIONS, tenantId });
      if (answer.status >= 500) failures.push(`GET ${whole}: ${answer.status} ${JSON.stringify(answer.body)}`);
      const next = answer.body?.['@odata.nextLink'] as string | undefined;
      if (next)
        await server.request('GET', next.slice(server.config.baseUrl.length), { permissions: PERMISSIONS, tenantId });
    }
  }
}

/** Sign-ins of all outcomes, delivered twice, in one batch and alone; explained. */
async function signPeopleIn(world: World, { appId, user, member, otherUser, sku }: Things): Promise<void> {
  const body = { appId, userId: otherUser, correlationId: randomUUID() };
  await world.post('/signIns', { value: [body, body, { appId, userId: member }, { appId, userId: randomUUID() }] });
  await world.post('/signIns', body);
  await storm(world);
  await world.signIn({ appId }, { id: user });
  await world.explain({ appId }, { id: user });
  // The admin turns the required plan off at the path of the claim's own policy: it is widened by the next sign-in.
  await world.server.db.pool.query(
    "update assignment_paths set disabled_plans = array(select service_plan_id from product_plans where tenant_id = $1 and sku_id = $2) where tenant_id = $1 and kind = 'policy'",
    [world.tenantId, sku],
  );
  await world.signIn({ appId }, { id: user });
  await world.post(`/users/${user}/assignLicense`, {
    addLicenses: [{ skuId: sku, disabledPlans: [] }],
    removeLicenses: [],
  });
  await world.post(`/users/${user}/assignLicense`, { addLicenses: [], removeLicenses: [sku] });
}

/** So many claims at once that those after them are taken for claims, too, and lock before anybody has looked. */
async function storm(world: World): Promise<void> {
  const product = await world.addProduct({ STORMED: {} });
  await world.buy(product, 16);
  const { appId } = await world.addApp([product.plans['STORMED']!]);
  await world.addPolicy({ appId } as never, [product]);
  const people = await world.addUsers(16);
  const claims = people.map((person) => ({ appId, userPrincipalName: person.userPrincipalName }));
  await world.post('/signIns', { value: claims.slice(0, 8) });
  await world.post('/signIns', { value: claims.slice(8) });
}

const withAndWithoutKey = (): Record<string, string>[] => [{}, { 'idempotency-key': randomUUID() }];

async function write(server: TestServer, things: Things, failures: string[]): Promise<void> {
  const { tenantId } = things;
  for (const route of routesOf(server, 'POST', 'PATCH')) {
    if (!route.path.startsWith('/v1.0/')) continue;
    for (const body of bodiesOf(route, things) ?? [{}]) {
      for (const headers of withAndWithoutKey()) {
        const path = pathOf(route.path, things);
        const tenant = route.path === '/v1.0/admin/tenants' ? server.tenantId : tenantId;
        const options = { permissions: PERMISSIONS, tenantId: tenant, body, headers };
        const answer = await server.request(route.method, path, options);
        if (answer.status >= 500)
          failures.push(`${route.method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
        if (Object.keys(headers).length > 0) await server.request(route.method, path, options);
      }
    }
  }
}

async function importAll(world: World): Promise<void> {
  const send = async (kind: string, csv: string) => {
    const { status, body } = await world.call('POST', `/admin/import/${kind}`, csv, { 'content-type': 'text/csv' });
    if (status !== 200) throw new Error(`${kind}: ${status} ${JSON.stringify(body)}`);
  };
  const product = (plan: string) =>
    `Product_Display_Name,String_Id,GUID,Service_Plan_Name,Service_Plan_Id,Service_Plans_Included_Friendly_Names\n` +
    `Imported,IMPORTED,0b6ac0c6-0cb8-4a9b-a6cb-16cdc6f6bd6c,${plan},8f8a3b4e-21cf-4dcb-9dbd-6ee87cd1ad05,${plan}\n`;
  await send('products', product('ONE'));
  await send('products', product('TWO'));
  const people = Array.from({ length: 1_001 }, (_, index) => `Person ${index},p${index}@contoso.example,US`);
  const header = 'Display name,User principal name,Usage location';
  await send('users', [header, ...people].join('\n'));
  const { rows } = await world.server.db.pool.query<{ id: string; name: string }>(
    "select user_id as id, user_principal_name as name from users where tenant_id = $1 and user_principal_name like 'p1%' limit 2",
    [world.tenantId],
  );
  const [one, other] = rows as [{ id: string; name: string }, { id: string; name: string }];
  // Two exchange their names, and one is blocked.
  await send(
    'users',
    `Object Id,Display name,User principal name,Block credential\n${one.id},One,${other.name},True\n${other.id},Other,${one.name},False`,
  );
}

/** What is there, and what changes then, claims and members too. */
async function followChanges(world: World, change: () => Promise<void>): Promise<void> {
  const local = (link: string) => link.slice(`${world.server.config.baseUrl}/v1.0`.length);
  const toTheEnd = async (path: string) => {
    for (let next = path; ;) {
      const page = await world.get(next);
      if (page['@odata.deltaLink']) return local(page['@odata.deltaLink']);
      next = local(page['@odata.nextLink']);
    }
  };
  const links: string[] = [];
  for (const path of ['/users/delta?$select=assignedLicenses', '/groups/delta?$top=1'])
    links.push(await toTheEnd(path));
  await change();
  for (const link of links) await toTheEnd(link);
}

/** What there is no way back from, on things made for it. */
async function endThings(world: World, things: Things): Promise<void> {
  const { tenantId } = world;
  const [member] = await world.addUsers(1);
  const inner = await world.addGroup([member!.id]);
  const outer = await world.addGroup([], [inner]);
  await licenseByGroups(world, things, outer, member!.id);
  await world.get(`/users/${member!.id}/licenses`);
  await world.remove(`/groups/${outer}/members/${inner}/$ref`);
  await world.remove(`/groups/${inner}/members/${member!.id}/$ref`);
  await world.post(`/groups/${outer}/members/$ref`, { '@odata.id': `https://x/directoryObjects/${inner}` });
  await world.call('DELETE', `/groups/${outer}`);
  await giveByGroup(world, outer, [], [things.sku]);
  await world.remove(`/groups/${outer}`);
  await world.call('DELETE', `/groups/${inner}`);
  // A subscription that ran out long ago, by hand; whoever reads pools ends it, or the job does.
  for (const read of [() => world.get('/subscribedSkus'), () => runJobs(world.server)]) {
    const product = await world.addProduct({ PLAN: {} });
    await world.buy(product, 2, { nextLifecycleDateTime: new Date(Date.now() + 3_600_000).toISOString() });
    await giveByGroup(world, await world.addGroup([member!.id]), [product.skuId]);
    await world.server.db.pool.query(
      "update subscriptions set ends_at = now() - interval '200 days' where tenant_id = $1 and sku_id = $2",
      [tenantId, product.skuId],
    );
    await world.server.db.pool.query(
      "update pools set valid_until = now() - interval '1 day' where tenant_id = $1 and sku_id = $2",
      [tenantId, product.skuId],
    );
    await read();
  }
  await world.call('PATCH', `/users/${things.user}`, { accountEnabled: false });
  await world.remove(`/users/${things.user}`);
  const policies = await world.get('/policies/autoClaimPolicies');
  for (const { id } of policies.value) await world.call('DELETE', `/policies/autoClaimPolicies/${id}`);
  const apps = await world.get('/applications');
  for (const { id } of apps.value.slice(0, 2)) await world.call('DELETE', `/applications/${id}`);
}

const giveByGroup = (world: World, group: string, add: readonly string[], remove: readonly string[] = []) =>
  world.post(`/groups/${group}/assignLicense`, {
    addLicenses: add.map((skuId) => ({ skuId, disabledPlans: [] })),
    removeLicenses: remove,
  });

/** What a group gives: to a member, to one who can't have it until his usage location is another, to more than are done at once. */
async function licenseByGroups(world: World, { sku }: Things, group: string, member: string): Promise<void> {
  const abroad = await world.addUser({ usage_location: 'KP' });
  const product = await world.addProduct({ PLAN: {} }, { prohibitedUsageLocations: ['KP'] });
  await world.buy(product, 300);
  await giveByGroup(world, group, [sku]);
  const other = await world.addGroup([member, abroad.id, ...(await world.addUsers(220)).map(({ id }) => id)]);
  await giveByGroup(world, other, [product.skuId]);
  await runJobs(world.server);
  for (const path of ['licenses', 'licenseErrors', 'membersWithLicenseErrors', '$count']) {
    await world.call('GET', `/groups/${path === '$count' ? path : `${other}/${path}`}`);
  }
  await world.patch(`/users/${abroad.id}`, { usageLocation: 'US' });
  await world.post(`/users/${abroad.id}/reprocessLicenseAssignment`, undefined);
  await world.post(`/groups/${other}/reprocessLicenseAssignment`, undefined);
  await runJobs(world.server);
  await failToLicense(world, product.skuId, other);
}

/** A pool that counts less than is held, by hand: whose license ends then is a fault of ours, and put off. */
async function failToLicense(world: World, sku: string, group: string): Promise<void> {
  const { db } = world.server;
  const setConsumed = (count: number) =>
    db.pool.query('update pools set consumed = $3 where tenant_id = $1 and sku_id = $2', [world.tenantId, sku, count]);
  const held = await world.consumed({ skuId: sku });
  await setConsumed(0);
  await giveByGroup(world, group, [], [sku]);
  const faults: unknown[] = [];
  for (const job of jobsOf(db)) await runJob(db, job, { error: ({ err }) => faults.push(err) });
  if (faults.length === 0) throw new Error('Licenses ended that nobody had counted.');
  await setConsumed(held);
  await db.pool.query('update group_licensing_queue set queued_at = $2 where tenant_id = $1', [
    world.tenantId,
    new Date(0),
  ]);
  await runJobs(world.server);
}

async function reorder(world: World, { appId, sku }: Things): Promise<void> {
  await world.addPolicy({ appId } as never, [{ skuId: sku }]);
  const { value } = await world.get('/policies/autoClaimPolicies');
  const ids = value.filter((one: { appId: string }) => one.appId === appId).map((one: { id: string }) => one.id);
  await world.post('/policies/autoClaimPolicies/reorder', { ids: ids.toReversed() });
}

/** Makes all that jobs clear away, count or replace so old that they do. */
async function age(world: World): Promise<void> {
  const { tenantId, server } = world;
  await world.putClaim(new Date(Date.now() - 26 * 3_600_000));
  await signIn(server, await addPerson(server, [], { tenantId }));
  for (const statement of [
    "update openid_artifacts set expires_at = now() - interval '2 days' where tenant_id = $1",
    "update idempotent_requests set answered_at = now() - interval '2 days' where tenant_id = $1",
    "update directory_changes set recorded_at = now() - interval '40 days' where tenant_id = $1",
    "update signing_keys set signs_from = now() - interval '1 year', created_at = now() - interval '1 year' where tenant_id = $1",
    "insert into signing_keys select tenant_id, 'older', private_jwk, '2020-01-01', '2020-01-01' from signing_keys where tenant_id = $1 limit 1",
  ]) {
    await server.db.pool.query(statement, [tenantId]);
  }
}

/** One POST carried out once, however often it comes. */
async function doOnceOnly(world: World): Promise<void> {
  const headers = { 'idempotency-key': randomUUID() };
  const body = { displayName: 'Once', mailNickname: 'once', mailEnabled: false, securityEnabled: true };
  for (let times = 0; times < 2; times += 1) await world.call('POST', '/groups', body, headers);
}

async function runJobs(server: TestServer): Promise<void> {
  for (const job of jobsOf(server.db)) {
    const fault: unknown[] = [];
    await runJob(server.db, job, { error: ({ err }) => fault.push(err) });
    if (fault.length > 0) throw fault[0] as Error;
  }
}
