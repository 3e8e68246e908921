import type { Config } from '../config.ts';
import type { Database } from '../db/open.ts';
import { addFirstClient, ensureBootstrapClient, type Credentials } from '../engine/app/first-client.ts';
import { ensureFirstAdministrator } from '../engine/directory/first-administrator.ts';
import { ensureFirstTenant, type NewTenant } from '../engine/tenant/create-tenant.ts';
import { CONTOSO, furnishContoso } from '../sample/contoso.ts';
import { ensureSampleAppAddress } from '../sample/sample-app-address.ts';
import { setUpAddress } from '../signin/pages/addresses.ts';
import { FirstClientFile } from './first-client-file.ts';

/** The first tenant, and with which client one can begin to work in it. */
export interface Organisation {
  readonly tenantId: string;
  readonly displayName: string;
  readonly domain: string;
  /** Made by this very start: the one time that its secret can be shown. */
  readonly newClient: Credentials | undefined;
  /** Where the first client's secret is, as seen from here; undefined where it isn't on this machine. */
  readonly clientFile: string | undefined;
  /** How the first Global Administrator begins; undefined where one has a password already. */
  readonly firstAdministrator: FirstSignIn | undefined;
}

export interface FirstSignIn {
  readonly userPrincipalName: string;
  /** Where they set their password; undefined where the settings gave one. */
  readonly setUpAddress: string | undefined;
}

/**
 * Makes the first tenant in an empty database, with the sample and the first client, all or
 * nothing; and the client that the settings name and the sample app's address, on any start.
 */
export async function ensureOrganisation(db: Database, config: Config): Promise<Organisation> {
  const file = new FirstClientFile(config);
  let newClient: Credentials | undefined;
  const wanted: { name: string } & Partial<NewTenant> =
    config.sample === 'contoso' ? { name: CONTOSO.displayName, ...CONTOSO } : { name: config.tenantName };
  const tenantId = await ensureFirstTenant(db, wanted, async (tx) => {
    if (config.sample === 'contoso') await furnishContoso(tx);
    // Whoever brings a client of their own needs no other that can do everything.
    if (config.bootstrapClient) return;
    const { default_domain: domain } = await tx.query
      .selectFrom('tenants')
      .select('default_domain')
      .where('tenant_id', '=', tx.tenantId)
      .executeTakeFirstOrThrow();
    newClient = await addFirstClient(tx);
    // Before the commit: a client whose secret is written nowhere must not come to be.
    file.write(newClient, domain, config.baseUrl);
  });
  if (config.sample === 'contoso') await ensureSampleAppAddress(db, tenantId, config.baseUrl);
  if (config.bootstrapClient) await ensureBootstrapClient(db, tenantId, config.bootstrapClient);
  const administrator = await ensureFirstAdministrator(db, tenantId, config.adminPassword);
  const firstAdministrator = administrator && {
    userPrincipalName: administrator.userPrincipalName,
    setUpAddress: administrator.link && setUpAddress(config.baseUrl, tenantId, administrator.link.token),
  };
  const tenant = await db.query
    .selectFrom('tenants')
    .select(['display_name', 'default_domain'])
    .where('tenant_id', '=', tenantId)
    .executeTakeFirstOrThrow();
  const clientFile = (await isClientOf(db, tenantId, file.clientId)) ? file.shownPath : undefined;
  return {
    tenantId,
    displayName: tenant.display_name,
    domain: tenant.default_domain,
    newClient,
    clientFile,
    firstAdministrator,
  };
}

async function isClientOf(db: Database, tenantId: string, clientId: string | undefined): Promise<boolean> {
  if (clientId === undefined) return false;
  const row = await db.query
    .selectFrom('client_ids')
    .select('client_id')
    .where('client_id', '=', clientId)
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst();
  return row !== undefined;
}
