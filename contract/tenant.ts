import { Type } from 'typebox';
import { CountryCode, DateTime, Guid, Strict } from './primitives.ts';

export const NewTenant = Type.Object(
  {
    displayName: Type.String({
      pattern: '\\S',
      minLength: 1,
      maxLength: 256,
      description: 'a text of 1 to 256 characters that is not blank',
    }),
    defaultDomain: Type.String({
      maxLength: 253,
      description: 'a host name that no other tenant has, such as contoso.example',
    }),
    countryLetterCode: CountryCode,
  },
  Strict,
);

/** A new tenant, with the credentials of its first client: the secret is shown this once. */
export const CreatedTenant = Type.Object({
  '@odata.context': Type.String(),
  id: Guid,
  displayName: Type.String(),
  defaultDomain: Type.String(),
  countryLetterCode: CountryCode,
  createdDateTime: DateTime,
  clientId: Type.String(),
  clientSecret: Type.String(),
  administrator: Type.String({ description: "the first Global Administrator's user name" }),
  setUpLink: Type.String({ description: 'where they set their password: once, within 24 hours; shown this once' }),
});
