import { EXIT_FAILED, EXIT_FORBIDDEN, EXIT_NOT_FOUND, EXIT_NOT_SIGNED_IN, EXIT_UNAVAILABLE } from '../exit-codes.ts';

/** A command can't be carried out: the message says why and what to do, the code tells scripts. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT_FAILED, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** One of several things that are wrong, and where: the line of a file, the field in it. */
export interface FailureDetail {
  readonly line?: number;
  readonly target?: string;
  readonly message: string;
}

/** A request that didn't succeed, in the API's words (Graph's error envelope). */
export class ApiFailure extends CommandFailure {
  readonly status: number;
  readonly code: string;
  /** Finds the request in the server's log. */
  readonly requestId: string | undefined;
  readonly details: readonly FailureDetail[];

  constructor(
    status: number,
    code: string,
    message: string,
    requestId: string | undefined,
    details: readonly FailureDetail[] = [],
  ) {
    super(message, exitCodeOf(status));
    this.status = status;
    this.code = code;
    this.requestId = requestId;
    this.details = details;
  }
}

function exitCodeOf(status: number): number {
  if (status === 401) return EXIT_NOT_SIGNED_IN;
  if (status === 403) return EXIT_FORBIDDEN;
  if (status === 404) return EXIT_NOT_FOUND;
  return status === 429 || status >= 500 ? EXIT_UNAVAILABLE : EXIT_FAILED;
}

/** What can be read, or a substitute where whoever is signed in may not: names that are shown beside ids. */
export async function ifAllowed<T>(reading: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ApiFailure && error.status === 403) return otherwise;
    throw error;
  }
}

/** What a person is told: the sentence, then each finding on a line of its own. */
export function tellFailure(error: unknown): string {
  if (!(error instanceof ApiFailure)) return error instanceof Error ? error.message : String(error);
  if (error.status === 401) return 'Your sign-in is over. Sign in again: autoclaim login';
  const findings = error.details.map(({ line, target, message }) => {
    const where = [line === undefined ? '' : `line ${line}`, target ?? ''].filter(Boolean).join(', ');
    return `  ${where ? `${where}: ` : ''}${message}`;
  });
  const trace = error.status >= 500 && error.requestId ? [`request-id ${error.requestId}`] : [];
  return [error.message, ...findings, ...trace].join('\n');
}
