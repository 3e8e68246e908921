import { randomUUID } from 'node:crypto';
import { comeBack, goToProvider, testAtProvider } from '../harness/identity-providers/federate.ts';
import { startForger } from '../harness/identity-providers/forger.ts';
import { addPerson, followToApp } from '../harness/people.ts';
import type { World } from '../harness/world.ts';
import type { Things } from '../security/two-tenants.ts';

/** People come by an identity provider: found, linked, created, confirmed by a password; then nobody may by a password. */
export async function signInByProvider(world: World, { group }: Things): Promise<void> {
  const { server, tenantId } = world;
  const domain = `${randomUUID()}.example`;
  const forger = await startForger('autoclaim');
  try {
    const { id } = await world.post('/admin/identityProviders', {
      kind: 'oidc',
      displayName: 'Provider',
      issuer: forger.issuer,
      clientId: 'autoclaim',
      clientSecret: 'a secret of autoclaim',
      domains: [domain],
      groupsClaim: 'groups',
      groupMappings: [{ value: 'all', groupId: group }],
    });
    await world.patch('/admin/autoClaim', { createUsersOnSignIn: true, allowedDomains: [domain] });
    const columns = { user_principal_name: `admin@${domain}` };
    const admin = await addPerson(server, ['Global Administrator'], { tenantId, columns });
    const claims = (name: string) => ({ sub: name, email: `${name}@${domain}`, email_verified: true, groups: ['all'] });
    const come = async (name: string) => {
      const at = await goToProvider(server, id, { tenant: tenantId });
      return { at, answer: await comeBack(at, forger, { claims: claims(name) }) };
    };
    await world.value(`update user_creation set spent_until = now() where tenant_id = $1 returning 1`);
    for (const name of ['newcomer', 'newcomer']) {
      const { at, answer } = await come(name);
      await followToApp(at.browser, server, answer);
    }
    const { at, answer } = await come('admin');
    const key = /name="key" value="([^"]+)"/.exec(await answer.text())![1]!;
    const confirmed = await at.browser.post(`${server.url}/${tenantId}/federation/confirm`, {
      key,
      password: admin.password,
    });
    await followToApp(at.browser, server, confirmed);
    const test = await testAtProvider(world, id);
    await comeBack(test, forger, { claims: claims('nobody') });
    await world.patch('/admin/signIn', { isPasswordAllowed: false });
    await world.patch('/admin/signIn', { isPasswordAllowed: true });
    await world.remove(`/admin/identityProviders/${id}/users/${admin.id}`);
    await world.remove(`/admin/identityProviders/${id}`);
  } finally {
    await forger.close();
  }
}
