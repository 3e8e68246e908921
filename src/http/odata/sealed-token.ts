import { createHash } from 'node:crypto';

/**
 * An opaque token: parts, and a seal over them and over what they belong to. The seal is no secret: it finds tokens that
 * were cut, altered or moved. Whoever forges one gets another page of what they may read.
 * @param of what the token belongs to, and no other
 */
export function writeSealed(parts: readonly unknown[], of: string): string {
  return Buffer.from(JSON.stringify([seal(parts, of), ...parts])).toString('base64url');
}

/** The parts of a token of writeSealed; undefined where it is none, or belongs to something else. */
export function readSealed(token: string, of: string, lengthMax: number): readonly unknown[] | undefined {
  const value = token.length <= lengthMax ? decode(token) : undefined;
  if (!Array.isArray(value)) return undefined;
  const [given, ...parts] = value as unknown[];
  return given === seal(parts, of) ? parts : undefined;
}

function decode(token: string): unknown {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.toString('base64url') !== token) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function seal(parts: readonly unknown[], of: string): string {
  return createHash('sha256')
    .update(JSON.stringify([of, parts]))
    .digest('base64url')
    .slice(0, 22);
}
