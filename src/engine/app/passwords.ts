import { v7 as newId } from 'uuid';
import { recordAudit } from '../audit/audit.ts';
import { invalid } from '../refused.ts';
import { inTenant, type Tenancy, type TenantTransaction } from '../tenant/tenancy.ts';
import { auditTarget, lockApp } from './app.ts';
import { refuseOvergrant, type Grantor } from './grantor.ts';
import { generateSecret, keepGenerated, type KeptSecret } from './secret.ts';

/** A secret as it is shown once. */
export interface NewPassword {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly hint: string;
  readonly secretText: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

export interface PasswordDraft {
  readonly displayName?: string | null | undefined;
  readonly startsAt?: Date | undefined;
  readonly endsAt?: Date | undefined;
}

/** How long a secret is good for where nothing else is said; so at Microsoft. */
const YEARS_DEFAULT = 2;
/** Each token request compares with all of them. */
const SECRETS_MAX = 50;

/**
 * Gives an app one more secret.
 * @throws Refused notFound; invalid, naming the field; forbidden, for an app that may more than the grantor can give
 */
export function addPassword(
  tenancy: Tenancy,
  appObjectId: string,
  draft: PasswordDraft,
  grantor: Grantor,
): Promise<NewPassword> {
  return inTenant(tenancy, async (tx) => {
    const app = await lockApp(tx, appObjectId);
    await refuseOvergrant(tx, grantor, app.permissions);
    const { startsAt = tx.now, endsAt = yearsAfter(startsAt, YEARS_DEFAULT), displayName = null } = draft;
    if (endsAt <= startsAt) throw invalid('passwordCredential.endDateTime', 'must be after startDateTime.');
    if (endsAt <= tx.now) throw invalid('passwordCredential.endDateTime', 'is past.');
    const { rows } = await tx.client.query<{ count: number }>(
      'select count(*) as count from app_secrets where tenant_id = $1 and app_id = $2',
      [tx.tenantId, app.appId],
    );
    if (rows[0]!.count >= SECRETS_MAX)
      throw invalid('passwordCredential', `the app has ${SECRETS_MAX} secrets, as many as it may. Remove one first.`);
    const secretText = generateSecret();
    const password = { keyId: newId(), displayName, secretText, startsAt, endsAt, ...keepGenerated(secretText) };
    await insertSecret(tx, app.appId, password);
    await recordAudit(tx, [
      {
        category: 'ApplicationManagement',
        activity: 'Add application password',
        operation: 'Update',
        target: auditTarget(app),
        details: { keyId: password.keyId, endDateTime: endsAt.toISOString() },
      },
    ]);
    return password;
  });
}

/**
 * Takes a secret from an app: it opens nothing from then on; tokens that were got with it end by themselves.
 * @throws Refused notFound; invalid, where the app has no such secret
 */
export function removePassword(tenancy: Tenancy, appObjectId: string, keyId: string): Promise<void> {
  return inTenant(tenancy, async (tx) => {
    const app = await lockApp(tx, appObjectId);
    const { rowCount } = await tx.client.query(
      'delete from app_secrets where tenant_id = $1 and app_id = $2 and key_id = $3',
      [tx.tenantId, app.appId, keyId],
    );
    if (rowCount === 0) throw invalid('keyId', `the app has no password ${keyId}.`);
    await recordAudit(tx, [
      {
        category: 'ApplicationManagement',
        activity: 'Remove application password',
        operation: 'Update',
        target: auditTarget(app),
        details: { keyId: keyId.toLowerCase() },
      },
    ]);
  });
}

/** Writes a secret of an app, as it is kept. */
export async function insertSecret(
  tx: TenantTransaction,
  appId: string,
  secret: KeptSecret & { keyId: string; displayName: string | null; startsAt: Date; endsAt: Date },
): Promise<void> {
  await tx.query
    .insertInto('app_secrets')
    .values({
      tenant_id: tx.tenantId,
      app_id: appId,
      key_id: secret.keyId,
      display_name: secret.displayName,
      secret_hash: secret.hash,
      hint: secret.hint,
      starts_at: secret.startsAt,
      ends_at: secret.endsAt,
    })
    .execute();
}

/** The same day, some years later. */
export function yearsAfter(time: Date, years: number): Date {
  const later = new Date(time);
  later.setUTCFullYear(later.getUTCFullYear() + years);
  return later;
}
