import { Type } from 'typebox';
import { DateTime, Guid, Nullable } from './primitives.ts';

/** How the organisation stands, for the home page. */
export const Overview = Type.Object({
  '@odata.context': Type.String(),
  isAutoClaimEnabled: Type.Boolean(),
  policies: Type.Object({
    total: Type.Integer(),
    on: Type.Integer(),
    outOfLicenses: Type.Integer({ description: 'on, and none of its products has a free license' }),
  }),
  pools: Type.Object({
    total: Type.Integer({ description: 'products with licenses that can be assigned' }),
    nearlyEmpty: Type.Integer({ description: 'of these, with at most a tenth free' }),
    fullest: Type.Array(
      Type.Object({
        skuId: Guid,
        skuPartNumber: Type.String(),
        displayName: Type.String(),
        units: Type.Integer(),
        consumedUnits: Type.Integer(),
        availableUnits: Type.Integer(),
      }),
      { description: 'of the nearly empty, at most five' },
    ),
  }),
  userCreationRefusedDateTime: Nullable(
    Type.Unsafe<string>({
      ...DateTime,
      description:
        'when more users would have been created on their first sign-in than may be at once; null: not within the last day',
    }),
  ),
  activity: Nullable(
    Type.Object({
      claims: Type.Integer({ description: 'since the moment that was asked for, else within the last 24 hours' }),
      refusals: Type.Array(Type.Object({ reason: Type.String(), count: Type.Integer() }), {
        description: 'within the last seven days',
      }),
    }),
  ),
});
