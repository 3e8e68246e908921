import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { CsvSource } from '../engine/import/csv-rows.ts';
import { ApiError, badRequest } from './errors.ts';
import type { Server } from './server.ts';

/** A million users of the admin center's export have some 300 MB. */
const CSV_BYTES_MAX = 1024 * 1024 * 1024;
// A spooled file is gone when its request ends, so one that is found was left by a crash: the name says whose.
const SPOOL_PREFIX = 'autoclaim-import-';

/** Lets the routes of this (encapsulated) server take text/csv: the body stays a stream. All others answer 415. */
export function acceptCsv(server: Server): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(/^text\/csv\b/i, (_request, body, done) => {
    done(null, body);
  });
}

/**
 * Takes a CSV body to a temporary file, then lets work read it, as often as it needs to. So a
 * slow client holds a file and not a database connection, and memory is bounded.
 * @throws ApiError 413 for a body beyond CSV_BYTES_MAX, 415 where there is none, 400 where it breaks off
 */
export async function withCsvBody<T>(request: FastifyRequest, work: (source: CsvSource) => Promise<T>): Promise<T> {
  const body = request.body as Readable | null | undefined;
  if (!body) {
    const message = 'Send the CSV file as the body, with Content-Type: text/csv.';
    throw new ApiError(415, 'Request_UnsupportedMediaType', message);
  }
  if (Number(request.headers['content-length']) > CSV_BYTES_MAX) throw tooLarge();
  const path = join(tmpdir(), SPOOL_PREFIX + randomUUID());
  const file = await open(path, 'wx', 0o600);
  const streams: Readable[] = [];
  try {
    for await (const chunk of limited(body)) await file.appendFile(chunk);
    return await work(() => {
      const opened = createReadStream(path);
      streams.push(opened);
      return opened;
    });
  } finally {
    // Work that was refused half-way through the file has left its stream open.
    for (const stream of streams) stream.destroy();
    await file.close();
    await rm(path, { force: true });
  }
}

async function* limited(body: Readable): AsyncGenerator<Buffer> {
  let size = 0;
  // The request's stream stays open, whatever happens, for the answer to arrive.
  const chunks = body.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer, undefined>;
  for (;;) {
    const { value, done } = await chunks.next().catch(() => {
      throw badRequest('The body broke off.');
    });
    if (done) return;
    size += value.length;
    if (size > CSV_BYTES_MAX) throw tooLarge();
    yield value;
  }
}

function tooLarge(): ApiError {
  return new ApiError(413, 'Request_EntityTooLarge', `The file has more than ${CSV_BYTES_MAX} bytes.`);
}
