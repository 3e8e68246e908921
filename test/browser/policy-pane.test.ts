import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';
import type { TestPerson } from '../harness/people.ts';
import type { WorldApp, WorldProduct } from '../harness/world.ts';

let center: AdminCenter;
let admin: TestPerson;
let app: WorldApp;
let products: WorldProduct[];
let policy: { id: string; displayName: string };

before(async () => {
  center = await startAdminCenter();
  admin = await center.person(['Global Administrator'], 'Ada Admin');
  const { world } = center;
  const first = await world.addProduct({ DRAW: {}, MAIL: {} }, { displayName: 'Drawing one' });
  const draw = { DRAW: { id: first.plans['DRAW']! }, NOTES: {} };
  products = [first];
  for (const name of ['two', 'three']) products.push(await world.addProduct(draw, { displayName: `Drawing ${name}` }));
  for (const product of products) await world.buy(product, 3);
  app = await world.addApp([first.plans['DRAW']!], 'Drawing board');
  await world.turnAutoClaim(true);
});
beforeEach(async () => {
  // Alone for its app: the first whose audience has the user decides.
  const { value } = await center.world.get('/policies/autoClaimPolicies');
  for (const { id } of value) await center.world.remove(`/policies/autoClaimPolicies/${id}`);
  const displayName = `Policy ${randomUUID().slice(0, 8)}`;
  policy = await center.world.addPolicy(app, products.slice(0, 2), { displayName });
});
afterEach(() => center.check());
after(() => center.close());

/** The policy's pane, opened by its row. */
async function openPane() {
  const window = await center.openAs(admin, '/licenses/auto-claim');
  await window.page.getByRole('button', { name: policy.displayName }).click();
  const pane = window.page.getByRole('dialog', { name: policy.displayName });
  await pane.getByText(/^Drawing one \(primary, \d available/).waitFor();
  return { ...window, pane };
}

const stored = () => center.world.get(`/policies/autoClaimPolicies/${policy.id}`);

describe('the details pane of a policy', () => {
  it('is opened by its row, is accessible, and writes name, state and order with its own Save', async () => {
    const { page } = await center.openAs(admin, '/licenses/auto-claim');
    await page.getByRole('button', { name: policy.displayName }).click();
    const pane = page.getByRole('dialog', { name: policy.displayName });
    await pane.getByText('Drawing one (primary').waitFor();
    await assertAccessible(page);

    await pane.getByRole('checkbox', { name: 'Turn this policy on or off' }).uncheck();
    await pane.getByRole('button', { name: 'Edit policy name' }).click();
    await pane.getByRole('textbox', { name: 'Policy name' }).fill(`${policy.displayName} renamed`);
    await pane.getByRole('checkbox', { name: /^Drawing two/ }).check();
    await pane.getByRole('button', { name: 'Move up' }).click();
    await pane.getByText(/ is now the primary product of \d products\.$/).waitFor();
    await pane.getByText('Drawing two (primary').waitFor();
    assert.equal((await stored()).isEnabled, true, 'nothing is written before Save');
    await pane.getByRole('button', { name: 'Save' }).click();
    await pane.waitFor({ state: 'detached' });

    const now = await stored();
    assert.equal(now.displayName, `${policy.displayName} renamed`);
    assert.equal(now.isEnabled, false);
    assert.deepEqual(
      now.products.map(({ skuId }: { skuId: string }) => skuId),
      [products[1]!.skuId, products[0]!.skuId],
    );
  });

  it('asks before it is closed with unsaved changes', async () => {
    const { page, pane } = await openPane();
    await pane.getByRole('checkbox', { name: 'Turn this policy on or off' }).uncheck();
    await pane.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Keep editing' }).click();
    await pane.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Discard' }).click();
    await pane.waitFor({ state: 'detached' });
    assert.equal((await stored()).isEnabled, true);
  });

  it('adds a product with Save, until none that fits is left', async () => {
    const { page, pane } = await openPane();
    await pane.getByRole('button', { name: 'Add a backup product to this policy' }).click();
    const add = page.getByRole('dialog', { name: 'Add a product' });
    await add.getByRole('combobox', { name: 'Product' }).click();
    await page.getByRole('option', { name: /^Drawing three/ }).click();
    await add.getByRole('button', { name: 'Add' }).click();
    await pane.getByText('Drawing three (backup').waitFor();
    assert.equal(await pane.getByRole('button', { name: 'Add a backup product to this policy' }).count(), 0);
    assert.equal((await stored()).products.length, 2);
    await pane.getByRole('button', { name: 'Save' }).click();
    await pane.waitFor({ state: 'detached' });
    assert.equal((await stored()).products.length, 3);
  });

  it('offers no product beyond the fifth', async () => {
    const { world } = center;
    const first = await world.addProduct({ SKETCH: {} }, { displayName: 'Sketching 1' });
    const plans = { SKETCH: { id: first.plans['SKETCH']! } };
    const six = [first];
    for (let at = 2; at <= 6; at += 1) six.push(await world.addProduct(plans, { displayName: `Sketching ${at}` }));
    for (const product of six) await world.buy(product, 1);
    const sketches = await world.addApp([first.plans['SKETCH']!], 'Sketch pad');
    const five = await world.addPolicy(sketches, six.slice(0, 5), {
      displayName: `Sketches ${randomUUID().slice(0, 8)}`,
    });
    const four = await world.addPolicy(sketches, six.slice(0, 4), { displayName: `Four ${randomUUID().slice(0, 8)}` });
    const { page } = await center.openAs(admin, '/licenses/auto-claim');
    for (const [{ displayName }, links] of [
      [four, 1],
      [five, 0],
    ] as const) {
      await page.getByRole('button', { name: displayName }).click();
      const pane = page.getByRole('dialog', { name: displayName });
      await pane.getByText(/^Sketching 4 \(backup, 1 available/).waitFor();
      await pane.getByRole('button', { name: 'Remove a product' }).waitFor();
      assert.equal(await pane.getByRole('button', { name: 'Add a backup product to this policy' }).count(), links);
      await pane.getByRole('button', { name: 'Close' }).click();
      await pane.waitFor({ state: 'detached' });
    }
  });

  it('removes a product at once, makes the first backup primary, and never removes the last', async () => {
    const { page, pane } = await openPane();
    await pane.getByRole('button', { name: 'Remove a product' }).click();
    const remove = page.getByRole('dialog', { name: 'Remove a product from the policy' });
    await remove.getByRole('checkbox', { name: 'Drawing one' }).check();
    await remove.getByRole('checkbox', { name: 'Drawing two' }).check();
    await remove.getByText(/always keeps at least one product. .* turn the policy off instead/).waitFor();
    await remove.getByRole('button', { name: 'Save' }).click({ force: true });
    await remove.getByRole('checkbox', { name: 'Drawing two' }).uncheck();
    await assertAccessible(page);
    await remove.getByRole('button', { name: 'Save' }).click();
    await remove.waitFor({ state: 'detached' });
    await pane.getByText('Drawing two (primary').waitFor();
    assert.deepEqual(
      (await stored()).products.map(({ skuId }: { skuId: string }) => skuId),
      [products[1]!.skuId],
    );
  });

  it('writes apps and services at once, and keeps the plan that the app requires', async () => {
    const { page, pane } = await openPane();
    await pane.getByRole('button', { name: 'Edit apps and services' }).click();
    const plans = page.getByRole('dialog', { name: 'Apps and services' });
    await plans.getByText('Drawing board requires it.').first().waitFor();
    await plans.getByRole('combobox', { name: 'Product' }).click();
    await page.getByRole('option', { name: 'Drawing one' }).click();
    assert.equal(await plans.getByRole('group').count(), 1);
    await plans.getByRole('checkbox', { name: 'MAIL' }).uncheck();
    await plans.getByRole('button', { name: 'Save' }).click();
    await plans.waitFor({ state: 'detached' });
    assert.deepEqual((await stored()).products[0].disabledPlans, [products[0]!.plans['MAIL']]);
  });

  it('shows the conflict where somebody else has changed the policy meanwhile', async () => {
    const window = await openPane();
    window.expect(/412 to PATCH/);
    const { pane } = window;
    await center.world.patch(`/policies/autoClaimPolicies/${policy.id}`, { includeGuests: true });
    await pane.getByRole('checkbox', { name: 'Turn this policy on or off' }).uncheck();
    await pane.getByRole('button', { name: 'Save' }).click();
    await pane.getByText('Somebody else has changed this.').waitFor();
    assert.equal((await stored()).isEnabled, true);
    await pane.getByRole('button', { name: 'Show the policy as it is now' }).click();
    await pane.getByRole('checkbox', { name: 'Guests can claim, too', checked: true }).waitFor();
    assert.ok(await pane.getByRole('checkbox', { name: 'Turn this policy on or off' }).isChecked());
  });

  it('tries a sign-in, check by check, and claims if asked to', async () => {
    await center.world.addUser({ display_name: 'Nora Needs', user_principal_name: 'nora@contoso.example' });
    const { page, pane } = await openPane();
    await pane.getByRole('combobox', { name: 'User' }).click();
    await page.keyboard.type('nora');
    await page.getByRole('option', { name: /Nora Needs/ }).click();
    await pane.getByRole('button', { name: 'Show the decision' }).click();
    await pane.getByText(`A license is claimed under “${policy.displayName}” at the next sign-in.`).waitFor();
    await pane.getByText('Auto-claim is on.').waitFor();
    await pane.getByRole('button', { name: 'Sign in and claim' }).click();
    await pane.getByText(`Claimed: Drawing one under ${policy.displayName}.`).waitFor();
    await page.getByText('Nora Needs has claimed Drawing one.').first().waitFor();
    await assertAccessible(page);
    await pane.getByText('Drawing one (primary)', { exact: true }).waitFor();
    const { value } = await center.world.get(`/reports/autoClaim?$filter=policyId eq ${policy.id}`);
    assert.deepEqual(
      value.map((claim: { userPrincipalName: string }) => claim.userPrincipalName),
      ['nora@contoso.example'],
    );
    assert.equal(await pane.getByText(/is licensed for this app already/).count(), 0, 'the claim’s result stays');

    await pane.getByRole('button', { name: 'Show the decision' }).click();
    await pane.getByText('The user is licensed for this app already; nothing is claimed.').waitFor();
    const already = pane.getByRole('listitem').filter({ hasText: 'Already licensed: Drawing one gives' });
    await already.getByLabel('Decides:').waitFor();
    assert.equal(await already.getByLabel('Not passed:').count(), 0, 'nothing is wrong with being licensed');
  });

  it('says so where another policy decides', async () => {
    await center.world.addUser({ display_name: 'Otto Other', user_principal_name: 'otto@contoso.example' });
    const first = policy;
    const displayName = `Second ${randomUUID().slice(0, 8)}`;
    policy = await center.world.addPolicy(app, products.slice(0, 2), { displayName });
    const { page, pane } = await openPane();
    await pane.getByRole('combobox', { name: 'User' }).click();
    await page.keyboard.type('otto');
    await page.getByRole('option', { name: /Otto Other/ }).click();
    await pane.getByRole('button', { name: 'Show the decision' }).click();
    await pane.getByText(`Another policy decides: “${first.displayName}”`).waitFor();
    await pane.getByText(`A license is claimed under “${first.displayName}” at the next sign-in.`).waitFor();
  });

  it('says at the name that it is taken', async () => {
    const taken = `Taken ${randomUUID().slice(0, 8)}`;
    await center.world.addPolicy(app, products.slice(0, 1), { displayName: taken });
    const window = await openPane();
    window.expect(/400 to PATCH/);
    const { pane } = window;
    await pane.getByRole('button', { name: 'Edit policy name' }).click();
    const name = pane.getByRole('textbox', { name: 'Policy name' });
    await name.fill(taken.toUpperCase());
    await pane.getByRole('button', { name: 'Save' }).click();
    await pane.getByText('This is taken already. Choose another.').waitFor();
    assert.equal(await name.getAttribute('aria-invalid'), 'true');
    await name.fill(`${taken} no more`);
    await pane.getByText('This is taken already.').waitFor({ state: 'detached' });
    await pane.getByRole('button', { name: 'Save' }).click();
    await pane.waitFor({ state: 'detached' });
    assert.equal((await stored()).displayName, `${taken} no more`);
  });

  it('keeps the focus where a policy is moved to the end of the order', async () => {
    const last = `Last ${randomUUID().slice(0, 8)}`;
    await center.world.addPolicy(app, products.slice(0, 1), { displayName: last });
    const { page } = await center.openAs(admin, '/licenses/auto-claim');
    await page.getByRole('button', { name: 'Change the order' }).click();
    const up = page.getByRole('dialog', { name: 'Change the order' }).getByRole('button', { name: `Move ${last} up` });
    await up.focus();
    await page.keyboard.press('Enter');
    await page.locator(`[aria-label="Move ${last} up"][aria-disabled="true"]`).waitFor();
    assert.ok((await up.and(page.locator(':focus')).count()) === 1, 'the focus is lost');
    // The pane has an address of its own.
    assert.match(page.url(), new RegExp(`[?&]order=${app.appId}`));
  });

  it('is deleted by its name', async () => {
    const { page, pane } = await openPane();
    await pane.getByRole('button', { name: 'Delete policy' }).click();
    const ask = page.getByRole('alertdialog');
    assert.ok(await ask.getByRole('button', { name: 'Delete', exact: true }).isDisabled());
    await ask.getByRole('textbox').fill(policy.displayName);
    await ask.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText(`“${policy.displayName}” is deleted`).first().waitFor();
    assert.equal((await center.world.call('GET', `/policies/autoClaimPolicies/${policy.id}`)).status, 404);
  });
});

describe('Org settings', () => {
  it('has the row User owned apps and services, whose pane turns auto-claim off', async () => {
    const { page } = await center.openAs(admin, '/settings');
    await assertAccessible(page);
    await page.getByRole('button', { name: 'User owned apps and services' }).click();
    const pane = page.getByRole('dialog', { name: 'User owned apps and services' });
    await pane.getByRole('checkbox', { name: 'Let users auto-claim licenses the first time they sign in' }).uncheck();
    await pane.getByText(/Who has claimed one keeps it/).waitFor();
    await assertAccessible(page);
    await pane.getByRole('button', { name: 'Save' }).click();
    await pane.waitFor({ state: 'detached' });
    assert.equal((await center.world.get('/admin/autoClaim')).isEnabled, false);
    await center.world.turnAutoClaim(true);
  });
});
