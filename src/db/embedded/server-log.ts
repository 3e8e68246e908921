import { closeSync, openSync, readSync, renameSync, statSync } from 'node:fs';

/** Beyond this the log of earlier starts is put aside, as one file. */
const BYTES_MAX = 10 * 1024 * 1024;
const TAIL_BYTES = 16 * 1024;

/** Opens PostgreSQL's log for a new process to write on; the caller closes it. */
export function openServerLog(file: string): { handle: number; beginsAt: number } {
  const size = () => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size() > BYTES_MAX) renameSync(file, `${file}.1`);
  return { beginsAt: size(), handle: openSync(file, 'a', 0o600) };
}

/** What PostgreSQL said last of why it can't go on, since a place in its log. */
export function lastComplaint(file: string, since: number): string | undefined {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const from = Math.max(since, size - TAIL_BYTES);
  if (size <= from) return undefined;
  const buffer = Buffer.alloc(size - from);
  const handle = openSync(file, 'r');
  readSync(handle, buffer, 0, buffer.length, from);
  closeSync(handle);
  const lines = buffer.toString('utf8').split('\n').filter(Boolean);
  const complaint = lines.findLast((line) => /\b(FATAL|PANIC):/.test(line)) ?? lines.at(-1);
  return complaint?.replace(/^.*\b(FATAL|PANIC):\s*/, '');
}
