import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';
import type { TestPerson } from '../harness/people.ts';

// What all lists and panes do, tried on the users.

let center: AdminCenter;
let admin: TestPerson;
before(async () => {
  center = await startAdminCenter({ sample: true });
  admin = await center.person(['Global Administrator'], 'Zora Admin');
});
afterEach(() => center.check());
after(() => center.close());

const names = async (page: Page) => page.getByRole('row').locator('td:nth-of-type(2)').allTextContents();

describe('a list', () => {
  it('searches on the server, with what is searched in the address, and says when nothing fits', async () => {
    const { page } = await center.openAs(admin, '/users');
    const search = page.getByRole('searchbox', { name: 'Search users' });
    await search.fill('Zora');
    await page.waitForURL(/q=Zora/);
    await page.getByText('1 user', { exact: true }).waitFor();
    assert.deepEqual(await names(page), ['Zora Admin']);

    await search.fill('nobody is called this');
    await page.getByRole('heading', { name: 'No users match' }).waitFor();
    await page.getByRole('button', { name: 'Clear search and filters' }).click();
    await page
      .getByRole('row', { name: /contoso\.example/ })
      .first()
      .waitFor();
    assert.equal(await search.inputValue(), '');
    assert.equal(new URL(page.url()).searchParams.get('q'), null);
  });

  it('is searched from the keyboard: Alt+Q, of a pane where one is open', async () => {
    const { page } = await center.openAs(admin, '/groups');
    await page.getByRole('searchbox', { name: 'Search groups' }).waitFor();
    await page.keyboard.press('Alt+q');
    await page.keyboard.type('Engin');
    await page.waitForURL(/q=Engin/);
    assert.equal(await page.getByRole('searchbox', { name: 'Search groups' }).inputValue(), 'Engin');
    await page.getByRole('button', { name: 'Engineering' }).click();
    await page.getByRole('dialog', { name: 'Engineering' }).getByRole('searchbox').waitFor();
    await page.keyboard.press('Alt+q');
    assert.equal(await page.evaluate('document.activeElement.closest("[role=dialog]") !== null'), true);
  });

  it('has its shortcuts listed in the menu of the account', async () => {
    const { page } = await center.openAs(admin, '/groups');
    await page.getByRole('button', { name: 'Account of Zora Admin' }).click();
    await page.getByRole('menuitem', { name: 'Keyboard shortcuts' }).click();
    const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await dialog.getByText('Alt + Q').waitFor();
    await assertAccessible(page);
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'detached' });
  });

  it('sorts on the server, and an address shows the same again', async () => {
    const { page } = await center.openAs(admin, '/users');
    const header = page.getByRole('columnheader', { name: 'Display name' });
    await header.click();
    await page.waitForURL(/sort=/);
    await header.click();
    await page.waitForURL(/sort=-/);
    await page.getByRole('row', { name: /Zora Admin/ }).waitFor();
    assert.equal(await header.getAttribute('aria-sort'), 'descending');
    await page.reload();
    await page.getByRole('row', { name: /Zora Admin/ }).waitFor();
    assert.equal(await header.getAttribute('aria-sort'), 'descending');
  });

  it('reads page after page as it is asked for, each row once', async () => {
    const { page } = await center.openAs(admin, '/users');
    const more = page.getByRole('button', { name: 'Load more' });
    await more.waitFor();
    const before = (await names(page)).length;
    await more.click();
    await page.locator('tbody tr').nth(before).waitFor();
    const users = await page.getByRole('row').locator('td:nth-of-type(3)').allTextContents();
    assert.equal(new Set(users).size, users.length);
  });
});

describe('a pane', () => {
  it('opens and closes by the keyboard, has an address, and gives the focus back', async () => {
    const { page } = await center.openAs(admin, '/users?q=Zora');
    const link = page.getByRole('button', { name: 'Zora Admin', exact: true });
    await link.focus();
    await page.keyboard.press('Enter');
    const pane = page.getByRole('dialog', { name: 'Zora Admin' });
    await pane.waitFor();
    const address = page.url();
    await page.keyboard.press('Escape');
    await pane.waitFor({ state: 'detached' });
    await page.locator('button:focus', { hasText: 'Zora Admin' }).waitFor();
    assert.notEqual(page.url(), address);
    await page.goto(address);
    await pane.waitFor();
  });

  it('asks before it loses what was typed: by its button, and by the back button', async () => {
    const { page } = await center.openAs(admin, '/users?q=Zora');
    await page.getByRole('button', { name: 'Zora Admin', exact: true }).click();
    const pane = page.getByRole('dialog', { name: 'Zora Admin' });
    await pane.getByLabel('Job title').fill('Keeper of keys');
    const question = page.getByRole('alertdialog', { name: 'Discard unsaved changes?' });
    for (const leave of [() => pane.getByRole('button', { name: 'Close' }).click(), () => page.goBack()]) {
      await leave();
      await question.getByRole('button', { name: 'Keep editing' }).click();
      await question.waitFor({ state: 'detached' });
      assert.equal(await pane.getByLabel('Job title').inputValue(), 'Keeper of keys');
    }
    await pane.getByRole('button', { name: 'Close' }).click();
    await question.getByRole('button', { name: 'Discard' }).click();
    await pane.waitFor({ state: 'detached' });
  });
});
