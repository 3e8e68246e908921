import { isCallable } from '../../engine/identity-provider/identity-provider.ts';

/** How long a provider may take for one answer, body included: a person waits. */
const ANSWER_WITHIN_MS = 5_000;
/** The largest answer that is read: discovery documents and key sets have some kilobytes. */
const ANSWER_BYTES_MAX = 512 * 1024;

/** What went wrong on the way to a provider or back. */
export class ProviderUnreachable extends Error {
  override readonly name = 'ProviderUnreachable';
}

export type Fetch = (address: string, options: object) => Promise<Response>;

/**
 * Calls an identity provider: by https, within a time, as much of an answer as it may have, and
 * nowhere but to where it was asked to: a redirect is no answer.
 * @param baseUrl Autoclaim's own
 */
export function createFetch(baseUrl: string): Fetch {
  return async (address, options) => {
    if (!isCallable(address, baseUrl)) throw new ProviderUnreachable(`${address} is no https address.`);
    const limit = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const response = await fetch(address, { ...options, redirect: 'manual', signal: limit });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new ProviderUnreachable(`${address} answered with a redirect.`);
    }
    const { status, headers } = response;
    return new Response(await readBody(response, address), { status, headers });
  };
}

async function readBody(response: Response, address: string): Promise<Uint8Array<ArrayBuffer> | null> {
  if (!response.body) return null;
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body as ReadableStream<Uint8Array>) {
    length += part.length;
    // Leaving the loop lets the connection go.
    if (length > ANSWER_BYTES_MAX) throw new ProviderUnreachable(`${address} answered with too much.`);
    parts.push(part);
  }
  return length === 0 ? null : new Uint8Array(Buffer.concat(parts));
}

/** What went wrong, for a log and for an admin: messages alone, since what is attached to an error may hold tokens. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, WORDS_LENGTH_MAX);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error.message}${cause}`.slice(0, WORDS_LENGTH_MAX);
}

const WORDS_LENGTH_MAX = 500;
