import { Type, type Static } from 'typebox';
import { Strict } from './primitives.ts';

/** As many as Graph takes. */
export const BATCH_REQUESTS_MAX = 20;

const Id = Type.Union([
  Type.String({
    minLength: 1,
    maxLength: 128,
    pattern: '^[\\x20-\\x7e]+$',
    description: 'a text of 1 to 128 printable ASCII characters, which no other request of the batch has',
  }),
  // As some of Graph's clients write it; it is answered as a text.
  Type.Integer(),
]);

/** One request of many. */
const BatchedRequest = Type.Object(
  {
    id: Id,
    method: Type.Enum(['GET', 'POST', 'PATCH', 'PUT', 'DELETE']),
    url: Type.String({
      minLength: 1,
      maxLength: 8_192,
      pattern: '^[\\x21-\\x7e]+$',
      description: 'an address relative to /v1.0, such as /users?$top=5, percent-encoded',
    }),
    headers: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 8_192 }))),
    body: Type.Optional(Type.Unknown({ description: 'JSON.' })),
    dependsOn: Type.Optional(
      Type.Array(Type.Union([Type.String({ minLength: 1, maxLength: 128 }), Type.Integer()]), {
        maxItems: BATCH_REQUESTS_MAX,
        description: 'the ids of the requests that must have succeeded before',
      }),
    ),
  },
  Strict,
);
/** Its ids as texts. */
export type BatchedRequest = Omit<Static<typeof BatchedRequest>, 'id' | 'dependsOn'> & {
  readonly id: string;
  readonly dependsOn: readonly string[];
};

export const Batch = Type.Object(
  { requests: Type.Array(BatchedRequest, { minItems: 1, maxItems: BATCH_REQUESTS_MAX }) },
  Strict,
);

/** What became of each, in the order of the requests. */
export const BatchAnswer = Type.Object({
  responses: Type.Array(
    Type.Object({
      id: Type.String(),
      status: Type.Integer(),
      headers: Type.Record(Type.String(), Type.String()),
      body: Type.Optional(Type.Unknown({ description: 'JSON; base64 of what is answered in another form.' })),
    }),
  ),
});
export type BatchedAnswer = Static<typeof BatchAnswer>['responses'][number];
