import { createContext, useContext } from 'react';

/** One of several things that are wrong, and where: the line of a file, the column in it. */
export interface FailureDetail {
  readonly line?: number;
  readonly target?: string;
  readonly message: string;
}

/** A request that didn't succeed, in the API's words (Graph's error envelope). */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly status: number;
  readonly code: string;
  /** Finds the request in the server's log. */
  readonly requestId: string | undefined;
  readonly details: readonly FailureDetail[];

  constructor(
    status: number,
    code: string,
    message: string,
    requestId: string | undefined,
    details: readonly FailureDetail[] = [],
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.requestId = requestId;
    this.details = details;
  }
}

/** No answer has come: the server is down, or the network between. */
export class ServerUnreachable extends Error {
  override readonly name = 'ServerUnreachable';

  constructor(cause?: unknown) {
    super('The server can’t be reached.', { cause });
  }
}

/** fetch, whose failures (each browser has its own words) are ServerUnreachable. */
export async function reach(path: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    throw error instanceof TypeError ? new ServerUnreachable(error) : error;
  }
}

/** What a page of a list is. */
export interface Page<T> {
  readonly value: T[];
  readonly '@odata.nextLink'?: string;
  readonly '@odata.count'?: number;
}

export interface CallOptions {
  readonly body?: unknown;
  /** Sent as If-Match: the change is refused with 412 where somebody else was faster. */
  readonly etag?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** The API with the person's token. @throws ApiFailure */
export interface Api {
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  send<T>(method: 'POST' | 'PATCH' | 'DELETE', path: string, options?: CallOptions): Promise<T>;
  /** The raw answer, for downloads. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

export const ApiContext = createContext<Api | null>(null);

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (!api) throw new Error('There is no session here.');
  return api;
}

/** A path's query: undefined and empty values are left out. */
export function query(options: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const parts = Object.entries(options)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return parts.length > 0 ? `?${parts.join('&')}` : '';
}

/** A text in a $filter: quoted, with its own quotes doubled. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A text in a $search: quoted; undefined where there is nothing to search for. */
export function searchText(text: string): string | undefined {
  return text.trim() === '' ? undefined : `"${text.trim().replaceAll(/["\\]/g, '\\$&')}"`;
}
