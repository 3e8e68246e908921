import type { FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { PasswordReset } from '../../../contract/me.ts';
import type { Permission, Scope } from '../../../contract/permission.ts';
import { NewUser, User, UserPage, UserPatch, UserPath } from '../../../contract/user.ts';
import { findUserId } from '../../engine/directory/find-user.ts';
import { resetPassword } from '../../engine/directory/own-password.ts';
import type { UserValues } from '../../engine/directory/user.ts';
import { createUser, updateUser } from '../../engine/directory/write-user.ts';
import { deleteUser } from '../../engine/license/delete-user.ts';
import { endDeletedSubscriptions } from '../../engine/license/end-subscriptions.ts';
import { notFound } from '../../engine/refused.ts';
import { setUpAddress } from '../../signin/pages/addresses.ts';
import { grants, type Principal } from '../access.ts';
import { ApiError } from '../errors.ts';
import { answered, readCount, readEntity, readPage } from '../odata/page.ts';
import {
  parseCountQuery,
  parseEntityQuery,
  parseListQuery,
  rawQuery,
  refuseOptions,
  type EntityQuery,
} from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';
import { EXPANDABLE_USERS } from './expansions.ts';
import { namesInAnyCase } from './names-in-any-case.ts';
import { USER_RESOURCE } from './user-resource.ts';

const READ = { access: ['User.Read.All'] satisfies Permission[] };
const WRITE = { access: ['User.ReadWrite.All'] satisfies Permission[] };
/** A License Administrator sets where people use licenses, and nothing else of them. */
const PEOPLE_PATCH: Scope[] = ['User.ReadWrite.All', 'User.UsageLocation.ReadWrite.All'];
const tags = ['Users'];

/** The people of the organisation. */
export function userRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): void {
  const users = (request: FastifyRequest) =>
    db.query.selectFrom('users').where('users.tenant_id', '=', request.principal.tenantId);
  const idOf = (request: FastifyRequest, user: string) => findUserId(db, request.principal.tenantId, user);
  const read = async (request: FastifyRequest, id: string, query: EntityQuery) => {
    const found = await readEntity(users(request).where('user_id', '=', id), query, baseUrl);
    if (!found) throw notFound(id);
    return found;
  };
  // Whatever a query says of licenses, seats of a Deleted subscription have ended.
  const settleLicenses = (request: FastifyRequest) => endDeletedSubscriptions(tenancyOf(db, request));

  server.get(
    '/users',
    { config: READ, schema: { tags, summary: 'List users', response: { 200: answered(UserPage) } } },
    async (request) => {
      const list = parseListQuery(rawQuery(request), EXPANDABLE_USERS);
      await settleLicenses(request);
      return readPage(users(request), list, baseUrl);
    },
  );

  server.get(
    '/users/$count',
    { config: READ, schema: { tags, summary: 'Count users', response: { 200: Type.String() } } },
    async (request, reply) => {
      const conditions = parseCountQuery(rawQuery(request), USER_RESOURCE);
      await settleLicenses(request);
      return reply.type('text/plain').send(String(await readCount(users(request), conditions)));
    },
  );

  server.post(
    '/users',
    {
      config: WRITE,
      schema: { tags, summary: 'Add a user', body: NewUser, response: { 201: answered(User) } },
      preValidation: namesInAnyCase(NewUser),
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const { displayName, userPrincipalName } = request.body;
      const user = { ...valuesOf(request.body), displayName, userPrincipalName };
      const id = await createUser(tenancyOf(db, request), user, request.body.passwordProfile);
      return reply
        .status(201)
        .header('location', `${baseUrl}/v1.0/users/${id}`)
        .send(await read(request, id, { resource: USER_RESOURCE, select: undefined }));
    },
  );

  server.get(
    '/users/:user',
    {
      config: READ,
      schema: {
        tags,
        summary: 'Read a user, by id or user principal name',
        params: UserPath,
        response: { 200: answered(User) },
      },
    },
    async (request) => {
      const query = parseEntityQuery(rawQuery(request), EXPANDABLE_USERS);
      const id = await idOf(request, request.params.user);
      await settleLicenses(request);
      return read(request, id, query);
    },
  );

  server.patch(
    '/users/:user',
    {
      config: { ...WRITE, people: PEOPLE_PATCH },
      schema: { tags, summary: 'Change a user', params: UserPath, body: UserPatch, response: { 204: Type.Null() } },
      preValidation: namesInAnyCase(UserPatch),
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      refuseMoreThanLocation(request.principal, request.body);
      const id = await idOf(request, request.params.user);
      await updateUser(
        tenancyOf(db, request),
        id,
        valuesOf(request.body),
        request.body.passwordProfile,
        request.principal,
      );
      return reply.status(204).send(null);
    },
  );

  server.delete(
    '/users/:user',
    {
      config: WRITE,
      schema: { tags, summary: 'Delete a user; the licenses end', params: UserPath, response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      await deleteUser(tenancyOf(db, request), await idOf(request, request.params.user), request.principal);
      return reply.status(204).send(null);
    },
  );

  server.post(
    '/users/:user/resetPassword',
    {
      config: { ...WRITE, idempotency: 'secret answer' },
      schema: {
        tags,
        summary: "End a user's password and sessions, for a link by which they set a new one",
        params: UserPath,
        response: { 200: PasswordReset },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const { principal } = request;
      const tenancy = tenancyOf(db, request);
      const id = await idOf(request, request.params.user);
      const { token, expiresAt } = await resetPassword(tenancy, id, principal, principal.person?.userId);
      return {
        '@odata.context': `${baseUrl}/v1.0/$metadata#users/resetPassword`,
        setUpLink: setUpAddress(baseUrl, tenancy.tenantId, token),
        expiresDateTime: expiresAt.toISOString(),
      };
    },
  );
}

/** @throws ApiError 403 that names what goes too far */
function refuseMoreThanLocation({ permissions }: Principal, body: UserPatch): void {
  if (grants(permissions, 'User.ReadWrite.All')) return;
  const further = Object.keys(body).filter((name) => name !== 'usageLocation' && name !== '@odata.type');
  if (further.length === 0) return;
  throw new ApiError(
    403,
    'Authorization_RequestDenied',
    `Insufficient privileges to complete the operation. Your roles let you set usageLocation alone, not ${further.join(', ')}.`,
  );
}

/** A body's values as the engine knows them. */
function valuesOf(body: Static<typeof UserPatch>): Partial<UserValues> {
  const { '@odata.type': _type, passwordProfile: _profile, passwordPolicies, ...values } = body;
  return {
    ...values,
    ...(passwordPolicies !== undefined && {
      isPasswordNeverExpiring: passwordPolicies?.includes('DisablePasswordExpiration') ?? false,
    }),
  };
}
