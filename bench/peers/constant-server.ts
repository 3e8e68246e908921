import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/db/open.ts';
import { createServer } from '../../src/http/server.ts';
import { createTokenAuthentication } from '../../src/http/token-authentication.ts';
import { createKeyRing } from '../../src/signin/openid/key-ring.ts';
import { CONSTANT_ANSWER } from './constant-answer.ts';

// A peer: our own HTTP server, with all its hooks and its authentication, answering a constant.

const config = readConfig();
const log = pino({ level: 'error' }, pino.destination(2));
const db = openDatabase({ connectionString: config.databaseUrl }, (err) => log.error({ err }));
const server = await createServer(config, log, createTokenAuthentication(db, config, createKeyRing(db)));

server.post('/v1.0/signIns', { config: { access: 'anyClient' } }, async () => CONSTANT_ANSWER);

process.once('SIGTERM', () => void server.close().then(() => db.close()));
await server.listen({ host: config.host, port: config.port });
