import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { sampleId } from '../../src/sample/sample-id.ts';
import { APPS } from '../../src/sample/apps.ts';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';
import { takeShots, type Shot } from './take.ts';

// `npm run screenshots` writes pictures of every page and state: light, dark, and on a phone.
// Look at them after each change of how something looks.

const FOLDER = join(import.meta.dirname, '..', '..', 'screenshots');

const row = (name: string | RegExp) => (page: Page) => page.getByRole('button', { name }).first().click();
const button = (name: string | RegExp) => (page: Page) => page.getByRole('button', { name }).first().click();
const poolUse = (name: string) => async (page: Page) => {
  await row(name)(page);
  await page
    .getByRole('region', { name: /^Use per day/ })
    .locator('svg rect')
    .first()
    .waitFor();
};
const openMenu = async (page: Page) => {
  const opener = page.getByRole('button', { name: 'Open navigation' });
  if (await opener.isVisible()) await opener.click();
};

/** Without anything in it. */
const EMPTY: readonly Shot[] = [
  { name: 'empty-home', path: '/homepage' },
  { name: 'empty-products', path: '/products' },
  { name: 'empty-licenses', path: '/licenses' },
  { name: 'empty-auto-claim', path: '/licenses/auto-claim' },
  { name: 'empty-groups', path: '/groups' },
  { name: 'add-app', path: '/settings/apps?open=add' },
  { name: 'empty-identity-providers', path: '/settings/identity-providers' },
  { name: 'add-identity-provider', path: '/settings/identity-providers?open=add' },
  { name: 'empty-hooks', path: '/settings/hooks' },
  { name: 'add-hook', path: '/settings/hooks?open=add' },
  { name: 'empty-provisioning', path: '/settings/provisioning' },
  { name: 'add-provisioning', path: '/settings/provisioning?open=add' },
  { name: 'users-on-first-sign-in', path: '/settings?pane=first-sign-in' },
  { name: 'empty-report', path: '/reports/auto-claim' },
  { name: 'empty-sign-ins', path: '/reports/sign-ins' },
];

const OFF: readonly Shot[] = [{ name: 'auto-claim-off', path: '/licenses/auto-claim' }];

const FURNISHED: readonly Shot[] = [
  { name: 'home', path: '/homepage' },
  { name: 'navigation', path: '/homepage', act: openMenu },
  { name: 'account', path: '/homepage', act: button(/^Account of/) },
  { name: 'users', path: '/users' },
  { name: 'users-nothing-found', path: '/users?q=zzzz' },
  {
    name: 'user',
    path: '/users',
    act: (page) =>
      page
        .getByRole('main')
        .getByRole('button', { name: /Abdi|Aisha|^A[a-z]+ [A-Z]/ })
        .first()
        .click(),
  },
  {
    name: 'user-usage-location',
    path: '/users?q=diaz',
    act: async (page) => {
      await page.getByRole('main').getByRole('button', { name: /Diaz/ }).first().click();
      await page.getByRole('combobox', { name: 'Usage location' }).fill('united');
    },
  },
  { name: 'groups', path: '/groups' },
  { name: 'group-licenses', path: `/groups?group=${sampleId('group', 'Diagram authors')}&tab=licenses` },
  { name: 'group-licenses-assigned', path: `/groups?group=${sampleId('group', 'Human Resources')}&tab=licenses` },
  {
    name: 'group-assign-license',
    path: `/groups?group=${sampleId('group', 'Diagram authors')}&tab=licenses`,
    act: button('Edit apps and services of Visio Plan 1'),
  },
  {
    name: 'product-groups',
    path: '/licenses',
    act: async (page) => {
      await row('Visio Plan 1')(page);
      await page.getByRole('tab', { name: 'Groups' }).click();
    },
  },
  { name: 'products', path: '/products' },
  { name: 'licenses', path: '/licenses' },
  { name: 'license-use', path: '/licenses', act: poolUse('Visio Plan 2') },
  {
    name: 'license-use-table',
    path: '/licenses',
    act: async (page) => {
      await poolUse('Visio Plan 2')(page);
      await button('Show as a table')(page);
    },
  },
  { name: 'license-use-of-one-day', path: '/licenses', act: poolUse('Visio Plan 1') },
  { name: 'auto-claim', path: '/licenses/auto-claim' },
  { name: 'policy', path: '/licenses/auto-claim', act: row('Visio for everyone') },
  { name: 'add-policy', path: '/licenses/auto-claim/add' },
  { name: 'reports', path: '/reports' },
  { name: 'report', path: '/reports/auto-claim' },
  { name: 'sign-ins', path: '/reports/sign-ins' },
  {
    name: 'sign-in',
    path: '/reports/sign-ins',
    act: async (page) => {
      await page
        .getByRole('main')
        .getByRole('button', { name: /^[A-Z]\S+ [A-Z]/ })
        .first()
        .click();
      await page.getByRole('list', { name: 'Checks' }).waitFor();
    },
  },
  { name: 'settings', path: '/settings' },
  { name: 'settings-switch', path: '/settings', act: row('User owned apps and services') },
  { name: 'apps', path: '/settings/apps' },
  { name: 'app', path: '/settings/apps', act: row('Sample app') },
  {
    name: 'app-settings',
    path: '/settings/apps',
    act: async (page) => {
      await row('Sample app')(page);
      await page.getByRole('tab', { name: 'Settings' }).click();
    },
  },
  {
    name: 'app-forward-auth',
    path: '/settings/apps',
    act: async (page) => {
      await row('Power Apps')(page);
      await page.getByRole('tab', { name: 'Forward auth' }).click();
    },
  },
  {
    name: 'move-licenses',
    path: '/licenses',
    act: async (page) => {
      await row('Visio Plan 1')(page);
      await page.getByRole('button', { name: 'Move to another product' }).click();
      await page.getByRole('combobox', { name: 'To the product' }).fill('visio plan 2');
      await page.getByRole('option', { name: /Visio Plan 2/ }).click();
      const found = page.getByRole('region', { name: 'What it comes to' });
      await found.waitFor();
      await found.scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'provisioning-client',
    path: '/settings/provisioning',
    act: row('Entra ID of the whole group of companies'),
  },
  { name: 'audit', path: '/audit' },
  { name: 'my-licenses', path: '/my-licenses' },
  { name: 'no-such-page', path: '/users/no/such/page' },
];

describe('screenshots', () => {
  it('of an organisation without anything', () =>
    withCenter(false, async (center) => {
      const person = await center.person(['Global Administrator'], 'Ada Admin');
      await takeShots(center, person, FOLDER, EMPTY);
    }));

  it('of the sample organisation, before and after its first policies', () =>
    withCenter(true, async (center) => {
      const person = await center.person(['Global Administrator'], 'Ada Admin');
      await takeShots(center, person, FOLDER, OFF);
      await furnish(center);
      await takeShots(center, person, FOLDER, FURNISHED);
    }));

  it('for a person without a role', () =>
    withCenter(true, async (center) => {
      const person = await center.person([], 'Nora Nobody');
      await takeShots(center, person, FOLDER, [{ name: 'without-a-role', path: '/' }]);
    }));
});

/** Policies, claims and refusals, licenses of groups with and without errors, and names that are hard on a layout. */
async function furnish({ world }: AdminCenter): Promise<void> {
  await world.turnAutoClaim(true);
  await world.post('/admin/provisioningClients', {
    kind: 'entra',
    displayName: 'Entra ID of the whole group of companies',
  });
  const behindProxy = { origins: ['https://apps.contoso.example'], trustedAddresses: ['10.1.2.0/28'] };
  await world.post('/admin/forwardAuth', {
    appId: APPS.find(({ displayName }) => displayName === 'Power Apps')!.appId,
    ...behindProxy,
  });
  const skus = (await world.get('/subscribedSkus')).value as {
    skuId: string;
    skuPartNumber: string;
    servicePlans: { servicePlanId: string }[];
  }[];
  const longName = 'A policy whose name is as long as somebody in a hurry would never make it, and still must fit';
  for (const app of APPS) {
    const fitting = skus.filter(({ servicePlans }) =>
      servicePlans.some(({ servicePlanId }) => app.requiredServicePlanIds.includes(servicePlanId)),
    );
    if (fitting.length === 0) continue;
    const displayName = app.displayName.startsWith('Visio') ? 'Visio for everyone' : `${app.displayName}: ${longName}`;
    await world.addPolicy(app, fitting.slice(0, 3), { displayName });
  }
  await world.value(
    `insert into pool_use
     select p.tenant_id, p.sku_id, current_date - ago, case when ago < 5 then 27 else 24 - ago / 4 end, case when ago < 30 then 25 else 15 end
       from products p, generate_series(1, 70) ago
      where p.tenant_id = $1 and p.display_name = 'Visio Plan 2' and ago not in (20, 21, 22)
     returning 1`,
  );
  const give = (name: string, ...partNumbers: string[]) =>
    world.post(`/groups/${sampleId('group', name)}/assignLicense`, {
      addLicenses: skus
        .filter(({ skuPartNumber }) => partNumbers.includes(skuPartNumber))
        .map(({ skuId }) => ({ skuId })),
      removeLicenses: [],
    });
  await give('Diagram authors', 'VISIOONLINE_PLAN1', 'POWER_BI_PRO');
  await give('Human Resources', 'Microsoft_Teams_Premium', 'VISIOONLINE_PLAN1');
  const { value: users } = await world.get('/users?$top=60');
  for (const user of users) for (const app of APPS) await world.signIn(app, user);
}

async function withCenter(sample: boolean, take: (center: AdminCenter) => Promise<void>): Promise<void> {
  const center = await startAdminCenter({ sample });
  try {
    await take(center);
  } finally {
    await center.close();
  }
}
