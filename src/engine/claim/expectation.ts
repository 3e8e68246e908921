import type { DecidedSignIn, SignIn } from './sign-in.ts';

/**
 * What a tenant's next sign-ins are likely to be: claims for these apps, from these pools. It only
 * says whether looking first without locks is worth its while, and decides nothing: under the locks
 * all is read, and who needs another pool than these is sent again.
 */
export interface Expectation {
  readonly appIds: ReadonlySet<string>;
  readonly skuIds: ReadonlySet<string>;
}

/** Fewer claims together are no storm: who comes alone is looked at first, and takes no lock unless they claim. */
const CLAIMS_MIN = 8;

/** What is to be expected after these answers; undefined where fewer than half of them are claims. */
export function expectAfter(
  answers: ReadonlyMap<SignIn, DecidedSignIn | Error>,
  skuIds: ReadonlySet<string>,
): Expectation | undefined {
  const appIds = new Set<string>();
  let claims = 0;
  for (const answer of answers.values()) {
    if (answer instanceof Error || answer.outcome !== 'claimed') continue;
    claims += 1;
    appIds.add(answer.appId);
  }
  return claims >= CLAIMS_MIN && claims * 2 >= answers.size ? { appIds, skuIds } : undefined;
}

/** Whether sign-ins are what is expected. */
export function isExpected({ appIds }: Expectation, signIns: readonly SignIn[]): boolean {
  return signIns.length >= CLAIMS_MIN && signIns.every((signIn) => appIds.has(signIn.appId));
}
