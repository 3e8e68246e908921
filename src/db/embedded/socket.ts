import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PostgreSQL names its socket after a port, also where it listens on none. */
export const SOCKET_PORT = 5432;
export const SOCKET_NAME = `.s.PGSQL.${SOCKET_PORT}`;
/** The longest path of a Unix socket that Linux takes (sun_path, less its closing zero); macOS: 103. */
const SOCKET_PATH_BYTES_MAX = process.platform === 'linux' ? 107 : 103;

/** The folder for the socket: beside the data, or a short private one where that path is too long. */
export function socketFolderFor(data: string): string {
  const beside = `${data}-socket`;
  if (Buffer.byteLength(join(beside, SOCKET_NAME)) <= SOCKET_PATH_BYTES_MAX) return beside;
  return join(tmpdir(), `autoclaim-${createHash('sha256').update(data).digest('hex').slice(0, 16)}`);
}
