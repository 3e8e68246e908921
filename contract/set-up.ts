import { Type, type Static } from 'typebox';
import { AutoClaimSettingPatch } from './auto-claim.ts';
import { PERMISSIONS } from './permission.ts';
import { Guid, Nullable, Strict } from './primitives.ts';

// An organisation's set-up as one document: policies as code. Things are named as people name them.

const ofMany = (most: number, description: string) => ({ maxItems: most, description });
const named = (what: string) =>
  Type.String({ minLength: 1, maxLength: 256, description: `${what}: its name or its id` });
const Name = Type.String({ pattern: '\\S', minLength: 1, maxLength: 256, description: 'how it is called' });
const Uris = (description: string) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 2_048 }), { maxItems: 100, description });

/** An app: what is left out stays as it is, or is as for any new app. */
export const SetUpApp = Type.Object(
  {
    displayName: Name,
    id: Type.Optional(
      Type.String({ ...Guid, description: 'its appId, where the name is to change or several apps have it' }),
    ),
    requiredServicePlans: Type.Optional(
      Type.Array(named('a service plan'), ofMany(100, 'it opens for whoever holds any one of these')),
    ),
    onRefusal: Type.Optional(
      Type.Enum(['block', 'continue'], { description: 'what happens to a person who is refused a license' }),
    ),
    permissions: Type.Optional(
      Type.Array(Type.Enum([...PERMISSIONS]), ofMany(100, 'what it may do itself, by calling the API')),
    ),
    redirectUris: Type.Optional(
      Type.Object(
        {
          web: Type.Optional(Uris('of a web app, which keeps a secret')),
          spa: Type.Optional(Uris('of a page in a browser')),
          publicClient: Type.Optional(Uris('of an installed program')),
        },
        { ...Strict, description: 'where its sign-ins may go back to' },
      ),
    ),
  },
  Strict,
);

export const SetUpPolicyProduct = Type.Object(
  {
    product: named('a product, by its part number or display name'),
    disabledPlans: Type.Optional(Type.Array(named('a service plan of it'), ofMany(300, 'what it leaves out'))),
  },
  Strict,
);

/** An auto-claim policy; those of one app are in the order in which they are tried. */
export const SetUpPolicy = Type.Object(
  {
    displayName: Name,
    id: Type.Optional(Type.String({ ...Guid, description: 'where the name is to change' })),
    app: named('the app that it is for'),
    isEnabled: Type.Optional(Type.Boolean({ description: 'on or off; a new one is on' })),
    products: Type.Array(
      SetUpPolicyProduct,
      ofMany(100, 'the primary, then up to four backups: the first that can be claimed is claimed'),
    ),
    includeGroups: Type.Optional(
      Type.Array(named('a group'), ofMany(100, 'for their members alone; none: for everyone')),
    ),
    excludeGroups: Type.Optional(Type.Array(named('a group'), ofMany(100, 'not for their members'))),
    includeGuests: Type.Optional(Type.Boolean({ description: 'for guests, too' })),
  },
  Strict,
);

export const SetUpRole = Type.Object(
  {
    role: named('a directory role'),
    members: Type.Array(named('a user, by user principal name'), ofMany(1_000, 'who holds it')),
  },
  Strict,
);

/** What a group gives its members: the whole list. */
export const SetUpGroupLicenses = Type.Object(
  {
    group: named('a group'),
    products: Type.Array(SetUpPolicyProduct, ofMany(100, 'what its members get')),
  },
  Strict,
);

/** The set-up of an organisation. A part that is left out is not looked at, and not touched. */
export const SetUp = Type.Object(
  {
    version: Type.Literal(1, { description: 'of this form' }),
    setting: Type.Optional(
      Type.Object(AutoClaimSettingPatch.properties, { ...Strict, description: 'the auto-claim setting' }),
    ),
    apps: Type.Optional(Type.Array(SetUpApp, ofMany(1_000, 'what people sign in to, and what calls the API'))),
    policies: Type.Optional(Type.Array(SetUpPolicy, ofMany(1_000, 'the auto-claim policies'))),
    groupLicenses: Type.Optional(Type.Array(SetUpGroupLicenses, ofMany(10_000, 'what groups give their members'))),
    roles: Type.Optional(Type.Array(SetUpRole, ofMany(100, 'who may administrate what'))),
  },
  Strict,
);
export type SetUp = Static<typeof SetUp>;

export const SetUpAnswer = Type.Object({ '@odata.context': Type.String(), ...SetUp.properties });

export const SetUpRequest = Type.Object(
  {
    setUp: SetUp,
    prune: Type.Optional(
      Type.Boolean({
        description:
          'delete the policies and apps, and take the roles and the licenses of groups, that the parts of the document do not name',
      }),
    ),
  },
  Strict,
);

export const SetUpPlanRequest = Type.Object(
  {
    ...SetUpRequest.properties,
    compareOnly: Type.Optional(
      Type.Boolean({ description: 'only compare, and not find out either whether applying it would be refused' }),
    ),
  },
  Strict,
);

const SetUpKind = Type.Enum(['setting', 'app', 'policy', 'policyOrder', 'groupLicenses', 'role']);

/** What is, or would be, done to one thing. */
export const SetUpChange = Type.Object({
  action: Type.Enum(['add', 'change', 'delete']),
  kind: SetUpKind,
  name: Type.String({
    description: "the thing's; of an order: its app's; of licenses: the group's; of a role's member: the role's",
  }),
  id: Nullable(Type.String()),
  properties: Type.Array(Type.Object({ name: Type.String(), before: Type.Unknown(), after: Type.Unknown() }), {
    description: 'with names, where people have names for the ids',
  }),
  people: Nullable(Type.Integer({ description: "of a group's licenses: how many people get or lose them" })),
  effect: Nullable(
    Type.Object({
      audienceCount: Type.Integer(),
      unlicensedCount: Type.Integer(),
      availableLicenses: Type.Integer(),
    }),
  ),
});
export type SetUpChange = Static<typeof SetUpChange>;

/** What lies between the organisation and the document. */
export const SetUpPlan = Type.Object({
  '@odata.context': Type.String(),
  isApplied: Type.Boolean({ description: 'false: nothing was changed' }),
  changes: Type.Array(SetUpChange),
  kept: Type.Array(Type.Object({ kind: SetUpKind, name: Type.String(), id: Nullable(Type.String()) }), {
    description: 'what the document does not name, and is left as it is',
  }),
});
