import { randomUUID } from 'node:crypto';
import { ApiFailure, type FailureDetail } from './failure.ts';
import { reach } from './tokens.ts';

/** A page of a collection, as OData has it. */
export interface Page<T> {
  readonly value: readonly T[];
  readonly '@odata.nextLink'?: string;
  readonly '@odata.count'?: number;
}

type Options = Readonly<Record<string, string | number | boolean | undefined>>;

/** What a request may carry besides its path. */
export interface Sent {
  readonly query?: Options | undefined;
  /** Goes as JSON. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What fetch gets of it. */
interface Init {
  readonly body?: string | ReadableStream<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly duplex?: 'half';
}

/** As many as the API gives at once. */
const PAGE_MAX = 999;
/** A server that is restarted, or busy, is asked again; longer waits are the caller's to decide. */
const RETRIES_MAX = 3;
const RETRY_WITHIN_SECONDS = 10;

/** The API of a server, with the access token of whoever is signed in. Paths begin behind /v1.0. */
export class Api {
  readonly url: string;
  readonly token: string;

  constructor(url: string, token: string) {
    this.url = url;
    this.token = token;
  }

  /** @throws ApiFailure */
  get<T>(path: string, query?: Options): Promise<T> {
    return this.send('GET', path, { query });
  }

  /** @throws ApiFailure */
  async send<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, sent: Sent = {}): Promise<T> {
    const { query, body, headers } = sent;
    const response = await this.#fetch(method, path + queryText(query), {
      ...(body && { body: JSON.stringify(body) }),
      headers: {
        ...(body && { 'content-type': 'application/json' }),
        // Asked again, it is carried out once (RETRIES_MAX).
        ...(method === 'POST' && { 'idempotency-key': randomUUID() }),
        ...headers,
      },
    });
    const text = await reach(this.url, () => response.text());
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** Sends a file as it is, once. */
  async upload<T>(path: string, body: ReadableStream<Uint8Array>, contentType: string): Promise<T> {
    const response = await this.#fetch('POST', path, {
      body,
      headers: { 'content-type': contentType },
      duplex: 'half',
    });
    return (await reach(this.url, () => response.json())) as T;
  }

  /** The answer's own bytes, as they come. */
  async download(path: string, query: Options): Promise<ReadableStream<Uint8Array>> {
    return (await this.#fetch('GET', path + queryText(query))).body!;
  }

  /**
   * All rows of a collection, page after page.
   * @param most ends there
   */
  async *rows<T>(path: string, query: Options = {}, most = Number.POSITIVE_INFINITY): AsyncGenerator<T> {
    let left = most;
    let next = path + queryText({ $top: Math.min(PAGE_MAX, most), ...query });
    while (left > 0) {
      const response = await this.#fetch('GET', next);
      const page = (await reach(this.url, () => response.json())) as Page<T>;
      for (const row of page.value.slice(0, left)) yield row;
      left -= page.value.length;
      const link = page['@odata.nextLink'];
      if (link === undefined) return;
      // The link begins with the server's own address; we stay with the one by which we came.
      next = link.slice(link.indexOf('/v1.0/') + '/v1.0'.length);
    }
  }

  /** All rows of a collection at once. */
  async all<T>(path: string, query?: Options, most?: number): Promise<T[]> {
    return Array.fromAsync(this.rows<T>(path, query, most));
  }

  async #fetch(method: string, path: string, init: Init = {}): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await reach(this.url, () =>
        fetch(`${this.url}/v1.0${path}`, {
          redirect: 'error',
          ...init,
          method,
          headers: { ...init.headers, authorization: `Bearer ${this.token}` },
        }),
      );
      if (response.ok) return response;
      const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
      const mayRepeat = [429, 503].includes(response.status) && init.duplex === undefined;
      if (!mayRepeat || attempt > RETRIES_MAX || !(wait <= RETRY_WITHIN_SECONDS)) throw await failureOf(response);
      await response.body?.cancel();
      await new Promise((resolve) => setTimeout(resolve, wait * 1_000));
    }
  }
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const text = await response.text().catch(() => '');
  const requestId = response.headers.get('request-id') ?? undefined;
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string; details?: FailureDetail[] } };
    return new ApiFailure(response.status, error.code, error.message, requestId, error.details);
  } catch {
    return new ApiFailure(response.status, 'unknown', `The server answered ${response.status}.`, requestId);
  }
}

function queryText(options: Options = {}): string {
  const parts = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return parts.length > 0 ? `?${parts.join('&')}` : '';
}

/** A text in a $filter: quoted, with its own quotes doubled. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A text in a $search. */
export function searchText(text: string | undefined): string | undefined {
  return text === undefined ? undefined : `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** One segment of a path. */
export function segment(text: string): string {
  return encodeURIComponent(text);
}
