import { Type, type Static } from 'typebox';
import { PEOPLE_MAX } from './limits.ts';
import { Guid, Nullable, Strict } from './primitives.ts';

/** A change of many people's licenses by hand: for each of them all of it or none. */
export const LicenseChange = Type.Object(
  {
    userIds: Type.Array(Guid, { minItems: 1, maxItems: PEOPLE_MAX, uniqueItems: true }),
    addLicenses: Type.Optional(
      Type.Array(
        Type.Object({ skuId: Guid, disabledPlans: Type.Optional(Type.Array(Guid, { maxItems: 300 })) }, Strict),
        { maxItems: 20 },
      ),
    ),
    removeLicenses: Type.Optional(Type.Array(Guid, { maxItems: 20 })),
  },
  Strict,
);
export type LicenseChange = Static<typeof LicenseChange>;

/** What became of each person, in the order of userIds. */
export const LicenseChangeResults = Type.Object({
  '@odata.context': Type.String(),
  value: Type.Array(
    Type.Object({
      userId: Guid,
      status: Type.Enum(['done', 'refused', 'unknown', 'notTried'], {
        description:
          'done: it is as asked for. refused: nothing was changed. unknown: the database broke off, and it was done or not; notTried: so those after it weren’t begun.',
      }),
      message: Nullable(Type.String({ description: 'why, where it isn’t done' })),
    }),
  ),
});
export type LicenseChangeResults = Static<typeof LicenseChangeResults>;

/** What the change would come to. */
export const LicenseChangePreview = Type.Object({
  '@odata.context': Type.String(),
  changed: Type.Integer({ description: 'people whose licenses would be changed, given seats enough' }),
  unchanged: Type.Integer({ description: 'people who have what is wanted already' }),
  refused: Type.Array(Type.Object({ userId: Guid, message: Type.String() })),
  pools: Type.Array(
    Type.Object({
      skuId: Guid,
      seatsNeeded: Type.Integer(),
      seatsFreed: Type.Integer(),
      availableUnits: Type.Integer({
        description: 'as of now: where it is less than is needed, the last ones are refused',
      }),
    }),
  ),
});
export type LicenseChangePreview = Static<typeof LicenseChangePreview>;
