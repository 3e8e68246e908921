import { setTimeout as sleep } from 'node:timers/promises';
import { postmasterOf, type AutoclaimProcess } from '../../harness/autoclaim-process.ts';
import type { Chance } from '../history/chance.ts';
import type { Stage } from '../history/episode.ts';
import type { Mix } from '../history/lanes.ts';
import type { DatabaseProxy, Moment } from './database-proxy.ts';
import { openSlowClients } from './slow-clients.ts';

/** What a scenario may break. */
export interface Site {
  readonly stage: Stage;
  readonly chance: Chance;
  /** Between the first server and PostgreSQL. The second server goes to it directly. */
  readonly proxy: DatabaseProxy;
  /** Of the PostgreSQL. */
  readonly dataDirectory: string;
  /** The first server, as it is now. */
  readonly victim: AutoclaimProcess;
  /** SIGKILL for the first server, and a new one in its place. */
  restart(): Promise<void>;
  /** Until when it goes on, on the history's clock. */
  readonly until: number;
}

export interface Scenario {
  readonly name: string;
  readonly mix?: Mix;
  /** Whether no refusal can be lost from the log. */
  readonly isLossless: boolean;
  readonly harm: (site: Site) => Promise<void>;
}

/** Takes seats, mostly. */
const CLAIMS: Mix = [
  [60, 'sign in'],
  [25, 'sign in twice'],
  [30, 'assign'],
  [4, 'set quantity'],
  [2, 'change policy'],
  [1, 'read report'],
];
/** Longer than a transaction has statements. */
const STEPS_MAX = 14;
const POLICY_TOGGLED_EVERY_MS = 50;
const SLOW_CLIENTS = 150;

const calm = () => Promise.resolve();

/** While there is time, again and again. */
async function repeat({ stage: { recorder }, until }: Site, work: () => Promise<void>): Promise<void> {
  do await work();
  while (recorder.now() < until);
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'two servers, everything', isLossless: true, harm: calm },
  {
    name: 'seats are cut and bought while claims run',
    isLossless: true,
    mix: [
      [60, 'sign in'],
      [30, 'assign'],
      [40, 'set quantity'],
      [2, 'buy'],
    ],
    harm: calm,
  },
  {
    name: 'users are deleted while they claim',
    isLossless: true,
    mix: [
      [60, 'sign in'],
      [20, 'sign in twice'],
      [20, 'delete user'],
      [10, 'set quantity'],
      [10, 'assign'],
    ],
    harm: calm,
  },
  {
    name: 'policies are toggled every 50 ms',
    isLossless: true,
    harm: async (site) => {
      const { recorder, organisation, urls } = site.stage;
      const { client, policies } = organisation.tenants[0];
      let isEnabled = false;
      await repeat(site, async () => {
        for (const { id } of policies.slice(0, 3)) {
          await recorder.perform(site.chance.pick(urls), client, { do: 'change policy', policyId: id, isEnabled });
        }
        isEnabled = !isEnabled;
        await sleep(POLICY_TOGGLED_EVERY_MS);
      });
    },
  },
  {
    name: `${SLOW_CLIENTS} slow clients`,
    isLossless: true,
    harm: async ({ stage, until }) => {
      const leave = stage.urls.map((url) => openSlowClients(url, SLOW_CLIENTS / stage.urls.length));
      await sleep(Math.max(until - stage.recorder.now(), 0));
      leave.forEach((go) => go());
    },
  },
  {
    name: 'a server is killed at random moments',
    isLossless: false,
    harm: (site) =>
      repeat(site, async () => {
        await sleep(200 + site.chance.upTo(800));
        await site.restart();
      }),
  },
  {
    name: 'a server is killed at each step of its transactions',
    isLossless: false,
    mix: CLAIMS,
    harm: async (site) => {
      let step = site.chance.upTo(STEPS_MAX);
      await repeat(site, async () => {
        step = (step + 1) % STEPS_MAX;
        const when = site.chance.pick(['asked', 'answered'] as const);
        if (await cutAt(site, (moment) => moment.step === step && moment.when === when, true)) await site.restart();
      });
    },
  },
  {
    name: 'the connection is cut between COMMIT and its answer',
    isLossless: false,
    mix: CLAIMS,
    harm: (site) => cutSometimes(site, ({ isCommit, when }) => isCommit && when === 'answered'),
  },
  {
    name: 'the connection is cut at any step',
    isLossless: false,
    harm: (site) => cutSometimes(site, () => true, 2),
  },
  {
    name: 'a server is stopped for seconds',
    isLossless: true,
    harm: async (site) => {
      await sleep(300);
      site.victim.kill('SIGSTOP');
      // Long enough for others to see their locks waited for, or as long as PostgreSQL lets a stopped one keep them.
      await sleep(Math.max(1_500, Math.min(20_000, site.until - site.stage.recorder.now())));
      site.victim.kill('SIGCONT');
    },
  },
  {
    name: "PostgreSQL's backends are killed",
    isLossless: false,
    harm: (site) =>
      repeat(site, async () => {
        await sleep(300 + site.chance.upTo(500));
        const { rows } = await site.stage.installation.pool
          .query<{ pid: number }>(
            `select pid from pg_stat_activity
              where datname = current_database() and application_name = 'autoclaim' order by state <> 'idle' desc, pid`,
          )
          .catch(() => ({ rows: [] }));
        // One that is at work, if any is: PostgreSQL then begins anew for all.
        if (rows.length > 0) killIfThere(site.chance.pick(rows.slice(0, 3)).pid);
        await untilDatabaseAnswers(site.stage);
      }),
  },
  {
    name: 'the postmaster is killed',
    isLossless: false,
    harm: (site) =>
      repeat(site, async () => {
        await sleep(500 + site.chance.upTo(500));
        killIfThere(postmasterOf(site.dataDirectory));
        await sleep(100);
        await untilDatabaseAnswers(site.stage);
      }),
  },
];

/** At the next moment that fits: the connection is cut, and the server killed. @returns whether it came, in good time */
async function cutAt(site: Site, fits: (moment: Moment) => boolean, isKilled: boolean): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  site.proxy.react = (moment) => {
    if (!fits(moment)) return 'pass';
    site.proxy.react = () => 'pass';
    if (isKilled) site.victim.kill('SIGKILL');
    resolve(true);
    return 'cut';
  };
  const inTime = await Promise.race([promise, sleep(1_000, false)]);
  site.proxy.react = () => 'pass';
  return inTime;
}

/** Some of the moments that fit; then all is well again. */
async function cutSometimes(site: Site, fits: (moment: Moment) => boolean, percent = 15): Promise<void> {
  site.proxy.react = (moment) => (fits(moment) && site.chance.percent(percent) ? 'cut' : 'pass');
  await sleep(Math.max(site.until - site.stage.recorder.now(), 0));
  site.proxy.react = () => 'pass';
}

function killIfThere(processId: number): void {
  try {
    process.kill(processId, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const BACK_WITHIN_MS = 60_000;

/** PostgreSQL takes connections again. */
export async function untilDatabaseAnswers({ installation, recorder }: Stage): Promise<void> {
  const until = recorder.now() + BACK_WITHIN_MS;
  while (
    !(await installation.pool.query('select').then(
      () => true,
      () => false,
    ))
  ) {
    if (recorder.now() > until) throw new Error('PostgreSQL does not come back.');
    await sleep(50);
  }
}
