import { pino, type DestinationStream, type Logger } from 'pino';

/** Names of values that no log line may carry, wherever they stand in what is logged. */
const SECRET_NAMES = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'secret',
  'secretText',
  'client_secret',
  'client_assertion',
  'access_token',
  'refresh_token',
  'id_token',
  'code',
  'private_jwk',
  'databaseUrl',
];
/** Deep enough for { req: { headers: { authorization } } }. */
const DEPTHS = ['', '*', '*.*'];

/**
 * The program's log, on stderr: a line of JSON for each event, or a short readable line where a
 * person looks at it (stderr is a terminal).
 */
export function openLog(level: string, destination = logDestination()): Logger {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: DEPTHS.flatMap((depth) => SECRET_NAMES.map((name) => `${depth}["${name}"]`)),
        censor: '[redacted]',
      },
      serializers: { err: describeError, error: describeError, req: describeRequest, res: describeReply },
    },
    destination,
  );
}

function logDestination(): DestinationStream {
  // Synchronous: what was logged last before a crash is what one wants to read.
  const stderr = pino.destination({ dest: 2, sync: true });
  if (!process.stderr.isTTY) return stderr;
  return { write: (line) => stderr.write(readableLine(line)) };
}

interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly msg?: string;
  readonly err?: { readonly stack?: string };
}

/** `09:41:07 warn  PostgreSQL has stopped unexpectedly` */
function readableLine(line: string): string {
  const { time, level, msg, err, ...rest } = JSON.parse(line) as LogLine;
  const details = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
  const stack = err?.stack ? `\n${err.stack}` : '';
  return `${time.slice(11, 19)} ${level.padEnd(5)} ${msg ?? ''}${details}${stack}\n`;
}

/**
 * Of an error only what is written for readers of logs: PostgreSQL's "detail" repeats rows, and
 * other errors carry the input that they are about.
 */
function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  const code = (error as { code?: unknown }).code;
  return {
    type: name,
    message,
    ...((typeof code === 'string' || typeof code === 'number') && { errorCode: code }),
    stack,
    ...(cause !== undefined && { cause: describeError(cause) }),
  };
}

/** Without its query: OpenID Connect puts codes and tokens there. */
function describeRequest(request: { id?: unknown; method?: string; url?: string }): object {
  return { id: request.id, method: request.method, path: request.url?.split('?', 1)[0] };
}

function describeReply(reply: { statusCode?: number }): object {
  return { status: reply.statusCode };
}
