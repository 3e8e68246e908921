import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';

/** How a page came. */
export interface PageLoad {
  /** From the call until what is on it was there, nothing was loading, and it could be used: two frames later. */
  readonly interactiveMs: number;
  /** What was received of files: pages, scripts, styles, fonts, pictures; as it was sent (compressed). */
  readonly fileBytes: number;
  /** The same of what the API answered. */
  readonly answerBytes: number;
}

const PATIENCE_MS = 30_000;
/** So long nothing may change any more. */
const STILL_MS = 400;
const FILES = ['document', 'script', 'stylesheet', 'font', 'image'];

// Runs in the page, before anything of its own: notes when it last became usable. What is still
// loading is said to screen readers, too: a progress bar, a busy part, a label "Loading".
const WATCH = `
  (() => {
    const loading = '[role=progressbar], [aria-busy=true], [aria-label=Loading], .fui-Spinner';
    const isThere = () => document.querySelector('h1')?.textContent && !document.querySelector(loading)
      && document.querySelector('main')?.textContent.length > 20;
    window.usableAt = 0;
    let asked = false;
    new MutationObserver(() => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => requestAnimationFrame(() => {
        asked = false;
        if (!isThere()) window.usableAt = 0;
        else window.usableAt ||= Date.now();
      }));
    }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
  })()`;

/**
 * Loads a page as somebody who is signed in, with an empty cache.
 * @param options.wanted text that must be on it
 */
export async function loadPage(
  browser: Browser,
  url: string,
  { storageState, wanted }: { storageState: Awaited<ReturnType<BrowserContext['storageState']>>; wanted: string },
): Promise<PageLoad> {
  const context = await browser.newContext({ storageState, viewport: { width: 1280, height: 900 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(WATCH);
    const finished: Request[] = [];
    let open = 0;
    page.on('request', () => {
      open += 1;
    });
    page.on('requestfailed', () => {
      open -= 1;
    });
    page.on('requestfinished', (request) => {
      open -= 1;
      finished.push(request);
    });
    const from = Date.now();
    await page.goto(url, { waitUntil: 'commit' });
    let usableAt = 0;
    for (let stillSince = Date.now(); Date.now() - stillSince < STILL_MS;) {
      await sleep(25);
      if (Date.now() - from > PATIENCE_MS) {
        throw new Error(`${url} was not usable after ${PATIENCE_MS} ms; ${open} requests are open.`);
      }
      const found = await usableAtOf(page);
      if (found === usableAt && found > 0 && open <= 0) continue;
      usableAt = found;
      stillSince = Date.now();
    }
    const text = (await page.textContent('main')) ?? '';
    if (!text.includes(wanted)) throw new Error(`${url} has no "${wanted}": ${text.slice(0, 300)}`);
    const sizes = await Promise.all(
      finished.map(async (request) => ({
        isFile: FILES.includes(request.resourceType()),
        bytes: (await request.sizes()).responseBodySize,
      })),
    );
    const sum = (isFile: boolean) =>
      sizes.filter((one) => one.isFile === isFile).reduce((total, { bytes }) => total + bytes, 0);
    return { interactiveMs: usableAt - from, fileBytes: sum(true), answerBytes: sum(false) };
  } finally {
    await context.close();
  }
}

/** 0 where it isn't usable; also between two documents. */
async function usableAtOf(page: Page): Promise<number> {
  try {
    return await page.evaluate<number>('window.usableAt ?? 0');
  } catch {
    return 0;
  }
}
