import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { sqlState } from '../failures.ts';
import { DATABASE_USER } from './cluster.ts';
import { EmbeddedFailure } from './failure.ts';
import type { Place } from './place.ts';
import { findPostmaster } from './process-id.ts';
import type { Programs } from './programs.ts';
import { lastComplaint, openServerLog } from './server-log.ts';
import { SOCKET_PORT } from './socket.ts';

const DATABASE = 'autoclaim';
/** Recovery after a crash replays at most max_wal_size; ten minutes are far beyond that. */
const START_TIMEOUT_MS = 600_000;
const STOP_TIMEOUT_MS = 60_000;
const POLL_MS = 50;
/** A start that takes longer than this is told of. */
const PATIENCE_MS = 5_000;
/** For so long a new server is tried while a killed one's processes still hold its shared memory. */
const PREDECESSOR_MS = 30_000;
/**
 * How soon a server that died is seen and started again; after failures less often, but often
 * enough to be back soon after what was in the way (a full disk) has gone.
 */
const WATCH_MS = 500;
const RESTART_PAUSE_MAX_MS = 5_000;

const SETTINGS = {
  listen_addresses: '',
  port: String(SOCKET_PORT),
  unix_socket_permissions: '0700',
  max_connections: '100',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  // After each checkpoint a page goes whole into the log when it is first written to: where claims fall
  // on many pages, most of what they write. A crash still replays max_wal_size at most.
  checkpoint_timeout: '15min',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // No DETAIL lines: they repeat the rows that an error is about.
  log_error_verbosity: 'terse',
};

/** The postmaster of one data folder: found running or started, watched, stopped. */
export class ServerProcess {
  readonly connection: pg.ClientConfig;
  readonly #place: Place;
  readonly #programs: Programs;
  readonly #say: (text: string) => void;
  readonly #logFile: string;
  #logBeginsAt = 0;
  #child: ChildProcess | undefined;
  #isWatching = false;

  constructor(place: Place, programs: Programs, say: (text: string) => void) {
    this.#place = place;
    this.#programs = programs;
    this.#say = say;
    this.#logFile = `${place.data}.log`;
    const { socketFolder: host } = place;
    this.connection = { host, port: SOCKET_PORT, user: DATABASE_USER, database: DATABASE, ssl: false };
  }

  /** Whether this process started it, and it still runs. */
  get isOurs(): boolean {
    return this.#child !== undefined && this.#child.pid === findPostmaster(this.#place);
  }

  /**
   * Adopts the running server, or starts one.
   * @throws EmbeddedFailure with what PostgreSQL itself complains of
   */
  async start(): Promise<void> {
    if (findPostmaster(this.#place) === undefined) this.#spawn();
    await this.#untilReady();
  }

  /** From now on a server that dies is started again. */
  keepAlive(): void {
    this.#isWatching = true;
    void this.#watch();
  }

  /** Fast shutdown. */
  async stop(): Promise<void> {
    this.#isWatching = false;
    const processId = findPostmaster(this.#place);
    if (processId === undefined) return;
    // SIGINT: sessions end, a checkpoint is written.
    process.kill(processId, 'SIGINT');
    const until = Date.now() + STOP_TIMEOUT_MS;
    while (findPostmaster(this.#place) === processId) {
      if (Date.now() > until) throw new Error('PostgreSQL did not stop within a minute.');
      await sleep(POLL_MS);
    }
  }

  async #watch(): Promise<void> {
    let told: string | undefined;
    for (let pause = WATCH_MS; this.#isWatching;) {
      await sleep(pause, undefined, { ref: false });
      if (!this.#hasDied()) continue;
      if (told === undefined) this.#say('PostgreSQL has stopped unexpectedly; starting it again.');
      try {
        await this.start();
        pause = WATCH_MS;
        if (told !== undefined) this.#say('PostgreSQL runs again.');
        told = undefined;
      } catch (error) {
        pause = Math.min(pause * 2, RESTART_PAUSE_MAX_MS);
        const { message } = error as Error;
        // Once, however often it is tried.
        if (message !== told) this.#say(`PostgreSQL can't be started again yet: ${message}`);
        told = message;
      }
    }
  }

  #hasDied(): boolean {
    return this.#isWatching && findPostmaster(this.#place) === undefined;
  }

  #spawn(): void {
    const { data, socketFolder, runAs } = this.#place;
    const { handle, beginsAt } = openServerLog(this.#logFile);
    this.#logBeginsAt = beginsAt;
    const settings = { ...SETTINGS, unix_socket_directories: socketFolder };
    const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    this.#child = spawn(join(this.#programs.folder, 'postgres'), ['-D', data, ...options], {
      cwd: '/',
      // Nothing of our own environment, which may hold secrets.
      env: { LC_ALL: 'C' },
      // A process group of its own: Ctrl-C at the terminal reaches Autoclaim alone, which then
      // stops PostgreSQL in order; and it outlives a killed Autoclaim, to be adopted.
      detached: true,
      stdio: ['ignore', handle, handle],
      uid: runAs?.uid,
      gid: runAs?.gid,
    });
    this.#child.on('error', (error) => this.#say(`PostgreSQL can't be started: ${error.message}`));
    this.#child.unref();
    closeSync(handle);
  }

  async #untilReady(): Promise<void> {
    const beganAt = Date.now();
    let hasTold = false;
    for (;;) {
      const problem = await this.#tryConnection();
      if (problem === undefined) return;
      const waitedMs = Date.now() - beganAt;
      if (waitedMs > START_TIMEOUT_MS)
        throw new EmbeddedFailure(`PostgreSQL does not answer: ${problem}. Its log is ${this.#logFile}.`);
      if (waitedMs > PATIENCE_MS && !hasTold) {
        hasTold = true;
        this.#say(`Waiting for PostgreSQL (${problem}) …`);
      }
      await sleep(POLL_MS);
      if (findPostmaster(this.#place) === undefined && this.#hasChildEnded()) this.#retry(waitedMs);
    }
  }

  /** Once more, where what PostgreSQL complains of passes by itself. */
  #retry(waitedMs: number): void {
    const complaint = lastComplaint(this.#logFile, this.#logBeginsAt) ?? 'it says nothing';
    // An adopted server that ends meanwhile has no child of ours, nor a complaint.
    const passes = this.#child === undefined || /shared memory|lock file|still in use/.test(complaint);
    if (!passes || waitedMs > PREDECESSOR_MS) {
      throw new EmbeddedFailure(`PostgreSQL does not start: ${complaint}. Its log is ${this.#logFile}.`);
    }
    this.#spawn();
  }

  #hasChildEnded(): boolean {
    return (
      this.#child === undefined ||
      this.#child.exitCode !== null ||
      this.#child.signalCode !== null ||
      this.#child.pid === undefined
    );
  }

  /** @returns what is in the way of a connection; undefined: nothing, and the database is there */
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
}
