import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, describe, it } from 'node:test';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';
import type { WorldProduct, WorldUser } from '../harness/world.ts';

let center: AdminCenter;
let kit: WorldProduct;
let users: WorldUser[];

before(async () => {
  center = await startAdminCenter();
  const { world } = center;
  kit = await world.addProduct({ DRAW: {}, MAIL: {} }, { displayName: 'Drawing kit' });
  await world.addProduct({ NOTES: {} }, { displayName: 'Notebook' });
  await world.buy(kit, 5);
  users = [];
  for (const name of ['Una', 'Udo', 'Uta'])
    users.push(await world.addUser({ display_name: name, user_principal_name: `${name}@contoso.example` }));
  await world.assign(users[0]!, [kit]);
  await world.assign(users[1]!, [kit]);
});
afterEach(() => center.check());
after(() => center.close());

const pool = () => center.world.get(`/subscribedSkus/${kit.skuId}`);

describe('your products', () => {
  it('are added from the catalogue', async () => {
    const { page } = await center.openAs(await center.person(['Billing Administrator']), '/products');
    await page.getByRole('button', { name: 'Add a product' }).click();
    const pane = page.getByRole('dialog', { name: 'Add a product' });
    await pane.getByRole('button', { name: 'Add', exact: true }).click();
    await pane.getByText('Choose a product.').waitFor();
    await pane.getByRole('combobox', { name: 'Product' }).fill('noteb');
    await page.getByRole('option', { name: /Notebook/ }).click();
    await pane.getByLabel('Number of licenses').fill('0');
    await pane.getByRole('button', { name: 'Add', exact: true }).click();
    await pane.getByText('A whole number from 1 to 10 million.').waitFor();
    await pane.getByLabel('Number of licenses').fill('7');
    await assertAccessible(page);
    await pane.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('row', { name: /Notebook.* 7 0 7 / }).waitFor();
  });

  it('can’t be cut below what is assigned, and the message has the count to free first', async () => {
    const { page, expect } = await center.openAs(await center.person(['Billing Administrator']), '/products');
    expect(/^answer: 400 to PATCH/);
    await page.getByRole('button', { name: 'Drawing kit' }).click();
    await page.getByRole('button', { name: 'Change licenses or end' }).click();
    const pane = page.getByRole('dialog', { name: 'Change subscription' });
    await pane.getByLabel('Number of licenses').fill('1');
    await pane.getByRole('button', { name: 'Save' }).click();
    await pane.getByText('2 licenses are assigned and 1 would be left; free 1 of them first.').waitFor();
    assert.equal((await pool()).prepaidUnits.enabled, 5);
    await pane.getByLabel('Number of licenses').fill('4');
    await pane.getByRole('button', { name: 'Save' }).click();
    await pane.waitFor({ state: 'detached' });
    assert.equal((await pool()).prepaidUnits.enabled, 4);
  });

  it('can’t be given an end that is over: it would take everybody’s license, unasked', async () => {
    const { page } = await center.openAs(await center.person(['Billing Administrator']), '/products');
    await page.getByRole('button', { name: 'Drawing kit' }).click();
    await page.getByRole('button', { name: 'Change licenses or end' }).click();
    const pane = page.getByRole('dialog', { name: 'Change subscription' });
    await pane.getByRole('checkbox', { name: 'The subscription ends' }).check();
    await pane.getByLabel('Last day').fill('2020-01-01');
    await pane.getByRole('button', { name: 'Save' }).click();
    await pane.getByText(/^The last day is today at the earliest\./).waitFor();
    assert.equal((await pool()).consumedUnits, 2);
  });

  it('say before a subscription is cancelled how many licenses will end', async () => {
    const { page } = await center.openAs(await center.person(['Billing Administrator']), '/products');
    await page.getByRole('button', { name: 'Drawing kit' }).click();
    await page.getByRole('button', { name: 'Cancel subscription' }).click();
    await page
      .getByRole('alertdialog')
      .getByText(/then 2 licenses end unless you renew/)
      .waitFor();
    await page.getByRole('button', { name: 'Keep it' }).click();
    assert.equal((await pool()).capabilityStatus, 'Enabled');
  });

  it('can only be looked at by who may not buy', async () => {
    const { page } = await center.openAs(await center.person(['Global Reader']), '/products');
    await page.getByRole('button', { name: 'Drawing kit' }).click();
    await page.getByText('Subscriptions', { exact: true }).waitFor();
    assert.equal(await page.getByRole('button', { name: /Add a product|Change|Cancel/ }).count(), 0);
  });
});

describe('licenses', () => {
  it('show a product’s use by day, from the day on that it is recorded; the numbers too', async () => {
    const { world } = center;
    const day = (ago: number) => new Date(Date.now() - ago * 86_400_000);
    const put = (ago: number, consumed: number, units: number) =>
      world.value(
        'insert into pool_use values ($1, $2, $3, $4, $5) returning 1',
        kit.skuId,
        day(ago).toISOString().slice(0, 10),
        consumed,
        units,
      );
    await put(20, 1, 9);
    await put(18, 12, 9);
    const shown = (ago: number) => day(ago).toLocaleDateString('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' }); // prettier-ignore
    const { page } = await center.openAs(await center.person(['Billing Administrator']), '/licenses');
    await page.getByRole('button', { name: 'Drawing kit' }).click();
    const use = page.getByRole('region', { name: 'Use per day, past 90 days (UTC)' });
    const since = day(20).toLocaleDateString('en-US', { dateStyle: 'medium', timeZone: 'UTC' });
    await use.getByText(`Recorded since ${since}; nothing is known of the days before.`).waitFor();
    const { consumedUnits, prepaidUnits } = await pool();
    for (const [ago, text] of [
      [20, '1 of 9 licenses assigned'],
      [18, '12 of 9 licenses assigned'],
      [0, `${consumedUnits} of ${prepaidUnits.enabled} licenses assigned`],
    ] as const) {
      await use
        .getByLabel(`${shown(ago)}: ${text}`)
        .first()
        .waitFor();
    }
    for (const legend of ['Assigned', 'Available', 'Over total'])
      await use.getByText(legend, { exact: true }).waitFor();
    await assertAccessible(page);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const rows = use.getByRole('row');
    await rows.nth(3).waitFor();
    assert.deepEqual(
      (await rows.allInnerTexts()).map((text) => text.split(/\s+/).slice(-3).join()),
      [
        'Assigned,Licenses,Available',
        `${consumedUnits},${prepaidUnits.enabled},${prepaidUnits.enabled - consumedUnits}`,
        '12,9,0',
        '1,9,8',
      ],
    );
    await assertAccessible(page);
    await use.getByRole('button', { name: 'Show as a chart' }).click();
    await page.setViewportSize({ width: 360, height: 740 });
    await use
      .getByLabel(`${shown(0)}:`)
      .first()
      .waitFor();
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    assert.ok(width <= 360, `${width} px wide`);
  });

  it('are assigned to users with the chosen apps, and unassigned from many at once', async () => {
    const { page } = await center.openAs(await center.person(['License Administrator']), '/licenses');
    await page.getByRole('button', { name: 'Drawing kit' }).click();
    const pane = page.getByRole('dialog', { name: 'Drawing kit' });
    await pane.getByText('Una', { exact: true }).waitFor();
    await assertAccessible(page);

    await pane.getByRole('button', { name: 'Assign licenses', exact: true }).click();
    const assigning = page.getByRole('dialog', { name: 'Assign licenses' });
    await assigning.getByRole('combobox', { name: 'Users' }).fill('uta');
    await page.getByRole('option', { name: /Uta/ }).click();
    await assigning.getByRole('checkbox', { name: 'MAIL' }).uncheck();
    await assigning.getByRole('button', { name: 'Assign', exact: true }).click();
    await assigning.waitFor({ state: 'detached' });
    const { assignedLicenses } = await center.world.get(`/users/${users[2]!.id}?$select=assignedLicenses`);
    assert.deepEqual(assignedLicenses, [{ disabledPlans: [kit.plans['MAIL']], skuId: kit.skuId }]);

    for (const name of ['Una', 'Uta']) await pane.getByRole('checkbox', { name: `Select ${name}` }).check();
    await pane.getByRole('button', { name: 'Unassign licenses (2)' }).click();
    const question = page.getByRole('alertdialog');
    await question.getByText(/2 people lose .* and 2 licenses become free/).waitFor();
    await question.getByRole('button', { name: 'Unassign', exact: true }).click();
    await page.getByText('2 licenses unassigned', { exact: true }).waitFor();
    assert.equal((await pool()).consumedUnits, 1);
  });

  it('move to another product for many: foretold in numbers, while one looks elsewhere, with a file of what failed', async () => {
    const { world } = center;
    const [sketch, studio] = [
      await world.addProduct({ SKETCH: {} }, { displayName: 'Sketch pad' }),
      await world.addProduct({ STUDIO: {}, SHARE: {} }, { displayName: 'Studio' }),
    ];
    await world.buy(sketch, 40);
    await world.buy(studio, 25);
    const people = [...(await world.addUsers(30)), await world.addUser({ display_name: '=Nowhere' })];
    const addLicenses = [{ skuId: sketch.skuId }];
    await world.post('/admin/licenseChanges', { userIds: people.map(({ id }) => id), addLicenses });
    await world.value(
      `update users set usage_location = null where tenant_id = $1 and display_name = '=Nowhere' returning 1`,
    );
    const { page } = await center.openAs(
      await center.person(['License Administrator']),
      `/licenses?product=${sketch.skuId}`,
    );
    const pane = page.getByRole('dialog', { name: 'Sketch pad' });
    await pane.getByRole('button', { name: 'Move to another product' }).click();
    const moving = page.getByRole('dialog', { name: 'Move to another product' });
    await moving.getByRole('combobox', { name: 'To the product' }).fill('studio');
    await page.getByRole('option', { name: /Studio \(25 available\)/ }).click();
    await moving.getByRole('checkbox', { name: 'SHARE' }).uncheck();
    await moving
      .getByText(
        '30 people move. They need 30 licenses of Studio, of which 25 are available. 30 licenses of Sketch pad become free.',
      )
      .waitFor();
    await moving.getByText('5 licenses are missing: the last 5 people would keep Sketch pad.').waitFor();
    await moving
      .getByText(/^1: License assignment cannot be done for user with invalid usage location\. \(=Nowhere\)$/)
      .waitFor();
    await assertAccessible(page);
    // Slow enough to go elsewhere meanwhile.
    await page.route('**/licenseChanges', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 700));
      await route.continue();
    });
    await moving.getByRole('button', { name: 'Move 25 people' }).click();
    await pane.getByRole('button', { name: 'Close', exact: true }).first().click();
    await page.getByRole('link', { name: 'Home' }).click();
    await page
      .getByRole('list', { name: 'Work that goes on' })
      .getByText(/^Move from Sketch pad: \d+ of 31$/)
      .waitFor();
    await page.getByText('25 people moved to Studio').first().waitFor();
    assert.deepEqual([await world.consumed(sketch), await world.consumed(studio)], [6, 25]);
    assert.equal(await page.getByRole('list', { name: 'Work that goes on' }).count(), 0);

    await page.goBack();
    await page.getByRole('button', { name: 'Sketch pad' }).click();
    await pane.getByText('6 of 31 didn’t work.').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      pane.getByRole('button', { name: 'Export what didn’t work' }).click(),
    ]);
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\r\n');
    assert.equal(lines.length, 7);
    assert.ok(
      lines.some((line) => line.includes(`"'=Nowhere","License assignment cannot be done`)),
      lines.join('\n'),
    );
    await assertAccessible(page);
  });
});
