import type { Page } from 'playwright-core';

/** What went wrong in a page while nobody looked. */
export interface Guard {
  /** Lets this be: a refusal that the test is about. */
  readonly expect: (message: RegExp) => void;
  /** @throws where something went wrong that wasn't expected */
  readonly check: () => void;
}

/** Notes each console error, uncaught exception, failed request and refused request of a page. */
export function guardPage(page: Page): Guard {
  const problems: string[] = [];
  const expected: RegExp[] = [];
  page.on('console', (message) => {
    // What Chromium says of refused requests is noted with more words below.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      problems.push(`console: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => problems.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => {
    // Aborted: the page was left, or what was typed asks for something else by now.
    const reason = request.failure()?.errorText ?? '';
    if (reason !== 'net::ERR_ABORTED') problems.push(`request: ${request.method()} ${request.url()}: ${reason}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) {
      problems.push(`answer: ${response.status()} to ${response.request().method()} ${response.url()}`);
    }
  });
  return {
    expect: (message) => void expected.push(message),
    check() {
      const unexpected = problems.filter((problem) => !expected.some((message) => message.test(problem)));
      problems.length = 0;
      if (unexpected.length > 0) throw new Error(`In the page something went wrong:\n${unexpected.join('\n')}`);
    },
  };
}
