import { Type } from 'typebox';
import { AssignLicense, LicenseDetailsPage } from '../../../contract/license.ts';
import type { Permission } from '../../../contract/permission.ts';
import { OwnLicenseList } from '../../../contract/me.ts';
import { User } from '../../../contract/user.ts';
import { findUserId } from '../../engine/directory/find-user.ts';
import { assignLicenses } from '../../engine/license/assign.ts';
import { endDeletedSubscriptions } from '../../engine/license/end-subscriptions.ts';
import { readOwnLicenses } from '../../engine/license/own-licenses.ts';
import { badRequest } from '../errors.ts';
import { answered, readEntity, readPage } from '../odata/page.ts';
import { parseListQuery, rawQuery, refuseOptions } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';
import { heldLicenseAnswer } from './held-license-answer.ts';
import { LICENSE_DETAILS_RESOURCE, licensesOfUser } from './license-details-resource.ts';
import { USER_RESOURCE } from './user-resource.ts';

const READ: Permission[] = ['LicenseAssignment.Read.All', 'User.Read.All'];
const ASSIGN: Permission[] = ['LicenseAssignment.ReadWrite.All', 'User.ReadWrite.All'];
const tags = ['Licenses'];
const UserPath = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 256, description: 'id or user principal name' }),
});
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What a user holds, and assignment by hand (FACTS.md, "assignLicense"). */
export function licenseRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): void {
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
      const user = db.query.selectFrom('users').where('tenant_id', '=', tenancy.tenantId).where('user_id', '=', userId);
      return (await readEntity(user, { resource: USER_RESOURCE, select: undefined }, baseUrl))!;
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

/** No body, or null in it, is a parameter left out: that is told in Graph's words (assignmentOf), not the schema's. */
function withoutNulls(body: unknown): AssignLicense {
  if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body))) return body as object;
  return Object.fromEntries(Object.entries(body ?? {}).filter(([, value]) => value !== null));
}

/**
 * What is to be added and removed, ids in lower case.
 * @throws ApiError 400 in Graph's words
 */
function assignmentOf(body: AssignLicense) {
  const missing = (['addLicenses', 'removeLicenses'] as const).filter((name) => body[name] === undefined);
  if (missing.length > 0) {
    throw badRequest(
      `One or more parameters of the operation 'assignLicense' are missing from the request payload. The missing parameters are: ${missing.join(', ')}.`,
    );
  }
  const add = body.addLicenses!.map(({ skuId, disabledPlans = [] }, index) => ({
    skuId: guid(skuId, `addLicenses[${index}].skuId`),
    disabledPlans: [
      ...new Set(disabledPlans.map((plan, at) => guid(plan, `addLicenses[${index}].disabledPlans[${at}]`))),
    ],
  }));
  const remove = body.removeLicenses!.map((skuId, index) => guid(skuId, `removeLicenses[${index}]`));
  const skuIds = [...add.map((license) => license.skuId), ...remove];
  const twice = skuIds.find((skuId, index) => skuIds.indexOf(skuId) < index);
  if (twice) throw badRequest(`License ${twice} is named twice in addLicenses and removeLicenses.`);
  return { add, remove };
}

function guid(text: string, field: string): string {
  if (GUID.test(text)) return text.toLowerCase();
  throw badRequest(
    `${field}: Cannot convert a primitive value to the expected type 'Edm.Guid'. See the inner exception for more details.`,
  );
}
