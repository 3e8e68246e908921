import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

// Microsoft Graph's own description of its resources, as validators. It wants to be read with
// these corrections: @odata.type isn't sent where it says it's required, int32 is written as
// number, and errors have a date without a zone. Beyond it, a property that it doesn't know is an
// error, unless it is one that we add.

type Schema = Record<string, any>;

/** Properties of ours on Graph's resources. */
const OURS: Readonly<Record<string, readonly string[]>> = {
  'microsoft.graph.signIn': ['door', 'outcome', 'reason', 'skuId', 'policyId', 'claimId'],
};

export interface GraphSchemas {
  /** What is wrong with a thing, by the name of its schema (microsoft.graph.user); nothing where nothing is. */
  faultsOf(name: string, value: unknown): string[];
  /** The names of a resource's properties. */
  propertiesOf(name: string): string[];
}

/** @returns undefined where the description isn't at hand */
export function readGraphSchemas(file: URL): GraphSchemas | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const { schemas } = (parse(text) as { components: { schemas: Record<string, Schema> } }).components;
  delete schemas['microsoft.graph.ODataErrors.InnerError']!['properties'].date.pattern;
  delete schemas['microsoft.graph.ODataErrors.InnerError']!['properties'].date.format;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  // A CommonJS module, whose default import is the whole of it.
  (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
  const open = Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, corrected(schema)]));
  const closed = Object.fromEntries(Object.keys(schemas).map((name) => [`${name}!`, closedSchema(name)]));
  ajv.addSchema({ $id: 'graph', $defs: { ...open, ...closed } });
  const validators = new Map<string, ValidateFunction>();
  return {
    faultsOf(name, value) {
      let validate = validators.get(name);
      if (!validate) {
        validate = ajv.compile({ $ref: `graph#/$defs/${name}!` });
        validators.set(name, validate);
      }
      if (validate(value)) return [];
      return validate.errors!.map(
        ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
      );
    },
    propertiesOf(name) {
      const parts = [schemas[name]!, ...((schemas[name]!['allOf'] ?? []) as Schema[])];
      return parts
        .flatMap((part) => Object.keys(part['properties'] ?? {}))
        .filter((property) => !property.includes('@'));
    },
  };
}

/** No property but its own, those of ours, and what OData says of any thing. */
function closedSchema(name: string): Schema {
  const ours = Object.fromEntries((OURS[name] ?? []).map((property) => [property, {}]));
  return {
    $ref: `#/$defs/${name}`,
    properties: ours,
    patternProperties: { '^@odata\\.': {} },
    unevaluatedProperties: false,
  };
}

/** OpenAPI 3.0's schema as JSON Schema; what it refers to is closed, unless it is a part of it (allOf). */
function corrected(schema: Schema, isPart = false): Schema {
  if (schema['$ref']) {
    const name = (schema['$ref'] as string).replace('#/components/schemas/', '');
    return { $ref: `#/$defs/${name}${isPart ? '' : '!'}` };
  }
  const { nullable, required, allOf, anyOf, oneOf, items, properties, ...rest } = schema;
  const isInteger = rest['type'] === 'number' && rest['format'] === 'int32';
  return {
    ...rest,
    ...(isInteger && { type: 'integer' }),
    ...(nullable && rest['type'] && { type: [isInteger ? 'integer' : rest['type'], 'null'] }),
    ...(nullable && rest['enum'] && { enum: [...rest['enum'], null] }),
    ...(required && { required: (required as string[]).filter((name) => name !== '@odata.type') }),
    ...(allOf && { allOf: (allOf as Schema[]).map((part) => corrected(part, true)) }),
    // "or a nullable object" is how it writes "or null".
    ...(anyOf && { anyOf: (anyOf as Schema[]).map((one) => (one['nullable'] ? { type: 'null' } : corrected(one))) }),
    ...(oneOf && { oneOf: (oneOf as Schema[]).map((one) => corrected(one)) }),
    ...(items && { items: corrected(items) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries<Schema>(properties).map(([name, property]) => [name, corrected(property)]),
      ),
    }),
  };
}
