import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';

// Names are text wherever they are shown, whatever they would be in HTML.

const NAME = `</title><img src=x onerror="window.owned=1"><script>window.owned=1</script>{{7*7}}`;

let center: AdminCenter;
before(async () => {
  center = await startAdminCenter();
  const { world } = center;
  await world.turnAutoClaim(true);
  const product = await world.addProduct({ DRAW: {} }, { displayName: `${NAME} product` });
  await world.buy(product, 1);
  const app = await world.addApp([product.plans['DRAW']!], `${NAME} app`);
  await world.addPolicy(app, [product], { displayName: `${NAME} policy` });
  await world.post('/groups', {
    displayName: `${NAME} group`,
    mailNickname: 'group',
    mailEnabled: false,
    securityEnabled: true,
  });
  for (const name of ['user', 'other']) {
    const user = await world.addUser({ display_name: `${NAME} ${name}` });
    await world.signIn(app, user);
  }
});
afterEach(() => center.check());
after(() => center.close());

const PAGES: readonly (readonly [path: string, shown: string, opens: boolean])[] = [
  ['/homepage', 'product', false],
  ['/users', 'user', true],
  ['/groups', 'group', true],
  ['/products', 'product', true],
  ['/licenses', 'product', true],
  ['/licenses/auto-claim', 'policy', true],
  ['/reports/auto-claim', 'user', false],
  ['/audit', 'policy', false],
];

describe('a name that is script', () => {
  it('is text on every page and pane that shows it', async () => {
    const { page, goto } = await center.openAs(await center.person(['Global Administrator'], `${NAME} admin`));
    for (const [path, shown, opens] of PAGES) {
      const name = `${NAME} ${shown}`;
      await goto(path);
      await page.getByText(name).first().waitFor();
      if (opens) {
        await page.getByRole('button', { name }).first().click();
        await page.getByRole('dialog', { name }).getByText(name).first().waitFor();
      }
      assert.equal(await page.evaluate('window.owned'), undefined, path);
      assert.equal(await page.locator('img[src=x]').count(), 0, path);
    }
  });
});
