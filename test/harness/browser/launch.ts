import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const SYSTEM_BROWSERS = [
  ...['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge'].flatMap((name) =>
    (process.env['PATH'] ?? '').split(':').map((folder) => join(folder, name)),
  ),
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Root may not use the sandbox, nor may most containers; the pages here are our own.
  '--no-sandbox',
];

/** Starts the first browser that there is: BROWSER_PATH, Playwright's, the system's, the one from npm. */
export async function launchBrowser(): Promise<Browser> {
  const failures: string[] = [];
  for (const find of [given, playwrights, systems, fromNpm]) {
    const executablePath = await find();
    if (executablePath === undefined) continue;
    try {
      return await chromium.launch({ executablePath, args: FLAGS });
    } catch (error) {
      // Who names a browser means that one.
      if (find === given) throw error;
      failures.push(`${executablePath}: ${(error as Error).message.split('\n', 1)[0]}`);
    }
  }
  throw new Error(
    [
      'No browser can be started for the tests. Get one with: npx playwright-core install --with-deps chromium',
      ...failures,
    ].join('\n'),
  );
}

/**
 * Unpacks the browser from npm, where it is the one that will be started: once, before test files
 * run side by side and would unpack it over each other's.
 */
export async function unpackBrowser(): Promise<void> {
  if (given() ?? playwrights() ?? systems()) return;
  // What is wrong is told to the tests that need a browser.
  await fromNpm().catch(() => undefined);
}

function given(): string | undefined {
  return process.env['BROWSER_PATH'] || undefined;
}

function playwrights(): string | undefined {
  const path = chromium.executablePath();
  return existsSync(path) ? path : undefined;
}

function systems(): string | undefined {
  return SYSTEM_BROWSERS.find((path) => existsSync(path));
}

async function fromNpm(): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  // Makes it unpack the system libraries that it brings along.
  process.env['AWS_EXECUTION_ENV'] ??= 'AWS_Lambda_nodejs22.x';
  const { default: packed } = await import('@sparticuz/chromium');
  return packed.executablePath();
}
