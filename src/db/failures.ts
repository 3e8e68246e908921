/** The store couldn't answer, or couldn't say whether it did: a 503 with Retry-After, never a guess. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

// PostgreSQL's classes of "not now": connection (08), resources (53: disk full, too many
// connections), operator intervention (57: shutdown, crash, cancelled), system error (58),
// read-only (25006: a standby that was promoted away from).
const UNAVAILABLE_STATES = /^(08|53|57|58)|^25006$|^XX00[012]$/;
const CONNECTION_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);
// node-postgres says these with a bare Error, without a code.
const CONNECTION_MESSAGES =
  /Connection terminated|Query read timeout|timeout expired|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable|Cannot use a pool after calling end/i;

/** Turns a failure of the connection or the server into StoreUnavailable; hands others back as they are. */
export function asStoreFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StoreUnavailable) return error;
  const code = sqlState(error) ?? '';
  if (UNAVAILABLE_STATES.test(code) || CONNECTION_CODES.has(code) || CONNECTION_MESSAGES.test(error.message)) {
    return new StoreUnavailable(`The database can't answer: ${error.message}`, { cause: error });
  }
  return error;
}

/** The SQLSTATE (or the system's error code) of a failed statement. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** The connection itself is no use any more: its server takes no writes now, or an answer may still come on it. */
export function isConnectionSpent(error: unknown): boolean {
  return sqlState(error) === '25006' || (error instanceof Error && error.message === 'Query read timeout');
}

/** A serialization failure or a deadlock: the same work, begun again, can succeed. */
export function isWorthRepeating(error: unknown): boolean {
  return ['40001', '40P01'].includes(sqlState(error) ?? '');
}

/** A unique key was taken by someone else in the meantime; constraint names the key. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (sqlState(error) !== '23505') return false;
  return constraint === undefined || (error as { constraint?: string }).constraint === constraint;
}
