import { setTimeout as sleep } from 'node:timers/promises';
import { judge } from '../checker/checker.ts';
import type { Fault } from '../checker/fault.ts';
import { isDecided } from '../checker/known-claims.ts';
import { readState, type State } from '../checker/state.ts';
import { Chance } from './chance.ts';
import type { Installation } from './installation.ts';
import { live, type Storm } from './lanes.ts';
import { all, type Operation } from './operation.ts';
import { found, type Organisation } from './organisation.ts';
import { Recorder } from './recorder.ts';

/** A server writes what it only keeps in memory far sooner than this. */
const LOGGED_WITHIN_MS = 10_000;

/** A storm from its beginning to its end, ready to be judged. */
export interface Episode {
  readonly before: State;
  readonly operations: readonly Operation[];
  readonly after: State;
  readonly canaries: ReadonlyMap<string, string>;
  readonly logs: readonly string[];
  readonly isLossless: boolean;
}

export interface Stage {
  readonly installation: Installation;
  readonly organisation: Organisation;
  readonly recorder: Recorder;
  /** The servers to ask, as they are now: whoever is restarted elsewhere changes it. */
  readonly urls: string[];
}

/** Founds an organisation on an installation whose servers run. */
export async function prepare(installation: Installation, seed: number, users?: number): Promise<Stage> {
  const urls = installation.servers.map(({ url }) => url);
  const organisation = await found(urls[0]!, installation.credentials, new Chance(seed), users);
  return { installation, organisation, recorder: new Recorder(), urls };
}

/**
 * Lets clients do what the storm says, while something else happens, and reads what there is
 * before and afterwards.
 * @param meanwhile is given what to break; the storm lasts at least until it is through
 * @param isLossless whether nothing of it can lose the log of refusals
 * @param untilWell waits for what was broken to work again
 */
export async function weather(
  stage: Stage,
  storm: Storm,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
  isLossless = true,
  untilWell: () => Promise<void> = () => Promise.resolve(),
): Promise<Episode> {
  const { installation, organisation, recorder, urls } = stage;
  recorder.operations.length = 0;
  const before = await readState(installation.pool, organisation.tenantIds, recorder.now);
  const [one, other] = await Promise.allSettled([live(recorder, organisation, urls, storm), meanwhile()]);
  for (const result of [one, other]) if (result.status === 'rejected') throw result.reason;
  await untilWell();
  await settle(stage, isLossless);
  await readBoundaries(stage, storm.seed, isLossless);
  const after = await readState(installation.pool, organisation.tenantIds, recorder.now);
  const { logs } = installation;
  return { before, operations: [...recorder.operations], after, canaries: organisation.canaries, logs, isLossless };
}

/**
 * Waits until what is unknown is done or never will be; and, where nothing can have lost them, until
 * the decisions that were told are in the log of sign-ins (or it is clear that they won't be).
 */
export async function settle({ installation, recorder }: Stage, isLossless = true): Promise<void> {
  await recorder.settle(installation.pool);
  if (!isLossless) return;
  const told = all(recorder.operations, 'sign in').filter(isDecided);
  const ids = [...new Set(told.map(({ answer }) => answer.id as string))];
  const until = recorder.now() + LOGGED_WITHIN_MS;
  const countLogged = async () => {
    const { rows } = await installation.pool.query<{ count: number }>(
      'select count(*)::int as count from sign_ins where sign_in_id = any($1::uuid[])',
      [ids],
    );
    return rows[0]!.count;
  };
  while ((await countLogged()) < ids.length && recorder.now() < until) await sleep(50);
}

/** Reads the report from and to a millisecond before, at and after some claims, in all its forms. */
async function readBoundaries(
  { installation, organisation, recorder, urls }: Stage,
  seed: number,
  isQuiet: boolean,
): Promise<void> {
  const chance = new Chance(seed);
  const { tenants } = await readState(installation.pool, organisation.tenantIds, recorder.now);
  for (const { client } of organisation.tenants) {
    const times = [...tenants.get(client.tenantId)!.claims.values()].map((claim) => claim.claimed_at.getTime());
    const readings = Array.from({ length: Math.min(3, times.length) }, () => {
      const [from, to] = [chance.pick(times), chance.pick(times)].sort((a, b) => a - b) as [number, number];
      return [from + chance.upTo(3) - 1, to + chance.upTo(3) - 1] as const;
    });
    for (const [from, to] of [[0, undefined] as const, ...readings.filter((bounds) => bounds[0] <= bounds[1])]) {
      await Promise.all(
        (['rows', 'csv', 'summary'] as const).map((form) =>
          recorder.perform(chance.pick(urls), client, {
            do: 'read report',
            from: new Date(from).toISOString(),
            to: to === undefined ? null : new Date(to).toISOString(),
            form,
            isQuiet,
          }),
        ),
      );
    }
  }
}

/** A failed judgement, short enough to be read. */
export function tell(faults: readonly Fault[]): string {
  const points = Map.groupBy(faults, ({ point }) => point);
  return [...points]
    .map(
      ([point, same]) =>
        `${same.length} faults of point ${point}, such as:\n  ${same
          .slice(0, 3)
          .map(({ what }) => what.slice(0, 1_500))
          .join('\n  ')}`,
    )
    .join('\n');
}

/** Judges an episode. @throws with what is wrong, and the seed that brings it about again */
export function assertRight(episode: Episode, seed: number): void {
  const faults = judge(episode);
  if (faults.length > 0) throw new Error(`seed ${seed}: ${tell(faults)}`);
}

/** What clients were told, in numbers. */
export function countOutcomes({ operations }: Episode): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { request, outcome, answer } of operations) {
    const told =
      request.do === 'sign in' && outcome !== 'unknown' ? (answer.reason ?? answer.outcome ?? outcome) : outcome;
    const key = `${request.do}: ${String(told)}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
