import type { FastifyRequest } from 'fastify';
import { sql } from 'kysely';
import { Organization, OrganizationList, OrganizationPath } from '../../../contract/organization.ts';
import type { Permission } from '../../../contract/permission.ts';
import { notFound } from '../../engine/refused.ts';
import { answered, contextUrl, type Entity } from '../odata/page.ts';
import { parseEntityQuery, rawQuery, type EntityQuery } from '../odata/query.ts';
import type { Resource } from '../odata/resource.ts';
import type { Server, ServerContext } from '../server.ts';

// Everybody who has signed in may know where they are.
const config = { access: ['Organization.Read.All'] satisfies Permission[], people: 'any' as const };
const tags = ['Organization'];

/** What $select may name. It is read by two statements, so that no column is here. */
const ORGANIZATION: Resource = {
  name: 'organization',
  key: 'id',
  defaultOrder: 'id',
  properties: Object.fromEntries(
    Object.keys(Organization.properties).map((name) => [name, { type: 'json', sql: sql`null` }]),
  ),
};

/** The tenant itself. */
export function organizationRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): void {
  server.get(
    '/organization',
    {
      config,
      schema: { tags, summary: 'List the organization that you are in', response: { 200: answered(OrganizationList) } },
    },
    async (request) => {
      const query = parseEntityQuery(rawQuery(request), ORGANIZATION);
      return { '@odata.context': contextUrl(query, baseUrl), value: [select(await read(request), query)] };
    },
  );

  server.get(
    '/organization/:id',
    {
      config,
      schema: { tags, summary: 'Read it', params: OrganizationPath, response: { 200: answered(Organization) } },
    },
    async (request) => {
      const query = parseEntityQuery(rawQuery(request), ORGANIZATION);
      const { id } = request.params;
      if (id.toLowerCase() !== request.principal.tenantId) throw notFound(id);
      return { '@odata.context': `${contextUrl(query, baseUrl)}/$entity`, ...select(await read(request), query) };
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

function select(organization: Entity, { select: names }: EntityQuery): Entity {
  return names ? Object.fromEntries(names.map((name) => [name, organization[name]])) : organization;
}
