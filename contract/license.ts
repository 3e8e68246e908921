import { Type, type Static } from 'typebox';
import { Collection, Guid, Strict } from './primitives.ts';

/** Both lists are required, even if empty; who leaves one out is told in Graph's words, so that is not the schema's to say. */
export const AssignLicense = Type.Object(
  {
    addLicenses: Type.Optional(
      Type.Array(
        Type.Object(
          { skuId: Type.String(), disabledPlans: Type.Optional(Type.Array(Type.String(), { maxItems: 300 })) },
          Strict,
        ),
        { maxItems: 100 },
      ),
    ),
    removeLicenses: Type.Optional(Type.Array(Type.String(), { maxItems: 100 })),
  },
  Strict,
);

export type AssignLicense = Static<typeof AssignLicense>;

/** A product that a user holds, as Graph's licenseDetails. */
export const LicenseDetails = Type.Object({
  id: Type.String(),
  skuId: Guid,
  skuPartNumber: Type.String(),
  servicePlans: Type.Array(
    Type.Object({
      appliesTo: Type.String(),
      provisioningStatus: Type.String(),
      servicePlanId: Guid,
      servicePlanName: Type.String(),
    }),
  ),
});
export const LicenseDetailsPage = Collection(LicenseDetails);
