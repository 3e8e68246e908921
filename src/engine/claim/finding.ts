import type { Reason } from './decision.ts';

/** What a check found; a failure has a reason, except where the user is licensed already. */
export interface Finding {
  readonly passed: boolean;
  readonly reason?: Reason;
  /** A sentence for the admin. */
  readonly detail: string;
}

export const passed = (detail: string): Finding => ({ passed: true, detail });
export const failed = (reason: Reason, detail: string): Finding => ({ passed: false, reason, detail });
