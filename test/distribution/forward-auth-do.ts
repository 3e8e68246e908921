import { browserBefore, comeIn, guard, plainRequest } from '../harness/forward-auth.ts';
import { addPerson } from '../harness/people.ts';
import type { World } from '../harness/world.ts';

/** People open an app behind a proxy: by a session, which ends, and by the word of a trusted proxy. */
export async function comeByProxies(world: World): Promise<void> {
  const { server, tenantId } = world;
  const app = await guard(world, await world.addApp([]), { trustedAddresses: ['127.0.0.1'] });
  const person = await addPerson(server, [], { tenantId });
  const browser = await comeIn(world, app, person);
  const query = `app=${app.appId}&return=%2F`;
  await browser.send(`${app.origin}/autoclaim-forward-auth/refused?${query}`, {}, { next: 'otherAccount' });
  await browserBefore(world, app).send(`${app.origin}/autoclaim-forward-auth/sign-in?${query}`);
  await plainRequest(`${server.url}/forward-auth?app=${app.appId}`, {
    'x-forwarded-user': person.userPrincipalName,
    'x-autoclaim-proxy-secret': app.secretText,
  });
  await world.post(`/admin/forwardAuth/${app.id}/rotateSecret`, {});
  await world.patch(`/admin/forwardAuth/${app.id}`, { trustedAddresses: [] });
  await world.remove(`/admin/forwardAuth/${app.id}`);
}
