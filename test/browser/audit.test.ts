import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, describe, it } from 'node:test';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';
import type { TestPerson } from '../harness/people.ts';

let center: AdminCenter;
let reader: TestPerson;

before(async () => {
  center = await startAdminCenter();
  reader = await center.person(['Reports Reader'], 'Rita Reader');
  const { world } = center;
  const group = await world.post('/groups', { displayName: 'Painters' });
  await world.patch(`/groups/${group.id}`, { displayName: 'Sculptors' });
  await world.turnAutoClaim(true);
});
afterEach(() => center.check());
after(() => center.close());

describe('the audit', () => {
  it('shows who changed what, before and after, at an address of its own', async () => {
    const { page } = await center.openAs(reader, '/audit');
    await page
      .getByRole('row', { name: /Update group/ })
      .getByRole('button')
      .click();
    const pane = page.getByRole('dialog', { name: 'Update group' });
    const change = pane.getByRole('row', { name: /displayName/ });
    await change.getByText('Painters').waitFor();
    await change.getByText('Sculptors').waitFor();
    await assertAccessible(page);
    assert.ok(new URL(page.url()).searchParams.get('entry'));
    await page.goBack();
    await pane.waitFor({ state: 'detached' });
  });

  it('is filtered and searched, and exported as it is shown', async () => {
    const { page } = await center.openAs(reader, '/audit?category=GroupManagement');
    await page.getByRole('status').getByText('2 changes', { exact: true }).waitFor();
    await page.getByRole('searchbox').fill('sculp');
    await page.getByRole('status').getByText('1 change', { exact: true }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export' }).click(),
    ]);
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\r\n');
    assert.equal(lines.length, 2);
    assert.match(lines[1]!, /Update group.*Sculptors/);
    await page.getByText('1 change exported').first().waitFor();
  });
});
