import type { Actor } from './tenancy.ts';

/** One organisation; everything belongs to exactly one. */
export interface Tenant {
  readonly id: string;
  readonly displayName: string;
  readonly defaultDomain: string;
  readonly countryLetterCode: string;
  readonly createdAt: Date;
}

/** Autoclaim itself, as the audit shows it. */
export const SYSTEM: Actor = { kind: 'system', displayName: 'Autoclaim' };
