import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import type { ImportErrors } from './import-errors.ts';

/** A line longer than this is no table: the longest of Microsoft's own has 2,000 bytes. Bounds what is held in memory. */
export const LINE_BYTES_MAX = 1024 * 1024;

const NEWLINE = 0x0a;

/**
 * Reads a stream as UTF-8 text, with or without byte order mark, in pieces of whole lines.
 * The stream is left open, whatever happens: a request's must be, for its answer to arrive.
 * @throws ImportRejected for another encoding, telling the line
 */
export async function* readText(input: Readable, errors: ImportErrors): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 1;
  let isBegun = false;
  for await (const chunk of input.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    let bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    if (!isBegun) {
      if (bytes.length < 3) {
        rest = bytes;
        continue;
      }
      isBegun = true;
      bytes = withoutByteOrderMark(bytes, errors);
    }
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    rest = bytes.subarray(end);
    if (end > 0) {
      const text = decode(bytes.subarray(0, end), line, errors);
      line += countLines(text);
      yield text;
    }
    if (rest.length > LINE_BYTES_MAX) throw errors.rejected(line, `A line has more than ${LINE_BYTES_MAX} bytes.`);
  }
  if (rest.length > 0) yield decode(isBegun ? rest : withoutByteOrderMark(rest, errors), line, errors);
}

function withoutByteOrderMark(bytes: Buffer, errors: ImportErrors): Buffer {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw errors.rejected(1, 'The file is in UTF-16. Save it as CSV UTF-8.');
  }
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

function decode(bytes: Buffer, firstLine: number, errors: ImportErrors): string {
  const hasNul = bytes.includes(0);
  if (!hasNul && isUtf8(bytes)) return bytes.toString('utf8');
  let line = firstLine;
  for (let at = 0; at < bytes.length; line += 1) {
    const end = bytes.indexOf(NEWLINE, at) + 1 || bytes.length;
    const part = bytes.subarray(at, end);
    if (part.includes(0))
      throw errors.rejected(
        line,
        'There is a NUL character: the file is not text, or not in UTF-8. Save it as CSV UTF-8.',
      );
    if (!isUtf8(part)) throw errors.rejected(line, 'This line is not valid UTF-8. Save the file as CSV UTF-8.');
    at = end;
  }
  throw new Error('Text that is not UTF-8 as a whole has a line that is not.');
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}
