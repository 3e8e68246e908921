import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refused } from '../../engine/refused.ts';
import { toAnswer } from '../errors.ts';

/** The keywords of RFC 7644, 3.12. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue';

/** An answer that is an error, in SCIM's terms. */
export class ScimError extends Error {
  override readonly name = 'ScimError';
  readonly status: number;
  readonly scimType: ScimType | undefined;

  constructor(status: number, message: string, scimType?: ScimType) {
    super(message);
    this.status = status;
    this.scimType = scimType;
  }
}

export const invalidValue = (message: string) => new ScimError(400, message, 'invalidValue');
export const invalidFilter = (message: string) => new ScimError(400, message, 'invalidFilter');
export const invalidPath = (message: string) => new ScimError(400, message, 'invalidPath');

export const SCIM_MEDIA_TYPE = 'application/scim+json; charset=utf-8';

/** The error handler of SCIM's routes. */
export function answerScimError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof ScimError) return send(reply, error.status, error.message, error.scimType);
  if (error instanceof Refused && error.kind === 'duplicate') return send(reply, 409, error.message, 'uniqueness');
  const answer = toAnswer(error, request);
  const isOfEngine = error instanceof Refused;
  const scimType = answer.status === 400 ? (isOfEngine ? 'invalidValue' : 'invalidSyntax') : undefined;
  void reply.headers(answer.headers);
  return send(reply, answer.status, answer.message, scimType);
}

function send(reply: FastifyReply, status: number, detail: string, scimType: ScimType | undefined): FastifyReply {
  return reply
    .status(status)
    .type(SCIM_MEDIA_TYPE)
    .send({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: String(status),
      ...(scimType && { scimType }),
      detail,
    });
}
