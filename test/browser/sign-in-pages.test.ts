import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { assertAccessible } from '../harness/browser/accessibility.ts';
import { signInAs, startAdminCenter, type AdminCenter } from '../harness/browser/admin-center.ts';
import { addAppClient, beginSignIn } from '../harness/app-client.ts';
import { addPerson, authorizeRequest, personToken } from '../harness/people.ts';

// The pages by which people sign in are the server's own: looked at here as a person meets them.

let center: AdminCenter;
before(async () => {
  center = await startAdminCenter();
});
afterEach(() => center.check());
after(() => center.close());

const NARROW = { viewport: { width: 360, height: 740 } };

/** Nothing stands out of the window at the right. */
async function assertFits(page: Page): Promise<void> {
  const widths = await page.evaluate<[number, number]>('[document.documentElement.scrollWidth, window.innerWidth]');
  assert.ok(widths[0] <= widths[1], `${widths[0]} px in a window of ${widths[1]}`);
}

/** Looks at the page that is shown; SIGN_IN_PICTURES names a folder for pictures of it. */
async function lookAt(page: Page, name: string): Promise<void> {
  await assertAccessible(page, name);
  await assertFits(page);
  const folder = process.env['SIGN_IN_PICTURES'];
  if (!folder) return;
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${folder}/${name} ${colorScheme}.png`, fullPage: true });
  }
  await page.emulateMedia({ colorScheme: null });
}

describe('a person', () => {
  it('is told what was wrong, keeps the name that was typed, and goes on by the keyboard alone', async () => {
    const one = await center.person(['Global Reader'], 'Ann');
    const { page, goto, expect } = await center.open(NARROW);
    expect(/answer: 401 to POST .*\/sign-in\//);
    await goto('/licenses');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await lookAt(page, 'sign-in');
    assert.ok(await page.getByLabel('User name').evaluate((field) => field === field.ownerDocument.activeElement));
    await page.keyboard.type(one.userPrincipalName);
    await page.keyboard.press('Tab');
    await page.keyboard.type('not the password');
    await page.keyboard.press('Enter');
    const problem = page.getByRole('alert');
    assert.equal(await problem.textContent(), 'The user name or the password is wrong.');
    await lookAt(page, 'sign-in-wrong');
    assert.equal(await page.getByLabel('User name').inputValue(), one.userPrincipalName);
    await page.keyboard.type(one.password);
    await page.keyboard.press('Enter');
    // To the very page that was asked for.
    await page.waitForURL('**/licenses');
    await page.getByRole('heading', { name: 'Licenses', level: 1 }).waitFor();
  });

  it('who is new sets a password by a link, and finds it used the second time', async () => {
    const one = await center.person([], 'New');
    const { server } = center;
    const token = await personToken(server, ['Global Administrator']);
    const { body } = await server.request('POST', `/v1.0/users/${one.id}/resetPassword`, { token });
    const { page, expect } = await center.open(NARROW);
    expect(/answer: (404|400) to/);
    await page.goto(body.setUpLink);
    await lookAt(page, 'set-up');
    const fill = async (password: string, again: string) => {
      await page.getByLabel('New password', { exact: true }).fill(password);
      await page.getByLabel('New password, again').fill(again);
      await page.getByRole('button', { name: 'Set password' }).click();
    };
    await fill('my own password', 'another password');
    assert.equal(await page.getByRole('alert').textContent(), 'The two new passwords are not the same.');
    await fill('my own password', 'my own password');
    await page.getByRole('heading', { name: 'Your password is set' }).waitFor();
    await lookAt(page, 'set-up-done');
    await page.goto(body.setUpLink);
    await page.getByRole('heading', { name: 'This link can’t be used' }).waitFor();
    await lookAt(page, 'set-up-spent');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await signInAs(page, { ...one, password: 'my own password' });
    await page.waitForURL('**/my-licenses');
  });

  it('whose password must change changes it, and is in', async () => {
    const one = await addPerson(center.server, [], { columns: { must_change_password: true } });
    const { page, goto } = await center.open(NARROW);
    await goto('/');
    await signInAs(page, one);
    await page.getByRole('heading', { name: 'Change your password' }).waitFor();
    await lookAt(page, 'change-password');
    await page.getByLabel('Current password').fill(one.password);
    await page.getByLabel('New password', { exact: true }).fill('my own password');
    await page.getByLabel('New password, again').fill('my own password');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.waitForURL('**/my-licenses');
  });

  it('is asked before a page that isn’t ours signs them out, and is told afterwards', async () => {
    const { server } = center;
    const { page, goto } = await center.openAs(await center.person([]), '/', NARROW);
    await goto(`/${server.tenantId}/oauth2/v2.0/logout`);
    await page.getByRole('heading', { name: 'Sign out?' }).waitFor();
    await lookAt(page, 'sign-out');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await lookAt(page, 'signed-out');
  });

  it('types the code of a program, by the keyboard alone, and says that it is theirs', async () => {
    const { server } = center;
    const one = await center.person([], 'Ann');
    const { page, goto } = await center.open(NARROW);
    const begin = async () => {
      const form = new URLSearchParams({ client_id: 'autoclaim-cli', scope: 'openid' });
      const address = `${server.url}/${server.tenantId}/oauth2/v2.0/devicecode`;
      const answer = await fetch(address, { method: 'POST', body: form });
      return ((await answer.json()) as { user_code: string }).user_code;
    };
    const typeCode = async (code: string) => {
      await page.keyboard.type(code);
      await page.keyboard.press('Enter');
    };
    await goto(`/${server.tenantId}/device`);
    await lookAt(page, 'device-code');
    await typeCode('BBBB-BBBB');
    assert.match((await page.getByRole('alert').textContent())!, /No program waits with this code/);
    await lookAt(page, 'device-code-wrong');
    await page.getByLabel('Code').fill(await begin());
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Sign in to Autoclaim CLI?' }).waitFor();
    await lookAt(page, 'device-confirm');
    await page.getByRole('button', { name: 'Continue' }).press('Enter');
    await signInAs(page, one);
    await page.getByRole('heading', { name: 'You are signed in' }).waitFor();
    await lookAt(page, 'device-done');
    // Another one, signed in by now, who thinks better of it.
    await goto(`/${server.tenantId}/device?user_code=${await begin()}`);
    await page.getByLabel('Code').press('Enter');
    await page.getByText(`what ${one.userPrincipalName} may do here`).waitFor();
    await lookAt(page, 'device-confirm-signed-in');
    await page.getByRole('button', { name: 'Cancel' }).click();
    assert.match((await page.getByRole('alert').textContent())!, /Nobody was signed in/);
  });

  it('who is signed in gets into an app of another site that asks by a form, without a page', async (t) => {
    // To a browser, localhost and 127.0.0.1 are two sites.
    let page = '';
    const site = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(page));
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    t.after(() => site.close());
    const home = `http://localhost:${(site.address() as AddressInfo).port}`;
    const app = await addAppClient(center.world, 'web', { redirectUri: `${home}/signed-in` });
    const { address } = await beginSignIn(app);
    const fields = [...address.searchParams].map(([name, value]) => `<input name="${name}" value="${value}" />`);
    const action = `${address.origin}${address.pathname}`;
    page = `<!doctype html><link rel="icon" href="data:," /><form method="post" action="${action}">${fields.join('')}<button>Go</button></form>`;
    const window = await center.openAs(await center.person([]), '/', NARROW);
    await window.page.goto(home);
    await window.page.getByRole('button', { name: 'Go' }).click();
    await window.page.waitForURL(`${app.redirectUri}?*`);
    assert.ok(new URL(window.page.url()).searchParams.get('code'), window.page.url());
  });

  it('who is sent here by a broken app is told so', async () => {
    const { server } = center;
    const { page, expect } = await center.open(NARROW);
    expect(/answer: 400 to/);
    await page.goto(authorizeRequest(server, undefined, { redirect_uri: 'https://evil.example/' }).address);
    await page.getByRole('heading', { name: 'You can’t sign in this way' }).waitFor();
    await lookAt(page, 'broken-request');
  });

  it('is asked for the user name first where there are several organisations', async () => {
    const { server } = center;
    await server.createTenant();
    const { page, goto, expect } = await center.open(NARROW);
    expect(/answer: 400 to/);
    await goto('/');
    await page.getByLabel('User name').fill('ann@nowhere.example');
    await page.getByRole('button', { name: 'Next' }).click();
    assert.match((await page.getByRole('alert').textContent())!, /No organisation here has this domain/);
    await lookAt(page, 'organisation');
    const one = await center.person([]);
    await page.getByLabel('User name').fill(one.userPrincipalName);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByLabel('Password').fill(one.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL('**/my-licenses');
    await page.reload();
    await page.getByRole('main').waitFor();
    assert.equal(new URL(page.url()).pathname, '/my-licenses');
  });
});
