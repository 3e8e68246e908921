import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';
import type { WorldProduct } from '../harness/world.ts';

let center: AdminCenter;
let kit: WorldProduct;

before(async () => {
  center = await startAdminCenter();
  const { world } = center;
  kit = await world.addProduct({ DRAW: {}, MAIL: {} }, { displayName: 'Drawing kit' });
  await world.buy(kit, 2);
});
afterEach(() => center.check());
after(() => center.close());

const named = (name: string) =>
  center.world.addUser({ display_name: name, user_principal_name: `${name.toLowerCase()}@contoso.example` });

async function groupOf(displayName: string, ...names: string[]): Promise<string> {
  const { id } = await center.world.post('/groups', { displayName });
  for (const name of names) {
    const user = await named(name);
    await center.world.post(`/groups/${id}/members/$ref`, { '@odata.id': `https://x/directoryObjects/${user.id}` });
  }
  return id;
}

describe('licenses of a group', () => {
  it('are assigned with chosen apps and services; errors say why, and are gone once there are seats', async () => {
    const group = await groupOf('Painters', 'Pia', 'Paul', 'Petra');
    const { page } = await center.openAs(await center.person(['Global Administrator']), '/groups');
    await page.getByRole('button', { name: 'Painters' }).click();
    const pane = page.getByRole('dialog', { name: 'Painters' });
    await pane.getByRole('tab', { name: 'Licenses' }).click();
    await pane.getByText('This group gives no licenses').waitFor();
    await pane.getByRole('button', { name: 'Assign a license' }).click();
    const assigning = page.getByRole('dialog', { name: 'Assign a license to the group' });
    await assigning.getByText('3 members will be given it', { exact: false }).waitFor();
    await assigning.getByRole('combobox', { name: 'Product' }).fill('draw');
    await page.getByRole('option', { name: 'Drawing kit (2 available)' }).click();
    await assigning.getByRole('checkbox', { name: 'MAIL' }).uncheck();
    await assertAccessible(page);
    await assigning.getByRole('button', { name: 'Assign', exact: true }).click();
    await assigning.waitFor({ state: 'detached' });
    await pane.getByText('Errors & issues').first().waitFor();
    await pane.getByText('1 member has not all that the group gives.').waitFor();
    await pane.getByText('2 of 3 members', { exact: false }).waitFor();
    await pane.getByText(/Not enough licenses\. No license of Drawing kit was available\./).waitFor();
    await assertAccessible(page);
    const { assignedLicenses } = await center.world.get(`/groups/${group}?$select=assignedLicenses`);
    assert.deepEqual(assignedLicenses, [{ skuId: kit.skuId, disabledPlans: [kit.plans['MAIL']] }]);

    await center.world.buy(kit, 1);
    await pane.getByRole('button', { name: 'Reprocess all' }).click();
    await pane.getByText('All licenses assigned').waitFor();
    await pane.getByText('3 of 3 members', { exact: false }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('row', { name: /Painters.*1 product.*All licenses assigned/ }).waitFor();

    await page.getByRole('button', { name: 'Painters' }).click();
    await pane.getByRole('tab', { name: 'Licenses' }).click();
    await pane.getByRole('button', { name: 'Remove Drawing kit from the group' }).click();
    const asking = page.getByRole('alertdialog');
    await asking.getByText('3 members have it by this group.', { exact: false }).waitFor();
    await asking.getByRole('button', { name: 'Remove', exact: true }).click();
    await pane.getByText('This group gives no licenses').waitFor();
    assert.equal(await center.world.consumed(kit), 0);
  });

  it('stand with the product, in its tab Groups, by which it is assigned and removed too', async () => {
    await groupOf('Sculptors', 'Stan');
    const { page } = await center.openAs(await center.person(['License Administrator']), '/licenses');
    await page.getByRole('button', { name: 'Drawing kit' }).click();
    const pane = page.getByRole('dialog', { name: 'Drawing kit' });
    await pane.getByRole('tab', { name: 'Groups' }).click();
    await pane.getByText('No group gives this product').waitFor();
    await pane.getByRole('button', { name: 'Assign to groups' }).click();
    const assigning = page.getByRole('dialog', { name: 'Assign to groups' });
    await assigning.getByRole('combobox', { name: 'Groups' }).fill('sculp');
    await page.getByRole('option', { name: 'Sculptors' }).click();
    await assigning.getByRole('button', { name: 'Assign', exact: true }).click();
    await assigning.waitFor({ state: 'detached' });
    await pane.getByText('All licenses assigned').waitFor();
    await assertAccessible(page);
    await pane.getByRole('tab', { name: 'Users' }).click();
    await pane.getByText('By a group').waitFor();
    await pane.getByRole('tab', { name: 'Groups' }).click();
    await pane.getByRole('checkbox', { name: 'Select Sculptors' }).check();
    await pane.getByRole('button', { name: 'Remove from groups (1)' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await pane.getByText('No group gives this product').waitFor();
    assert.equal(await center.world.consumed(kit), 0);
  });

  it('show on a member by which groups they come, and what is missing', async () => {
    const { world } = center;
    const scarce = await world.addProduct({ CUT: {} }, { displayName: 'Cutting kit' });
    await world.buy(scarce, 0);
    const inner = await groupOf('Carvers', 'Cora');
    const { id: outer } = await world.post('/groups', { displayName: 'Artists' });
    await world.post(`/groups/${outer}/members/$ref`, { '@odata.id': `https://x/directoryObjects/${inner}` });
    const give = (group: string, skuId: string) =>
      world.post(`/groups/${group}/assignLicense`, { addLicenses: [{ skuId }], removeLicenses: [] });
    await give(outer, kit.skuId);
    await give(inner, scarce.skuId);
    const { page } = await center.openAs(await center.person(['Global Administrator']), '/users?q=cora');
    await page.getByRole('button', { name: 'Cora' }).click();
    const pane = page.getByRole('dialog', { name: 'Cora' });
    await pane.getByRole('tab', { name: 'Licenses and apps' }).click();
    await pane.getByText('By the group Artists, through Carvers').waitFor();
    await pane.getByText(/Cutting kit, by Carvers: Not enough licenses\./).waitFor();
    await assertAccessible(page);
    await world.buy(scarce, 1);
    await pane.getByRole('button', { name: 'Reprocess' }).click();
    await pane.getByText('By the group Carvers').waitFor();
    assert.equal(await pane.getByText('Groups could not give them all that they should').count(), 0);
  });

  it('can be seen and not changed by who only reads', async () => {
    const group = await groupOf('Readers', 'Rita');
    await center.world.post(`/groups/${group}/assignLicense`, {
      addLicenses: [{ skuId: kit.skuId }],
      removeLicenses: [],
    });
    const reader = await center.person(['Global Reader']);
    const { page } = await center.openAs(reader, `/groups?group=${group}&tab=licenses`);
    const pane = page.getByRole('dialog', { name: 'Readers' });
    await pane.getByText('Your role lets you see this and not change it.').waitFor();
    assert.equal(await pane.getByRole('button', { name: /Assign a license|Remove|Edit/ }).count(), 0);
  });
});
