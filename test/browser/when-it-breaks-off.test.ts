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

describe('a session that ends while something is open', () => {
  it('is told over what is typed, which goes on once the person has signed in again in another tab', async () => {
    const admin = await center.person(['User Administrator']);
    const { page, expect } = await center.openAs(admin, '/users');
    await page.getByRole('button', { name: 'Add a user' }).click();
    const adding = page.getByRole('dialog', { name: 'Add a user' });
    await adding.getByLabel('Display name').fill('Nora New');
    await adding.getByLabel('User name').fill('nora@contoso.example');

    // Signed out elsewhere: whatever the API is asked from now on, nobody is signed in.
    await page.context().clearCookies();
    expect(/^answer: 401 to /);
    await page.route('**/v1.0/**', (route) =>
      route.fulfill({ status: 401, json: { error: { code: 'x', message: 'x' } } }),
    );
    await adding.getByRole('button', { name: 'Add', exact: true }).click();
    const over = page.getByRole('alertdialog', { name: 'Your session has ended' });
    await over.getByText(/signed out elsewhere/).waitFor();
    await assertAccessible(page);
    await over.getByRole('button', { name: 'Not now' }).click();
    await adding.getByRole('alert').getByText('Your session has ended.').waitFor();
    assert.equal(await adding.getByLabel('Display name').inputValue(), 'Nora New');

    // Trying again asks again.
    await adding.getByRole('button', { name: 'Add', exact: true }).click();
    await over.waitFor();
    const other = await page.context().newPage();
    await other.goto('/users');
    await signInAs(other, admin);
    await other.getByRole('main').waitFor();
    await page.unroute('**/v1.0/**');
    await over.getByRole('button', { name: 'Sign in' }).click();
    await over.waitFor({ state: 'detached' });
    assert.equal(await adding.getByLabel('Display name').inputValue(), 'Nora New');
    await adding.getByRole('button', { name: 'Add', exact: true }).click();
    await adding.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Nora New' }).waitFor();
  });

  it('leads to sign-in and back to the same address when the person says so', async () => {
    const admin = await center.person(['User Administrator']);
    const { page, expect } = await center.openAs(admin, '/groups');
    await page.context().clearCookies();
    expect(/^answer: 401 to /);
    await center.world.patch(`/users/${admin.id}`, { accountEnabled: false });
    await page.getByRole('link', { name: 'Active users' }).click();
    const over = page.getByRole('alertdialog', { name: 'Your session has ended' });
    await over.waitFor();
    await center.world.patch(`/users/${admin.id}`, { accountEnabled: true });
    await over.getByRole('button', { name: 'Sign in' }).click();
    await signInAs(page, admin);
    await page.getByRole('heading', { name: 'Active users', level: 1 }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/users');
  });
});

describe('a server that is down', () => {
  it('is said in the place of a page that is not loaded yet, which comes when it is back', async () => {
    const { page, expect } = await center.openAs(await center.person(['Global Administrator']), '/my-licenses');
    await page.getByRole('heading', { name: 'My licenses', level: 1 }).waitFor();
    for (const message of [/^request: /, /^console: /, /^exception: /]) expect(message);
    await page.context().setOffline(true);
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByRole('alert').getByText('The server can’t be reached.', { exact: true }).waitFor();
    assert.doesNotMatch(await page.getByRole('main').innerText(), /Failed to fetch/);
    await assertAccessible(page);
    // Still down: it says so again, and the tab is still the admin center.
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/audit');
  });

  it('is said without the browser’s own words where a page is there and its data are not', async () => {
    const { page, expect } = await center.openAs(await center.person(['Global Administrator']), '/users');
    await page.getByRole('heading', { name: 'Active users', level: 1 }).waitFor();
    expect(/^request: /);
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Add a user' }).click();
    const adding = page.getByRole('dialog', { name: 'Add a user' });
    await adding.getByLabel('Display name').fill('Olga Offline');
    await adding.getByLabel('User name').fill('olga@contoso.example');
    await adding.getByRole('button', { name: 'Add', exact: true }).click();
    const alert = adding.getByRole('alert');
    await alert.waitFor();
    assert.equal(await alert.innerText(), 'The server can’t be reached.');
  });
});

describe('an upgraded server, whose files have other names', () => {
  it('makes the page load once more, and no more than once where that does not help', async () => {
    const { page, expect } = await center.openAs(await center.person(['Global Administrator']), '/my-licenses');
    await page.getByRole('heading', { name: 'My licenses', level: 1 }).waitFor();
    for (const message of [/^answer: 404 to GET .*audit-page/, /^console: /, /^exception: /]) expect(message);
    let loads = 0;
    page.on('request', (request) => (loads += request.isNavigationRequest() ? 1 : 0));
    await page.route('**/assets/audit-page-*', (route) => route.fulfill({ status: 404, body: '' }));
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.waitForRequest((request) => request.isNavigationRequest());
    await page
      .getByRole('alert')
      .getByText(/part of the admin center couldn’t be loaded/)
      .waitFor();
    await page.waitForTimeout(500);
    assert.equal(loads, 1);
    await page.unroute('**/assets/audit-page-*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Audit', level: 1 }).waitFor();
  });
});
