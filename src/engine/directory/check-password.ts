import { hash, verify } from '@node-rs/argon2';
import type { Database } from '../../db/open.ts';
import { countAttempt, forgiveAttempt, type Attempt } from './sign-in-attempts.ts';

/** What came of a user name and a password. */
export type PasswordCheck =
  | {
      readonly outcome: 'right';
      readonly userId: string;
      readonly userPrincipalName: string;
      readonly displayName: string;
      readonly mustChange: boolean;
    }
  /** There is no such user, they have no password, or it is another: nobody is told which. */
  | { readonly outcome: 'wrong' }
  /** Only who knows the password learns that the account is blocked. */
  | { readonly outcome: 'blocked' }
  /** Too many have failed; whether this password was right was not looked at. */
  | { readonly outcome: 'wait'; readonly seconds: number };

interface Account {
  readonly user_id: string;
  readonly user_principal_name: string;
  readonly display_name: string;
  readonly is_account_enabled: boolean;
  readonly must_change_password: boolean;
  readonly password_hash: string | null;
}

/** What is compared where there is nothing to compare with, so that it takes the same time. */
const nothing = hash('no password is ever compared with this but in vain');

/** argon2 takes 20 MB each: whoever sends passwords in a storm waits in one of two lines. */
const lines: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
let next = 0;

/** Checks a user name and a password, and counts the failures by account and by address. */
export async function checkPassword(
  db: Database,
  tenantId: string,
  attempt: Attempt,
  password: string,
): Promise<PasswordCheck> {
  const seconds = await countAttempt(db, tenantId, attempt);
  if (seconds !== undefined) return { outcome: 'wait', seconds };
  const { rows } = await db.pool.query<Account>(
    `select user_id, user_principal_name, display_name, is_account_enabled, must_change_password, password_hash from users
      where tenant_id = $1 and lower(user_principal_name) = lower($2)`,
    [tenantId, attempt.userName],
  );
  const account = rows[0];
  const kept = account?.password_hash ?? (await nothing);
  const isEqual = await inLine(() => verify(kept, password));
  if (!isEqual || !account?.password_hash) return { outcome: 'wrong' };
  await forgiveAttempt(db, tenantId, attempt);
  if (!account.is_account_enabled) return { outcome: 'blocked' };
  return {
    outcome: 'right',
    userId: account.user_id,
    userPrincipalName: account.user_principal_name,
    displayName: account.display_name,
    mustChange: account.must_change_password,
  };
}

function inLine<T>(work: () => Promise<T>): Promise<T> {
  next = (next + 1) % lines.length;
  const done = lines[next]!.then(work);
  lines[next] = done.catch(() => undefined);
  return done;
}
