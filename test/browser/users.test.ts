import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';
import type { WorldApp, WorldProduct } from '../harness/world.ts';

let center: AdminCenter;
let kit: WorldProduct;
let app: WorldApp;

before(async () => {
  center = await startAdminCenter();
  const { world } = center;
  kit = await world.addProduct({ DRAW: {}, MAIL: {} }, { displayName: 'Drawing kit' });
  await world.buy(kit, 5);
  app = await world.addApp([kit.plans['DRAW']!], 'Drawing board');
  await world.turnAutoClaim(true);
  await world.addPolicy(app, [kit], { displayName: 'Drawing for all' });
});
afterEach(() => center.check());
after(() => center.close());

const named = (name: string) =>
  center.world.addUser({ display_name: name, user_principal_name: `${name.toLowerCase()}@contoso.example` });

describe('active users', () => {
  it('are added, searched, edited, blocked and deleted', async () => {
    const { page, expect } = await center.openAs(await center.person(['User Administrator']), '/users');
    await page.getByRole('button', { name: 'Add a user' }).click();
    const adding = page.getByRole('dialog', { name: 'Add a user' });
    await adding.getByLabel('Display name').fill('Nora New');
    await adding.getByLabel('User name').fill('nora@contoso.example');
    await assertAccessible(page);
    await adding.getByRole('button', { name: 'Add', exact: true }).click();
    await adding.waitFor({ state: 'detached' });

    await page.getByRole('searchbox', { name: 'Search users' }).fill('nora');
    await page.getByRole('status').getByText('1 user', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Nora New' }).click();
    const pane = page.getByRole('dialog', { name: 'Nora New' });
    await pane.getByLabel('User name').fill('no name');
    expect(/^answer: 400 to PATCH/);
    await pane.getByRole('button', { name: 'Save' }).click();
    await pane.getByRole('alert').first().waitFor();
    await pane.getByLabel('User name').fill('nora@contoso.example');
    await pane.getByRole('combobox', { name: 'Usage location' }).fill('germ');
    await page.getByRole('option', { name: 'Germany (DE)' }).click();
    await pane.getByRole('button', { name: 'Save' }).click();
    await page.getByText('User changed', { exact: true }).waitFor();
    const { usageLocation } = await center.world.get('/users/nora@contoso.example?$select=usageLocation');
    assert.equal(usageLocation, 'DE');

    await pane.getByRole('button', { name: 'Block sign-in' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Block sign-in' }).click();
    await pane.getByText('Sign-in blocked').waitFor();
    await pane.getByRole('button', { name: 'Delete user' }).click();
    await page
      .getByRole('alertdialog')
      .getByText(/0 licenses become free/)
      .waitFor();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('No users match').waitFor();
  });

  it('have a usage location that is chosen by keyboard, by name or code; what is no country goes again', async () => {
    const user = await named('Ulla');
    const location = async () => (await center.world.get(`/users/${user.id}?$select=usageLocation`)).usageLocation;
    const { page } = await center.openAs(await center.person(['User Administrator']), '/users');
    await page.getByRole('button', { name: 'Ulla' }).click();
    const pane = page.getByRole('dialog', { name: 'Ulla' });
    const box = pane.getByRole('combobox', { name: 'Usage location' });
    const shows = async (value: string) => (await box.inputValue()) === value;
    const save = async () => {
      await Promise.all([
        page.waitForResponse((response) => response.request().method() === 'PATCH'),
        pane.getByRole('button', { name: 'Save' }).press('Enter'),
      ]);
    };
    await box.press('ControlOrMeta+a');
    await page.keyboard.type('united s');
    await page.getByRole('option', { name: 'United States (US)' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('listbox').waitFor({ state: 'detached' });
    assert.ok(await shows('United States'));
    await assertAccessible(page);
    await save();
    assert.equal(await location(), 'US');

    // A code, although Chad begins with it and Switzerland does not.
    await box.press('ControlOrMeta+a');
    await page.keyboard.type('ch');
    await page.keyboard.press('Enter');
    assert.ok(await shows('Switzerland'));
    // The end of a name with its accent left out.
    await box.press('ControlOrMeta+a');
    await page.keyboard.type('reunion');
    await page.keyboard.press('Enter');
    assert.ok(await shows('Réunion'));
    // Escape closes the list, and not the pane; Tab goes on.
    for (const key of ['Escape', 'Tab']) {
      await box.press('ControlOrMeta+a');
      await page.keyboard.type('nowhere');
      await page.getByRole('option', { name: 'No country has this name or code' }).waitFor();
      await page.keyboard.press(key);
      await page.getByRole('listbox').waitFor({ state: 'detached' });
      await page.keyboard.press('Tab');
      assert.ok(await shows('Réunion'));
    }
    await save();
    assert.equal(await location(), 'RE');

    await box.fill('');
    await page.keyboard.press('Tab');
    await save();
    assert.equal(await location(), null);
    // Who only looks at the list has chosen nothing.
    await box.click();
    await page.getByRole('option', { name: 'Afghanistan (AF)' }).waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('listbox').waitFor({ state: 'detached' });
    assert.ok(await shows(''));
  });

  it('show every path of what they hold, are given licenses, and why they would be refused or not', async () => {
    const user = await named('Cleo');
    await center.world.signIn(app, user);
    const { page } = await center.openAs(await center.person(['Global Administrator']), '/users');
    await page.getByRole('button', { name: 'Cleo' }).click();
    const pane = page.getByRole('dialog', { name: 'Cleo' });
    await pane.getByRole('tab', { name: 'Licenses and apps' }).click();
    await pane.getByText(/Claimed under the policy Drawing for all for Drawing board/).waitFor();
    await pane.getByRole('combobox', { name: 'App' }).click();
    await page.getByRole('option', { name: 'Drawing board' }).click();
    await pane.getByText('Licensed already').waitFor();
    await pane.getByText('The app is registered: yes').waitFor();
    await assertAccessible(page);

    await pane.getByRole('button', { name: 'Edit apps and services' }).click();
    const editing = page.getByRole('dialog', { name: 'Apps and services of Drawing kit' });
    await editing.getByRole('checkbox', { name: 'MAIL' }).uncheck();
    await editing.getByRole('button', { name: 'Save' }).click();
    await pane.getByText(/Assigned by hand/).waitFor();
    await pane.getByRole('button', { name: 'Unassign' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Unassign' }).click();
    await pane.getByText('They hold no license.').waitFor();
    assert.equal(await center.world.consumed(kit), 0);
  });

  it('are imported, or not at all with the lines that are wrong', async () => {
    const { page, expect } = await center.openAs(await center.person(['User Administrator']), '/users');
    await page.getByRole('button', { name: 'Import' }).click();
    const pane = page.getByRole('dialog', { name: 'Import users' });
    const take = (text: string) =>
      pane.getByLabel('CSV file').setInputFiles({ name: 'users.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    expect(/^answer: 400 to POST/);
    await take('User principal name,Display name\nnot a name,Somebody\n');
    await pane.getByRole('button', { name: 'Import' }).click();
    await pane
      .getByRole('alert')
      .getByText(/^Line 2: User principal name: /)
      .waitFor();
    await take('User principal name,Display name\nina@contoso.example,Ina Imported\n');
    await pane.getByRole('button', { name: 'Import' }).click();
    await pane.getByText(/1 added, 0 changed, 0 unchanged/).waitFor();
  });

  it('are only looked at by a reader, and their location alone is set by a License Administrator', async () => {
    await named('Rolf');
    const reading = await center.openAs(await center.person(['Global Reader']), '/users');
    await reading.page.getByRole('button', { name: 'Rolf' }).click();
    await reading.page.getByText('Your role lets you see this and not change it.').waitFor();
    assert.equal(await reading.page.getByLabel('Usage location').getAttribute('readonly'), '');
    assert.equal(await reading.page.getByLabel('Usage location').inputValue(), 'Germany');
    const { page } = await center.openAs(await center.person(['License Administrator']), '/users');
    await page.getByRole('button', { name: 'Rolf' }).click();
    await page.getByRole('combobox', { name: 'Usage location' }).fill('AT');
    assert.equal(await page.getByLabel('Display name').getAttribute('readonly'), '');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('User changed', { exact: true }).waitFor();
  });
});

describe('groups', () => {
  it('are added, get members, lose them, and are deleted', async () => {
    await named('Gina');
    const { page } = await center.openAs(await center.person(['Groups Administrator']), '/groups');
    await page.getByRole('button', { name: 'Add a group' }).first().click();
    await page.getByLabel('Name').fill('Painters');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('button', { name: 'Painters' }).click();
    const pane = page.getByRole('dialog', { name: 'Painters' });
    await pane.getByRole('button', { name: 'Add members' }).click();
    const adding = page.getByRole('dialog', { name: 'Add members' });
    await adding.getByRole('combobox', { name: 'Users' }).fill('gina');
    await page.getByRole('option', { name: /Gina/ }).click();
    await adding.getByRole('button', { name: 'Add', exact: true }).click();
    await adding.waitFor({ state: 'detached' });
    await pane.getByRole('checkbox', { name: 'Select Gina' }).check();
    await assertAccessible(page);
    await pane.getByRole('button', { name: 'Remove members (1)' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await pane.getByText('Nobody is in this group').waitFor();
    await pane.getByRole('tab', { name: 'Settings' }).click();
    await pane.getByRole('button', { name: 'Delete group' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText('There are no groups yet').waitFor();
  });
});

describe('my licenses', () => {
  it('shows a person what they hold and why', async () => {
    const person = await center.person([], 'Paul Plain');
    await center.world.signIn(app, person);
    const { page } = await center.openAs(person, '/my-licenses');
    await page.getByRole('heading', { name: 'Drawing kit' }).waitFor();
    await page.getByText(/you got it by signing in to Drawing board/).waitFor();
    await assertAccessible(page);
  });
});
