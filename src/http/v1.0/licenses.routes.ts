import { Type } from 'typebox';
import { AssignLicense, LicenseDetailsPage } from '../../../contract/license.ts';
import type { Permission } from '../../../contract/permission.ts';
import { OwnLicenseList } from '../../../contract/me.ts';
import { User } from '../../../contract/user.ts';
import { findUserId } from '../../engine/directory/find-user.ts';
import { assignLicenses } from '../../engine/license/assign.ts';
import { endDeletedSubscriptions } from '../../engine/license/end-subscriptions.ts';
import { readOwnLicenses } from '../../engine/license/own-licenses.ts';
import { reprocessUser } from '../../engine/license/reprocess-user.ts';
import { notFound } from '../../engine/refused.ts';
import { answered, readEntity, readPage } from '../odata/page.ts';
import { parseListQuery, rawQuery, refuseOptions } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';
import { assignmentOf, withoutNulls } from './assign-license-body.ts';
import { heldLicenseAnswer } from './held-license-answer.ts';
import { LICENSE_DETAILS_RESOURCE, licensesOfUser } from './license-details-resource.ts';
import { USER_RESOURCE } from './user-resource.ts';

const READ: Permission[] = ['LicenseAssignment.Read.All', 'User.Read.All'];
const ASSIGN: Permission[] = ['LicenseAssignment.ReadWrite.All', 'User.ReadWrite.All'];
const tags = ['Licenses'];
const UserPath = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 256, description: 'id or user principal name' }),
});

/** What a user holds, and assignment by hand (FACTS.md, "assignLicense"). */
export function licenseRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): void {
  const readUser = async (tenantId: string, userId: string) => {
    const user = db.query.selectFrom('users').where('tenant_id', '=', tenantId).where('user_id', '=', userId);
    const found = await readEntity(user, { resource: USER_RESOURCE, select: undefined }, baseUrl);
    if (!found) throw notFound(userId);
    return found;
  };

  server.post(
    '/users/:id/assignLicense',
    {
      config: { access: ASSIGN },
      schema: {
        tags,
        summary: 'Assign and unassign products, all of it or none',
        params: UserPath,
        body: AssignLicense,
        response: { 200: answered(User) },
      },
      preValidation: async (request) => {
        request.body = withoutNulls(request.body);
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const { add, remove } = assignmentOf(request.body);
      const tenancy = tenancyOf(db, request);
      const userId = await findUserId(db, tenancy.tenantId, request.params.id);
      await endDeletedSubscriptions(tenancy);
      await assignLicenses(tenancy, userId, add, remove);
      return readUser(tenancy.tenantId, userId);
    },
  );

  server.post(
    '/users/:id/reprocessLicenseAssignment',
    {
      config: { access: ASSIGN },
      schema: {
        tags,
        summary: 'Look again at what the groups of a user give, and mend what can be',
        params: UserPath,
        response: { 200: answered(User) },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const tenancy = tenancyOf(db, request);
      const userId = await findUserId(db, tenancy.tenantId, request.params.id);
      await endDeletedSubscriptions(tenancy);
      await reprocessUser(tenancy, userId);
      return readUser(tenancy.tenantId, userId);
    },
  );

  server.get(
    '/users/:id/licenses',
    {
      config: { access: READ },
      schema: {
        tags,
        summary: 'What a user holds, since when, and every path of it',
        params: UserPath,
        response: { 200: OwnLicenseList },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const tenancy = tenancyOf(db, request);
      const userId = await findUserId(db, tenancy.tenantId, request.params.id);
      await endDeletedSubscriptions(tenancy);
      const licenses = await readOwnLicenses(db, tenancy.tenantId, userId);
      return { '@odata.context': `${baseUrl}/v1.0/$metadata#users/licenses`, value: licenses.map(heldLicenseAnswer) };
    },
  );

  server.get(
    '/users/:id/licenseDetails',
    {
      config: { access: READ },
      schema: {
        tags,
        summary: 'List what a user holds',
        params: UserPath,
        response: { 200: answered(LicenseDetailsPage) },
      },
    },
    async (request) => {
      const list = parseListQuery(rawQuery(request), LICENSE_DETAILS_RESOURCE);
      const tenancy = tenancyOf(db, request);
      const userId = await findUserId(db, tenancy.tenantId, request.params.id);
      await endDeletedSubscriptions(tenancy);
      return readPage(licensesOfUser(db.query, tenancy.tenantId, userId), list, baseUrl);
    },
  );
}
