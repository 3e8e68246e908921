import type { FastifyBaseLogger } from 'fastify';
import { createKeyRing } from '../signin/openid/key-ring.ts';
import { openidRoutes } from './openid.routes.ts';
import { createServer, type Server, type ServerContext } from './server.ts';
import { createTokenAuthentication } from './token-authentication.ts';
import { importProductRoutes } from './v1.0/import-products.routes.ts';
import { productRoutes } from './v1.0/products.routes.ts';

/** The whole HTTP side: every route of every door. */
export async function createApp(context: ServerContext, log: FastifyBaseLogger): Promise<Server> {
  const keyRing = createKeyRing(context.db);
  const server = await createServer(context.config, log, createTokenAuthentication(context.db, context.config, keyRing));
  await openidRoutes(server, context, keyRing);
  await server.register(
    async (v1) => {
      productRoutes(v1, context);
      await importProductRoutes(v1, context);
    },
    { prefix: '/v1.0' },
  );
  return server;
}
