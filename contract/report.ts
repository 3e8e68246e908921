import { Type } from 'typebox';
import { Collection, DateTime, Guid, Nullable, PeriodOptions } from './primitives.ts';

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

/** Who was refused and still has no license, by what would resolve it; those for whom most people wait first. */
export const UnresolvedRefusals = Type.Object({
  '@odata.context': Type.String(),
  from: DateTime,
  to: DateTime,
  value: Type.Array(
    Type.Object({
      reason: Type.String({ description: 'of the last refusal of each' }),
      appId: Guid,
      appDisplayName: Nullable(Type.String()),
      skuId: Nullable(Guid),
      productDisplayName: Nullable(
        Type.String({ description: "the primary product of the app's first policy that is on" }),
      ),
      people: Type.Integer(),
      lastDateTime: DateTime,
    }),
  ),
});
export const UnresolvedRefusalsQuery = Type.Object(PeriodOptions);

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
