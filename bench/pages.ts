import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { launchBrowser } from '../test/harness/browser/launch.ts';
import { openDatabase } from '../src/db/open.ts';
import { countClaimsOfAll } from '../src/engine/report/count-claims.ts';
import { furnishBigOrganisation, type Size } from './big-organisation.ts';
import { Measurements, median } from './harness/measurements.ts';
import { loadPage } from './harness/page-load.ts';
import { startPostgresql } from './harness/postgresql.ts';
import { startOurServer } from './our-server.ts';
import type { Bench } from './run.ts';

const SIZE: Size = { users: 100_000, groups: 1_000, products: 600, licenses: 200_000 };
const PASSWORD = 'bench password of the first administrator';
/** Loads of each page in a repetition. */
const LOADS = 3;
const INTERACTIVE_MS = 1_500;
const FIRST_LOAD_KB = 300;

/** Every page of the admin center in a real browser, with nothing in its cache, in a big organisation. */
export const pages: Bench = async ({ repetitions, flags, started, say }) => {
  await promisify(execFile)(process.execPath, [join(import.meta.dirname, '../scripts/ensure-web-build.mjs')]);
  say('Furnishing a big organisation …');
  const postgresql = await startPostgresql(started);
  const { client } = await startOurServer(started, postgresql, flags, { more: { AUTOCLAIM_ADMIN_PASSWORD: PASSWORD } });
  const { app, groupId, userId } = await furnishBigOrganisation(postgresql.pool, client, SIZE);
  // As the server's job does every ten minutes: these claims have come over weeks, and not in this one.
  const database = openDatabase(postgresql.connection, () => undefined);
  started.defer(() => database.close());
  await countClaimsOfAll(database);
  const { baseUrl } = client;
  const browser = await launchBrowser();
  started.defer(() => browser.close());
  const storageState = await signIn(browser, baseUrl, await firstAdministrator(postgresql.pool));

  /** The path, and a text that must be there: what the list or pane shows. */
  const all: readonly (readonly [path: string, wanted: string])[] = [
    ['/homepage', 'Home'],
    ['/users', 'Person 100000000000'],
    ['/users?q=person100000077777', 'Person 100000077777'],
    [`/users?user=${userId}&tab=licenses`, 'Person 100000000000'],
    ['/groups', 'Group 1'],
    [`/groups?group=${groupId}`, 'Group 1'],
    ['/products', 'Board suite'],
    ['/licenses', 'Board suite'],
    [`/licenses?product=${app.skuId}`, 'Mail suite'],
    ['/licenses/auto-claim', 'Mail for everyone'],
    [`/licenses/auto-claim?policy=${app.policyId}`, 'Mail for everyone'],
    ['/licenses/auto-claim/add', 'Name this auto-claim policy'],
    ['/reports', 'Reports'],
    ['/reports/auto-claim', 'Mail suite'],
    ['/settings', 'User owned apps and services'],
    ['/audit', 'Claim license'],
    ['/my-licenses', 'My licenses'],
  ];
  const measured = new Measurements();
  await loadPage(browser, `${baseUrl}/homepage`, { storageState, wanted: 'Home' }); // the server's first page
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    say(`Repetition ${repetition} of ${repetitions} …`);
    for (const [path, wanted] of all) {
      const loads = [];
      for (let turn = 0; turn < LOADS; turn += 1) {
        loads.push(await loadPage(browser, baseUrl + path, { storageState, wanted }));
      }
      const name = path.replace(/=[0-9a-f-]{36}/, '=…');
      measured.add(name, 'ms', median(loads.map((load) => load.interactiveMs)), { atMost: INTERACTIVE_MS });
      const [{ fileBytes, answerBytes }] = loads as [(typeof loads)[number]];
      measured.addDetail(name, 'files', 'kB', fileBytes / 1_000);
      measured.addDetail(name, 'answers', 'kB', answerBytes / 1_000);
      if (path === '/homepage') measured.add('first load', 'kB', fileBytes / 1_000, { atMost: FIRST_LOAD_KB });
    }
  }
  const { users, groups, products, licenses } = SIZE;
  const count = (n: number) => n.toLocaleString('en');
  return {
    figures: measured.figures,
    notes: [
      `${count(users)} users, ${count(groups)} groups, ${count(products)} products, ${count(licenses)} licenses and claims. ` +
        'From the call of the address to the page in use, signed in, with an empty cache; the first load is all files, as they are sent.',
      `Chromium ${browser.version()}, which shares the machine with the server.`,
    ],
  };
};

type Browser = Awaited<ReturnType<typeof launchBrowser>>;

async function firstAdministrator(pool: { query: (text: string) => Promise<{ rows: unknown[] }> }): Promise<string> {
  const { rows } = await pool.query(
    'select user_principal_name as name from users where password_hash is not null order by created_at limit 1',
  );
  return (rows[0] as { name: string }).name;
}

/** By the sign-in page. @returns what the browser keeps of it */
async function signIn(browser: Browser, baseUrl: string, userName: string) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${baseUrl}/homepage`);
    await page.getByLabel('User name').fill(userName);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
    return await context.storageState();
  } finally {
    await context.close();
  }
}
