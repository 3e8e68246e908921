import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);

/** A file of the built web app, ready to be sent. */
export interface WebFile {
  readonly type: string;
  readonly etag: string;
  readonly bytes: Buffer;
  readonly gzipped: Buffer;
}

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/**
 * Reads the files of a built web app as they are asked for, and keeps them, compressed once. Only
 * names that stand in the folder are read: an address is never taken for a path.
 */
export class WebFiles {
  readonly #folder: string;
  readonly #kept = new Map<string, Promise<WebFile>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param name within the folder, with slashes; undefined where it isn't there */
  async find(name: string): Promise<WebFile | undefined> {
    const kept = this.#kept.get(name);
    if (kept) return kept;
    if (!(await this.#names()).includes(name)) return undefined;
    const file = this.#read(name);
    // A new build gives its assets new names and this one new content.
    if (name !== 'index.html') this.#kept.set(name, file);
    file.catch(() => this.#kept.delete(name));
    return file;
  }

  async #names(): Promise<string[]> {
    try {
      const names = await readdir(this.#folder, { recursive: true });
      return names.map((name) => name.replaceAll('\\', '/')).filter((name) => extname(name) in TYPES);
    } catch {
      return [];
    }
  }

  async #read(name: string): Promise<WebFile> {
    const bytes = await readFile(join(this.#folder, name));
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
    return { type: TYPES[extname(name)]!, etag, bytes, gzipped: await compress(bytes, { level: 9 }) };
  }
}
