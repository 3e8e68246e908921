import { SetUpAnswer, SetUpPlan, SetUpPlanRequest, SetUpRequest, type SetUp } from '../../../contract/set-up.ts';
import type { Permission } from '../../../contract/permission.ts';
import { applySetUp, compareSetUp, tryOutSetUp, type SetUpResult } from '../../engine/set-up/apply-set-up.ts';
import { changesOf } from '../../engine/set-up/told-changes.ts';
import { endDeletedSubscriptions } from '../../engine/license/end-subscriptions.ts';
import { exportSetUp } from '../../engine/set-up/export-set-up.ts';
import { invalid } from '../../engine/refused.ts';
import { isCountry } from '../../engine/tenant/country.ts';
import { grants, type Principal } from '../access.ts';
import { ApiError } from '../errors.ts';
import { answered } from '../odata/page.ts';
import { rawQuery, refuseOptions } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';

const READ: Permission[] = ['AutoClaimPolicy.Read.All'];
const WRITE: Permission[] = ['AutoClaimPolicy.ReadWrite.All'];
const tags = ['Set-up'];
const PATH = '/admin/setUp';

type Part = Exclude<keyof SetUp, 'version'>;

/** Of what a policy names. */
const NAMES: readonly Permission[] = ['Application.Read.All', 'Group.Read.All', 'Organization.Read.All'];

/** Beside the permission for policies, which every use needs: what each part of a document needs. */
const NEEDED: Readonly<Record<Part, Readonly<Record<'read' | 'write', readonly Permission[]>>>> = {
  setting: { read: [], write: [] },
  policies: { read: NAMES, write: NAMES },
  apps: { read: ['Application.Read.All'], write: ['Application.ReadWrite.All'] },
  groupLicenses: {
    read: ['LicenseAssignment.Read.All', 'Group.Read.All', 'Organization.Read.All'],
    write: ['LicenseAssignment.ReadWrite.All', 'Group.Read.All', 'Organization.Read.All'],
  },
  roles: {
    read: ['RoleManagement.Read.Directory', 'User.Read.All'],
    write: ['RoleManagement.ReadWrite.Directory', 'User.Read.All'],
  },
};

/** An organisation's set-up as one document (docs/policies-as-code.md). */
export function setUpDocumentRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): void {
  const planAnswer = (result: SetUpResult, isApplied: boolean) => ({
    '@odata.context': `${baseUrl}/v1.0/$metadata#admin/setUp/plan`,
    isApplied,
    changes: changesOf(result),
    kept: [...result.steps.kept],
  });

  server.get(
    PATH,
    {
      config: { access: READ },
      schema: {
        tags,
        summary: 'The set-up as one document: setting, apps, policies, roles; the parts that the caller may read',
        response: { 200: answered(SetUpAnswer) },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const parts = await exportSetUp(tenancyOf(db, request));
      const readable = Object.entries(parts).filter(
        ([part]) => lacking(request.principal, part as Part, 'read').length === 0,
      );
      return { '@odata.context': `${baseUrl}/v1.0/$metadata#admin/setUp`, version: 1, ...Object.fromEntries(readable) };
    },
  );

  server.post(
    `${PATH}/plan`,
    {
      config: { access: READ, idempotency: 'none' },
      schema: {
        tags,
        summary: 'What applying a document would change, or why it would be refused; changes nothing',
        body: SetUpPlanRequest,
        response: { 200: answered(SetUpPlan) },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const { setUp, prune = false, compareOnly = false } = request.body;
      refuseUnlessAllowed(request.principal, setUp, 'read');
      await endDeletedSubscriptions(tenancyOf(db, request));
      const find = compareOnly ? compareSetUp : tryOutSetUp;
      return planAnswer(await find(tenancyOf(db, request), documentOf(setUp), prune, byOf(request.principal)), false);
    },
  );

  server.post(
    `${PATH}/apply`,
    {
      config: { access: WRITE },
      schema: {
        tags,
        summary: 'Make the set-up as a document has it: all of it in one transaction, or nothing',
        body: SetUpRequest,
        response: { 200: answered(SetUpPlan) },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const { setUp, prune = false } = request.body;
      refuseUnlessAllowed(request.principal, setUp, 'write');
      const tenancy = tenancyOf(db, request);
      await endDeletedSubscriptions(tenancy);
      return planAnswer(await applySetUp(tenancy, documentOf(setUp), prune, byOf(request.principal)), true);
    },
  );
}

function byOf({ permissions, person, appId }: Principal) {
  return { permissions, ownAppId: person ? undefined : appId };
}

function documentOf({ version: _version, ...parts }: SetUp) {
  const { setting } = parts;
  const country = setting?.defaultUsageLocation;
  if (typeof country === 'string' && !isCountry(country)) {
    throw invalid('setUp.setting.defaultUsageLocation', `${country} is not a country (ISO 3166-1).`);
  }
  // Domain names are ASCII here, so this lower-casing is exact.
  const domains = setting?.allowedDomains && [...new Set(setting.allowedDomains.map((domain) => domain.toLowerCase()))];
  return { ...parts, ...(setting && { setting: { ...setting, ...(domains && { allowedDomains: domains }) } }) };
}

/** By what the document names, not by what differs: who may apply it once may apply it always. */
function refuseUnlessAllowed(principal: Principal, { version: _version, ...parts }: SetUp, to: 'read' | 'write'): void {
  for (const part of Object.keys(parts) as Part[]) {
    const missing = lacking(principal, part, to);
    if (missing.length > 0) {
      throw new ApiError(
        403,
        'Authorization_RequestDenied',
        `Insufficient privileges to complete the operation. The document's ${part} need ${missing.join(' and ')}: leave that part out, or call as somebody who may.`,
      );
    }
  }
}

function lacking({ permissions }: Principal, part: Part, to: 'read' | 'write'): Permission[] {
  return NEEDED[part][to].filter((permission) => !grants(permissions, permission));
}
