import { Type } from 'typebox';
import { Collection, DateTime, Guid, PeriodOptions } from './primitives.ts';

const text = (description: string) => Type.Optional(Type.String({ description }));
export const ReportQuery = Type.Object({
  ...PeriodOptions,
  $format: text('csv: the whole report as CSV; as Accept: text/csv.'),
});
export const SummaryQuery = Type.Object({
  ...PeriodOptions,
  $filter: text('A condition on policyId, appId, skuId or userId.'),
});

/** A claim, as the report shows it: names of today, or of the day of the claim where the thing is gone. */
export const ReportRow = Type.Object({
  claimId: Guid,
  claimedDateTime: DateTime,
  userId: Guid,
  userPrincipalName: Type.String(),
  userDisplayName: Type.String(),
  policyId: Guid,
  policyDisplayName: Type.String(),
  appId: Guid,
  appDisplayName: Type.String(),
  skuId: Guid,
  skuPartNumber: Type.String(),
  productDisplayName: Type.String(),
  isBackup: Type.Boolean(),
});
export const ReportPage = Collection(ReportRow);

export const ReportSummary = Type.Object({
  '@odata.context': Type.String(),
  from: DateTime,
  to: DateTime,
  claims: Type.Array(
    Type.Object({
      date: Type.String({ description: 'a day in UTC' }),
      skuId: Guid,
      skuPartNumber: Type.String(),
      productDisplayName: Type.String(),
      count: Type.Integer(),
    }),
  ),
  refusals: Type.Array(Type.Object({ reason: Type.String(), count: Type.Integer() })),
  totalClaims: Type.Integer(),
  totalRefusals: Type.Integer(),
});
