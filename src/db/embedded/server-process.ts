import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { sqlState } from '../failures.ts';
import type { Place } from './place.ts';
import { SOCKET_PORT } from './socket.ts';

export const DATABASE_USER = 'autoclaim';
const DATABASE = 'autoclaim';
/** Recovery after a crash replays at most max_wal_size; two minutes are far beyond that. */
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
/** How soon a server that died is seen and started again. */
const WATCH_MS = 500;

const SETTINGS = {
  listen_addresses: '',
  port: String(SOCKET_PORT),
  unix_socket_permissions: '0700',
  max_connections: '100',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** The postmaster of one data folder: found running or started, watched, stopped. */
export class ServerProcess {
  readonly connection: pg.ClientConfig;
  #watch: NodeJS.Timeout | undefined;
  readonly #place: Place;
  readonly #say: (text: string) => void;

  constructor(place: Place, say: (text: string) => void) {
    this.#place = place;
    this.#say = say;
    this.connection = { host: place.socketFolder, port: SOCKET_PORT, user: DATABASE_USER, database: DATABASE };
  }

  /** @returns whether a server was found running and adopted */
  async start(): Promise<boolean> {
    const running = this.#processId();
    if (running === undefined) this.#spawn();
    await this.#untilReady();
    return running !== undefined;
  }

  /** From now on a server that dies is started again. */
  keepAlive(): void {
    let isStarting = false;
    this.#watch = setInterval(() => {
      if (isStarting || this.#processId() !== undefined) return;
      isStarting = true;
      this.#say('PostgreSQL has stopped unexpectedly; starting it again.');
      this.#spawn();
      void this.#untilReady()
        .catch((error: Error) => this.#say(`PostgreSQL can't be started again: ${error.message}`))
        .finally(() => {
          isStarting = false;
        });
    }, WATCH_MS);
    this.#watch.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch);
    const processId = this.#processId();
    if (processId === undefined) return;
    // SIGINT is PostgreSQL's fast shutdown: sessions end, a checkpoint is written.
    process.kill(processId, 'SIGINT');
    const until = Date.now() + STOP_TIMEOUT_MS;
    while (this.#processId() !== undefined) {
      if (Date.now() > until) throw new Error('PostgreSQL did not stop within a minute.');
      await sleep(POLL_MS);
    }
  }

  #spawn(): void {
    const { place, log } = { place: this.#place, log: openSync(`${this.#place.data}.log`, 'a', 0o600) };
    const settings = { ...SETTINGS, unix_socket_directories: place.socketFolder };
    const child = spawn(
      join(place.programs, 'postgres'),
      ['-D', place.data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      {
        cwd: '/',
        // A process group of its own: Ctrl-C at the terminal reaches Autoclaim alone, which then
        // stops PostgreSQL in order; and it outlives a killed Autoclaim, to be adopted.
        detached: true,
        stdio: ['ignore', log, log],
        uid: place.runAs?.uid,
        gid: place.runAs?.gid,
      },
    );
    child.on('error', (error) => this.#say(`PostgreSQL can't be started: ${error.message}`));
    child.unref();
    closeSync(log);
  }

  async #untilReady(): Promise<void> {
    const until = Date.now() + START_TIMEOUT_MS;
    let spawnedAt = Date.now();
    for (;;) {
      const problem = await this.#tryConnection();
      if (problem === undefined) return;
      if (Date.now() > until) {
        throw new Error(`PostgreSQL does not answer: ${problem}. Its log is ${this.#place.data}.log.`);
      }
      await sleep(POLL_MS);
      // It gives up while a killed predecessor's backends still hold shared memory: try again.
      if (this.#processId() === undefined && Date.now() - spawnedAt > 1_000) {
        this.#spawn();
        spawnedAt = Date.now();
      }
    }
  }

  async #tryConnection(): Promise<string | undefined> {
    const client = new pg.Client({ ...this.connection, database: 'postgres', connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query(`create database ${DATABASE}`).catch((error: unknown) => {
        // 42P04: it is there; 23505: someone made it in this very moment.
        if (!['42P04', '23505'].includes(sqlState(error) ?? '')) throw error;
      });
      return undefined;
    } catch (error) {
      return (error as Error).message || String(error);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /**
   * The running postmaster, by its own pid file. A pid file left by a crash may name a process
   * that is now something else (small numbers come again in a container): PostgreSQL would refuse
   * to start because of it, so such a file is removed.
   */
  #processId(): number | undefined {
    const file = join(this.#place.data, 'postmaster.pid');
    let processId: number;
    try {
      processId = Number.parseInt(readFileSync(file, 'utf8'), 10);
    } catch {
      return undefined;
    }
    if (!Number.isInteger(processId) || processId <= 0 || !isAlive(processId)) return undefined;
    if (isPostgres(processId)) return processId;
    rmSync(file, { force: true });
    return undefined;
  }
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Where /proc is missing (macOS) a live process is taken for PostgreSQL, as PostgreSQL itself does. */
function isPostgres(processId: number): boolean {
  try {
    const status = readFileSync(`/proc/${processId}/stat`, 'utf8');
    const state = status.slice(status.lastIndexOf(')') + 2)[0];
    return status.includes('(postgres)') && state !== 'Z';
  } catch (error) {
    return process.platform !== 'linux' && (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
