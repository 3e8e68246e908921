import { createHash } from 'node:crypto';
import type { TableContent } from './manifest.ts';

const NEWLINE = 0x0a;

/** Counts and sums up a table's rows as they pass. In COPY's text form a line is a row: values have no line ends. */
export class Tally {
  #rows = 0;
  #bytes = 0;
  readonly #hash = createHash('sha256');

  add(part: Buffer): void {
    this.#bytes += part.length;
    this.#hash.update(part);
    for (let at = part.indexOf(NEWLINE); at >= 0; at = part.indexOf(NEWLINE, at + 1)) this.#rows += 1;
  }

  /** Passes the parts on, counted. */
  async *over(parts: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
    for await (const part of parts) {
      this.add(part);
      yield part;
    }
  }

  /** Only once: the sum is closed. */
  close(): Pick<TableContent, 'rows' | 'bytes' | 'sha256'> {
    return { rows: this.#rows, bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }
}
