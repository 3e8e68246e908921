import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';
import type { TestPerson } from '../harness/people.ts';
import type { WorldApp, WorldProduct } from '../harness/world.ts';

let center: AdminCenter;
let admin: TestPerson;
let app: WorldApp;
let products: WorldProduct[];

before(async () => {
  center = await startAdminCenter();
  admin = await center.person(['Global Administrator'], 'Ada Admin');
  const { world } = center;
  const first = await world.addProduct({ DRAW: {}, MAIL: {}, FILES: {} }, { displayName: 'Drawing one' });
  const draw = { DRAW: { id: first.plans['DRAW']! } };
  products = [first];
  for (const name of ['two', 'three', 'four', 'five', 'six']) {
    products.push(await world.addProduct(draw, { displayName: `Drawing ${name}` }));
  }
  for (const product of products) await world.buy(product, 3);
  app = await world.addApp([first.plans['DRAW']!], 'Drawing board');
  await world.buy(await world.addProduct({ OTHER: {} }, { displayName: 'Something else' }), 5);
});
afterEach(() => center.check());
after(() => center.close());

describe('the feature switch and the wizard', () => {
  it('turns the setting on, makes a policy step by step, and lists it', async () => {
    const { page } = await center.openAs(admin, '/licenses/auto-claim');
    await page.getByRole('heading', { name: 'Let users auto-claim licenses' }).waitFor();
    await assertAccessible(page);
    await page.getByRole('button', { name: 'Turn on setting' }).click();
    await page.getByRole('heading', { name: 'There is no auto-claim policy yet' }).waitFor();
    await assertAccessible(page);

    await page.getByRole('button', { name: 'Add a policy' }).click();
    await page.getByRole('heading', { name: 'Name this auto-claim policy' }).waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('A policy needs a name.').waitFor();
    await assertAccessible(page);
    await page.getByRole('textbox', { name: 'Policy name' }).fill('Drawing for <script>alert(1)</script>');
    await page.getByRole('button', { name: 'Next' }).click();

    await page.getByRole('heading', { name: 'Set an auto-claim app and product' }).waitFor();
    await page.getByRole('combobox', { name: 'App' }).click();
    await page.getByRole('option', { name: 'Drawing board' }).click();
    await page.getByRole('combobox', { name: 'Product', exact: true }).click();
    const offered = await page.getByRole('option').allTextContents();
    assert.equal(offered.length, 6, offered.join());
    assert.ok(!offered.join().includes('Something else'), 'a product that does not fit is offered');
    await page.getByRole('option', { name: 'Drawing one (3 available licenses)' }).click();
    for (let backup = 1; backup <= 4; backup += 1) {
      await page.getByRole('button', { name: 'Add a backup product to this policy' }).click();
      await page.getByRole('combobox', { name: `Backup product ${backup}` }).waitFor();
    }
    assert.equal(await page.getByRole('button', { name: 'Add a backup product to this policy' }).count(), 0);
    await page.getByRole('button', { name: 'Remove backup product 4' }).click();
    await page.getByRole('button', { name: 'Remove backup product 3' }).click();
    await page.getByRole('button', { name: 'Remove backup product 2' }).click();
    await assertAccessible(page);
    await page.getByRole('button', { name: 'Next' }).click();

    await page.getByRole('heading', { name: 'Select apps' }).waitFor();
    const ofFirst = page.getByRole('group', { name: 'Drawing one' });
    await ofFirst.getByRole('checkbox', { name: 'DRAW' }).click({ force: true });
    assert.ok(await ofFirst.getByRole('checkbox', { name: 'DRAW' }).isChecked(), 'the app’s own plan was cleared');
    await ofFirst.getByText('Drawing board requires it.').waitFor();
    await ofFirst.getByRole('checkbox', { name: 'MAIL' }).uncheck();
    await assertAccessible(page);
    await page.getByRole('button', { name: 'Next' }).click();

    await page.getByRole('radio', { name: 'Everyone' }).waitFor();
    await assertAccessible(page);
    await page.getByRole('button', { name: 'Next' }).click();

    await page.getByRole('heading', { name: 'Review and finish' }).waitFor();
    await page.getByText('Drawing for <script>alert(1)</script>').waitFor();
    await page.getByText('Drawing one: 2 of 3').waitFor();
    await page
      .getByText(/Of the \d+ users? in the audience, \d+ (has|have) no license for this app. 6 licenses are available./)
      .waitFor();
    await assertAccessible(page);
    await page.getByRole('button', { name: 'Create policy' }).click();
    const created = page.getByRole('heading', { name: /is created$/ });
    await created.waitFor();
    assert.ok((await created.and(page.locator(':focus')).count()) === 1, 'the focus is elsewhere');
    await page.getByRole('button', { name: 'Close' }).click();

    const row = page.getByRole('row', { name: /Drawing for <script>/ });
    await row.waitFor();
    assert.deepEqual((await row.getByRole('cell').allTextContents()).slice(1), [
      'Drawing board',
      'Drawing one +1 backup',
      '6',
      'On',
    ]);
    // Also where the pointer is over it.
    await row.hover();
    await assertAccessible(page);

    const { value } = await center.world.get('/policies/autoClaimPolicies');
    assert.deepEqual(value[0].products, [
      { skuId: products[0]!.skuId, disabledPlans: [products[0]!.plans['MAIL']] },
      { skuId: value[0].products[1].skuId, disabledPlans: [] },
    ]);

    await page.goBack();
    await page.waitForURL(/\/licenses\/auto-claim$/);
    await page.getByRole('button', { name: 'Add a policy' }).waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'Policy name' }).count(), 0, 'half a wizard is there');
  });

  it('asks before it is left half-way', async () => {
    const { page } = await center.openAs(admin, '/licenses/auto-claim/add');
    await page.getByRole('textbox', { name: 'Policy name' }).fill('Half of one');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Keep editing' }).click();
    assert.equal(await page.getByRole('textbox', { name: 'Policy name' }).inputValue(), 'Half of one');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('button', { name: 'Add a policy' }).waitFor();
  });

  it('is gone through with the keyboard alone', async () => {
    const { page } = await center.openAs(admin, '/licenses/auto-claim/add');
    const { keyboard } = page;
    const tabTo = async (name: string | RegExp, role: 'button' | 'combobox' | 'textbox') => {
      const target = page.getByRole(role, { name, exact: typeof name === 'string' });
      for (let presses = 0; presses < 60; presses += 1) {
        if ((await target.and(page.locator(':focus')).count()) > 0) return;
        await keyboard.press('Tab');
      }
      assert.fail(`${role} ${String(name)} can't be reached with Tab`);
    };
    await page.getByRole('textbox', { name: 'Policy name' }).waitFor();
    await tabTo('Policy name', 'textbox');
    await keyboard.type('By keyboard');
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Set an auto-claim app and product' }).waitFor();
    await tabTo('App', 'combobox');
    await keyboard.press('ArrowDown');
    await page.getByRole('option', { name: 'Drawing board' }).waitFor();
    await keyboard.press('Enter');
    await page.getByRole('combobox', { name: 'Product', exact: true }).waitFor();
    await tabTo('Product', 'combobox');
    await keyboard.press('ArrowDown');
    await page.getByRole('option').first().waitFor();
    await keyboard.press('Enter');
    for (const heading of ['Select apps', 'Choose who it applies to', 'Review and finish']) {
      await tabTo('Next', 'button');
      await keyboard.press('Enter');
      await page.getByRole('heading', { name: heading }).waitFor();
    }
    await tabTo('Create policy', 'button');
    await keyboard.press('Enter');
    await page.getByRole('heading', { name: '“By keyboard” is created' }).waitFor();
  });

  it('says that a name is taken', async () => {
    const window = await center.openAs(admin, '/licenses/auto-claim/add');
    window.expect(/400 to POST .*autoClaimPolicies$/);
    const { page } = window;
    await center.world.addPolicy(app, [products[0]!], { displayName: 'Taken' });
    const name = page.getByRole('textbox', { name: 'Policy name' });
    await name.fill('taken');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('This is taken already. Choose another.').waitFor();
    assert.equal(await name.getAttribute('aria-invalid'), 'true');
    await name.fill('Taken later');
    await page.getByText('This is taken already.').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('combobox', { name: 'App' }).click();
    await page.getByRole('option', { name: 'Drawing board' }).click();
    await page.getByRole('combobox', { name: 'Product', exact: true }).click();
    await page.getByRole('option').first().click();
    for (let step = 0; step < 3; step += 1) await page.getByRole('button', { name: 'Next' }).click();
    await center.world.addPolicy(app, [products[0]!], { displayName: 'Taken LATER' });
    await page.getByRole('button', { name: 'Create policy' }).click();
    await page.getByRole('heading', { name: 'Name this auto-claim policy' }).waitFor();
    await page.getByText('This is taken already. Choose another.').waitFor();
    assert.equal(await name.inputValue(), 'Taken later');
  });

  it('asks for a group only until one is chosen', async () => {
    await center.world.post('/groups', {
      displayName: 'Drawers',
      mailEnabled: false,
      mailNickname: 'drawers',
      securityEnabled: true,
    });
    const { page } = await center.openAs(admin, '/licenses/auto-claim/add');
    await page.getByRole('textbox', { name: 'Policy name' }).fill('For drawers');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('combobox', { name: 'App' }).click();
    await page.getByRole('option', { name: 'Drawing board' }).click();
    await page.getByRole('combobox', { name: 'Product', exact: true }).click();
    await page.getByRole('option').first().click();
    for (let step = 0; step < 2; step += 1) await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('radio', { name: 'Members of chosen groups' }).check();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Choose at least one group.').waitFor();
    await page.getByRole('combobox', { name: 'Groups', exact: true }).click();
    await page.getByRole('option', { name: 'Drawers' }).click();
    await page.getByText('Choose at least one group.').waitFor({ state: 'detached' });
  });

  it('is closed to who may not write policies, and names no permission to who may not see a page', async () => {
    const window = await center.openAs(await center.person(['Global Reader']), '/licenses/auto-claim/add');
    await window.page.getByText('Your role doesn’t let you add auto-claim policies.').waitFor();
    assert.equal(await window.page.getByRole('textbox', { name: 'Policy name' }).count(), 0);
    await assertAccessible(window.page);

    const other = await center.openAs(await center.person(['License Administrator']), '/audit');
    other.expect(/403 to GET/);
    await other.page.getByRole('alert').getByText('Your role doesn’t let you see this.').waitFor();
    assert.equal(await other.page.getByText('AuditLog.Read.All').count(), 0);
  });

  it('shows somebody who may only read why they can’t turn it on', async () => {
    await center.world.turnAutoClaim(false);
    const { page } = await center.openAs(await center.person(['Global Reader']), '/licenses/auto-claim');
    await page.getByText('Only a Global admin can turn it on.').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Turn on setting' }).count(), 0);
  });
});
