import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { signInAs, startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';

let center: AdminCenter;
before(async () => {
  center = await startAdminCenter();
});
afterEach(() => center.check());
after(() => center.close());

/** The places of the navigation, and the heading that each leads to. */
const PLACES: Record<string, string> = {
  Home: 'Home',
  'Active users': 'Active users',
  Groups: 'Groups',
  'Your products': 'Your products',
  Licenses: 'Licenses',
  Reports: 'Reports',
  'Org settings': 'Org settings',
  Audit: 'Audit',
  'My licenses': 'My licenses',
};

describe('around the pages', () => {
  it('a person signs in, goes to each place, and signs out', async () => {
    const admin = await center.person(['Global Administrator'], 'Ada Admin');
    const { page, goto } = await center.open();
    await goto('/');
    await signInAs(page, admin);
    await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/homepage');

    const navigation = page.getByRole('navigation', { name: 'Main' });
    for (const [place, heading] of Object.entries(PLACES)) {
      await navigation.getByRole('link', { name: place, exact: true }).click();
      await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
      assert.equal(await page.title(), `${heading} - Autoclaim admin center`);
    }

    await page.getByRole('button', { name: 'Account of Ada Admin' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.waitForURL((url) => !url.pathname.startsWith('/my-licenses'));
    // Nothing of the session is left: the pages ask who it is again.
    await goto('/users');
    await page.getByLabel('Password').waitFor();
  });

  it('comes to the address that was asked for, once signed in', async () => {
    const admin = await center.person(['Global Administrator']);
    const { page } = await center.openAs(admin, '/settings?some=thing');
    await page.getByRole('heading', { name: 'Org settings', level: 1 }).waitFor();
    const { pathname, searchParams } = new URL(page.url());
    assert.deepEqual([pathname, searchParams.get('some')], ['/settings', 'thing']);
  });

  it('stays signed in when the page is loaded again, and keeps no token where other scripts could read it', async () => {
    const { page } = await center.openAs(await center.person(['Global Administrator']), '/homepage');
    await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
    const kept = await page.evaluate<string>(
      'JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])',
    );
    assert.doesNotMatch(kept, /eyJ/);
    assert.ok((await page.context().cookies()).every(({ httpOnly }) => httpOnly));
  });

  it('shows a person without a role their own licenses alone', async () => {
    const { page } = await center.openAs(await center.person([]), '/');
    await page.getByRole('heading', { name: 'My licenses', level: 1 }).waitFor();
    const links = await page.getByRole('navigation', { name: 'Main' }).getByRole('link').allTextContents();
    assert.deepEqual(links, ['My licenses']);
  });

  it('says when there is no such page', async () => {
    const { page } = await center.openAs(await center.person(['Global Reader']), '/users/no/such/page');
    await page.getByRole('heading', { name: 'There is no such page', level: 1 }).waitFor();
    await assertAccessible(page);
  });

  it('first loads at most 300 kB', async () => {
    const { page, goto } = await center.open();
    let bytes = 0;
    page.on('requestfinished', (request) => {
      const { pathname } = new URL(request.url());
      if (!pathname.startsWith('/v1.0')) void request.sizes().then((sizes) => (bytes += sizes.responseBodySize));
    });
    await goto('/');
    await signInAs(page, await center.person(['Global Administrator']));
    await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    assert.ok(bytes > 100_000, `only ${bytes} bytes were seen`);
    assert.ok(bytes <= 300_000, `${bytes} bytes`);
  });
});
