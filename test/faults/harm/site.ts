import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmbedded, type EmbeddedServer } from '../../../src/db/embedded/embedded.ts';
import { postmasterOf, temporaryFolder } from '../../harness/autoclaim-process.ts';
import { Chance } from '../history/chance.ts';
import { prepare, weather, type Episode } from '../history/episode.ts';
import { install, type Installation, type SocketServer } from '../history/installation.ts';
import { DatabaseProxy } from './database-proxy.ts';
import { untilDatabaseAnswers, type Scenario, type Site } from './scenarios.ts';

/** A PostgreSQL of a test's own, to be killed as one likes: it is started again. */
export interface OwnDatabase {
  readonly connection: SocketServer;
  readonly dataDirectory: string;
  close(): Promise<void>;
}

export async function openOwnDatabase(): Promise<OwnDatabase> {
  const folder = await temporaryFolder();
  const dataDirectory = join(folder.path, 'data');
  const server: EmbeddedServer = await startEmbedded(dataDirectory, () => undefined);
  const { host, port, user } = server.connection;
  // Whoever stops the run half-way leaves nothing running.
  const endWithUs = () => process.kill(postmasterOf(dataDirectory), 'SIGINT');
  process.once('exit', endWithUs);
  return {
    connection: { host: host!, port: port!, user: user as string },
    dataDirectory,
    async close() {
      process.off('exit', endWithUs);
      await server.stop();
      await folder.remove();
    },
  };
}

const READY_WITHIN_MS = 60_000;
const USERS = 150;

/** An installation of two servers, one of them behind a proxy, the other with two processes, on which scenarios follow one another. */
export interface Stand {
  /** Plays a scenario from a seed; what comes of it is ready to be judged. */
  play(scenario: Scenario, seed: number, forMs: number): Promise<Episode>;
  close(): Promise<void>;
}

export async function openStand(own: OwnDatabase, seed: number): Promise<Stand> {
  const installation = await install(own.connection);
  const proxy = await DatabaseProxy.open(own.connection);
  const close = async () => {
    await installation.close();
    await proxy.close();
  };
  try {
    const throughProxy = { DATABASE_URL: proxy.urlOf(installation.connection) };
    let victim = await installation.start(throughProxy);
    await installation.start({ AUTOCLAIM_WORKERS: '2' });
    const stage = await prepare(installation, seed, USERS);
    // A stopped server doesn't hear that it is to end.
    process.once('exit', () => victim.kill('SIGCONT'));
    const restart = async () => {
      victim.kill('SIGKILL');
      await victim.ended;
      victim = await installation.start({ ...throughProxy, PORT: new URL(victim.url).port });
    };
    return {
      async play(scenario, seedOfIt, forMs) {
        const site: Site = {
          stage,
          chance: new Chance(seedOfIt + 7),
          proxy,
          dataDirectory: own.dataDirectory,
          get victim() {
            return victim;
          },
          restart,
          until: stage.recorder.now() + forMs,
        };
        const harm = async () => {
          await scenario.harm(site);
          await untilDatabaseAnswers(stage);
        };
        const storm = { seed: seedOfIt, forMs, ...(scenario.mix && { mix: scenario.mix }) };
        return weather(stage, storm, harm, scenario.isLossless, () => untilReady(stage.urls)).catch(
          (error: unknown) => {
            throw new Error(`${scenario.name}: ${lastWords(installation)}`, { cause: error });
          },
        );
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What servers that have ended, or complain, wrote last. */
function lastWords({ servers }: Installation): string {
  return servers
    .filter(({ stderr }) => /"level":"(error|fatal)"/.test(stderr) || !/"level"/.test(stderr))
    .map(({ url, stdout, stderr }) => `${url}:\n${stdout.slice(-300)}\n${stderr.slice(-3_000)}`)
    .join('\n');
}

/** Every server answers, and has its database. */
async function untilReady(urls: readonly string[]): Promise<void> {
  const until = performance.now() + READY_WITHIN_MS;
  for (const url of urls) {
    while (
      !(await fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (performance.now() > until) throw new Error(`${url} does not come back.`);
      await sleep(50);
    }
  }
}
