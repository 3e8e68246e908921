import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

type Theme = 'light' | 'dark';

/** All rules, and for the second theme those that colours can break; the others don't see them. */
const RULES = { light: undefined, dark: ['color-contrast', 'link-in-text-block'] } as const;
/** Rows of a list are alike: the first dozen stand for all. To look for contrast takes as long as there are elements. */
const FURTHER_ROWS = ['tbody > tr:nth-child(n+13)', 'main ul > li:nth-child(n+13)'];

/** Fails where axe finds something on what is shown now, in light and in dark unless one is chosen. */
export async function assertAccessible(
  page: Page,
  what = page.url(),
  themes: readonly Theme[] = ['light', 'dark'],
): Promise<void> {
  for (const colorScheme of themes) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await untilStill(page);
    // Legacy mode leaves out the frames of other origins, of which there are none, and the page of
    // its own that axe would open to put their findings together.
    const axe = new AxeBuilder({ page }).exclude('[data-tabster-dummy]').setLegacyMode();
    for (const rows of FURTHER_ROWS) axe.exclude(rows);
    const rules = RULES[colorScheme];
    // Of what passes the rule alone is asked for: to name all its elements takes as long as to look at them.
    axe.options({ resultTypes: ['violations'], ...(rules && { runOnly: [...rules] }) });
    const { violations, passes } = await axe.analyze();
    assert.ok(passes.length > (rules ? 0 : 5), `axe has looked at nothing on ${what}`);
    const found = violations.flatMap(({ id, help, nodes }) =>
      nodes
        .filter(({ target }) => !(id === 'region' && isToast(target)))
        .map(({ target, html }) => `${id}: ${help}: ${target.join(' ')} ${html.slice(0, 200)}`),
    );
    assert.deepEqual(found, [], `${what}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: null });
}

/** What comes and goes in a live region is announced as it comes: no landmark leads to it. */
const isToast = (target: unknown) => /toast/i.test(String(target));

/** Half-transparent texts of an animation have no contrast that counts. */
export async function untilStill(page: Page): Promise<void> {
  // What was just changed (a theme, a pane) begins to be drawn, and to fade, in the next frames.
  await page.evaluate(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))',
  );
  // Asked again and again from here: waiting in the page would need eval, which its CSP forbids.
  while (
    !(await page.evaluate<boolean>(
      `document.getAnimations().every((one) => one.playState !== 'running' || one.effect.getTiming().iterations === Infinity)`,
    ))
  ) {
    await page.waitForTimeout(20);
  }
}
