import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { CLIENT_ID } from '../../sample-app/client-id.ts';
import { ensureSampleAppAddress } from '../../src/sample/sample-app-address.ts';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';
import type { TestPerson } from '../harness/people.ts';

let center: AdminCenter;
before(async () => {
  center = await startAdminCenter({ sample: true });
  const { db, tenantId, config } = center.server;
  await ensureSampleAppAddress(db, tenantId, config.baseUrl);
});
afterEach(() => center.check());
after(() => center.close());

async function signIn(page: Page, { userPrincipalName, password }: TestPerson): Promise<void> {
  await page.getByRole('link', { name: 'Sign in', exact: true }).click();
  await page.getByLabel('User name').fill(userPrincipalName);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

describe("a newcomer's first minutes", () => {
  it('lead from a policy to a license that arrives with the sign-in, and to the report', async () => {
    const { world } = center;
    const ann = await center.person([], 'Ann <b>Ample</b>');

    const window = await center.open();
    window.expect(/403 to GET .*\/refused\//);
    const { page } = window;
    await window.goto('/sample-app');
    await assertAccessible(page);
    await signIn(page, ann);
    await page.getByRole('heading', { name: 'Sample app isn’t open to you yet' }).waitFor();

    await world.turnAutoClaim(true);
    const [product] = (await world.get(`/subscribedSkus`)).value.filter(
      (sku: { skuPartNumber: string }) => sku.skuPartNumber === 'POWER_BI_PRO',
    );
    await world.post('/policies/autoClaimPolicies', {
      displayName: 'Power BI for whoever needs it',
      appId: CLIENT_ID,
      products: [{ skuId: product.skuId, disabledPlans: [] }],
    });

    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Welcome, Ann <b>Ample</b>' }).waitFor();
    await page.getByRole('listitem').filter({ hasText: 'POWER_BI_PRO' }).waitFor();
    await page.getByRole('listitem').filter({ hasText: 'BI_AZURE_P2' }).waitFor();
    await page.getByText('The whole ID token').click();
    await assertAccessible(page);

    const office = await center.openAs(await center.person(['Global Administrator']), '/reports/auto-claim');
    await office.page.getByText('Ann <b>Ample</b>').first().waitFor();

    // Back from the app to signed out, and again: the license is there already.
    await page.getByRole('button', { name: 'Sign out' }).click();
    const confirm = page.getByRole('button', { name: /Sign out/ });
    const begin = page.getByRole('link', { name: 'Sign in', exact: true });
    await confirm.or(begin).first().waitFor();
    if (await confirm.isVisible()) await confirm.click();
    await begin.waitFor();
    assert.equal(new URL(page.url()).pathname, '/sample-app/');
    await signIn(page, ann);
    await page.getByRole('heading', { name: 'Welcome, Ann' }).waitFor();
  });
});
