import type { FastifyRequest } from 'fastify';
import { Group, GroupLicenses, GroupPath, LicenseErrorPage } from '../../../contract/group.ts';
import { AssignLicense } from '../../../contract/license.ts';
import type { Permission } from '../../../contract/permission.ts';
import { UserPage } from '../../../contract/user.ts';
import { assignLicensesToGroup, reprocessGroup } from '../../engine/license/assign-to-group.ts';
import { endDeletedSubscriptions } from '../../engine/license/end-subscriptions.ts';
import { readGroupLicensingState } from '../../engine/license/group-overview.ts';
import { notFound } from '../../engine/refused.ts';
import { answered, readEntity, readPage } from '../odata/page.ts';
import { parseListQuery, rawQuery, refuseOptions } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';
import { assignmentOf, withoutNulls } from './assign-license-body.ts';
import { GROUP_RESOURCE } from './group-resource.ts';
import {
  GROUP_LICENSE_ERROR_RESOURCE,
  licenseErrorsOfGroup,
  usersInErrorOfGroup,
} from './group-license-errors-resource.ts';
import { USER_RESOURCE } from './user-resource.ts';

const READ = { access: ['Group.Read.All', 'LicenseAssignment.Read.All'] satisfies Permission[] };
const ASSIGN = { access: ['LicenseAssignment.ReadWrite.All', 'Group.ReadWrite.All'] satisfies Permission[] };
const tags = ['Groups'];

/** What groups give their members (FACTS.md, "Group-based licensing"). */
export function groupLicenseRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): void {
  const groupOf = (request: FastifyRequest, id: string) =>
    db.query.selectFrom('groups').where('groups.tenant_id', '=', request.principal.tenantId).where('group_id', '=', id);
  const read = async (request: FastifyRequest, id: string) => {
    const query = { resource: GROUP_RESOURCE, select: undefined };
    const found = await readEntity(groupOf(request, id), query, baseUrl);
    if (!found) throw notFound(id);
    return found;
  };

  server.post(
    '/groups/:id/assignLicense',
    {
      config: ASSIGN,
      schema: {
        tags,
        summary: 'Set what a group gives its members, all of it or none; many get it in the background',
        params: GroupPath,
        body: AssignLicense,
        response: { 202: answered(Group) },
      },
      preValidation: async (request) => {
        request.body = withoutNulls(request.body);
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const { add, remove } = assignmentOf(request.body);
      const id = request.params.id.toLowerCase();
      const tenancy = tenancyOf(db, request);
      await endDeletedSubscriptions(tenancy);
      await assignLicensesToGroup(tenancy, id, add, remove);
      return reply
        .status(202)
        .header('location', `${baseUrl}/v1.0/groups/${id}`)
        .send(await read(request, id));
    },
  );

  server.post(
    '/groups/:id/reprocessLicenseAssignment',
    {
      config: ASSIGN,
      schema: {
        tags,
        summary: 'Look again at what a group gives its members, and mend what can be; many in the background',
        params: GroupPath,
        response: { 202: answered(Group) },
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const id = request.params.id.toLowerCase();
      const tenancy = tenancyOf(db, request);
      await endDeletedSubscriptions(tenancy);
      await reprocessGroup(tenancy, id);
      return reply
        .status(202)
        .header('location', `${baseUrl}/v1.0/groups/${id}`)
        .send(await read(request, id));
    },
  );

  server.get(
    '/groups/:id/licenses',
    {
      config: READ,
      schema: {
        tags,
        summary: 'What a group gives its members, and how far that has come',
        params: GroupPath,
        response: { 200: GroupLicenses },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const tenancy = tenancyOf(db, request);
      await endDeletedSubscriptions(tenancy);
      const { licenses, ...state } = await readGroupLicensingState(db, tenancy.tenantId, request.params.id);
      return {
        '@odata.context': `${baseUrl}/v1.0/$metadata#groups/licenses`,
        ...state,
        value: licenses.map(({ assignedAt, disabledPlans, ...license }) => ({
          ...license,
          disabledPlans: [...disabledPlans],
          assignedDateTime: assignedAt.toISOString(),
        })),
      };
    },
  );

  server.get(
    '/groups/:id/licenseErrors',
    {
      config: READ,
      schema: {
        tags,
        summary: 'List what members have not got of what the group gives, and why',
        params: GroupPath,
        response: { 200: answered(LicenseErrorPage) },
      },
    },
    async (request) => {
      const list = parseListQuery(rawQuery(request), GROUP_LICENSE_ERROR_RESOURCE);
      const { id } = request.params;
      await read(request, id);
      return readPage(licenseErrorsOfGroup(db.query, request.principal.tenantId, id), list, baseUrl);
    },
  );

  server.get(
    '/groups/:id/membersWithLicenseErrors',
    {
      config: { access: ['Group.Read.All', 'User.Read.All'] satisfies Permission[] },
      schema: {
        tags,
        summary: 'List members who have not all that the group gives',
        params: GroupPath,
        response: { 200: answered(UserPage) },
      },
    },
    async (request) => {
      const list = parseListQuery(rawQuery(request), USER_RESOURCE);
      const { id } = request.params;
      await read(request, id);
      return readPage(usersInErrorOfGroup(db.query, request.principal.tenantId, id), list, baseUrl);
    },
  );
}
