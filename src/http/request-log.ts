import type { FastifyBaseLogger } from 'fastify';

type Method = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent' | 'child';
type Make = () => FastifyBaseLogger;

/**
 * A request's logger (its lines carry the request's id), made when it first has something to log.
 * Few requests have, and making one, with its redaction, takes longer than checking their token.
 */
export class RequestLog {
  readonly #make: Make;
  #made: FastifyBaseLogger | undefined;

  constructor(make: Make) {
    this.#make = make;
  }

  get #log(): FastifyBaseLogger {
    return (this.#made ??= this.#make());
  }

  get level(): string {
    return this.#log.level;
  }

  set level(level: string) {
    this.#log.level = level;
  }

  static {
    for (const method of ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent', 'child'] satisfies Method[]) {
      Object.defineProperty(RequestLog.prototype, method, {
        value(this: RequestLog, ...given: unknown[]) {
          return (this.#log[method] as (...all: unknown[]) => unknown)(...given);
        },
      });
    }
  }
}

/** Fastify's childLoggerFactory. */
export function logOfRequest(
  log: FastifyBaseLogger,
  ...bindings: Parameters<FastifyBaseLogger['child']>
): FastifyBaseLogger {
  return new RequestLog(() => log.child(...bindings)) as unknown as FastifyBaseLogger;
}
