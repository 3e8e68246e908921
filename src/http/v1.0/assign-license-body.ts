import type { AssignLicense } from '../../../contract/license.ts';
import { badRequest } from '../errors.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** No body, or null in it, is a parameter left out: that is told in Graph's words (assignmentOf), not the schema's. */
export function withoutNulls(body: unknown): AssignLicense {
  if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body))) return body as object;
  return Object.fromEntries(Object.entries(body ?? {}).filter(([, value]) => value !== null));
}

/**
 * What is to be added and removed, ids in lower case.
 * @throws ApiError 400 in Graph's words
 */
export function assignmentOf(body: AssignLicense) {
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
