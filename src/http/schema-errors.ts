import type { FastifySchemaValidationError } from 'fastify';

interface AjvError extends FastifySchemaValidationError {
  readonly parentSchema?: {
    readonly description?: string;
    readonly anyOf?: readonly { readonly description?: string }[];
  };
}

/**
 * What is wrong with a request, naming the field: "products[0].skuId must be a GUID".
 * Of a union's errors (nullable fields are unions) the one that goes deepest is told.
 */
export function describeSchemaErrors(errors: readonly FastifySchemaValidationError[], context = 'body'): string {
  const told = (errors as readonly AjvError[])
    .filter((error) => error.keyword !== 'anyOf' || errors.length === 1)
    .toSorted((a, b) => depth(b) - depth(a))[0]!;
  const where = fieldName(told.instancePath);
  const subject = where || (context === 'body' ? 'The body' : `The ${context}`);
  switch (told.keyword) {
    case 'additionalProperties':
      return `${join(where, String(told.params['additionalProperty']))} is not a property that can be given here.`;
    case 'required':
      return `${join(where, String(told.params['missingProperty']))} is missing.`;
    case 'pattern':
    case 'format':
      return `${subject} must be ${told.parentSchema?.description ?? `of the form ${String(told.params['pattern'] ?? told.params['format'])}`}.`;
    case 'enum':
      return `${subject} must be one of ${(told.params['allowedValues'] as unknown[]).join(', ')}.`;
    case 'const':
      return `${subject} must be ${String(told.params['allowedValue'])}.`;
    default:
      return `${subject} ${told.message ?? 'is not valid'}.`;
  }
}

function depth(error: FastifySchemaValidationError): number {
  // "must be null" is the other half of a nullable field: of no use to a person.
  const isNullHalf = error.keyword === 'type' && error.params['type'] === 'null';
  return error.instancePath.split('/').length * 2 - (isNullHalf ? 1 : 0);
}

function join(path: string, property: string): string {
  return path ? `${path}.${property}` : property;
}

/** /products/0/skuId → products[0].skuId */
function fieldName(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : join(path, part)), '');
}
