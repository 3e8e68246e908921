import type { Config } from '../config.ts';

/** What a start tells the person at the terminal, who reads stdout. */
export function announce(config: Config): string {
  return ['', `Autoclaim is running at ${config.baseUrl}`, '', `  API reference   ${config.baseUrl}/docs`, ''].join(
    '\n',
  );
}
