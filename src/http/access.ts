import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Scope } from '../../contract/permission.ts';
import type { Actor } from '../engine/tenant/tenancy.ts';
import { ApiError } from './errors.ts';

/**
 * Who may call a route: anyone at all, any client of the tenant (the route looks at its permissions
 * itself), any person (no client: what is answered is the person's own), or whoever has one of
 * these permissions: clients by what they were granted, people by their roles.
 */
export type Access = 'anyone' | 'anyClient' | 'anyPerson' | readonly Scope[];

/** Who is calling, as their token says. */
export interface Principal {
  readonly tenantId: string;
  readonly clientId: string;
  /** The app's appId; the admin center, by which people call, has none but its client id. */
  readonly appId: string;
  /** Who calls, told from all others of the tenant: a client, or a person whatever the client. */
  readonly callerId: string;
  /** Set where it is a person. */
  readonly person: SignedInPerson | undefined;
  readonly permissions: ReadonlySet<string>;
  readonly actor: Actor;
}

/** A person who calls. */
export interface SignedInPerson {
  readonly userId: string;
  /** The session that the token is of; it ends with it. */
  readonly sessionUid: string;
  readonly roleIds: readonly string[];
}

/** A route as it was registered: its method and path template, such as /v1.0/users/:user. */
export interface DeclaredRoute {
  readonly method: string;
  readonly path: string;
  readonly access: Access;
  readonly people: People;
}

/** What people need where it isn't what clients need: nothing but to be signed in, or one of these. */
export type People = 'any' | readonly Scope[] | undefined;

/** Reads an access token; undefined where it isn't one of ours, is forged, or is stale. */
export type AuthenticateToken = (token: string) => Promise<Principal | undefined>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Declared by every route; a route without it stops the server from starting. */
    access?: Access;
    /** What people need, where it isn't what clients need. */
    people?: People;
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
    for (const method of [route.method].flat()) {
      declaredRoutes.push({ method, path: route.url, access, people: route.config?.people });
    }
  });
  server.addHook('onRequest', async (request, reply) => {
    const access = request.routeOptions.config.access;
    if (access === 'anyone' || access === undefined) return;
    // What only some may read is kept by no proxy and no browser.
    reply.header('cache-control', 'no-store');
    const principal = await authenticate(bearerToken(request));
    if (!principal) throw unauthenticated('Access token validation failure.');
    refuseWithout(principal, access, request.routeOptions.config.people);
    request.principal = principal;
  });
}

/** @throws ApiError 403 that says what would be needed */
function refuseWithout(principal: Principal, access: Exclude<Access, 'anyone'>, people: People): void {
  const refused = (why: string) =>
    new ApiError(403, 'Authorization_RequestDenied', `Insufficient privileges to complete the operation. ${why}`);
  const mayOneOf = (scopes: readonly Scope[]) => {
    if (scopes.some((scope) => grants(principal.permissions, scope))) return;
    if (!principal.person) throw refused(`One of these is needed: ${scopes.join(', ')}.`);
    throw refused(`None of your roles lets you do this (${scopes.join(', ')}).`);
  };
  if (principal.person) {
    if (access === 'anyPerson' || people === 'any') return;
    mayOneOf(people ?? (access === 'anyClient' ? [] : access));
  } else {
    if (access === 'anyClient') return;
    if (access === 'anyPerson') throw refused('This is for people: /me is whoever has signed in, and no app.');
    mayOneOf(access);
  }
}

/** Whether permissions reach: a ReadWrite permission covers Read. */
export function grants(permissions: ReadonlySet<string>, needed: Scope): boolean {
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
