import type { FastifyRequest } from 'fastify';

/** More isn't waited for. */
const BYTES_MAX = 64 * 1024 * 1024;

/**
 * Reads what a GET brings along, and drops it. nginx makes a GET of a form that may not pass, and sends the form's
 * content with it; to answer and close before that has come would be a reset, which nginx tells the browser as 502.
 */
export async function dropBody({ raw, method }: FastifyRequest): Promise<void> {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = raw.headers;
  if (method !== 'GET' || (Number(length) === 0 && encoding === undefined)) return;
  let size = 0;
  try {
    for await (const part of raw) {
      size += (part as Buffer).length;
      if (size > BYTES_MAX) return;
    }
  } catch {
    // Whoever sent it is gone.
  }
}
