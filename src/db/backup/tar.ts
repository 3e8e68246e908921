import { BackupRefused } from './refusal.ts';

// As much of the tar format (POSIX ustar) as a back-up needs: plain files with short names. Written
// so that any tar reads it. Read strictly: what this doesn't write, it refuses, so that a hostile
// file has no long names, links, sparse maps or extended headers to try its luck with.

const BLOCK = 512;
/** The largest size that the header's eleven octal digits hold. */
const SIZE_MAX = 8 ** 11 - 1;

/** One file of an archive. Its body must be read whole before the next entry is asked for. */
export interface TarEntry {
  readonly name: string;
  readonly size: number;
  readonly body: AsyncIterable<Buffer>;
}

/** A file of an archive: its header, the content, and what fills its last block. */
export function* packFile(name: string, content: readonly Buffer[], modifiedAt: Date): Generator<Buffer> {
  const size = content.reduce((sum, part) => sum + part.length, 0);
  yield header(name, size, modifiedAt);
  yield* content;
  const rest = size % BLOCK;
  if (rest > 0) yield Buffer.alloc(BLOCK - rest);
}

/** What every archive ends with. */
export const END_OF_ARCHIVE = Buffer.alloc(2 * BLOCK);

/**
 * The files of an archive, one after another.
 * @throws BackupRefused where it is anything but what packFile and END_OF_ARCHIVE give
 */
export async function* readFiles(bytes: AsyncIterable<Buffer>): AsyncGenerator<TarEntry, void> {
  const source = new ByteSource(bytes);
  for (;;) {
    const block = await source.exactly(BLOCK);
    if (block.every((byte) => byte === 0)) break;
    const { name, size } = readHeader(block);
    yield { name, size, body: source.next(size) };
    const rest = size % BLOCK;
    if (rest > 0) await source.exactly(BLOCK - rest);
  }
  await source.exactly(BLOCK);
  if (await source.hasMore()) throw new BackupRefused('It goes on after its end.');
}

function header(name: string, size: number, modifiedAt: Date): Buffer {
  if (Buffer.byteLength(name) > 100 || size > SIZE_MAX) throw new Error(`No file of a back-up: ${name}, ${size}`);
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(name, 0);
  block.write(octal(0o600, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(Math.floor(modifiedAt.getTime() / 1000), 11), 136);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  block.write(octal(checksum(block), 6), 148);
  block[155] = 0x20;
  return block;
}

function readHeader(block: Buffer): { name: string; size: number } {
  const text = (from: number, length: number) => {
    const field = block.toString('latin1', from, from + length);
    const end = field.indexOf('\0');
    return end < 0 ? field : field.slice(0, end);
  };
  const isOurs = text(257, 6) === 'ustar' && text(156, 1) === '0' && text(345, 155) === '';
  const size = text(124, 12);
  if (!isOurs || !/^[0-7]{11}$/.test(size) || Number.parseInt(text(148, 8), 8) !== checksum(block)) {
    throw new BackupRefused('It is no archive that a back-up makes.');
  }
  return { name: text(0, 100), size: Number.parseInt(size, 8) };
}

/** The sum of the header's bytes, its own field counted as spaces. */
function checksum(block: Buffer): number {
  return block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}

/** Bytes by number, of a stream of pieces. */
class ByteSource {
  readonly #pieces: AsyncIterator<Buffer>;
  #piece: Buffer = Buffer.alloc(0);

  constructor(bytes: AsyncIterable<Buffer>) {
    this.#pieces = bytes[Symbol.asyncIterator]();
  }

  /** The next so many bytes, in pieces; going on with it later is going on where it was left. */
  async *next(count: number): AsyncGenerator<Buffer, void> {
    for (let left = count; left > 0;) {
      if (!(await this.hasMore())) throw new BackupRefused('It is cut short.');
      const part = this.#piece.subarray(0, left);
      this.#piece = this.#piece.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  async exactly(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.next(count)) parts.push(part);
    return Buffer.concat(parts);
  }

  async hasMore(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const next = await this.#pieces.next();
      if (next.done) return false;
      this.#piece = next.value;
    }
    return true;
  }
}
