import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { untilStill } from '../harness/browser/accessibility.ts';
import type { AdminCenter } from '../harness/browser/admin-center.ts';
import type { TestPerson } from '../harness/people.ts';

/** One thing to look at. */
export interface Shot {
  /** The file's name. */
  readonly name: string;
  readonly path: string;
  /** What is done there first. */
  readonly act?: (page: Page) => Promise<void>;
}

const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: 'light' },
  dark: { colorScheme: 'dark' },
  narrow: { colorScheme: 'light', viewport: { width: 360, height: 740 } },
};

/** SHOTS='users|groups' takes those alone. */
const ONLY = new RegExp(process.env['SHOTS'] ?? '');

/** Writes each shot in each look to <folder>/<name>-<look>.png. */
export async function takeShots(
  center: AdminCenter,
  person: TestPerson,
  folder: string,
  shots: readonly Shot[],
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const wanted = shots.filter(({ name }) => ONLY.test(name));
  if (wanted.length === 0) return;
  for (const [look, options] of Object.entries(LOOKS)) {
    const { page, goto } = await center.openAs(person, '/', options);
    page.setDefaultTimeout(5_000);
    for (const { name, path, act } of wanted) {
      try {
        await goto(path);
        await page.getByRole('heading').first().waitFor();
        await page.waitForLoadState('networkidle');
        await act?.(page);
        await page.waitForLoadState('networkidle');
        await untilStill(page);
      } catch (error) {
        // What can be seen is still worth a look.
        console.error(`${name}, ${look}: ${(error as Error).message.split('\n', 1)[0]}`);
      }
      await page.screenshot({ path: join(folder, `${name}-${look}.png`) });
    }
    await page.context().close();
  }
}
