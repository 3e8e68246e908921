import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { APPS } from '../../src/sample/apps.ts';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';
import type { TestPerson } from '../harness/people.ts';

let center: AdminCenter;
let admin: TestPerson;
before(async () => {
  center = await startAdminCenter({ sample: true });
  admin = await center.person(['Global Administrator']);
  await furnish(center);
});
afterEach(() => center.check());
after(() => center.close());

/** Script as a name must stay text, everywhere; and it is long. */
const POLICY_NAME = `<img src=x onerror="document.title='hacked'"> ${'long '.repeat(20)}`;

/** Every page, and what is there once it is drawn. */
const PAGES: Readonly<Record<string, string>> = {
  '/homepage': 'Home',
  '/users': 'Active users',
  '/groups': 'Groups',
  '/products': 'Your products',
  '/licenses': 'Licenses',
  '/licenses/auto-claim': 'Licenses',
  '/licenses/auto-claim/add': 'Add an auto-claim policy',
  '/reports': 'Reports',
  '/reports/auto-claim': 'Auto-claim policy report',
  '/reports/sign-ins': 'Sign-ins',
  '/settings': 'Org settings',
  '/settings/apps': 'Apps',
  '/settings/identity-providers': 'Identity providers',
  '/settings/hooks': 'Sign-in hooks',
  '/audit': 'Audit',
  '/my-licenses': 'My licenses',
};

for (const [path, heading] of Object.entries(PAGES)) {
  describe(path, () => {
    it('reads well by a screen reader, in light and in dark, and fits a phone', async () => {
      const { page } = await center.openAs(admin, path);
      await drawn(page, heading);
      await assertAccessible(page, path);
      assert.doesNotMatch(await page.title(), /hacked/);
      await page.setViewportSize({ width: 360, height: 740 });
      await page.getByRole('button', { name: 'Open navigation' }).waitFor();
      await assertAccessible(page, `${path} on a phone`);
      const widths = await page.evaluate<number[]>(
        '[document.documentElement.scrollWidth, document.querySelector("main").scrollWidth]',
      );
      assert.ok(Math.max(...widths) <= 360, `${path} is ${Math.max(...widths)} px wide`);
    });
  });
}

async function drawn(page: Page, heading: string): Promise<void> {
  await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
  await page.waitForLoadState('networkidle');
}

async function furnish({ world }: AdminCenter): Promise<void> {
  await world.turnAutoClaim(true);
  const app = APPS[0]!;
  const { value: skus } = await world.get('/subscribedSkus');
  const fitting = skus.filter(({ servicePlans }: any) =>
    servicePlans.some(({ servicePlanId }: any) => app.requiredServicePlanIds.includes(servicePlanId)),
  );
  await world.addPolicy(app, fitting.slice(0, 2), { displayName: POLICY_NAME });
  const { value: users } = await world.get('/users?$top=20');
  for (const user of users) await world.signIn(app, user);
}
