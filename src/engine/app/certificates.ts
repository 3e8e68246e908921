import { createHash, X509Certificate } from 'node:crypto';
import { v7 as newId } from 'uuid';
import { recordAudit } from '../audit/audit.ts';
import { invalid } from '../refused.ts';
import type { TenantTransaction } from '../tenant/tenancy.ts';
import { auditTarget, type App } from './app.ts';

/** A certificate to keep (keyId of one that the app has, no key) or to add (key). */
export interface CertificateDraft {
  readonly keyId?: string | undefined;
  readonly displayName?: string | null | undefined;
  /** base64 of the certificate, DER or PEM */
  readonly key?: string | null | undefined;
  readonly startsAt?: Date | undefined;
  readonly endsAt?: Date | undefined;
}

/** Each assertion is tried with all of them. */
export const CERTIFICATES_MAX = 20;
const RSA_BITS_MIN = 2048;

interface NewCertificate {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly certificate: string;
  readonly thumbprint: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/**
 * Makes an app's certificates these: what isn't named is removed.
 * @throws Refused invalid, naming the field
 */
export async function replaceCertificates(
  tx: TenantTransaction,
  app: App,
  drafts: readonly CertificateDraft[],
): Promise<void> {
  const { rows } = await tx.client.query<{ key_id: string }>(
    'select key_id from app_certificates where tenant_id = $1 and app_id = $2',
    [tx.tenantId, app.appId],
  );
  const had = rows.map((row) => row.key_id);
  const keyIds = drafts.map((draft) => draft.keyId?.toLowerCase());
  const added: NewCertificate[] = [];
  drafts.forEach((draft, index) => {
    const [field, keyId] = [`keyCredentials[${index}]`, keyIds[index]];
    if (keyId !== undefined && keyIds.indexOf(keyId) < index)
      throw invalid(`${field}.keyId`, `${keyId} is named twice.`);
    if (keyId !== undefined && had.includes(keyId)) {
      if (draft.key)
        throw invalid(
          `${field}.key`,
          `the app has a certificate ${keyId}, which can't be changed. Leave key out to keep it.`,
        );
      return;
    }
    added.push(read(draft, keyId ?? newId(), field, tx.now));
  });
  const removed = had.filter((keyId) => !keyIds.includes(keyId));
  if (added.length === 0 && removed.length === 0) return;
  await tx.client.query(
    'delete from app_certificates where tenant_id = $1 and app_id = $2 and key_id = any($3::uuid[])',
    [tx.tenantId, app.appId, removed],
  );
  for (const certificate of added) await insert(tx, app.appId, certificate);
  await recordAudit(tx, [
    {
      category: 'ApplicationManagement',
      activity: 'Update application certificates',
      operation: 'Update',
      target: auditTarget(app),
      details: {
        ...(added.length > 0 && { added: added.map(({ keyId, thumbprint }) => `${keyId} (${thumbprint})`).join(', ') }),
        ...(removed.length > 0 && { removed: removed.join(', ') }),
      },
    },
  ]);
}

function read(draft: CertificateDraft, keyId: string, field: string, now: Date): NewCertificate {
  if (!draft.key)
    throw invalid(
      `${field}.key`,
      draft.keyId === undefined
        ? 'is missing.'
        : `the app has no certificate ${keyId} to keep; a new one needs its key.`,
    );
  const certificate = parse(draft.key, `${field}.key`);
  const [from, to] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  const { startsAt = from, endsAt = to } = draft;
  if (startsAt < from) throw invalid(`${field}.startDateTime`, `the certificate is valid from ${from.toISOString()}.`);
  if (endsAt > to) throw invalid(`${field}.endDateTime`, `the certificate is valid until ${to.toISOString()}.`);
  if (endsAt <= startsAt) throw invalid(`${field}.endDateTime`, 'must be after startDateTime.');
  if (endsAt <= now) throw invalid(`${field}.endDateTime`, 'is past.');
  return {
    keyId,
    displayName: draft.displayName ?? certificate.subject.replaceAll('\n', ', ').slice(0, 256),
    certificate: certificate.raw.toString('base64'),
    thumbprint: createHash('sha1').update(certificate.raw).digest('hex').toUpperCase(),
    startsAt,
    endsAt,
  };
}

/** A certificate with a key that an assertion can safely be signed with. */
function parse(key: string, field: string): X509Certificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(Buffer.from(key, 'base64'));
  } catch {
    throw invalid(field, 'must be an X.509 certificate in base64.');
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
  const isStrong =
    (type === 'rsa' && (details?.modulusLength ?? 0) >= RSA_BITS_MIN) ||
    (type === 'ec' && details?.namedCurve === 'prime256v1');
  if (!isStrong)
    throw invalid(
      field,
      `the certificate must have an RSA key of ${RSA_BITS_MIN} bits or more, or one on the curve P-256.`,
    );
  return certificate;
}

async function insert(tx: TenantTransaction, appId: string, certificate: NewCertificate): Promise<void> {
  await tx.query
    .insertInto('app_certificates')
    .values({
      tenant_id: tx.tenantId,
      app_id: appId,
      key_id: certificate.keyId,
      display_name: certificate.displayName,
      certificate: certificate.certificate,
      thumbprint: certificate.thumbprint,
      starts_at: certificate.startsAt,
      ends_at: certificate.endsAt,
    })
    .execute();
}
