import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** A client secret as it is kept: never the text itself. */
export interface KeptSecret {
  readonly hash: string;
  /** The first characters, by which people tell secrets apart (Graph's hint). */
  readonly hint: string;
}

const SECRET_BYTES = 32;
const HINT_LENGTH = 3;
/** How few characters a chosen secret may show: a hint of a short one would give too much of it away. */
const HINTED_LENGTH_MIN = 16;
const GENERATED = 'sha256:';

/** A new secret, made of 256 random bits. */
export function generateSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/**
 * How a secret of generateSecret is kept. One SHA-256 is right here: with 256 random bits there is
 * nothing to guess, so a slow hash would only slow down the token endpoint.
 */
export function keepGenerated(secret: string): KeptSecret {
  return { hash: GENERATED + sha256(secret).toString('base64url'), hint: secret.slice(0, HINT_LENGTH) };
}

/** How a secret that a person chose is kept: it may be guessable, so guessing must be slow (argon2id). */
export async function keepChosen(secret: string): Promise<KeptSecret> {
  return { hash: await hash(secret), hint: secret.length < HINTED_LENGTH_MIN ? '' : secret.slice(0, HINT_LENGTH) };
}

/** Whether a presented secret is the kept one; the time that it takes says nothing about how near it was. */
export async function matchesSecret(presented: string, keptHash: string): Promise<boolean> {
  if (!keptHash.startsWith(GENERATED)) return matchesChosen(presented, keptHash);
  const kept = Buffer.from(keptHash.slice(GENERATED.length), 'base64url');
  const given = sha256(presented);
  return kept.length === given.length && timingSafeEqual(kept, given);
}

// What was found to match, so that a client which asks for tokens often doesn't cost an argon2
// each time. Keyed with a key of this process, and holding no secret.
const processKey = randomBytes(SECRET_BYTES);
const matched = new Set<string>();
const MATCHED_MAX = 1_000;
/** argon2 takes 20 MB each: whoever sends wrong secrets in a storm waits in a line. */
let line: Promise<unknown> = Promise.resolve();

async function matchesChosen(presented: string, keptHash: string): Promise<boolean> {
  const mark = createHmac('sha256', processKey).update(`${keptHash}\n${presented}`).digest('base64url');
  if (matched.has(mark)) return true;
  const verdict = line.then(() => verify(keptHash, presented));
  line = verdict.catch(() => undefined);
  if (!(await verdict)) return false;
  if (matched.size >= MATCHED_MAX) matched.clear();
  matched.add(mark);
  return true;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
