import { randomUUID } from 'node:crypto';
import { CREATION_RATE } from '../../src/engine/directory/creation-rate.ts';
import { findOrCreateUser } from '../../src/engine/directory/find-or-create-user.ts';
import { addHook, deliver, eventOf } from '../harness/hooks.ts';
import type { World } from '../harness/world.ts';
import type { Things } from '../security/two-tenants.ts';

/** What identity providers do: people come whom nobody knows, and more of them than may be created. */
export async function doAsProviders(world: World, { appId }: Things): Promise<void> {
  const { server, tenantId } = world;
  await world.patch('/admin/autoClaim', { createUsersOnSignIn: true, allowedDomains: ['contoso.example'] });
  const hook = await addHook(world, 'okta');
  const come = (name = `${randomUUID()}@contoso.example`) =>
    deliver(world, hook, eventOf('okta', { name, clientId: appId }));
  // Two at once: one of them finds whom the other has created.
  await Promise.all([come('ada@contoso.example'), come('Ada@contoso.example')]);
  const person = { userPrincipalName: `${randomUUID()}@contoso.example`, isNameVerified: true };
  const tenancy = {
    db: server.db,
    tenantId,
    actor: { kind: 'system', displayName: 'A door' },
    correlationId: null,
  } as const;
  // An admin has added the same user meanwhile.
  await findOrCreateUser(tenancy, person, async ({ client }) => {
    await client.query(
      `insert into users (tenant_id, user_id, user_principal_name, display_name, created_at)
       select tenant_id, $2, user_principal_name, display_name, created_at from users where tenant_id = $1 limit 1`,
      [tenantId, randomUUID()],
    );
  }).catch(() => undefined);
  await server.db.pool.query(
    'update user_creation set spent_until = spent_until + make_interval(secs => $2) where tenant_id = $1',
    [tenantId, CREATION_RATE.atOnce * CREATION_RATE.secondsEach],
  );
  await come();
  await world.get('/admin/overview');
  await world.post(`/admin/signInHooks/${hook.id}/rotateSecret`, {});
  await world.patch(`/admin/signInHooks/${hook.id}`, { apps: [{ clientId: 'theirs', appId }] });
  await world.remove(`/admin/signInHooks/${hook.id}`);
}
