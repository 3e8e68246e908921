import type { FastifyRequest } from 'fastify';
import { Organization, OrganizationList, OrganizationPath } from '../../../contract/organization.ts';
import type { Permission } from '../../../contract/permission.ts';
import { notFound } from '../../engine/refused.ts';
import { rawQuery, refuseOptions } from '../odata/query.ts';
import type { Server, ServerContext } from '../server.ts';

// Everybody who has signed in may know where they are.
const config = { access: ['Organization.Read.All'] satisfies Permission[], people: 'any' as const };
const tags = ['Organization'];

/** The tenant itself. */
export function organizationRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): void {
  const context = (of: string) => `${baseUrl}/v1.0/$metadata#${of}`;

  server.get(
    '/organization',
    { config, schema: { tags, summary: 'List the organization that you are in', response: { 200: OrganizationList } } },
    async (request) => {
      refuseOptions(rawQuery(request));
      return { '@odata.context': context('organization'), value: [await read(request)] };
    },
  );

  server.get(
    '/organization/:id',
    { config, schema: { tags, summary: 'Read it', params: OrganizationPath, response: { 200: Organization } } },
    async (request) => {
      refuseOptions(rawQuery(request));
      const { id } = request.params;
      if (id.toLowerCase() !== request.principal.tenantId) throw notFound(id);
      return { '@odata.context': context('organization/$entity'), ...(await read(request)) };
    },
  );

  async function read({ principal: { tenantId } }: FastifyRequest) {
    const tenant = await db.query
      .selectFrom('tenants')
      .selectAll()
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow();
    const domains = await db.query
      .selectFrom('verified_domains')
      .select('domain')
      .where('tenant_id', '=', tenantId)
      .orderBy('domain')
      .execute();
    return {
      id: tenant.tenant_id,
      displayName: tenant.display_name,
      countryLetterCode: tenant.country_letter_code,
      defaultUsageLocation: tenant.default_usage_location,
      createdDateTime: tenant.created_at.toISOString(),
      verifiedDomains: domains.map(({ domain }) => ({
        name: domain,
        isDefault: domain === tenant.default_domain,
        isInitial: domain === tenant.default_domain,
        type: 'Managed',
        capabilities: 'Email',
      })),
    };
  }
}
