import { CreatedTenant, NewTenant } from '../../../contract/tenant.ts';
import { addFirstClient } from '../../engine/app/first-client.ts';
import { createTenant } from '../../engine/tenant/create-tenant.ts';
import { rawQuery, refuseOptions } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';

/** More organisations on the same installation. */
export function tenantRoutes(server: Server, { config, db }: ServerContext): void {
  server.post(
    '/admin/tenants',
    {
      config: { access: ['Tenant.Create'], idempotency: 'secret answer' },
      schema: {
        tags: ['Tenants'],
        summary: 'Create a tenant, with a first client, whose secret is shown this once',
        body: NewTenant,
        response: { 201: CreatedTenant },
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const { tenant, furnished: client } = await createTenant(tenancyOf(db, request), request.body, addFirstClient);
      return reply.status(201).send({
        '@odata.context': `${config.baseUrl}/v1.0/$metadata#admin/tenants/$entity`,
        id: tenant.id,
        displayName: tenant.displayName,
        defaultDomain: tenant.defaultDomain,
        countryLetterCode: tenant.countryLetterCode,
        createdDateTime: tenant.createdAt.toISOString(),
        ...client,
      });
    },
  );
}
