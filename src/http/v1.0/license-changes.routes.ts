import {
  LicenseChange,
  LicenseChangePreview,
  LicenseChangeResults,
  type LicenseChangeResults as Results,
} from '../../../contract/license-change.ts';
import type { Permission } from '../../../contract/permission.ts';
import type { LicenseChange as Change } from '../../engine/license/assignment-checks.ts';
import { changeLicensesOfMany, previewChangeOfMany } from '../../engine/license/change-many.ts';
import { endDeletedSubscriptions } from '../../engine/license/end-subscriptions.ts';
import { badRequest, toAnswer } from '../errors.ts';
import { rawQuery, refuseOptions } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';

const ASSIGN: Permission[] = ['LicenseAssignment.ReadWrite.All', 'User.ReadWrite.All'];
const tags = ['Licenses'];
const PATH = '/admin/licenseChanges';

/** Assigns, unassigns and moves for many people at once. */
export function licenseChangeRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): void {
  const context = `${baseUrl}/v1.0/$metadata#${PATH.slice(1)}`;

  server.post(
    PATH,
    {
      // To ask again does nothing again: who has what is wanted keeps it.
      config: { access: ASSIGN, idempotency: 'none' },
      schema: {
        tags,
        summary: 'Assign and unassign products for many people; for each of them all of it or none',
        body: LicenseChange,
        response: { 200: LicenseChangeResults },
      },
    },
    async (request): Promise<Results> => {
      refuseOptions(rawQuery(request));
      const { userIds, change } = wantedOf(request.body);
      const tenancy = tenancyOf(db, request);
      await endDeletedSubscriptions(tenancy);
      const value: Results['value'] = [];
      try {
        for await (const { userId, refusal } of changeLicensesOfMany(tenancy, userIds, change)) {
          value.push({ userId, status: refusal ? 'refused' : 'done', message: refusal?.message ?? null });
        }
      } catch (error) {
        // What was done before is told all the same.
        const { message } = toAnswer(error, request);
        for (const [index, userId] of userIds.slice(value.length).entries()) {
          value.push({ userId, status: index === 0 ? 'unknown' : 'notTried', message });
        }
      }
      return { '@odata.context': context, value };
    },
  );

  server.post(
    `${PATH}/preview`,
    {
      config: { access: ASSIGN, idempotency: 'none' },
      schema: {
        tags,
        summary: 'What such a change would come to: people, seats, refusals; changes nothing',
        body: LicenseChange,
        response: { 200: LicenseChangePreview },
      },
    },
    async (request): Promise<LicenseChangePreview> => {
      refuseOptions(rawQuery(request));
      const { userIds, change } = wantedOf(request.body);
      const tenancy = tenancyOf(db, request);
      await endDeletedSubscriptions(tenancy);
      const { changed, unchanged, failures, pools } = await previewChangeOfMany(db, tenancy.tenantId, userIds, change);
      return {
        '@odata.context': `${context}/preview`,
        changed,
        unchanged,
        refused: [...failures],
        pools: pools.map(({ available, ...pool }) => ({ ...pool, availableUnits: available })),
      };
    },
  );
}

/**
 * Ids in lower case.
 * @throws ApiError 400 that names a product that is there twice, a person too, or that there is nothing to do
 */
function wantedOf(body: LicenseChange): { userIds: string[]; change: Change } {
  const add = (body.addLicenses ?? []).map(({ skuId, disabledPlans = [] }) => ({
    skuId: skuId.toLowerCase(),
    disabledPlans: [...new Set(disabledPlans.map((plan) => plan.toLowerCase()))],
  }));
  const remove = (body.removeLicenses ?? []).map((skuId) => skuId.toLowerCase());
  const skuIds = [...add.map(({ skuId }) => skuId), ...remove];
  if (skuIds.length === 0) throw badRequest('addLicenses: name a product here, or in removeLicenses.');
  const twice = skuIds.find((skuId, index) => skuIds.indexOf(skuId) < index);
  if (twice) throw badRequest(`addLicenses: license ${twice} is named twice in addLicenses and removeLicenses.`);
  const userIds = body.userIds.map((id) => id.toLowerCase());
  if (new Set(userIds).size < userIds.length) throw badRequest('userIds: a user is named twice.');
  return { userIds, change: { add, remove } };
}
