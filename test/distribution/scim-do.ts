import { randomUUID } from 'node:crypto';
import type { World } from '../harness/world.ts';
import type { Things } from '../security/two-tenants.ts';

/** What provisioning clients do. */
export async function doAsProvisioners(world: World, { member, otherUser }: Things): Promise<void> {
  const path = '/admin/provisioningClients';
  const client = await world.post(path, { kind: 'entra', displayName: 'Entra ID' });
  const { tokenText: token } = await world.post(`${path}/${client.id}/rotateToken`, {});
  await keepUsersAndGroups(world, token as string, member, otherUser);
  const product = await world.addProduct({ RELEASED: {} });
  await world.buy(product, 1);
  const { id: user } = await world.addUser();
  await world.assign({ id: user } as never, [product]);
  await scim(world, token as string, 'PATCH', `/Users/${user}`, {
    Operations: [{ op: 'Replace', path: 'active', value: 'False' }],
  });
  await world.patch(`/users/${user}`, { accountEnabled: true });
  await world.patch(`${path}/${client.id}`, { displayName: 'Another' });
  await world.post(`${path}/${client.id}/revokeToken`, {});
  await world.remove(`${path}/${client.id}`);
}

async function keepUsersAndGroups(world: World, token: string, one: string, two: string): Promise<void> {
  const call = (method: string, address: string, body?: object) => scim(world, token, method, address, body);
  const { id } = await call('POST', '/Users', { userName: `${randomUUID()}@contoso.example`, externalId: 'theirs' });
  await call('PUT', `/Users/${id}`, { userName: `${randomUUID()}@contoso.example` });
  const filters = [
    'userName co "a" and active eq true',
    'externalId eq "theirs" or not (meta.created gt "2020-01-01")',
  ];
  for (const filter of filters) await call('GET', `/Users?filter=${encodeURIComponent(filter)}&count=2`);
  await call('DELETE', `/Users/${id}`);
  const group = await call('POST', '/Groups', { displayName: 'Theirs', members: [{ value: one }] });
  await call('GET', `/Groups?filter=${encodeURIComponent(`members eq "${one}" and displayName sw "T"`)}`);
  await call('PATCH', `/Groups/${group.id}`, {
    Operations: [
      { op: 'add', path: 'members', value: [{ value: two }] },
      { op: 'remove', path: `members[value eq "${one}"]` },
    ],
  });
  await call('PUT', `/Groups/${group.id}`, { displayName: 'Theirs' });
  await call('DELETE', `/Groups/${group.id}`);
}

async function scim({ server }: World, token: string, method: string, path: string, body?: object): Promise<any> {
  const answer = await server.request(method, `/scim/v2${path}`, { token, ...(body && { body }) });
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}
