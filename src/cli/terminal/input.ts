import { createReadStream, fstatSync, openSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { CommandFailure } from '../remote/failure.ts';
import { size } from '../words.ts';

/** Twelve times a second is as good as always. */
const SHOWN_EVERY_MS = 80;
const BAR_COLUMNS = 30;

/**
 * Opens a file, or standard input for "-", to be sent; where somebody looks on, a bar shows how far it is.
 * @throws CommandFailure where there is no such file
 */
export function openUpload(path: string): ReadableStream<Uint8Array> {
  const { stream, total } = path === '-' ? { stream: process.stdin, total: undefined } : openFile(path);
  const source = Readable.toWeb(stream) as ReadableStream<Uint8Array>;
  return process.stderr.isTTY ? source.pipeThrough(progress(total)) : source;
}

/** The text of a file, or of standard input for "-". @throws CommandFailure */
export function readText(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
}

function openFile(path: string): { stream: Readable; total: number } {
  try {
    const descriptor = openSync(path, 'r');
    const total = fstatSync(descriptor).size;
    return { stream: createReadStream(path, { fd: descriptor }), total };
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): CommandFailure {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'you may not read it' : message;
  return new CommandFailure(`${path} can't be read: ${reason}.`, undefined, { cause: error });
}

function progress(total: number | undefined): TransformStream<Uint8Array, Uint8Array> {
  let [sent, shownAt] = [0, 0];
  const show = (isLast: boolean) => {
    if (!isLast && performance.now() - shownAt < SHOWN_EVERY_MS) return;
    shownAt = performance.now();
    const share = total ? Math.min(1, sent / total) : 1;
    const filled = Math.round(share * BAR_COLUMNS);
    const bar = total
      ? `[${'='.repeat(filled)}${' '.repeat(BAR_COLUMNS - filled)}] ${Math.floor(share * 100)} % of ${size(total)}`
      : size(sent);
    process.stderr.write(`\r\x1b[K${isLast ? '' : bar}`);
  };
  return new TransformStream({
    transform(chunk, controller) {
      sent += chunk.byteLength;
      show(false);
      controller.enqueue(chunk);
    },
    flush: () => show(true),
  });
}
