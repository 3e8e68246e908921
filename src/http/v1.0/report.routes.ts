import type { FastifyRequest } from 'fastify';
import type { Permission } from '../../../contract/permission.ts';
import {
  ReportPage,
  ReportQuery,
  ReportSummary,
  SummaryQuery,
  UnresolvedRefusals,
  UnresolvedRefusalsQuery,
} from '../../../contract/report.ts';
import { currentTime } from '../../db/transaction.ts';
import { countClaimsIn } from '../../engine/report/claim-counts.ts';
import { claimRows } from '../../engine/report/claim-rows.ts';
import { periodOf, type Period } from '../../engine/report/period.ts';
import { readSummary } from '../../engine/report/summary.ts';
import { readUnresolvedRefusals } from '../../engine/report/unresolved-refusals.ts';
import { answered, readAll, readPage } from '../odata/page.ts';
import {
  filtersOnly,
  parseCountQuery,
  parseListQuery,
  rawQuery,
  refuseOptions,
  type RawQuery,
} from '../odata/query.ts';
import type { Server, ServerContext } from '../server.ts';
import { csvOf, wantsCsv } from './report-csv.ts';
import { COUNTED_PROPERTIES, REFUSAL_RESOURCE, REPORT_RESOURCE } from './report-resource.ts';

const config = { access: ['Reports.Read.All'] satisfies Permission[] };
const tags = ['Reports'];

/** The auto-claim policy report: every license claimed, and what was refused beside it. */
export function reportRoutes(server: Server, { config: { baseUrl }, db, signInLog }: ServerContext): void {
  const claims = (request: FastifyRequest, { from, to }: Period) => {
    const rows = db.query.selectFrom(claimRows(request.principal.tenantId)).where('c.claimed_at', '>=', from);
    return to ? rows.where('c.claimed_at', '<', to) : rows;
  };

  server.get(
    '/reports/autoClaim',
    {
      config,
      schema: {
        tags,
        summary: 'The claims of a period, newest first; as JSON or CSV',
        querystring: ReportQuery,
        response: { 200: answered(ReportPage) },
      },
    },
    async (request, reply) => {
      const { raw, period } = withPeriod(rawQuery(request), await currentTime(db.pool));
      const list = parseListQuery(raw, REPORT_RESOURCE, ['from', 'to', '$format']);
      reply.header('vary', 'accept');
      if (!wantsCsv(request, list)) {
        const areOfCounts = filtersOnly(raw, REPORT_RESOURCE, COUNTED_PROPERTIES);
        const count = () => countClaimsIn(db, request.principal.tenantId, period, list.conditions);
        return readPage(claims(request, period), list, baseUrl, areOfCounts ? count : undefined);
      }
      return reply
        .header('content-disposition', 'attachment; filename="auto-claim-policy-report.csv"')
        .type('text/csv; charset=utf-8')
        .send(csvOf(readAll(claims(request, period), list), list));
    },
  );

  server.get(
    '/reports/autoClaim/summary',
    {
      config,
      schema: {
        tags,
        summary: 'Claims by day and product, refusals by reason',
        querystring: SummaryQuery,
        response: { 200: answered(ReportSummary) },
      },
    },
    async (request) => {
      const now = await currentTime(db.pool);
      const { raw, period } = withPeriod(rawQuery(request), now);
      const { from: _from, to: _to, ...options } = raw.options;
      const filter = { ...raw, options };
      const conditions = {
        claims: parseCountQuery(filter, REPORT_RESOURCE),
        areOfCounts: filtersOnly(filter, REPORT_RESOURCE, COUNTED_PROPERTIES),
        refusals: parseCountQuery(filter, REFUSAL_RESOURCE),
      };
      await signInLog.flush();
      const summary = await readSummary(db, request.principal.tenantId, period, conditions);
      return {
        '@odata.context': `${baseUrl}/v1.0/$metadata#reports/autoClaim/summary`,
        from: period.from.toISOString(),
        to: (period.to ?? now).toISOString(),
        ...summary,
      };
    },
  );

  server.get(
    '/reports/autoClaim/unresolvedRefusals',
    {
      config,
      schema: {
        tags,
        summary: 'Who was refused and still has no license, by what would resolve it',
        querystring: UnresolvedRefusalsQuery,
        response: { 200: answered(UnresolvedRefusals) },
      },
    },
    async (request) => {
      const now = await currentTime(db.pool);
      const { raw, period } = withPeriod(rawQuery(request), now);
      const { from: _from, to: _to, ...options } = raw.options;
      refuseOptions({ ...raw, options });
      await signInLog.flush();
      return {
        '@odata.context': `${baseUrl}/v1.0/$metadata#reports/autoClaim/unresolvedRefusals`,
        from: period.from.toISOString(),
        to: (period.to ?? now).toISOString(),
        value: [...(await readUnresolvedRefusals(db, request.principal.tenantId, period))],
      };
    },
  );
}

/** Reads period, from and to, and puts the moments they mean in their place: a next page is of the same period. */
function withPeriod({ options, path }: RawQuery, now: Date): { raw: RawQuery; period: Period } {
  const { period: name, from, to, ...others } = options;
  const period = periodOf({ period: name, from, to }, now);
  const moments = { from: period.from.toISOString(), ...(period.to && { to: period.to.toISOString() }) };
  return { raw: { path, options: { ...others, ...moments } }, period };
}
