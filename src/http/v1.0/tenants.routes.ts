import { CreatedTenant, NewTenant } from '../../../contract/tenant.ts';
import { addFirstClient } from '../../engine/app/first-client.ts';
import { addFirstAdministrator } from '../../engine/directory/first-administrator.ts';
import { createTenant } from '../../engine/tenant/create-tenant.ts';
import { setUpAddress } from '../../signin/pages/addresses.ts';
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
        summary:
          'Create a tenant, with a first client and a first Global Administrator; secret and set-up link are shown this once',
        body: NewTenant,
        response: { 201: CreatedTenant },
      },
    },
    async (request, reply) => {
      refuseOptions(rawQuery(request));
      const { tenant, furnished } = await createTenant(tenancyOf(db, request), request.body, async (tx) => ({
        client: await addFirstClient(tx),
        administrator: await addFirstAdministrator(tx),
      }));
      const { client, administrator } = furnished;
      return reply.status(201).send({
        '@odata.context': `${config.baseUrl}/v1.0/$metadata#admin/tenants/$entity`,
        id: tenant.id,
        displayName: tenant.displayName,
        defaultDomain: tenant.defaultDomain,
        countryLetterCode: tenant.countryLetterCode,
        createdDateTime: tenant.createdAt.toISOString(),
        ...client,
        administrator: administrator.userPrincipalName,
        setUpLink: setUpAddress(config.baseUrl, tenant.id, administrator.link.token),
      });
    },
  );
}
