import { Type } from 'typebox';
import { CountryCode, Guid, Strict } from './primitives.ts';

// Microsoft's largest product has 111 plans, its longest name 153 characters.
const Name = Type.String({
  pattern: '\\S',
  minLength: 1,
  maxLength: 256,
  description: 'a text of 1 to 256 characters that is not blank',
});
const Plans = { minItems: 1, maxItems: 300 };
const Rules = { maxItems: 300 };
const AppliesTo = Type.Enum(['User', 'Company'], {
  description: 'Company: licenses the organisation; nobody is given one',
});
const Locations = Type.Array(CountryCode, {
  maxItems: 250,
  description: 'countries where nobody may be given the product',
});

export const ServicePlan = Type.Object({
  servicePlanId: Guid,
  servicePlanName: Type.String(),
  friendlyName: Type.String(),
  dependsOn: Type.Array(Guid),
  conflictsWith: Type.Array(Guid),
});

/** A product of the tenant's catalogue, as it is answered. */
export const Product = Type.Object({
  skuId: Guid,
  skuPartNumber: Type.String(),
  displayName: Type.String(),
  appliesTo: AppliesTo,
  prohibitedUsageLocations: Type.Array(CountryCode),
  servicePlans: Type.Array(ServicePlan),
});

const NewServicePlan = Type.Object(
  {
    servicePlanId: Guid,
    servicePlanName: Name,
    friendlyName: Type.Optional(Name),
    dependsOn: Type.Optional(Type.Array(Guid, Rules)),
    conflictsWith: Type.Optional(Type.Array(Guid, Rules)),
  },
  Strict,
);

export const NewProduct = Type.Object(
  {
    skuId: Guid,
    skuPartNumber: Name,
    displayName: Name,
    appliesTo: Type.Optional(AppliesTo),
    prohibitedUsageLocations: Type.Optional(Locations),
    servicePlans: Type.Array(NewServicePlan, Plans),
  },
  Strict,
);

export const ProductPatch = Type.Object(
  {
    skuPartNumber: Type.Optional(Name),
    displayName: Type.Optional(Name),
    prohibitedUsageLocations: Type.Optional(Locations),
    servicePlans: Type.Optional(Type.Array(NewServicePlan, { ...Plans, description: 'replaces the whole list' })),
  },
  Strict,
);

export const ProductPath = Type.Object({ skuId: Guid });
