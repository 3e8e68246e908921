import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, describe, it } from 'node:test';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';
import type { WorldApp, WorldProduct, WorldUser } from '../harness/world.ts';

let center: AdminCenter;
let product: WorldProduct;
let app: WorldApp;
let ada: WorldUser;
let refusedId: string;
before(async () => {
  center = await startAdminCenter();
  const { world } = center;
  await world.turnAutoClaim(true);
  product = await world.addProduct({ VISIO: {} }, { displayName: 'Visio Plan 2' });
  await world.buy(product, 1);
  app = await world.addApp([product.plans['VISIO']!], 'Visio');
  await world.addPolicy(app, [product]);
  ada = await world.addUser({ display_name: 'Ada Lovelace' });
  await world.signIn(app, ada);
  await world.signIn(app, await world.addUser({ display_name: 'Bo Chen' }));
  refusedId = (await world.signIn(app, await world.addUser({ display_name: '=HYPERLINK("x")' }))).id;
});
afterEach(() => center.check());
after(() => center.close());

describe('the log of sign-ins', () => {
  it('lists every decision, says what refused people wait for, and opens each with its checks', async () => {
    const { page } = await center.openAs(await center.person(['Global Reader']), '/reports');
    await page.getByRole('link', { name: 'Sign-ins' }).click();
    const waiting = page.getByRole('region', { name: 'Waiting for something' });
    await waiting.getByText('2 people wait for seats of Visio Plan 2.').waitFor();
    assert.match((await waiting.getByRole('link', { name: 'Buy licenses' }).getAttribute('href'))!, /^\/products\?/);
    await page.getByRole('row', { name: /Ada Lovelace .* Visio API Claimed/ }).waitFor();
    await assertAccessible(page);

    await page.getByRole('combobox', { name: 'Decision' }).click();
    await page.getByRole('option', { name: 'Refused' }).click();
    await page.getByText('2 sign-ins').waitFor();
    assert.match(page.url(), /outcome=refused/);
    // A reference number, as somebody who was refused reads it out.
    await page.getByRole('searchbox', { name: 'Search users or a reference' }).fill(refusedId);
    await page.getByText('1 sign-in', { exact: true }).waitFor();
    await page.getByRole('row', { name: /HYPERLINK/ }).click();
    const pane = page.getByRole('dialog', { name: 'Sign-in' });
    await pane.getByText('Refused: No free license').waitFor();
    await pane.getByText(refusedId).waitFor();
    const now = pane.getByRole('region', { name: 'If they signed in now' });
    await now.getByText('A license is free (Visio Plan 2): no').waitFor();
    await assertAccessible(page);
    assert.match(page.url(), new RegExp(`sign-in=${refusedId}`));
    await page.goBack();
    await pane.waitFor({ state: 'detached' });

    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    const csv = await readFile(await (await downloading).path(), 'utf8');
    assert.match(csv, /"'=HYPERLINK\(""x""\)"/);
    assert.equal(csv.trim().split('\r\n').length, 2);
  });

  it('is there for who may read it, and what people wait for, too', async () => {
    const { page } = await center.openAs(await center.person(['Reports Reader']), '/reports/sign-ins');
    await page.getByText('2 people wait for seats').waitFor();
    const other = await center.openAs(await center.person(['User Administrator']), '/reports/sign-ins');
    other.expect(/403/);
    await other.page
      .getByText(/None of your roles|don’t let you|doesn’t let you|may not/)
      .first()
      .waitFor();
  });
});
