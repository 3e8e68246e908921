import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { parseManifest, type Manifest } from './manifest.ts';
import { BackupRefused } from './refusal.ts';
import { readFiles, type TarEntry } from './tar.ts';
import { Tally } from './tally.ts';

const PART_NAME = /^tables\/([a-z_][a-z0-9_]{0,62})\/(\d{6})\.tsv$/;
const READ_BYTES = 256 * 1024;
const MANIFEST_BYTES_MAX = 4 * 1024 * 1024;
/** Rows of ids, names and times shrink to a fifth or a tenth. What unfolds beyond this is made to fill a disk. */
const RATIO_MAX = 200;
const RATIO_FREE_BYTES = 64 * 1024 * 1024;

/** Is given the tables of a back-up one by one, and reads each one's rows to their end. */
export type TableVisitor = (name: string, rows: AsyncIterable<Buffer>) => Promise<void>;

/**
 * Reads a back-up from its first byte to its last, and compares every table with what the manifest
 * says of it. Memory stays the same for a file of any size.
 * @param visit given the rows as they come: they may only be believed when this returns
 * @throws BackupRefused where the file is damaged, cut short, newer than this version, or none of ours
 */
export async function readBackup(
  handle: FileHandle,
  visit: TableVisitor = skip,
  signal?: AbortSignal,
): Promise<Manifest> {
  let manifest: Manifest | undefined;
  try {
    await pipeline(
      Readable.from(piecesOf(handle), { objectMode: false }),
      createGunzip(),
      async (unfolded: AsyncIterable<Buffer>) => {
        manifest = await readArchive(limited(unfolded, (await handle.stat()).size), visit);
      },
      { signal },
    );
  } catch (error) {
    signal?.throwIfAborted();
    throw explainDamage(error);
  }
  return manifest!;
}

async function readArchive(bytes: AsyncIterable<Buffer>, visit: TableVisitor): Promise<Manifest> {
  const files = readFiles(bytes);
  const found = new Map<string, ReturnType<Tally['close']>>();
  const next = async () => (await files.next()).value ?? undefined;
  let file = await next();

  async function* rowsOf(table: string): AsyncGenerator<Buffer, void> {
    for (let number = 1; file && tableOf(file) === table; number += 1) {
      if (Number(PART_NAME.exec(file.name)?.[2]) !== number) throw new BackupRefused(`${file.name} is out of order.`);
      yield* file.body;
      file = await next();
    }
  }

  for (let table = file && tableOf(file); table !== undefined; table = file && tableOf(file)) {
    if (found.has(table)) throw new BackupRefused(`The table ${table} is in it twice.`);
    const tally = new Tally();
    await visit(table, tally.over(rowsOf(table)));
    found.set(table, tally.close());
  }
  if (file?.name !== 'manifest.json') {
    throw new BackupRefused(file ? `${JSON.stringify(file.name)} has no place in it.` : 'It has no manifest.');
  }
  const manifest = parseManifest(await readText(file));
  if (await next()) throw new BackupRefused('It goes on after its manifest.');
  compare(manifest, found);
  return manifest;
}

function compare(manifest: Manifest, found: ReadonlyMap<string, ReturnType<Tally['close']>>): void {
  const stray = [...found.keys()].find((name) => !manifest.tables.some((table) => table.name === name));
  if (stray !== undefined) throw new BackupRefused(`Its manifest knows no table ${stray}.`);
  for (const { name, rows, bytes, sha256 } of manifest.tables) {
    const its = found.get(name);
    if (!its) throw new BackupRefused(`The table ${name} is missing.`);
    if (its.rows !== rows || its.bytes !== bytes || its.sha256 !== sha256) {
      throw new BackupRefused(`The rows of ${name} are not those that were backed up.`);
    }
  }
}

function tableOf(file: TarEntry): string | undefined {
  return PART_NAME.exec(file.name)?.[1];
}

async function readText(file: TarEntry): Promise<string> {
  if (file.size > MANIFEST_BYTES_MAX) throw new BackupRefused('Its manifest is too large.');
  const parts: Buffer[] = [];
  for await (const part of file.body) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

async function* piecesOf(handle: FileHandle): AsyncGenerator<Buffer, void> {
  for (let position = 0; ;) {
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.allocUnsafe(READ_BYTES), position });
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function* limited(pieces: AsyncIterable<Buffer>, fileBytes: number): AsyncGenerator<Buffer, void> {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > RATIO_FREE_BYTES + RATIO_MAX * fileBytes) {
      throw new BackupRefused('It unfolds to far more than a back-up of its size could.');
    }
    yield piece;
  }
}

async function skip(_name: string, rows: AsyncIterable<Buffer>): Promise<void> {
  for await (const _part of rows);
}

/** zlib's own words mean little to who restores. */
function explainDamage(error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  if (code === 'Z_BUF_ERROR') return new BackupRefused('It is cut short.', { cause: error });
  if (typeof code === 'string' && code.startsWith('Z_')) {
    return new BackupRefused(`It is damaged, or no back-up at all (${(error as Error).message}).`, { cause: error });
  }
  return error;
}
