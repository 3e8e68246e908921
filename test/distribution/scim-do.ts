import type { World } from '../harness/world.ts';

/** What provisioning clients do. */
export async function doAsProvisioners(world: World): Promise<void> {
  const path = '/admin/provisioningClients';
  const client = await world.post(path, { kind: 'entra', displayName: 'Entra ID' });
  await world.post(`${path}/${client.id}/rotateToken`, {});
  await world.patch(`${path}/${client.id}`, { displayName: 'Another' });
  await world.post(`${path}/${client.id}/revokeToken`, {});
  await world.remove(`${path}/${client.id}`);
}
