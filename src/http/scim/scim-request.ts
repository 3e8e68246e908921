import type { FastifyReply, FastifyRequest } from 'fastify';
import { provisioningActor, type ProvisioningClient } from '../../engine/provisioning/client.ts';
import type { Tenancy } from '../../engine/tenant/tenancy.ts';
import { ScimError } from './scim-error.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on SCIM's routes: whose token the request has. */
    provisioner: ProvisioningClient;
  }
}

/** What SCIM's routes need: a client's token, checked in their own scope. */
export const SCIM_ACCESS = {
  access: 'anyone' as const,
  idempotency: 'none' as const,
  describedSecurity: [{ provisioningToken: [] }],
};
export const tags = ['Provisioning'];

export const ID = { type: 'object', properties: { id: { type: 'string' } } } as const;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const notThere = (id: string) => new ScimError(404, `Resource ${id.slice(0, 100)} not found.`);

/** The id of a path. @throws ScimError 404 where it can be nobody's */
export function idOf(request: FastifyRequest): string {
  const { id } = request.params as { id: string };
  if (!GUID.test(id)) throw notThere(id);
  return id.toLowerCase();
}

export function listAnswer(resources: object[], total: number, startIndex: number): object {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: total,
    startIndex,
    itemsPerPage: resources.length,
    Resources: resources,
  };
}

/** The engine's handle for a provisioning client. */
export function tenancyOfProvisioner(db: Tenancy['db'], { id, provisioner }: FastifyRequest): Tenancy {
  return { db, tenantId: provisioner.tenantId, actor: provisioningActor(provisioner), correlationId: id };
}

/** Whether a version is among those of If-Match or If-None-Match; * is any. */
export function isAmong(version: string | undefined, header: string): boolean {
  const bare = (tag: string) => tag.trim().replace(/^W\//, '');
  return (
    header.trim() === '*' || (version !== undefined && header.split(',').some((one) => bare(one) === bare(version)))
  );
}

/** @throws ScimError 412 where the client has read another version */
export function refuseStale(request: FastifyRequest, version: string | undefined): void {
  const header = request.headers['if-match'];
  if (header !== undefined && !isAmong(version, header))
    throw new ScimError(412, 'It was changed meanwhile: read it again.');
}

/** Sends a resource that was read, or 304 where the client has it. */
export function sendRead(
  request: FastifyRequest,
  reply: FastifyReply,
  version: string | undefined,
  body: object,
): FastifyReply {
  if (version !== undefined) reply.header('etag', version);
  const header = request.headers['if-none-match'];
  if (header !== undefined && isAmong(version, header)) return reply.status(304).send();
  return reply.send(body);
}
