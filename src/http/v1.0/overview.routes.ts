import { Overview } from '../../../contract/overview.ts';
import type { Permission } from '../../../contract/permission.ts';
import { currentTime } from '../../db/transaction.ts';
import { readCreationRefused } from '../../engine/directory/creation-rate.ts';
import { readActivity, readStanding } from '../../engine/report/overview.ts';
import { periodOf } from '../../engine/report/period.ts';
import { grants } from '../access.ts';
import { answered } from '../odata/page.ts';
import { rawQuery, refuseOptions } from '../odata/query.ts';
import type { Server, ServerContext } from '../server.ts';

const access = ['AutoClaimPolicy.Read.All'] satisfies Permission[];

/** How the organisation stands, in one request that is cheap enough to be repeated. */
export function overviewRoutes(server: Server, { config: { baseUrl }, db, signInLog }: ServerContext): void {
  server.get(
    '/admin/overview',
    {
      config: { access },
      schema: {
        tags: ['Reports'],
        summary:
          'Policies, nearly empty pools; to who may read reports also claims since a moment (?from=) and refusals',
        response: { 200: answered(Overview) },
      },
    },
    async (request) => {
      const raw = rawQuery(request);
      const { from, ...others } = raw.options;
      refuseOptions({ ...raw, options: others });
      const { tenantId, permissions } = request.principal;
      const now = await currentTime(db.pool);
      const today = periodOf(from === undefined ? { period: 'D1' } : { from }, now).from;
      const mayReadReports = grants(permissions, 'Reports.Read.All');
      if (mayReadReports) await signInLog.flush();
      const [standing, creationRefused, activity] = await Promise.all([
        readStanding(db, tenantId),
        readCreationRefused(db, tenantId),
        mayReadReports ? readActivity(db, tenantId, today, periodOf({ period: 'D7' }, now).from) : null,
      ]);
      return {
        '@odata.context': `${baseUrl}/v1.0/$metadata#admin/overview`,
        ...standing,
        userCreationRefusedDateTime: creationRefused?.toISOString() ?? null,
        activity,
      };
    },
  );
}
