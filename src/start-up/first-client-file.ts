import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Config } from '../config.ts';
import type { Credentials } from '../engine/app/first-client.ts';

/**
 * The file with the first client's id and secret, for the person who started the server: shell
 * variables, so that `. data/first-client.env` gives them to curl.
 */
export class FirstClientFile {
  readonly #path: string;

  constructor(config: Pick<Config, 'dataDirectory'>) {
    this.#path = join(config.dataDirectory, 'first-client.env');
  }

  /** As one would type it where the server was started. */
  get shownPath(): string {
    const fromHere = relative(process.cwd(), this.#path);
    return fromHere.startsWith('..') ? this.#path : fromHere;
  }

  /** Whose secret the file holds; undefined where there is no such file. */
  get clientId(): string | undefined {
    if (!existsSync(this.#path)) return undefined;
    return /^AUTOCLAIM_CLIENT_ID=(.*)$/m.exec(readFileSync(this.#path, 'utf8'))?.[1] ?? '';
  }

  /** A file of another database is kept beside, under its client's name: it may be the only copy. */
  write({ clientId, clientSecret }: Credentials, tenantDomain: string, baseUrl: string): void {
    const other = this.clientId;
    if (other !== undefined) renameSync(this.#path, this.#path.replace(/\.env$/, `-${other.slice(-12) || 'old'}.env`));
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const text = [
      '# The first client, which has every permission. Keep this file to yourself.',
      `AUTOCLAIM_URL=${baseUrl}`,
      `AUTOCLAIM_TENANT=${tenantDomain}`,
      `AUTOCLAIM_CLIENT_ID=${clientId}`,
      `AUTOCLAIM_CLIENT_SECRET=${clientSecret}`,
      '',
    ].join('\n');
    // "wx": made by us with this mode, or not at all.
    writeFileSync(this.#path, text, { mode: 0o600, flag: 'wx' });
  }
}
