import { Type, type TSchema } from 'typebox';

/** A GUID in either case; the API answers in lower case. Versions aren't looked at: some of Microsoft's own have none. */
export const Guid = Type.String({
  pattern: '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$',
  description: 'a GUID',
});

/** ISO 3166-1 alpha-2, in upper case. */
export const CountryCode = Type.String({
  pattern: '^[A-Z]{2}$',
  description: 'a two-letter country code (ISO 3166-1), such as US',
});

/** RFC 3339 with a zone; answers are in UTC with milliseconds. */
export const DateTime = Type.String({
  format: 'date-time',
  description: 'a date and time (RFC 3339), such as 2026-12-31T23:59:59Z',
});

/** Of which time: query options as texts, which the engine reads (and refuses). */
export const PeriodOptions = {
  period: Type.Optional(
    Type.String({ description: 'D1, D7, D30 or D90: the days before now, each of 24 hours; D90 unless given.' }),
  ),
  from: Type.Optional(Type.String({ description: 'Instead of a period: the first moment (RFC 3339).' })),
  to: Type.Optional(Type.String({ description: 'The moment after the last one; now, unless given.' })),
};

/** A value that may be null. */
export function Nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

/** An object with just these properties: any other is a 400 that names it. */
export const Strict = { additionalProperties: false } as const;

/** A page of a collection, as OData has it. */
export function Collection<T extends TSchema>(item: T) {
  return Type.Object({
    '@odata.context': Type.String(),
    '@odata.count': Type.Optional(Type.Integer()),
    '@odata.nextLink': Type.Optional(Type.String()),
    value: Type.Array(item),
  });
}

/** A page of what is there, or of what has changed, as Graph's delta queries answer. */
export function Delta<T extends TSchema>(item: T) {
  return Type.Object({
    '@odata.context': Type.String(),
    '@odata.nextLink': Type.Optional(Type.String()),
    '@odata.deltaLink': Type.Optional(Type.String()),
    value: Type.Array(item),
  });
}

/** What a delta query answers of what is gone. */
export const Removed = Type.Object({ '@removed': Type.Optional(Type.Object({ reason: Type.String() })) });

/** A change only of what was read: another's change meanwhile is a 412. */
export const IfMatch = Type.Object({
  'if-match': Type.Optional(Type.String({ description: 'the @odata.etag that was read; 412 where it is another now' })),
});

/** How errors are told, as Graph does. */
export const ErrorAnswer = Type.Object({
  error: Type.Object({
    code: Type.String(),
    message: Type.String(),
    details: Type.Optional(
      Type.Array(
        Type.Object({
          line: Type.Optional(Type.Integer()),
          target: Type.Optional(Type.String()),
          message: Type.String(),
        }),
      ),
    ),
    innerError: Type.Object({
      date: Type.String(),
      'request-id': Type.String(),
      'client-request-id': Type.String(),
    }),
  }),
});
