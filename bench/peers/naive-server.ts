import Fastify from 'fastify';
import { pino } from 'pino';
import { v7 as newId } from 'uuid';
import { readConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/db/open.ts';
import { createTokenAuthentication } from '../../src/http/token-authentication.ts';
import { createKeyRing } from '../../src/signin/openid/key-ring.ts';
import { NAIVE_STEPS, numbered } from './naive-transaction.ts';

// A peer: sign-ins on a plain Fastify with the same authentication, each a naive transaction with
// node-postgres. Its arguments are the product and the policy.

const config = readConfig();
const [sku, policy] = process.argv.slice(2);
const log = pino({ level: 'error' }, pino.destination(2));
const db = openDatabase({ connectionString: config.databaseUrl }, (err) => log.error({ err }));
const authenticate = createTokenAuthentication(db, config, createKeyRing(db));
const steps = Object.entries(NAIVE_STEPS).map(([name, sql]) => ({ name, ...numbered(sql) }));
const server = Fastify({ loggerInstance: log });

server.post<{ Body: { appId: string; userPrincipalName: string } }>('/v1.0/signIns', async (request, reply) => {
  const principal = await authenticate((request.headers.authorization ?? '').replace(/^Bearer /, ''));
  if (!principal) return reply.status(401).send();
  const tenant = principal.tenantId;
  const { appId, userPrincipalName } = request.body;
  const { rows } = await db.pool.query<{ user_id: string }>({
    name: 'find-user',
    text: 'select user_id from users where tenant_id = $1 and lower(user_principal_name) = lower($2)',
    values: [tenant, userPrincipalName],
  });
  const person = rows[0]?.user_id;
  if (!person) return { outcome: 'refused', reason: 'unknownUser' };
  const claim = newId();
  const values: Record<string, unknown> = { tenant, sku, policy, person, claim, app: appId, name: userPrincipalName };
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    for (const { name, text, names } of steps) {
      const { rows: found } = await client.query<{ free?: number; held?: number }>({
        name,
        text,
        values: names.map((one) => values[one]),
      });
      const isRefused = (name === 'lock' && found[0]!.free! <= 0) || (name === 'check' && found[0]!.held! > 0);
      if (!isRefused) continue;
      await client.query('rollback');
      return { outcome: name === 'lock' ? 'refused' : 'licensed' };
    }
    await client.query('commit');
    return { outcome: 'claimed', claimId: claim, userId: person, skuId: sku, policyId: policy };
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
});

process.once('SIGTERM', () => void server.close().then(() => db.close()));
await server.listen({ host: config.host, port: config.port });
