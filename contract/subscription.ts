import { Type } from 'typebox';
import { Collection, DateTime, Guid, Nullable, PeriodOptions, Strict } from './primitives.ts';

const Status = Type.Enum(['Enabled', 'Warning', 'Suspended', 'Deleted']);
const TotalLicenses = Type.Integer({ minimum: 0, maximum: 10_000_000 });

/** A purchase, as Graph's companySubscription. */
export const Subscription = Type.Object({
  '@odata.context': Type.Optional(Type.String()),
  id: Guid,
  commerceSubscriptionId: Nullable(Type.String()),
  createdDateTime: DateTime,
  isTrial: Type.Boolean(),
  nextLifecycleDateTime: Nullable(DateTime),
  ownerId: Nullable(Type.String()),
  ownerTenantId: Nullable(Type.String()),
  ownerType: Nullable(Type.String()),
  serviceStatus: Type.Array(Type.Object({})),
  skuId: Guid,
  skuPartNumber: Type.String(),
  status: Status,
  totalLicenses: Type.Integer(),
});
export const SubscriptionPage = Collection(Subscription);

export const NewSubscription = Type.Object(
  {
    skuId: Guid,
    totalLicenses: TotalLicenses,
    nextLifecycleDateTime: Type.Optional(Nullable(DateTime)),
    status: Type.Optional(Status),
    isTrial: Type.Optional(Type.Boolean()),
  },
  Strict,
);

export const SubscriptionPatch = Type.Object(
  {
    totalLicenses: Type.Optional(TotalLicenses),
    nextLifecycleDateTime: Type.Optional(Nullable(DateTime)),
    status: Type.Optional(Status),
  },
  Strict,
);

export const SubscriptionPath = Type.Object({ id: Guid });

/** A pool, as Graph's subscribedSku. */
export const SubscribedSku = Type.Object({
  '@odata.context': Type.Optional(Type.String()),
  accountId: Guid,
  accountName: Type.String(),
  appliesTo: Type.Enum(['User', 'Company']),
  capabilityStatus: Status,
  consumedUnits: Type.Integer(),
  id: Type.String({ description: '<tenant id>_<skuId>' }),
  prepaidUnits: Type.Object({
    enabled: Type.Integer(),
    lockedOut: Type.Integer(),
    suspended: Type.Integer(),
    warning: Type.Integer(),
  }),
  servicePlans: Type.Array(
    Type.Object({
      appliesTo: Type.String(),
      provisioningStatus: Type.String(),
      servicePlanId: Guid,
      servicePlanName: Type.String(),
    }),
  ),
  skuId: Guid,
  skuPartNumber: Type.String(),
  subscriptionIds: Type.Array(Guid),
});
export const SubscribedSkuPage = Collection(SubscribedSku);

export const PoolUseQuery = Type.Object(PeriodOptions);

/** How full a pool was, day by day. */
export const PoolUse = Type.Object({
  '@odata.context': Type.String(),
  from: DateTime,
  to: DateTime,
  days: Type.Array(
    Type.Object({
      date: Type.String({ description: 'a day in UTC' }),
      consumedUnits: Type.Integer({ description: 'seats in use, at the moment of the day when most were' }),
      units: Type.Integer({ description: 'the seats that could be used then: enabled and warning' }),
      availableUnits: Type.Integer(),
    }),
    { description: 'the oldest first; no day that wasn’t seen, and none before Autoclaim began to look' },
  ),
});
