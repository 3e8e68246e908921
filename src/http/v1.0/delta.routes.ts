import type { FastifyRequest } from 'fastify';
import { GroupDelta } from '../../../contract/group.ts';
import type { Permission } from '../../../contract/permission.ts';
import { UserDelta } from '../../../contract/user.ts';
import { currentTime } from '../../db/transaction.ts';
import { endDeletedSubscriptions } from '../../engine/license/end-subscriptions.ts';
import { CHANGES_KEPT_DAYS, sequenceChanges } from '../../engine/report/sequence-changes.ts';
import { ApiError } from '../errors.ts';
import { readDeltaToken, writeDeltaToken, type DeltaState } from '../odata/delta-token.ts';
import { answered, contextUrl } from '../odata/page.ts';
import { parseDeltaQuery, rawQuery } from '../odata/query.ts';
import { tenancyOf, type Server, type ServerContext } from '../server.ts';
import { withMembers } from './followed-members.ts';
import { FOLLOWED_GROUPS, FOLLOWED_USERS, readFollowed, type Followed } from './followed-objects.ts';
import { USER_LICENSE_PROPERTIES } from './user-license-properties.ts';

const KEPT_MICROSECONDS = CHANGES_KEPT_DAYS * 86_400 * 1_000_000;

function isOfLicenses({ kind }: Followed, select: DeltaState['select']): boolean {
  return kind === 'user' && (select ?? []).some((name) => name in USER_LICENSE_PROPERTIES);
}

/** What is there, and then what has changed since: Graph's delta queries (docs/decisions/0120). */
export function deltaRoutes(server: Server, { config: { baseUrl }, db }: ServerContext): void {
  server.get(
    '/users/delta',
    {
      config: { access: ['User.Read.All'] satisfies Permission[] },
      schema: { tags: ['Users'], summary: 'Follow changes of users', response: { 200: answered(UserDelta) } },
    },
    (request) => follow(request, FOLLOWED_USERS),
  );

  server.get(
    '/groups/delta',
    {
      config: { access: ['Group.Read.All'] satisfies Permission[] },
      schema: {
        tags: ['Groups'],
        summary: 'Follow changes of groups and of who is in them',
        response: { 200: answered(GroupDelta) },
      },
    },
    (request) => follow(request, FOLLOWED_GROUPS),
  );

  async function follow(request: FastifyRequest, followed: Followed) {
    const query = parseDeltaQuery(rawQuery(request), followed.selectable, followed.expandable);
    if ('token' in query) {
      const option = query.link === 'page' ? '$skiptoken' : '$deltatoken';
      const state = readDeltaToken(option, query.token, query.link, followed.path);
      if (query.link === 'page') {
        // It tells of nothing later than the round's first page: what has changed since is not looked for.
        if (isOfLicenses(followed, state.select)) await endDeletedSubscriptions(tenancyOf(db, request));
        refuseForgotten(state, (await currentTime(db.pool)).getTime() * 1_000, followed);
        return answer(request, followed, state);
      }
      const now = await sequence(request, followed, state.select);
      refuseForgotten(state, now, followed);
      return answer(request, followed, { ...state, kind: 'page', since: state.until, until: now });
    }
    const { select = null, top, isFromNow } = query;
    const until = await sequence(request, followed, select);
    const state: DeltaState = { kind: 'page', select, top, since: null, until, after: null, inside: null };
    return isFromNow ? { ...head(followed, state), value: [] } : answer(request, followed, state);
  }

  /** @returns the version up to which changes are known */
  async function sequence(request: FastifyRequest, followed: Followed, select: DeltaState['select']): Promise<number> {
    const tenancy = tenancyOf(db, request);
    const withLicenses = isOfLicenses(followed, select);
    // Whatever a query says of licenses, seats of a Deleted subscription have ended.
    if (withLicenses) await endDeletedSubscriptions(tenancy);
    return sequenceChanges(tenancy, withLicenses);
  }

  function refuseForgotten({ since, until }: DeltaState, now: number, { path }: Followed): void {
    if ((since ?? until) > now - KEPT_MICROSECONDS) return;
    throw new ApiError(
      410,
      'syncStateNotFound',
      `This link is older than ${CHANGES_KEPT_DAYS} days: what changed since is not known any more. Begin again without it.`,
      { headers: { location: `${baseUrl}${path}?$deltatoken=` } },
    );
  }

  async function answer(request: FastifyRequest, followed: Followed, state: DeltaState) {
    const { tenantId } = request.principal;
    const objects = await readFollowed(db, followed, tenantId, state);
    const shown = objects.slice(0, state.top);
    const rest = objects.length > shown.length ? { after: shown.at(-1)!.place, inside: null } : undefined;
    const hasMembers = followed.kind === 'group' && (state.select?.includes('members') ?? true);
    if (!hasMembers) return { ...head(followed, state, rest), value: shown.map(({ entity }) => entity) };
    const { value, cut } = await withMembers(db, tenantId, state, shown);
    return { ...head(followed, state, cut ?? rest), value };
  }

  /** @param rest where the next page begins; undefined: the round is over */
  function head({ resource, path }: Followed, state: DeltaState, rest?: Pick<DeltaState, 'after' | 'inside'>) {
    const link = (option: string, next: DeltaState) => `${baseUrl}${path}?${option}=${writeDeltaToken(next, path)}`;
    const context = contextUrl({ resource, select: state.select ?? undefined }, baseUrl);
    if (rest) return { '@odata.context': context, '@odata.nextLink': link('$skiptoken', { ...state, ...rest }) };
    const known: DeltaState = { ...state, kind: 'delta', since: null, after: null, inside: null };
    return { '@odata.context': context, '@odata.deltaLink': link('$deltatoken', known) };
  }
}
