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

const location = async () => (await center.world.get('/admin/autoClaim')).defaultUsageLocation;

describe('the default usage location', () => {
  it('is chosen from the countries, by their names in the person’s language, and cleared', async () => {
    const admin = await center.person(['Global Administrator']);
    const { page } = await center.openAs(admin, '/settings', { locale: 'de-DE' });
    await page.getByRole('button', { name: 'Default usage location' }).click();
    const pane = page.getByRole('dialog', { name: 'Default usage location' });
    await pane.getByRole('combobox', { name: 'Country' }).fill('osterr');
    await page.getByRole('option', { name: 'Österreich (AT)' }).click();
    await assertAccessible(page);
    await pane.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /Default usage location.*Österreich/ }).waitFor();
    assert.equal(await location(), 'AT');

    await page.getByRole('button', { name: 'Default usage location' }).click();
    await pane.getByRole('combobox', { name: 'Country' }).fill('');
    await pane.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row', { name: /Default usage location.*Not set/ }).waitFor();
    assert.equal(await location(), null);
  });

  it('is only read by who may not write it', async () => {
    await center.world.patch('/admin/autoClaim', { defaultUsageLocation: 'CI' });
    const { page } = await center.openAs(await center.person(['Global Reader']), '/settings');
    await page.getByRole('button', { name: 'Default usage location' }).click();
    const pane = page.getByRole('dialog', { name: 'Default usage location' });
    assert.equal(await pane.getByLabel('Country').inputValue(), 'Côte d’Ivoire');
    assert.equal(await pane.getByRole('button', { name: 'Save' }).count(), 0);
  });
});
