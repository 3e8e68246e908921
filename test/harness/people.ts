import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { DIRECTORY_ROLES } from '../../src/engine/directory/roles.ts';
import type { TestServer } from './server.ts';

export const ADMIN_CENTER = 'autoclaim-admin-center';
export type RoleName =
  | 'Global Administrator'
  | 'License Administrator'
  | 'User Administrator'
  | 'Billing Administrator'
  | 'Global Reader'
  | 'Groups Administrator'
  | 'Reports Reader';

/** A user who can sign in. */
export interface TestPerson {
  readonly id: string;
  readonly tenantId: string;
  readonly userPrincipalName: string;
  readonly password: string;
}

/** What the admin center has got once somebody has signed in. */
export interface SignedIn {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
  readonly browser: Browser;
}

/** A browser as far as signing in needs one: it keeps cookies, by name and path, and follows nothing by itself. */
export interface Browser {
  readonly cookies: readonly {
    readonly name: string;
    readonly value: string;
    readonly path: string;
    readonly text: string;
  }[];
  /** Puts a cookie there, as whoever can write cookies of the host could. */
  plant(name: string, value: string): void;
  get(address: string): Promise<Response>;
  post(address: string, form: Readonly<Record<string, string>>): Promise<Response>;
}

/** A role's id by its name. */
export function roleId(name: RoleName): string {
  return DIRECTORY_ROLES.find(({ displayName }) => displayName === name)!.id;
}

/** Adds a user with a password, holding these roles. By SQL, so that nothing else of the server is needed. */
export async function addPerson(
  server: TestServer,
  roles: readonly RoleName[] = [],
  more: { readonly tenantId?: string; readonly columns?: Readonly<Record<string, unknown>> } = {},
): Promise<TestPerson> {
  const { tenantId = server.tenantId, columns = {} } = more;
  const [id, password] = [randomUUID(), `pass ${randomBytes(9).toString('base64url')}`];
  const row: Record<string, unknown> = {
    user_principal_name: `${id}@contoso.example`,
    display_name: `Person ${id.slice(0, 8)}`,
    usage_location: 'DE',
    password_hash: await cheapHash(password),
    ...columns,
  };
  const names = Object.keys(row);
  await server.db.pool.query(
    `insert into users (tenant_id, user_id, created_at, ${names.join()})
     values ($1, $2, now(), ${names.map((_, index) => `$${index + 3}`).join()})`,
    [tenantId, id, ...Object.values(row)],
  );
  await server.db.pool.query('insert into directory_role_members select $1, unnest($2::uuid[]), $3, now()', [
    tenantId,
    roles.map(roleId),
    id,
  ]);
  return { id, tenantId, userPrincipalName: row['user_principal_name'] as string, password };
}

/** argon2id too, but quick. */
export function cheapHash(password: string): Promise<string> {
  return hash(password, { memoryCost: 1_024, timeCost: 1, parallelism: 1 });
}

/** Signs a person in to the admin center, by the real pages and the real code flow. */
export async function signIn(server: TestServer, person: TestPerson, browser = openBrowser(server)): Promise<SignedIn> {
  const request = authorizeRequest(server, person.tenantId);
  const page = await follow(browser, request.address);
  const { userPrincipalName: userName, password } = person;
  const answer = await browser.post(page.url, { userName, password });
  const tokens = await redeem(server, request, await followToApp(browser, server, answer));
  return { ...tokens, browser };
}

const tokens = new WeakMap<TestServer, Map<string, Promise<string>>>();

/** An access token of a person with just these roles; the same one each time. */
export function personToken(
  server: TestServer,
  roles: readonly RoleName[],
  tenantId = server.tenantId,
): Promise<string> {
  const ofServer = tokens.get(server) ?? new Map<string, Promise<string>>();
  tokens.set(server, ofServer);
  const key = [tenantId, ...roles.toSorted()].join();
  let token = ofServer.get(key);
  if (!token) {
    token = addPerson(server, roles, { tenantId })
      .then((person) => signIn(server, person))
      .then(({ accessToken }) => accessToken);
    ofServer.set(key, token);
  }
  return token;
}

/** A request for a code, as the admin center makes it. */
export interface AuthorizeRequest {
  readonly address: string;
  readonly tenant: string;
  readonly verifier: string;
  readonly state: string;
  readonly redirectUri: string;
}

export function authorizeRequest(
  server: TestServer,
  tenant: string = server.tenantId,
  changed: Readonly<Record<string, string | undefined>> = {},
): AuthorizeRequest {
  const [verifier, state] = [randomBytes(32).toString('base64url'), randomUUID()];
  const redirectUri = `${server.config.baseUrl}/auth/callback`;
  const parameters = {
    client_id: ADMIN_CENTER,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: `openid profile offline_access ${server.config.baseUrl}/.default`,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state,
    nonce: randomUUID(),
    ...changed,
  };
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const address = `${server.url}/${tenant}/oauth2/v2.0/authorize?${new URLSearchParams(given).toString()}`;
  return { address, tenant, verifier, state, redirectUri };
}

/** Follows redirects within the server until a page comes. */
export async function follow(browser: Browser, address: string): Promise<{ url: string; response: Response }> {
  for (let url = address, hops = 0; hops < 10; hops += 1) {
    const response = await browser.get(url);
    if (response.status !== 303 && response.status !== 302) return { url, response };
    url = new URL(response.headers.get('location')!, url).href;
  }
  throw new Error(`Too many redirects from ${address}`);
}

/** Follows redirects until they lead to the app; the address there. */
export async function followToApp(browser: Browser, server: TestServer, first: Response): Promise<URL> {
  const app = `${server.config.baseUrl}/auth/callback`;
  for (let response = first, hops = 0; hops < 10; hops += 1) {
    const location = response.headers.get('location');
    if (!location) assert.fail(`no redirect but ${response.status} ${await response.text()}`);
    if (location.startsWith(app)) return new URL(location);
    response = await browser.get(location);
  }
  throw new Error('Too many redirects');
}

/** Gets the tokens for a code; fails where there is none. */
export async function redeem(server: TestServer, request: AuthorizeRequest, callback: URL) {
  const { status, body } = await tokenRequest(server, request.tenant, {
    grant_type: 'authorization_code',
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: request.redirectUri,
    code_verifier: request.verifier,
  });
  assert.equal(status, 200, JSON.stringify([callback.href, body]));
  return {
    accessToken: body.access_token as string,
    idToken: body.id_token as string,
    refreshToken: body.refresh_token as string,
  };
}

/** A token request of the admin center. */
export async function tokenRequest(server: TestServer, tenant: string, form: Readonly<Record<string, string>>) {
  const response = await fetch(`${server.url}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: ADMIN_CENTER, ...form }),
  });
  return { status: response.status, body: (await response.json()) as any };
}

/** Where a server is, and what it says that its address is. */
export interface ServerAddress {
  readonly url: string;
  readonly config: { readonly baseUrl: string };
}

export function openBrowser(server: ServerAddress): Browser {
  const { baseUrl } = server.config;
  const jar = new Map<string, { name: string; value: string; path: string; text: string }>();
  const send = async (address: string, init: RequestInit): Promise<Response> => {
    // What is addressed to the installation goes to this very server.
    const url = new URL(address.replace(baseUrl, server.url));
    const cookies = [...jar.values()].filter(
      ({ path }) => url.pathname === path || url.pathname.startsWith(path.replace(/\/?$/, '/')),
    );
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        ...(cookies.length > 0 && { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') }),
      },
    });
    for (const text of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(text)!;
      const path = /;\s*path=([^;]+)/i.exec(text)?.[1] ?? '/';
      const key = `${name} ${path}`;
      if (/expires=Thu, 01 Jan 1970/i.test(text)) jar.delete(key);
      else jar.set(key, { name: name!, value: value!, path, text });
    }
    // Read to its end, so that nothing holds up the server's close.
    const { status, headers } = response;
    return new Response((await response.text()) || null, { status, headers });
  };
  return {
    get cookies() {
      return [...jar.values()];
    },
    plant: (name, value) => void jar.set(`${name} /`, { name, value, path: '/', text: '' }),
    get: (address) => send(address, { method: 'GET' }),
    post: (address, form) => send(address, { method: 'POST', body: new URLSearchParams(form) }),
  };
}
