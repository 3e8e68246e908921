import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, describe, it } from 'node:test';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';
import type { TestPerson } from '../harness/people.ts';

const DAY_MS = 24 * 3_600_000;

let center: AdminCenter;
let reader: TestPerson;

before(async () => {
  center = await startAdminCenter();
  reader = await center.person(['Reports Reader'], 'Rita Reader');
  const ago = (days: number) => new Date(Date.now() - days * DAY_MS);
  const { world } = center;
  await world.putClaim(ago(0.5), { name: 'today@contoso.example', userName: 'Tara Today', product: 'Drawing kit' });
  await world.putClaim(ago(5), { name: 'week@contoso.example', userName: 'Willy Week', isBackup: true });
  await world.putClaim(ago(20), { name: 'month@contoso.example', userName: '=cmd()' });
  await world.putClaim(ago(60), { name: 'quarter@contoso.example', userName: 'Quinn Quarter' });
  await world.putClaim(ago(200), { name: 'old@contoso.example', userName: 'Ollie Old' });
  await world.turnAutoClaim(true);
  const { plans } = await world.addProduct({ DRAW: {} });
  await world.signIn(await world.addApp([plans['DRAW']!], 'Unclaimed app'), await world.addUser());
});
afterEach(() => center.check());
after(() => center.close());

describe('the auto-claim policy report', () => {
  it('is listed, begins with the past 90 days, and shows for each period just its claims', async () => {
    const { page } = await center.openAs(reader, '/reports');
    await page.getByRole('main').getByRole('link', { name: 'Auto-claim policy report' }).click();
    await page.getByRole('heading', { name: 'Auto-claim policy report', level: 1 }).waitFor();
    const period = page.getByRole('combobox', { name: 'Period' });
    assert.equal(await period.textContent(), 'Past 90 days');
    const counts = { 'Past 90 days': 4, 'Past 30 days': 3, 'Past 7 days': 2, 'Past 1 day': 1 };
    for (const [name, count] of Object.entries(counts)) {
      await period.click();
      await page.getByRole('option', { name, exact: true }).click();
      await page
        .getByRole('status')
        .getByText(count === 1 ? '1 claim' : `${count} claims`, { exact: true })
        .waitFor();
      await page.getByRole('heading', { name: `Claims per day (UTC): ${count}`, exact: true }).waitFor();
    }
    const row = page.getByRole('row', { name: /Tara Today/ });
    for (const text of ['today@contoso.example', 'Old policy', 'Old app', 'Drawing kit', 'Primary']) {
      await row.getByText(text).waitFor();
    }
  });

  it('draws the claims, and shows refusals by reason beside them; axe finds nothing', async () => {
    const { page } = await center.openAs(reader, '/reports/auto-claim');
    await page.getByRole('list', { name: 'Refusals by reason' }).getByText('No policy for the app is on').waitFor();
    const chart = page.getByRole('region', { name: 'Claims per day (UTC)' });
    await chart.locator('svg rect').first().waitFor();
    await assertAccessible(page);
    await chart.getByRole('button', { name: 'Show as a table' }).click();
    const table = chart.getByRole('table', { name: 'Claims per day (UTC)' });
    assert.equal(await table.getByRole('row').count(), 1 + 91, 'a row for each day, the one that has begun too');
    await assertAccessible(page);
    await chart.getByRole('button', { name: 'Show as a chart' }).click();
    await chart.locator('svg rect').first().waitFor();
  });

  it('keeps a custom range, a filter and a search in its address', async () => {
    const day = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
    const { page } = await center.openAs(reader, `/reports/auto-claim?period=custom&from=${day(21)}&to=${day(4)}`);
    await page.getByRole('status').getByText('2 claims', { exact: true }).waitFor();
    await page.getByRole('searchbox', { name: 'Search users' }).fill('willy');
    await page.getByRole('status').getByText('1 claim', { exact: true }).waitFor();
    await page.getByRole('cell', { name: 'Backup', exact: true }).waitFor();
    assert.equal(new URL(page.url()).searchParams.get('q'), 'willy');
    await page.getByRole('searchbox', { name: 'Search users' }).fill('nobody at all');
    await page.getByText('No claims match').waitFor();
    await page.getByLabel('Last day').fill(day(30));
    await page.getByText('The last day is before the first.').waitFor();
  });

  it('is exported as CSV, with formulas disarmed', async () => {
    const { page } = await center.openAs(reader, '/reports/auto-claim?period=D30');
    await page.getByRole('status').getByText('3 claims', { exact: true }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), 'auto-claim-policy-report.csv');
    const lines = (await readFile(await download.path(), 'utf8')).trim().split('\r\n');
    assert.equal(lines.length, 4);
    assert.match(lines[3]!, /'=cmd\(\)/);
  });
});
