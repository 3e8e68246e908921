import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../db/open.ts';
import { ApiError, RETRY_AFTER_SECONDS } from './errors.ts';
import type { Metrics } from './metrics.ts';
import type { Server, ServerContext } from './server.ts';

const READY_WITHIN_MS = 1_000;
const tags = ['System'];

/** For whoever runs the server: is it alive, can it decide, how is it doing. */
export function systemRoutes(server: Server, { db }: Pick<ServerContext, 'db'>, metrics: Metrics): void {
  const canDecide = readiness(db);

  server.get(
    '/healthz',
    {
      config: { access: 'anyone' },
      schema: { tags, summary: 'Is the process alive? 200 whatever the database does' },
    },
    (_request, reply) => reply.type('text/plain; charset=utf-8').send('alive\n'),
  );

  server.get(
    '/readyz',
    {
      config: { access: 'anyone' },
      schema: { tags, summary: 'Can it decide? 200 where the database answers within a second, else 503' },
    },
    async (_request, reply) => {
      if (!(await canDecide())) {
        throw new ApiError(503, 'ServiceUnavailable', 'The database has not answered within a second.', {
          headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
        });
      }
      return reply.type('text/plain; charset=utf-8').send('ready\n');
    },
  );

  server.get(
    '/metrics',
    { config: { access: 'anyone' }, schema: { tags, summary: 'Measurements, in the text format of Prometheus' } },
    async (_request, reply) => {
      const { text, contentType } = await metrics.read();
      return reply.type(contentType).send(text);
    },
  );
}

/** One query at a time: asking often, of a database that hangs, must not use up the connections. */
function readiness({ pool }: Database): () => Promise<boolean> {
  let pending: Promise<boolean> | undefined;
  return () => {
    pending ??= pool
      .query('select from verified_domains limit 1')
      .then(
        () => true,
        () => false,
      )
      .finally(() => {
        pending = undefined;
      });
    return Promise.race([pending, sleep(READY_WITHIN_MS, false, { ref: false })]);
  };
}
