import type pg from 'pg';
import type { Candidate, LinkFacts } from './decide-link.ts';
import type { ExternalPerson } from './external-person.ts';
import type { IdentityProvider } from './identity-provider.ts';

interface Row extends Candidate {
  readonly isByIdentity: boolean;
}

/** What the tenant knows of a person at one of its providers, at this moment. */
export async function readLinkFacts(
  client: Pick<pg.ClientBase, 'query'>,
  { tenantId, providerId }: Pick<IdentityProvider, 'tenantId' | 'providerId'>,
  { subject, userName }: Pick<ExternalPerson, 'subject' | 'userName'>,
): Promise<LinkFacts> {
  const candidate = `u.user_id as "userId", u.user_principal_name as "userPrincipalName", u.is_account_enabled as "isEnabled",
    exists (select from directory_role_members m where m.tenant_id = u.tenant_id and m.user_id = u.user_id) as "holdsRole",
    exists (select from external_identities i
             where i.tenant_id = u.tenant_id and i.user_id = u.user_id and i.provider_id = $2) as "isLinked"`;
  const { rows } = await client.query<Row>(
    `select true as "isByIdentity", ${candidate}
       from external_identities e join users u on u.tenant_id = e.tenant_id and u.user_id = e.user_id
      where e.tenant_id = $1 and e.provider_id = $2 and e.subject = $3
     union all
     select false, ${candidate}
       from users u where u.tenant_id = $1 and lower(u.user_principal_name) = lower($4::text)`,
    [tenantId, providerId, subject, userName ?? null],
  );
  return { linked: rows.find((row) => row.isByIdentity), named: rows.find((row) => !row.isByIdentity) };
}
