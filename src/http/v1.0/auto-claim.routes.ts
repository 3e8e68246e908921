import { AutoClaimSetting, AutoClaimSettingPatch } from '../../../contract/auto-claim.ts';
import type { Permission } from '../../../contract/permission.ts';
import { readSetting, writeSetting, type AutoClaimSetting as Setting } from '../../engine/policy/setting.ts';
import { invalid } from '../../engine/refused.ts';
import { isCountry } from '../../engine/tenant/country.ts';
import { rawQuery, refuseOptions } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';

const READ: Permission[] = ['AutoClaimPolicy.Read.All'];
const WRITE: Permission[] = ['AutoClaimPolicy.ReadWrite.All'];
const tags = ['Auto-claim'];

/** The switch: whether users may auto-claim licenses the first time that they sign in. */
export function autoClaimRoutes(server: Server, { config, db }: ServerContext): void {
  const answer = (setting: Setting) => ({
    '@odata.context': `${config.baseUrl}/v1.0/$metadata#admin/autoClaim`,
    isEnabled: setting.isEnabled,
    createUsersOnSignIn: setting.createUsersOnSignIn,
    allowedDomains: [...setting.allowedDomains],
    defaultUsageLocation: setting.defaultUsageLocation,
  });

  server.get(
    '/admin/autoClaim',
    {
      config: { access: READ },
      schema: { tags, summary: 'Read the auto-claim setting', response: { 200: AutoClaimSetting } },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      return answer(await readSetting(tenancyOf(db, request)));
    },
  );

  server.patch(
    '/admin/autoClaim',
    {
      config: { access: WRITE },
      schema: {
        tags,
        summary: 'Turn auto-claim on or off, or change its setting',
        body: AutoClaimSettingPatch,
        response: { 200: AutoClaimSetting },
      },
    },
    async (request) => {
      refuseOptions(rawQuery(request));
      const { allowedDomains, defaultUsageLocation, ...rest } = request.body;
      if (typeof defaultUsageLocation === 'string' && !isCountry(defaultUsageLocation)) {
        throw invalid('defaultUsageLocation', `${defaultUsageLocation} is not a country (ISO 3166-1).`);
      }
      return answer(
        await writeSetting(tenancyOf(db, request), {
          ...rest,
          ...(defaultUsageLocation !== undefined && { defaultUsageLocation }),
          // Domain names are ASCII here, so this lower-casing is exact.
          ...(allowedDomains && { allowedDomains: [...new Set(allowedDomains.map((domain) => domain.toLowerCase()))] }),
        }),
      );
    },
  );
}
