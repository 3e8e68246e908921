import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedFailure } from './failure.ts';

/** Stands in a data folder whose database has moved to a PostgreSQL of somebody's own. */
const NAME = 'postgresql-moved.json';

interface Moved {
  readonly to: string;
  readonly at: string;
}

/** @param to for people: where it is now, without a password */
export function markMoved(dataDirectory: string, to: string): void {
  const moved: Moved = { to, at: new Date().toISOString() };
  writeFileSync(join(dataDirectory, NAME), `${JSON.stringify(moved)}\n`, { mode: 0o600 });
}

/**
 * Two databases that both go on from the same moment give out the same seats twice.
 * @throws EmbeddedFailure where the database has moved
 */
export function refuseMoved(dataDirectory: string): void {
  const file = join(dataDirectory, NAME);
  let moved: Moved;
  try {
    moved = JSON.parse(readFileSync(file, 'utf8')) as Moved;
  } catch {
    return;
  }
  throw new EmbeddedFailure(
    `The database of ${dataDirectory} moved to ${moved.to} on ${moved.at}. Set DATABASE_URL to it. To go back to the data of that moment instead, delete ${file}.`,
  );
}
