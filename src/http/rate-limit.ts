import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Config } from '../config.ts';
import { ApiError } from './errors.ts';
import type { Server } from './server.ts';

// How many requests one caller may make, so that a script that runs wild takes no turn from anybody
// else. Sign-ins have no part in it, by whatever door: a person who waits is not sent away.

declare module 'fastify' {
  interface FastifyContextConfig {
    /** 'never': this route is under no limit. */
    rateLimit?: 'never';
  }
}

/** Who has been quiet may ask so many seconds' worth at once. */
const BURST_SECONDS = 10;
/** From so much of it on, answers say how much is used, as Graph's do. */
const TOLD_FROM = 0.8;
const CALLERS_MAX = 10_000;

/** What a caller has left, as of a moment. */
interface Allowance {
  left: number;
  at: number;
}

/** What became of asking for one request. */
export interface Taken {
  /** Of what may be asked at once: 0 to 1, and more where it is too much. */
  readonly used: number;
  /** 0: it may be made. */
  readonly waitSeconds: number;
}

/** Counts requests by caller: each may ask at a steady rate, and BURST_SECONDS of it at once. */
export class RateLimit {
  readonly #perSecond: number;
  readonly #callers = new LRUCache<string, Allowance>({ max: CALLERS_MAX });

  /** @param perSecond requests of one caller in this process */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  get atOnce(): number {
    return this.#perSecond * BURST_SECONDS;
  }

  /** @param now milliseconds of a clock that only goes on */
  take(caller: string, now: number): Taken {
    const allowance = this.#callers.get(caller) ?? { left: this.atOnce, at: now };
    const left = Math.min(this.atOnce, allowance.left + ((now - allowance.at) / 1_000) * this.#perSecond);
    const isAllowed = left >= 1;
    this.#callers.set(caller, { left: isAllowed ? left - 1 : left, at: now });
    const used = 1 - (left - 1) / this.atOnce;
    return { used, waitSeconds: isAllowed ? 0 : Math.max(1, Math.ceil((1 - left) / this.#perSecond)) };
  }
}

/** Puts the API's routes under the limit: each app and each person by itself, in each tenant. */
export function limitRates(server: Server, { requestsPerSecond }: Pick<Config, 'requestsPerSecond'>): void {
  if (requestsPerSecond === 0) return;
  const limit = new RateLimit(requestsPerSecond);
  // By route, so that sign-ins have nothing to run through.
  server.addHook('onRoute', (route) => {
    const { access, rateLimit } = route.config ?? {};
    if (access === 'anyone' || rateLimit === 'never' || !route.path.startsWith('/v1.0/')) return;
    route.onRequest = [[route.onRequest ?? []].flat(), refuseTooMany].flat();
  });

  async function refuseTooMany(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { tenantId, callerId, appId } = request.principal;
    const { used, waitSeconds } = limit.take(`${tenantId}/${callerId}`, performance.now());
    if (used >= TOLD_FROM) void reply.header('x-ms-throttle-limit-percentage', used.toFixed(2));
    if (waitSeconds === 0) return;
    const isReading = request.method === 'GET' || request.method === 'HEAD';
    throw new ApiError(
      429,
      'TooManyRequests',
      `Too many requests. Try again in ${waitSeconds} s; ${limit.atOnce} may be made at once, and ${requestsPerSecond} a second.`,
      {
        headers: {
          'retry-after': String(waitSeconds),
          'x-ms-throttle-scope': `Tenant_Application/${isReading ? 'Read' : 'ReadWrite'}/${appId}/${tenantId}`,
          'x-ms-throttle-information': 'ResourceUnitLimitExceeded',
        },
      },
    );
  }
}
