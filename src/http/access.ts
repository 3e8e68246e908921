import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Permission } from '../../contract/permission.ts';
import type { Actor } from '../engine/tenant/tenancy.ts';
import { ApiError } from './errors.ts';

/**
 * Who may call a route: anyone at all, any client of the tenant (the route looks at its permissions
 * itself), or whoever has one of these permissions.
 */
export type Access = 'anyone' | 'anyClient' | readonly Permission[];

/** Who is calling, as their token says. */
export interface Principal {
  readonly tenantId: string;
  readonly clientId: string;
  /** The app's appId. */
  readonly appId: string;
  readonly permissions: ReadonlySet<string>;
  readonly actor: Actor;
}

/** A route as it was registered: its method and path template, such as /v1.0/users/:user. */
export interface DeclaredRoute {
  readonly method: string;
  readonly path: string;
  readonly access: Access;
}

/** Reads an access token; undefined where it isn't one of ours, is forged, or is stale. */
export type AuthenticateToken = (token: string) => Promise<Principal | undefined>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Declared by every route; a route without it stops the server from starting. */
    access?: Access;
  }
  interface FastifyInstance {
    /** Every route there is, with what it needs: what is to be tested of all of them is tested of these. */
    declaredRoutes: readonly DeclaredRoute[];
  }
  interface FastifyRequest {
    /** Set on every route whose access isn't 'anyone'. */
    principal: Principal;
  }
}

/** Refuses whoever may not call a route, before anything of the request is looked at. */
export function guardRoutes(server: FastifyInstance, authenticate: AuthenticateToken): void {
  const declaredRoutes: DeclaredRoute[] = [];
  server.decorate('declaredRoutes', declaredRoutes);
  server.decorateRequest('principal');
  server.addHook('onRoute', (route) => {
    const access = route.config?.access;
    if (access === undefined) throw new Error(`${String(route.method)} ${route.url} declares no access.`);
    for (const method of [route.method].flat()) declaredRoutes.push({ method, path: route.url, access });
  });
  server.addHook('onRequest', async (request, reply) => {
    const access = request.routeOptions.config.access;
    if (access === 'anyone' || access === undefined) return;
    // What only some may read is kept by no proxy and no browser.
    reply.header('cache-control', 'no-store');
    const principal = await authenticate(bearerToken(request));
    if (!principal) throw unauthenticated('Access token validation failure.');
    if (access !== 'anyClient' && !access.some((permission) => grants(principal.permissions, permission))) {
      throw new ApiError(
        403,
        'Authorization_RequestDenied',
        `Insufficient privileges to complete the operation. One of these is needed: ${access.join(', ')}.`,
      );
    }
    request.principal = principal;
  });
}

/** Whether permissions reach: a ReadWrite permission covers Read. */
export function grants(permissions: ReadonlySet<string>, needed: Permission): boolean {
  return permissions.has(needed) || permissions.has(needed.replace('.Read.', '.ReadWrite.'));
}

function bearerToken(request: FastifyRequest): string {
  const header = request.headers.authorization;
  const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(header ?? '')?.[1];
  if (!token) throw unauthenticated('Access token is empty.');
  return token;
}

function unauthenticated(message: string): ApiError {
  return new ApiError(401, 'InvalidAuthenticationToken', message, {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}
