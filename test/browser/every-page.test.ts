import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { APPS } from '../../src/sample/apps.ts';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { startAdminCenter, type AdminCenter, type Window } from '../harness/browser/admin-center.ts';

let center: AdminCenter;
/** One for all pages: to sign in and to load the program anew for each would take most of the time. */
let window: Window;
before(async () => {
  center = await startAdminCenter({ sample: true });
  await furnish(center);
  window = await center.openAs(await center.person(['Global Administrator']));
});
afterEach(() => window.check());
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
  '/settings/provisioning': 'Provisioning',
  '/audit': 'Audit',
  '/my-licenses': 'My licenses',
};

for (const [path, heading] of Object.entries(PAGES)) {
  describe(path, () => {
    it('reads well by a screen reader, in light and in dark, and fits a phone', async () => {
      const { page } = window;
      await page.setViewportSize({ width: 1280, height: 900 });
      await window.goto(path);
      await drawn(page, heading);
      await assertAccessible(page, path);
      assert.doesNotMatch(await page.title(), /hacked/);
      await page.setViewportSize({ width: 360, height: 740 });
      await page.getByRole('button', { name: 'Open navigation' }).waitFor();
      await assertAccessible(page, `${path} on a phone`, ['light']);
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
