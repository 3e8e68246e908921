import { randomUUID } from 'node:crypto';
import { createServer as createSocketServer, type AddressInfo } from 'node:net';
import { pino } from 'pino';
import type { Permission } from '../../contract/permission.ts';
import { readConfig, type Config } from '../../src/config.ts';
import { insertApp } from '../../src/engine/app/app.ts';
import { NO_REDIRECT_URIS } from '../../src/engine/app/redirect-uris.ts';
import { generateSecret, keepGenerated } from '../../src/engine/app/secret.ts';
import { createTenant, ensureFirstTenant, type NewTenant } from '../../src/engine/tenant/create-tenant.ts';
import { inTenant, type Tenancy } from '../../src/engine/tenant/tenancy.ts';
import { SYSTEM } from '../../src/engine/tenant/tenant.ts';
import type { DeclaredRoute } from '../../src/http/access.ts';
import { createApp } from '../../src/http/app.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

/** An answer, its body parsed where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Tests look into it freely; what it should be is what they assert.
  readonly body: any;
}

export interface RequestOptions {
  /** A bearer token; null sends none. */
  readonly token?: string | null;
  /** Whom to ask as, where no token is given: a client with just these permissions. */
  readonly permissions?: readonly Permission[];
  /** The tenant of that client; the first one unless given. */
  readonly tenantId?: string;
  /** An object goes as JSON; a string goes as it is (with your own content-type). */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client that was made for a test. */
export interface TestClient {
  readonly appId: string;
  readonly objectId: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A real listening server on a database of its own, with a first tenant. */
export interface TestServer {
  readonly url: string;
  readonly config: Config;
  readonly db: TestDatabase;
  readonly tenantId: string;
  /** Every route there is. */
  readonly routes: readonly DeclaredRoute[];
  /** Another tenant; its id. */
  createTenant(tenant?: Partial<NewTenant>): Promise<string>;
  /** A new client of a tenant (the first one unless given), with a secret. */
  createClient(permissions: readonly Permission[], tenantId?: string): Promise<TestClient>;
  /** An access token with just these permissions, got by a real client-credentials call; the same one each time. */
  token(permissions: readonly Permission[], tenantId?: string): Promise<string>;
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** Closes the server; and the database, unless another server brought it. */
  close(): Promise<void>;
}

/**
 * Starts a server on a free loopback port.
 * @param options.beside a running one whose database and base URL to share: two servers of one installation
 */
export async function startTestServer(
  options: { beside?: TestServer; config?: Partial<Config> } = {},
): Promise<TestServer> {
  const { beside } = options;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config: Config = {
    ...readConfig({ PORT: String(port), AUTOCLAIM_BASE_URL: beside?.config.baseUrl ?? url }),
    ...options.config,
  };
  const db = beside?.db ?? (await createTestDatabase());
  const tenantId =
    beside?.tenantId ?? (await ensureFirstTenant(db, { name: 'Contoso', defaultDomain: 'contoso.example' }));
  const app = await createApp({ config, db }, pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' }));
  await app.listen({ host: '127.0.0.1', port });
  const tokens = new Map<string, Promise<string>>();

  const server: TestServer = {
    url,
    config,
    db,
    tenantId,
    routes: app.declaredRoutes,
    async createTenant(tenant = {}) {
      const name = randomUUID().slice(0, 8);
      const whole = {
        displayName: `Tenant ${name}`,
        defaultDomain: `${name}.example`,
        countryLetterCode: 'US',
        ...tenant,
      };
      return (await createTenant(asSystem(tenantId), whole, async () => undefined)).tenant.id;
    },
    async createClient(permissions, tenant = tenantId) {
      const [objectId, appId, clientSecret] = [randomUUID(), randomUUID(), generateSecret()];
      await inTenant(asSystem(tenant), async (tx) => {
        await insertApp(tx, {
          id: objectId,
          appId,
          clientId: appId,
          displayName: `Test client ${appId}`,
          requiredServicePlanIds: [],
          permissions: [...permissions],
          onRefusal: 'block',
          redirectUris: NO_REDIRECT_URIS,
          createdAt: tx.now,
        });
        const { hash, hint } = keepGenerated(clientSecret);
        const ends_at = new Date(tx.now.getTime() + 86_400_000);
        await tx.query
          .insertInto('app_secrets')
          .values({
            tenant_id: tenant,
            app_id: appId,
            key_id: randomUUID(),
            display_name: null,
            secret_hash: hash,
            hint,
            starts_at: tx.now,
            ends_at,
          })
          .execute();
      });
      return { appId, objectId, clientId: appId, clientSecret };
    },
    token(permissions, tenant = tenantId) {
      const key = [tenant, ...permissions.toSorted()].join();
      let token = tokens.get(key);
      if (!token) {
        token = server.createClient(permissions, tenant).then((client) => getToken(server, tenant, client));
        tokens.set(key, token);
      }
      return token;
    },
    async request(method, path, { token, permissions = [], tenantId: tenant, body, headers = {} } = {}) {
      const bearer = token === undefined ? await server.token(permissions, tenant) : token;
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
          ...(body !== undefined && typeof body !== 'string' && { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
        redirect: 'manual',
      });
      const text = await response.text();
      const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
      return {
        status: response.status,
        headers: response.headers,
        body: isJson && text ? (JSON.parse(text) as unknown) : text,
      };
    },
    async close() {
      await app.close();
      if (!beside) await db.close();
    },
  };
  return server;

  function asSystem(tenant: string): Tenancy {
    return { db, tenantId: tenant, actor: SYSTEM, correlationId: null };
  }
}

/** A client-credentials call, as any client makes it. */
export async function getToken(
  server: TestServer,
  tenantId: string,
  client: Pick<TestClient, 'clientId' | 'clientSecret'>,
): Promise<string> {
  const response = await fetch(`${server.url}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: client.clientSecret,
      scope: `${server.config.baseUrl}/.default`,
    }),
  });
  const answer = (await response.json()) as { access_token?: string };
  if (!answer.access_token) throw new Error(`No token: ${response.status} ${JSON.stringify(answer)}`);
  return answer.access_token;
}

async function freePort(): Promise<number> {
  const probe = createSocketServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
