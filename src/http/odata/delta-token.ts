import { badRequest } from '../errors.ts';
import { readSealed, writeSealed } from './sealed-token.ts';

/** Where a delta query is; all that it was asked with travels in its links, as Graph has it. */
export interface DeltaState {
  /** 'delta': a round is over, and the next begins here. Else a page of a round has ended here. */
  readonly kind: 'delta' | 'page';
  readonly select: readonly string[] | null;
  readonly top: number;
  /** What had changed up to this version is known to the client; null: nothing is, all is listed first. */
  readonly since: number | null;
  /** What has changed up to this version, the client knows at the end of the round. */
  readonly until: number;
  /** The last object of the page before: its id while all are listed, the version of its change after that. */
  readonly after: string | number | null;
  /** The page ended among a group's members, after this one. */
  readonly inside: { readonly groupId: string; readonly memberId: string } | null;
}

const TOKEN_LENGTH_MAX = 4_096;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @param path of the collection that the token is of: it holds for no other */
export function writeDeltaToken(state: DeltaState, path: string): string {
  const { kind, select, top, since, until, after, inside } = state;
  const parts = [kind, select, top, since, until, after, inside && [inside.groupId, inside.memberId]];
  return writeSealed(parts, belongsTo(path));
}

/**
 * Reads a token of writeDeltaToken back.
 * @throws ApiError 400
 */
export function readDeltaToken(option: string, token: string, kind: DeltaState['kind'], path: string): DeltaState {
  const parts = readSealed(token, belongsTo(path), TOKEN_LENGTH_MAX);
  if (!parts) throw invalidToken(option);
  const [found, select, top, since, until, after, inside] = parts;
  const isState =
    parts.length === 7 &&
    found === kind &&
    (select === null || (Array.isArray(select) && select.every((name) => typeof name === 'string'))) &&
    isNumber(top) &&
    (since === null || isNumber(since)) &&
    isNumber(until) &&
    (after === null || (since === null ? isGuid(after) : isNumber(after))) &&
    (inside === null || (Array.isArray(inside) && inside.length === 2 && inside.every(isGuid)));
  if (!isState) throw invalidToken(option);
  const within = inside as [string, string] | null;
  return {
    kind,
    select: select,
    top,
    since: since,
    until,
    after: after as string | number | null,
    inside: within && { groupId: within[0], memberId: within[1] },
  };
}

/** No page's token of the same address is one of a delta query. */
const belongsTo = (path: string) => `delta ${path}`;

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isGuid(value: unknown): value is string {
  return typeof value === 'string' && GUID.test(value);
}

function invalidToken(option: string): Error {
  return badRequest(
    `${option} is malformed, or belongs to another query. Follow @odata.nextLink and @odata.deltaLink as they are, or begin again without it.`,
  );
}
