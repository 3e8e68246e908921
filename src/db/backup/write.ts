import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { readMigrations } from '../migrations.ts';
import type { Connection } from '../open.ts';
import { FORMAT, type Manifest, type TableContent } from './manifest.ts';
import { writePrivateFile } from './private-file.ts';
import { withSession } from './session.ts';
import { openSnapshot, type Snapshot } from './snapshot.ts';
import { END_OF_ARCHIVE, packFile } from './tar.ts';
import { Tally } from './tally.ts';

/** What is held in memory of a table at a time; each such part is a file of the archive. */
const PART_BYTES = 4 * 1024 * 1024;
/** Two thirds of the time that zlib's default takes, for a file that is a few percent larger. */
const COMPRESSION_LEVEL = 4;

export interface WriteOptions {
  /** Of Autoclaim: what the manifest says. */
  readonly version: string;
  readonly mayReplace: boolean;
  readonly signal?: AbortSignal;
  readonly migrations?: Awaited<ReturnType<typeof readMigrations>>;
  /** Told when a table is done. */
  readonly onTable?: (table: TableContent) => void;
}

export interface WrittenBackup {
  readonly manifest: Manifest;
  /** Of the file. */
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Writes all of a database, as of one moment, into a file: tables/<name>/<part>.tsv for each table,
 * then manifest.json, as a compressed tar archive. Needs about 50 MB, however large the database.
 * @throws BackupRefused, StoreUnavailable
 */
export async function writeBackup(connection: Connection, path: string, options: WriteOptions): Promise<WrittenBackup> {
  const migrations = options.migrations ?? (await readMigrations());
  return writePrivateFile(path, options.mayReplace, (handle) =>
    withSession(connection, options.signal, async (client) => {
      const snapshot = await openSnapshot(client, migrations);
      const backup = { manifest: undefined as Manifest | undefined, bytes: 0 };
      const hash = createHash('sha256');
      await pipeline(
        Readable.from(
          archive(snapshot, options, (manifest) => (backup.manifest = manifest)),
          { objectMode: false },
        ),
        createGzip({ level: COMPRESSION_LEVEL }),
        (compressed: AsyncIterable<Buffer>) =>
          handle.writeFile(summed(compressed, hash, (bytes) => (backup.bytes += bytes))),
        { signal: options.signal },
      );
      await client.query('commit');
      return { manifest: backup.manifest!, bytes: backup.bytes, sha256: hash.digest('hex') };
    }),
  );
}

async function* archive(
  snapshot: Snapshot,
  { version, onTable }: WriteOptions,
  onManifest: (manifest: Manifest) => void,
): AsyncGenerator<Buffer, void> {
  const now = new Date();
  const tables: TableContent[] = [];
  for (const table of snapshot.tables) {
    const tally = new Tally();
    let number = 0;
    for await (const part of inParts(tally.over(snapshot.copy(table)))) {
      number += 1;
      yield* packFile(`tables/${table.name}/${String(number).padStart(6, '0')}.tsv`, part, now);
    }
    const content = { name: table.name, columns: [...table.columns], ...tally.close() };
    tables.push(content);
    onTable?.(content);
  }
  const { postgresql, migrations, sequences } = snapshot;
  const manifest: Manifest = {
    application: 'autoclaim',
    format: FORMAT,
    version,
    createdDateTime: now.toISOString(),
    postgresql,
    migrations,
    tables,
    sequences,
  };
  onManifest(manifest);
  yield* packFile('manifest.json', [Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)], now);
  yield END_OF_ARCHIVE;
}

/** At least one, also of nothing: an empty table shows in the archive. */
async function* inParts(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer[], void> {
  let part: Buffer[] = [];
  let size = 0;
  let isFirst = true;
  for await (const piece of pieces) {
    part.push(piece);
    size += piece.length;
    if (size < PART_BYTES) continue;
    yield part;
    [part, size, isFirst] = [[], 0, false];
  }
  if (size > 0 || isFirst) yield part;
}

async function* summed(
  pieces: AsyncIterable<Buffer>,
  hash: Hash,
  count: (bytes: number) => void,
): AsyncGenerator<Buffer, void> {
  for await (const piece of pieces) {
    hash.update(piece);
    count(piece.length);
    yield piece;
  }
}
