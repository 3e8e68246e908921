import { ApiError, errorBody, RETRY_AFTER_SECONDS } from './errors.ts';
import type { Server } from './server.ts';

const STOPPING = new ApiError(503, 'ServiceUnavailable', 'This server is stopping. Nothing was done; try again.');

/**
 * While a server closes, what was asked before is answered as ever. What still comes on
 * connections that are open is refused (instead of Fastify's own answer, which has neither our form
 * nor Retry-After), and its connection closed.
 */
export function refuseWhileStopping(server: Server): void {
  let isStopping = false;
  server.addHook('preClose', (done) => {
    isStopping = true;
    done();
  });
  server.addHook('onRequest', (request, reply, done) => {
    if (!isStopping) {
      done();
      return;
    }
    void reply
      .status(503)
      .headers({ 'retry-after': String(RETRY_AFTER_SECONDS), connection: 'close' })
      .send(errorBody(STOPPING, request));
  });
}
