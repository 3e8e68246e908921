import { Schemas, Types } from 'scimmy';
import { SCIM_PATH } from './address.ts';
import { ScimError } from './scim-error.ts';

// The schemas are SCIMMY's. They are one for the whole process, and no tenant's.

export const ENTERPRISE = Schemas.EnterpriseUser.id;
export const CORE_USER = Schemas.User.id;
export const CORE_GROUP = Schemas.Group.id;
/** What a user has here that SCIM has no word for. */
export const AUTOCLAIM = 'urn:ietf:params:scim:schemas:extension:autoclaim:2.0:User';

const autoclaim = new Types.SchemaDefinition('AutoclaimUser', AUTOCLAIM, 'What licenses need to know of a user', [
  new Types.Attribute('string', 'usageLocation', { description: 'A country code of ISO 3166-1, such as US.' }),
]);
const user = Schemas.User.definition;
// Passwords aren't taken, and certificates nobody asks for.
user.truncate('password');
user.truncate('x509Certificates');
user.extend(Schemas.EnterpriseUser.definition, false);
user.extend(autoclaim, false);

/** As much of an attribute's definition as is looked at here. */
export interface AttributeDefinition {
  readonly name: string;
  readonly type: string;
  readonly config: { readonly multiValued?: boolean | undefined };
  readonly subAttributes?: readonly AttributeDefinition[];
}

const isAttribute = (one: unknown): one is AttributeDefinition => one instanceof Types.Attribute;

/** The attributes of a user, by the schema that they are of. */
export const USER_ATTRIBUTES: Readonly<Record<string, readonly AttributeDefinition[]>> = {
  [CORE_USER]: user.attributes.filter(isAttribute),
  [ENTERPRISE]: Schemas.EnterpriseUser.definition.attributes.filter(isAttribute),
  [AUTOCLAIM]: autoclaim.attributes.filter(isAttribute),
};

/**
 * A user as the schema has it: names in their own case, types checked, what it doesn't know left out.
 * @throws ScimError that names the attribute
 */
export function coerceUser(resource: Record<string, unknown>): Record<string, unknown> {
  const { schemas: _schemas, meta: _meta, groups: _groups, ...told } = resource;
  try {
    return JSON.parse(JSON.stringify(new Schemas.User(told, 'in'))) as Record<string, unknown>;
  } catch (error) {
    throw new ScimError(400, (error as Error).message, 'invalidValue');
  }
}

export function describeSchemas(baseUrl: string): object[] {
  const base = `${baseUrl}${SCIM_PATH}/Schemas`;
  return [user, Schemas.Group.definition, Schemas.EnterpriseUser.definition, autoclaim].map(
    (schema) => JSON.parse(JSON.stringify(schema.describe(base))) as object,
  );
}

export function describeResourceTypes(baseUrl: string): object[] {
  const type = (name: string, endpoint: string, schema: string, extensions: string[]) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: name,
    name,
    endpoint,
    schema,
    schemaExtensions: extensions.map((one) => ({ schema: one, required: false })),
    meta: { resourceType: 'ResourceType', location: `${baseUrl}${SCIM_PATH}/ResourceTypes/${name}` },
  });
  return [type('User', '/Users', CORE_USER, [ENTERPRISE, AUTOCLAIM]), type('Group', '/Groups', CORE_GROUP, [])];
}

export function describeProvider(baseUrl: string, maxResults: number): object {
  const no = { supported: false };
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { ...no, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults },
    changePassword: no,
    sort: no,
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'OAuth Bearer Token',
        description: 'The token of a provisioning client, made under Settings > Provisioning.',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${baseUrl}${SCIM_PATH}/ServiceProviderConfig` },
  };
}
