import { hash } from '@node-rs/argon2';
import { Refused } from '../refused.ts';

/** A password as an admin sets it; what is kept of it is its argon2id hash. */
export interface PasswordProfile {
  readonly password?: string | undefined;
  readonly forceChangePasswordNextSignIn?: boolean | undefined;
}

/** What is kept of a password. */
export interface KeptPassword {
  readonly password_hash?: string;
  readonly must_change_password?: boolean;
}

/** Why a text can't be a password; undefined where it can. */
export function passwordFault(password: string): string | undefined {
  if (password.length >= LENGTH_MIN && password.length <= LENGTH_MAX) return undefined;
  return `The password must have ${LENGTH_MIN} to ${LENGTH_MAX} characters.`;
}

const LENGTH_MIN = 8;
/** Graph's limit; hashing takes as long for any length below. */
const LENGTH_MAX = 256;

/**
 * Hashes a password (argon2id, in a thread of its own): some 30 ms, so before a transaction begins.
 * @throws Refused
 */
export async function keepPassword(profile: PasswordProfile | undefined): Promise<KeptPassword> {
  if (!profile) return {};
  const { password, forceChangePasswordNextSignIn } = profile;
  if (password !== undefined && passwordFault(password) !== undefined) {
    throw new Refused(
      'invalid',
      `passwordProfile.password: The specified password does not comply with password complexity requirements: ${LENGTH_MIN} to ${LENGTH_MAX} characters.`,
      'passwordProfile.password',
    );
  }
  return {
    ...(password !== undefined && { password_hash: await hash(password) }),
    ...(forceChangePasswordNextSignIn !== undefined && { must_change_password: forceChangePasswordNextSignIn }),
  };
}
