import { Type } from 'typebox';
import { CountryCode, DateTime, Guid, Nullable } from './primitives.ts';

/** The tenant, as Graph's organization. */
export const Organization = Type.Object({
  id: Guid,
  displayName: Type.String(),
  countryLetterCode: CountryCode,
  defaultUsageLocation: Nullable(CountryCode),
  createdDateTime: DateTime,
  verifiedDomains: Type.Array(
    Type.Object({
      name: Type.String(),
      isDefault: Type.Boolean(),
      isInitial: Type.Boolean(),
      type: Type.String(),
      capabilities: Type.String(),
    }),
  ),
});
export const OrganizationList = Type.Object({ '@odata.context': Type.String(), value: Type.Array(Organization) });
export const OrganizationPath = Type.Object({ id: Guid });
