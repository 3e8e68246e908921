import type { Database } from '../../db/open.ts';
import type { RedirectUris } from './redirect-uris.ts';
import { matchesSecret } from './secret.ts';

/** An app as an OAuth client: what it may prove itself with at this moment, and what it may do. */
export interface Client {
  readonly appId: string;
  readonly objectId: string;
  readonly displayName: string;
  readonly permissions: readonly string[];
  readonly secretHashes: readonly string[];
  readonly certificates: readonly ClientCertificate[];
  /** Whether people need a license for it: whether it requires any service plan. */
  readonly needsLicense: boolean;
  readonly onRefusal: 'block' | 'continue';
  readonly redirectUris: RedirectUris;
}

export interface ClientCertificate {
  readonly keyId: string;
  /** base64 of the DER form */
  readonly certificate: string;
}

/**
 * Reads a client by its client id. Secrets and certificates outside their time, by the database's
 * clock, aren't in it.
 */
export async function readClient(db: Database, tenantId: string, clientId: string): Promise<Client | undefined> {
  // PostgreSQL has no text with a NUL in it, so no client is called so.
  if (clientId.includes('\0')) return undefined;
  const { rows } = await db.pool.query<Client>(
    `select a.app_id as "appId", a.object_id as "objectId", a.display_name as "displayName", a.permissions,
            a.on_refusal as "onRefusal", cardinality(a.required_service_plan_ids) > 0 as "needsLicense",
            json_build_object('web', a.web_redirect_uris, 'spa', a.spa_redirect_uris,
                              'publicClient', a.public_client_redirect_uris) as "redirectUris",
            array(select s.secret_hash from app_secrets s
                   where s.tenant_id = a.tenant_id and s.app_id = a.app_id
                     and s.starts_at <= clock_timestamp() and clock_timestamp() < s.ends_at
                   order by s.key_id) as "secretHashes",
            coalesce((select json_agg(json_build_object('keyId', c.key_id, 'certificate', c.certificate) order by c.key_id)
                        from app_certificates c
                       where c.tenant_id = a.tenant_id and c.app_id = a.app_id
                         and c.starts_at <= clock_timestamp() and clock_timestamp() < c.ends_at), '[]') as certificates
       from apps a
      where a.tenant_id = $1 and a.client_id = $2`,
    [tenantId, clientId],
  );
  return rows[0];
}

/** Whether a presented secret is one of the client's. Every one is compared, so the time doesn't say which. */
export async function isSecretOf(client: Pick<Client, 'secretHashes'>, presented: string): Promise<boolean> {
  const verdicts = await Promise.all(client.secretHashes.map((hash) => matchesSecret(presented, hash)));
  return verdicts.includes(true);
}

/** Whose a client is; undefined where there is none of that id. */
export async function findTenantOfClient(db: Database, clientId: string): Promise<string | undefined> {
  const row = await db.query
    .selectFrom('client_ids')
    .select('tenant_id')
    .where('client_id', '=', clientId)
    .limit(1)
    .executeTakeFirst();
  return row?.tenant_id;
}
