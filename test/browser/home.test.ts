import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';

describe('the home page', () => {
  let center: AdminCenter;
  before(async () => {
    center = await startAdminCenter();
  });
  afterEach(() => center.check());
  after(() => center.close());

  it('tells who has nothing yet what to do next, in order, and ticks it off', async () => {
    const { page } = await center.openAs(await center.person(['Global Administrator']), '/homepage');
    const steps = page.getByRole('region', { name: 'What to do next' });
    await steps.getByText('Have licenses to give out').waitFor();
    assert.deepEqual(await steps.getByRole('link').allTextContents(), [
      'Go to Your products',
      'Go to Auto-claim policy',
      'Go to Auto-claim policy',
    ]);
    await assertAccessible(page);

    await center.world.turnAutoClaim(true);
    await page.reload();
    await steps.getByLabel('Done:').waitFor();
    assert.equal(await steps.getByLabel('Done:').count(), 1);
    await steps.getByRole('link', { name: 'Go to Auto-claim policy' }).click();
    await page.getByRole('button', { name: 'Add a policy' }).first().waitFor();
  });

  it('shows claims of today, products that run low, and the refusals that need someone', async () => {
    const { world } = center;
    const product = await world.addProduct({ PLAN: {} }, { displayName: '<b>Paint</b> & more' });
    await world.buy(product, 1);
    const app = await world.addApp([product.plans['PLAN']!]);
    await world.addPolicy(app, [product]);
    const [first, second] = await world.addUsers(2);
    const { page } = await center.openAs(await center.person(['Global Reader']), '/homepage');
    await page.getByRole('region', { name: 'Claims today' }).getByText('0', { exact: true }).waitFor();
    assert.equal((await world.signIn(app, first!)).outcome, 'claimed');
    assert.equal((await world.signIn(app, second!)).reason, 'noSeats');

    await page.reload();
    await page.getByRole('region', { name: 'Claims today' }).getByText('1', { exact: true }).waitFor();
    const low = page.getByRole('region', { name: 'Products that run low' });
    await low.getByText('<b>Paint</b> & more').waitFor();
    await low.getByText('None of 1 left').waitFor();
    const attention = page.getByRole('region', { name: 'Needs someone' });
    await attention.getByText('1 policy is out of licenses').waitFor();
    await attention.getByText('1 sign-in of the last 7 days was refused: every license was taken.').waitFor();
    await assertAccessible(page);
  });

  it('shows nothing of sign-ins to who may not read reports', async () => {
    const { page } = await center.openAs(await center.person(['Billing Administrator']), '/homepage');
    await page.getByRole('region', { name: 'Products that run low' }).waitFor();
    assert.equal(await page.getByRole('region', { name: 'Claims today' }).count(), 0);
  });

  it('fits a phone', async () => {
    const { page } = await center.openAs(await center.person(['Global Reader']), '/homepage', {
      viewport: { width: 360, height: 740 },
    });
    await page.getByRole('region', { name: 'Products that run low' }).waitFor();
    const width = await page.evaluate<number>('document.querySelector("main").scrollWidth');
    assert.ok(width <= 360, `${width} px`);
    await page.getByRole('button', { name: 'Open navigation' }).click();
    await page.getByRole('link', { name: 'My licenses' }).waitFor();
    await assertAccessible(page, 'the navigation on a phone');
  });
});
