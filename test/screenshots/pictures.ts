import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { APPS } from '../../src/sample/apps.ts';
import { untilStill } from '../harness/browser/accessibility.ts';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';

// `npm run pictures` writes the pictures that the README shows to docs/pictures: the sample
// organisation after its first week of auto-claim.

const FOLDER = join(import.meta.dirname, '..', '..', 'docs', 'pictures');

const PICTURES: readonly { name: string; path: string; act?: (page: Page) => Promise<void> }[] = [
  { name: 'home', path: '/homepage' },
  {
    name: 'policy',
    path: '/licenses/auto-claim',
    act: (page) => page.getByRole('button', { name: 'Visio for everyone' }).click(),
  },
  { name: 'report', path: '/reports/auto-claim?period=D7' },
];

describe("the README's pictures", () => {
  it('are taken', async () => {
    const center = await startAdminCenter({ sample: true });
    try {
      await useForAWeek(center);
      const person = await center.person(['Global Administrator'], 'Ada Admin');
      mkdirSync(FOLDER, { recursive: true });
      const { page, goto } = await center.openAs(person, '/', { viewport: { width: 1280, height: 800 } });
      for (const { name, path, act } of PICTURES) {
        await goto(path);
        await page.getByRole('heading').first().waitFor();
        await page.waitForLoadState('networkidle');
        await act?.(page);
        await page.waitForLoadState('networkidle');
        await untilStill(page);
        await page.screenshot({ path: join(FOLDER, `${name}.png`) });
      }
    } finally {
      await center.close();
    }
  });
});

/** A policy for each app, and some sign-ins each day. */
async function useForAWeek({ world }: AdminCenter): Promise<void> {
  await world.turnAutoClaim(true);
  const { value: skus } = (await world.get('/subscribedSkus?$top=999')) as {
    value: { skuId: string; servicePlans: { servicePlanId: string }[] }[];
  };
  for (const app of APPS) {
    const fitting = skus.filter(({ servicePlans }) =>
      servicePlans.some(({ servicePlanId }) => app.requiredServicePlanIds.includes(servicePlanId)),
    );
    if (fitting.length > 0)
      await world.addPolicy(app, fitting.slice(0, 3), { displayName: `${app.displayName} for everyone` });
  }
  const { value: users } = await world.get('/users?$top=60');
  for (const [at, user] of users.entries())
    for (const [of, app] of APPS.entries()) if ((at * 7 + of) % 11 < 3) await world.signIn(app, user);
  await world.value(
    `update claims set claimed_at = claimed_at - ((ascii(substr(claim_id::text, 36)) * 7 + ascii(substr(claim_id::text, 35))) % 7) * interval '1 day'
      where tenant_id = $1 returning 1`,
  );
}
