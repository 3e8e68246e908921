import { pipeline } from 'node:stream/promises';
import { Option, type Command } from 'commander';
import type { Static } from 'typebox';
import type { ReportRow, ReportSummary } from '../../contract/report.ts';
import { remoteCommand, readMost, runRemote, type RemoteContext, type RemoteOptions } from './remote/run-remote.ts';
import { facts, table } from './terminal/table.ts';
import { count } from './words.ts';

interface Options extends RemoteOptions {
  readonly period?: string;
  readonly from?: string;
  readonly to?: string;
  readonly policy?: string;
  readonly app?: string;
  readonly product?: string;
  readonly user?: string;
  readonly summary?: boolean;
  readonly csv?: boolean;
  readonly top?: number;
}

export function reportCommand(): Command {
  return remoteCommand('report', 'every license claimed under each policy, newest first')
    .addOption(
      new Option('--period <period>', 'the days before now (default: D90)').choices(['D1', 'D7', 'D30', 'D90']),
    )
    .option('--from <time>', 'instead of a period: from this moment on, such as 2026-11-01')
    .option('--to <time>', 'and before this one (default: now)')
    .option('--policy <policy>', "one policy's claims")
    .option('--app <app>', "one app's")
    .option('--product <product>', "one product's")
    .option('--user <user>', "one person's")
    .option('--summary', 'sums by day and product, and the refusals by reason')
    .option('--csv', 'as CSV, all of it')
    .option('--top <number>', 'so many rows at most', readMost)
    .action((options: Options) =>
      runRemote(options, async (context) => {
        const { api, screen } = context;
        const query = { ...periodOf(options), $filter: await filterOf(options, context) };
        if (options.csv) {
          const rows = await api.download('/reports/autoClaim', { ...query, $format: 'csv' });
          await pipeline(rows, process.stdout, { end: false }).catch(endOfReader);
          return undefined;
        }
        if (options.summary) {
          const summary = await api.get<Static<typeof ReportSummary>>('/reports/autoClaim/summary', query);
          return { text: summed(summary, context), data: summary };
        }
        const rows = await api.all<Static<typeof ReportRow>>('/reports/autoClaim', query, options.top);
        const text = table(
          rows,
          [
            { title: 'Claimed', of: ({ claimedDateTime }) => claimedDateTime.slice(0, 16).replace('T', ' ') },
            { title: 'User', of: ({ userPrincipalName }) => userPrincipalName },
            { title: 'Policy', of: ({ policyDisplayName }) => policyDisplayName },
            { title: 'App', of: ({ appDisplayName }) => appDisplayName },
            {
              title: 'Product',
              of: ({ productDisplayName, isBackup }) => `${productDisplayName}${isBackup ? ' (backup)' : ''}`,
            },
          ],
          screen,
        );
        return { text: rows.length > 0 ? text : 'No license was claimed in this period.', data: rows };
      }),
    );
}

/** Who reads it has had enough (`| head`): that is no failure. */
function endOfReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function periodOf({ period, from, to }: Options) {
  return from === undefined && to === undefined
    ? { period: period ?? 'D90' }
    : { period, from: moment(from), to: moment(to) };
}

/** A day alone is its beginning, in UTC, as the report's days are. */
function moment(text: string | undefined): string | undefined {
  return text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
}

async function filterOf(
  { policy, app, product, user }: Options,
  { names }: RemoteContext,
): Promise<string | undefined> {
  const conditions = [
    policy !== undefined && `policyId eq ${(await names.policy(policy)).id}`,
    app !== undefined && `appId eq ${(await names.app(app)).appId}`,
    product !== undefined && `skuId eq ${(await names.product(product)).skuId}`,
    user !== undefined && `userId eq ${(await names.user(user)).id}`,
  ].filter((condition) => condition !== false);
  return conditions.length > 0 ? conditions.join(' and ') : undefined;
}

function summed(
  { from, to, claims, refusals, totalClaims, totalRefusals }: Static<typeof ReportSummary>,
  { screen }: RemoteContext,
): string {
  const parts = [
    facts([
      ['Period', `${from} to ${to}`],
      ['Claims', count(totalClaims, 'claim')],
      ['Refusals', count(totalRefusals, 'refusal')],
    ]),
  ];
  if (claims.length > 0) {
    parts.push(
      table(
        claims,
        [
          { title: 'Day', of: ({ date }) => date },
          { title: 'Product', of: ({ productDisplayName }) => productDisplayName },
          { title: 'Claims', of: (row) => row.count },
        ],
        screen,
      ),
    );
  }
  if (refusals.length > 0) {
    parts.push(
      table(
        refusals,
        [
          { title: 'Reason', of: ({ reason }) => reason },
          { title: 'Refusals', of: (row) => row.count },
        ],
        screen,
      ),
    );
  }
  return parts.join('\n\n');
}
