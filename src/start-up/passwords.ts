import { openDatabase, type Connection } from '../db/open.ts';
import { writePasswordSignIn } from '../engine/identity-provider/ways-in.ts';
import { findTenant } from '../engine/tenant/find-tenant.ts';
import { SYSTEM } from '../engine/tenant/tenant.ts';

/** Passwords can't be turned on as asked: the message says why and what to do. */
export class PasswordsRefused extends Error {
  override readonly name = 'PasswordsRefused';
}

/**
 * Lets people of a tenant sign in with a password again: for whoever runs the server, where its
 * identity provider lets nobody in.
 * @param tenant its id or domain; "common": the only one
 * @returns its id
 * @throws PasswordsRefused where there is none so called
 */
export async function turnPasswordsOn(connection: Connection, tenant: string): Promise<string> {
  const db = openDatabase({ ...connection, max: 2 }, () => undefined);
  try {
    const tenantId = await findTenant(db, tenant);
    if (tenantId === undefined) {
      throw new PasswordsRefused(
        tenant === 'common'
          ? 'There is not exactly one organisation here. Name the one that is meant: --tenant <id or domain>.'
          : `There is no organisation ${tenant} here.`,
      );
    }
    await writePasswordSignIn({ db, tenantId, actor: SYSTEM, correlationId: null }, true);
    return tenantId;
  } finally {
    await db.close();
  }
}
