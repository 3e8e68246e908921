import { Type, type Static } from 'typebox';
import { Collection, CountryCode, DateTime, Guid, Nullable, Strict } from './primitives.ts';

/** A domain name, as the part of a user principal name after the @. */
const Domain = Type.String({
  pattern: '^(?=.{1,253}$)([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\\.)+[a-zA-Z]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])$',
  description: 'a domain name, such as contoso.example',
});

/** The switch and what goes with it: GET and PATCH /admin/autoClaim. */
export const AutoClaimSetting = Type.Object({
  '@odata.context': Type.String(),
  isEnabled: Type.Boolean(),
  createUsersOnSignIn: Type.Boolean(),
  allowedDomains: Type.Array(Type.String()),
  defaultUsageLocation: Nullable(Type.String()),
});

export const AutoClaimSettingPatch = Type.Object(
  {
    isEnabled: Type.Optional(Type.Boolean()),
    createUsersOnSignIn: Type.Optional(Type.Boolean()),
    allowedDomains: Type.Optional(Type.Array(Domain, { maxItems: 100 })),
    defaultUsageLocation: Type.Optional(Nullable(CountryCode)),
  },
  Strict,
);
export type AutoClaimSettingPatch = Static<typeof AutoClaimSettingPatch>;

/** One of a policy's products, in their order; the first is the primary. */
export const PolicyProduct = Type.Object(
  {
    skuId: Guid,
    disabledPlans: Type.Optional(Type.Array(Guid, { maxItems: 300, uniqueItems: true })),
  },
  Strict,
);

const PolicyName = Type.String({ minLength: 1, maxLength: 256 });
// How many products a policy may have is the engine's rule, told there in words; this only bounds the work.
const PolicyProducts = Type.Array(PolicyProduct, { maxItems: 100 });
const PolicyGroups = Type.Array(Guid, { maxItems: 100, uniqueItems: true });

export const NewPolicy = Type.Object(
  {
    displayName: PolicyName,
    isEnabled: Type.Optional(Type.Boolean()),
    appId: Guid,
    products: PolicyProducts,
    includeGroups: Type.Optional(PolicyGroups),
    excludeGroups: Type.Optional(PolicyGroups),
    includeGuests: Type.Optional(Type.Boolean()),
  },
  Strict,
);

export const PolicyPatch = Type.Object(
  {
    displayName: Type.Optional(PolicyName),
    isEnabled: Type.Optional(Type.Boolean()),
    products: Type.Optional(PolicyProducts),
    includeGroups: Type.Optional(PolicyGroups),
    excludeGroups: Type.Optional(PolicyGroups),
    includeGuests: Type.Optional(Type.Boolean()),
  },
  Strict,
);
export type PolicyPatch = Static<typeof PolicyPatch>;

export const Policy = Type.Object({
  '@odata.context': Type.Optional(Type.String()),
  '@odata.etag': Type.String(),
  id: Guid,
  displayName: Type.String(),
  isEnabled: Type.Boolean(),
  appId: Guid,
  order: Type.Integer(),
  products: Type.Array(Type.Object({ skuId: Guid, disabledPlans: Type.Array(Guid) })),
  includeGroups: Type.Array(Guid),
  excludeGroups: Type.Array(Guid),
  includeGuests: Type.Boolean(),
  createdDateTime: DateTime,
  lastModifiedDateTime: DateTime,
});
export const PolicyPage = Collection(Policy);

export const PolicyPath = Type.Object({ id: Guid });

export const PolicyOrder = Type.Object({ ids: Type.Array(Guid, { minItems: 1, maxItems: 1_000 }) }, Strict);

/** A policy that isn't written yet, for its effect. */
export const PreviewedPolicy = Type.Object(
  {
    appId: Guid,
    products: PolicyProducts,
    includeGroups: Type.Optional(PolicyGroups),
    excludeGroups: Type.Optional(PolicyGroups),
    includeGuests: Type.Optional(Type.Boolean()),
  },
  Strict,
);

/** What a policy would come to today. */
export const PolicyEffect = Type.Object({
  audienceCount: Type.Integer({ description: 'users in its audience who may sign in' }),
  unlicensedCount: Type.Integer({ description: 'of these, who has none of the service plans that the app requires' }),
  availableLicenses: Type.Integer({ description: 'free seats of its products, together' }),
});
