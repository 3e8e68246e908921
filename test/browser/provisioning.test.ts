import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';

let center: AdminCenter;
before(async () => {
  center = await startAdminCenter();
});
afterEach(() => center.check());
after(() => center.close());

describe('Settings > Provisioning', () => {
  it('leads from a new client to its first call; its token is shown once, changed, revoked; its end', async () => {
    const { page } = await center.openAs(await center.person(['Global Administrator']), '/settings/provisioning');
    await page.getByRole('button', { name: 'Add a provisioning client' }).first().click();
    const adding = page.getByRole('dialog', { name: 'Add a provisioning client' });
    await adding.getByRole('combobox', { name: 'Identity provider' }).click();
    await page.getByRole('option', { name: 'Okta' }).click();
    assert.equal(await adding.getByLabel('Name').inputValue(), 'Okta');
    await assertAccessible(page);
    await adding.getByRole('button', { name: 'Add', exact: true }).click();
    const pane = page.getByRole('dialog', { name: 'Okta' });
    const valueOf = (label: string) => pane.getByLabel(label, { exact: true }).inputValue();
    const [address, token] = [await valueOf('Address'), await valueOf('Token')];
    await assertAccessible(page);

    // The provider, with what its admin was given to paste.
    const call = (bearer: string) =>
      fetch(`${address}/Users`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/scim+json' },
        body: JSON.stringify({
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
          userName: `ann-${bearer
            .slice(-6)
            .toLowerCase()
            .replaceAll(/[^a-z0-9]/g, 'x')}@contoso.example`,
          displayName: 'Ann',
          active: true,
        }),
      });
    const made = await call(token);
    assert.equal(made.status, 201, await made.text());
    await pane.getByRole('button', { name: 'New token' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'New token' }).click();
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    const second = await valueOf('Token');
    assert.notEqual(second, token);
    assert.equal((await call(second)).status, 201);

    await page.reload();
    await pane.getByText(`Its token begins with ${second.slice(0, 3)}`).waitFor();
    assert.ok(!(await page.content()).includes(second));
    await pane.getByText('2', { exact: true }).first().waitFor();
    await pane.getByRole('checkbox', { name: 'Who is deactivated loses their licenses' }).uncheck();
    await pane.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Provisioning client saved').first().waitFor();
    await pane.getByRole('button', { name: 'Revoke token' }).click();
    const question = page.getByRole('alertdialog');
    await question.getByText('2 users and 0 groups that it knows stay as they are.').waitFor();
    await question.getByRole('button', { name: 'Revoke token' }).click();
    await pane.getByText('Its token was revoked').waitFor();
    const [{ releasesLicenses, isRevoked }] = (await center.world.get('/admin/provisioningClients')).value;
    assert.deepEqual([releasesLicenses, isRevoked], [false, true]);

    await pane.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No identity provider keeps users here yet').waitFor();
    assert.equal((await center.world.get('/admin/provisioningClients')).value.length, 0);
  });
});
