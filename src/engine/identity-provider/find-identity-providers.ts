import type { Selectable } from 'kysely';
import type { Database } from '../../db/open.ts';
import type { IdentityProvidersTable } from '../../db/doors-schema.ts';
import { domainOf } from './external-person.ts';
import { identityProviderOf, type IdentityProvider } from './identity-provider.ts';

/** One of a tenant's identity providers, on or off. */
export async function findIdentityProvider(
  db: Database,
  tenantId: string,
  providerId: string,
): Promise<IdentityProvider | undefined> {
  const { rows } = await db.pool.query<Selectable<IdentityProvidersTable>>(
    'select * from identity_providers where tenant_id = $1 and provider_id = $2',
    [tenantId, providerId],
  );
  return rows[0] && identityProviderOf(rows[0]);
}

/** What a sign-in page offers. */
export interface WaysIn {
  /** Those that are on, by name. */
  readonly providers: readonly IdentityProvider[];
  readonly isPasswordAllowed: boolean;
}

export async function readWaysIn(db: Database, tenantId: string): Promise<WaysIn> {
  const [{ rows }, tenant] = await Promise.all([
    db.pool.query<Selectable<IdentityProvidersTable>>(
      'select * from identity_providers where tenant_id = $1 and is_enabled order by lower(display_name), provider_id',
      [tenantId],
    ),
    db.pool.query<{ is_password_sign_in_on: boolean }>(
      'select is_password_sign_in_on from tenants where tenant_id = $1',
      [tenantId],
    ),
  ]);
  return {
    providers: rows.map(identityProviderOf),
    isPasswordAllowed: tenant.rows[0]?.is_password_sign_in_on ?? true,
  };
}

/** To whom people with this user name go (home-realm discovery). */
export function homeOf(userName: string, { providers }: WaysIn): IdentityProvider | undefined {
  return userName.includes('@') ? providers.find(({ domains }) => domains.includes(domainOf(userName))) : undefined;
}
