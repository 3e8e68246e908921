import type { FastifyBaseLogger } from 'fastify';
import type { AuthenticateToken } from './access.ts';
import { createServer, type Server, type ServerContext } from './server.ts';

/** The whole HTTP side: every route of every door. */
export async function createApp(context: ServerContext, log: FastifyBaseLogger, authenticate: AuthenticateToken): Promise<Server> {
  const server = await createServer(context.config, log, authenticate);
  await server.register(
    async (v1) => {
      void v1;
    },
    { prefix: '/v1.0' },
  );
  return server;
}
