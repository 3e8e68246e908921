import Fastify from 'fastify';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/db/open.ts';
import { createTokenAuthentication } from '../../src/http/token-authentication.ts';
import { createKeyRing } from '../../src/signin/openid/key-ring.ts';
import { CONSTANT_ANSWER } from './constant-answer.ts';

// A peer: Fastify as it comes, with nothing of ours but the authentication, answering a constant.

const config = readConfig();
const log = pino({ level: 'error' }, pino.destination(2));
const db = openDatabase({ connectionString: config.databaseUrl }, (err) => log.error({ err }));
const authenticate = createTokenAuthentication(db, config, createKeyRing(db));
const server = Fastify({ loggerInstance: log });

server.post('/v1.0/signIns', async (request, reply) => {
  const principal = await authenticate((request.headers.authorization ?? '').replace(/^Bearer /, ''));
  return principal ? CONSTANT_ANSWER : reply.status(401).send();
});

process.once('SIGTERM', () => void server.close().then(() => db.close()));
await server.listen({ host: config.host, port: config.port });
