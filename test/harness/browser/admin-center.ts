import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { inTenant } from '../../../src/engine/tenant/tenancy.ts';
import { SYSTEM } from '../../../src/engine/tenant/tenant.ts';
import { furnishContoso } from '../../../src/sample/contoso.ts';
import { addPerson, type RoleName, type TestPerson } from '../people.ts';
import { startTestServer, type TestServer } from '../server.ts';
import { worldOf, type World } from '../world.ts';
import { guardPage, type Guard } from './guard.ts';
import { launchBrowser } from './launch.ts';

/** A server with a database of its own, and a browser beside it. */
export interface AdminCenter {
  readonly server: TestServer;
  /** The organisation, over the API as a client with every permission. */
  readonly world: World;
  /** Somebody who can sign in, with these roles. */
  person(roles: readonly RoleName[], displayName?: string): Promise<TestPerson>;
  /** A browser of its own, in which nobody is signed in. */
  open(options?: BrowserContextOptions): Promise<Window>;
  /** A browser in which this person is signed in already, at an address. */
  openAs(person: TestPerson, path?: string, options?: BrowserContextOptions): Promise<Window>;
  /** Ends a test: fails where something went wrong in a window unseen, and closes them all. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** A page, and what went wrong in it. */
export interface Window extends Guard {
  readonly page: Page;
  readonly goto: (path: string) => Promise<void>;
}

/** Long enough for a busy machine; what is there is seen at once. */
const WAIT_MS = 30_000;

/**
 * Starts the admin center: `before` it once for a file, `afterEach` check, `after` close.
 * @param options.sample whether the tenant is the sample organisation, or empty
 */
export async function startAdminCenter({ sample = false } = {}): Promise<AdminCenter> {
  const [server, browser] = await Promise.all([startTestServer(), launchBrowser()]);
  if (sample) {
    const { db, tenantId } = server;
    await inTenant({ db, tenantId, actor: SYSTEM, correlationId: null }, furnishContoso);
  }
  const windows = new Set<Window>();

  const center: AdminCenter = {
    server,
    world: worldOf(server),
    person: (roles, displayName) =>
      addPerson(server, roles, { columns: displayName === undefined ? {} : { display_name: displayName } }),
    async open(options) {
      const window = await openWindow(browser, server.url, options);
      windows.add(window);
      return window;
    },
    async openAs(person, path = '/', options) {
      const window = await center.open(options);
      await window.goto(path);
      await signInAs(window.page, person);
      await window.page.getByRole('main').waitFor();
      return window;
    },
    async check() {
      const open = [...windows];
      windows.clear();
      await Promise.all(open.map(({ page }) => page.context().close()));
      for (const window of open) window.check();
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
  return center;
}

async function openWindow(browser: Browser, url: string, options?: BrowserContextOptions): Promise<Window> {
  const context = await browser.newContext({
    baseURL: url,
    locale: 'en-US',
    timezoneId: 'UTC',
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  return {
    page,
    ...guardPage(page),
    async goto(path) {
      await page.goto(path);
    },
  };
}

/** Types name and password into the sign-in page that is shown. */
export async function signInAs(page: Page, { userPrincipalName, password }: TestPerson): Promise<void> {
  await page.getByLabel('User name').fill(userPrincipalName);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
