import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { DirectoryRoleList } from '../../../contract/directory-role.ts';
import { GroupPage } from '../../../contract/group.ts';
import { LicenseDetailsPage } from '../../../contract/license.ts';
import { ChangePassword, OwnLicenseList, OwnPermissions } from '../../../contract/me.ts';
import { User } from '../../../contract/user.ts';
import { changePassword } from '../../engine/directory/own-password.ts';
import { endDeletedSubscriptions } from '../../engine/license/end-subscriptions.ts';
import { readOwnLicenses } from '../../engine/license/own-licenses.ts';
import { notFound } from '../../engine/refused.ts';
import type { SignedInPerson } from '../access.ts';
import { ApiError, badRequest } from '../errors.ts';
import { answered, readEntity, readPage } from '../odata/page.ts';
import { parseEntityQuery, parseListQuery, rawQuery, refuseOptions } from '../odata/query.ts';
import { waitMessage } from '../../signin/pages/message-pages.ts';
import { addressOf } from '../../signin/request-address.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';
import { rolesHeld } from './directory-role-resource.ts';
import { heldLicenseAnswer } from './held-license-answer.ts';
import { LICENSE_DETAILS_RESOURCE, licensesOfUser } from './license-details-resource.ts';
import { groupsOfUser, MEMBER_OF_RESOURCE } from './member-resource.ts';
import { USER_RESOURCE } from './user-resource.ts';

const config = { access: 'anyPerson' as const };
const tags = ['Me'];

/** What whoever has signed in may see and do of their own, with no role at all. */
export function meRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): void {
  const context = (of: string) => `${baseUrl}/v1.0/$metadata#${of}`;

  server.get(
    '/me',
    { config, schema: { tags, summary: 'Read yourself', response: { 200: answered(User) } } },
    async (request) => {
      const query = parseEntityQuery(rawQuery(request), USER_RESOURCE);
      await endDeletedSubscriptions(tenancyOf(db, request));
      const { userId } = person(request);
      const own = db.query
        .selectFrom('users')
        .where('users.tenant_id', '=', request.principal.tenantId)
        .where('users.user_id', '=', userId);
      const found = await readEntity(own, query, baseUrl);
      if (!found) throw notFound(userId);
      return found;
    },
  );

  server.get(
    '/me/permissions',
    { config, schema: { tags, summary: 'What your roles let you do', response: { 200: OwnPermissions } } },
    (request) => {
      refuseOptions(rawQuery(request));
      const { permissions } = request.principal;
      return {
        '@odata.context': context('me/permissions'),
        permissions: [...permissions].toSorted(),
        directoryRoles: rolesHeld(person(request).roleIds),
      };
    },
  );

  server.get(
    '/me/licenses',
    {
      config,
      schema: {
        tags,
        summary: 'What you hold, since when and why, and which apps it opens',
        response: { 200: OwnLicenseList },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      await endDeletedSubscriptions(tenancyOf(db, request));
      const licenses = await readOwnLicenses(db, request.principal.tenantId, person(request).userId);
      return { '@odata.context': context('me/licenses'), value: licenses.map(heldLicenseAnswer) };
    },
  );

  server.get(
    '/me/licenseDetails',
    { config, schema: { tags, summary: 'List what you hold', response: { 200: answered(LicenseDetailsPage) } } },
    async (request) => {
      const list = parseListQuery(rawQuery(request), LICENSE_DETAILS_RESOURCE);
      await endDeletedSubscriptions(tenancyOf(db, request));
      return readPage(licensesOfUser(db.query, request.principal.tenantId, person(request).userId), list, baseUrl);
    },
  );

  server.get(
    '/me/memberOf',
    { config, schema: { tags, summary: 'List the groups that you are in', response: { 200: answered(GroupPage) } } },
    (request) => {
      const list = parseListQuery(rawQuery(request), MEMBER_OF_RESOURCE);
      return readPage(groupsOfUser(db.query, request.principal.tenantId, person(request).userId), list, baseUrl);
    },
  );

  server.get(
    '/me/memberOf/microsoft.graph.directoryRole',
    { config, schema: { tags, summary: 'List the roles that you hold', response: { 200: DirectoryRoleList } } },
    (request) => {
      refuseOptions(rawQuery(request));
      return { '@odata.context': context('directoryObjects'), value: rolesHeld(person(request).roleIds) };
    },
  );

  server.post(
    '/me/changePassword',
    {
      config: { ...config, idempotency: 'none' },
      schema: {
        tags,
        summary: 'Change your password; your other sessions end',
        body: ChangePassword,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const { actor } = request.principal;
      const userName = actor.kind === 'user' ? actor.userPrincipalName : '';
      const { currentPassword, newPassword } = request.body;
      const change = await changePassword(
        tenancyOf(db, request),
        { userName, address: addressOf(request) },
        { current: currentPassword, new: newPassword },
        person(request).sessionUid,
      );
      switch (change.outcome) {
        case 'changed':
          return reply.status(204).send(null);
        case 'wait':
          throw new ApiError(429, 'TooManyRequests', waitMessage(change.seconds), {
            headers: { 'retry-after': String(change.seconds) },
          });
        case 'wrong':
        case 'blocked':
          throw badRequest('currentPassword: The password is wrong.');
      }
    },
  );
}

/** The guard has seen to it that there is one (access: 'anyPerson'). */
function person(request: FastifyRequest): SignedInPerson {
  return request.principal.person!;
}
