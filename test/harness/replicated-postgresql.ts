import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { userForPostgres } from '../../src/db/embedded/run-as.ts';
import { freePort, temporaryFolder } from './autoclaim-process.ts';

/** One PostgreSQL server of a pair, on a loopback port of its own. */
export interface OwnPostgresql {
  readonly connection: { host: string; port: number; user: string; database: string };
  /** SIGKILL of the postmaster, as if the machine had gone; resolves when it and its sessions have ended. */
  kill(): Promise<void>;
  /** Immediate shutdown, if it runs. */
  stop(): Promise<void>;
  /** The data folder's server again, with settings over those that it had. */
  start(settings?: Record<string, string>): Promise<void>;
}

/** A primary and its standby. */
export interface ReplicatedPostgresql {
  readonly primary: OwnPostgresql;
  readonly standby: OwnPostgresql;
  /** Makes the standby the primary. */
  promote(): Promise<void>;
  /** Runs a statement on the primary, or on another of the two. */
  run(statement: string, server?: OwnPostgresql): Promise<any[]>;
  close(): Promise<void>;
}

const USER = 'autoclaim';
const DEBIAN = '/usr/lib/postgresql';

/** The folder of PostgreSQL's programs with pg_basebackup among them; undefined where none is installed. */
export function findOwnPrograms(): string | undefined {
  if (!existsSync(DEBIAN)) return undefined;
  const versions = readdirSync(DEBIAN).filter((version) => Number(version) >= 15);
  const folders = versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(DEBIAN, version, 'bin'));
  return folders.find((folder) => existsSync(join(folder, 'pg_basebackup')));
}

/** Starts a primary, and a standby that was made of it by pg_basebackup and follows it. */
export async function startReplicated(
  programs: string,
  { isSynchronous }: { isSynchronous: boolean },
): Promise<ReplicatedPostgresql> {
  const folder = await temporaryFolder();
  const runAs = userForPostgres();
  const own = join(folder.path, 'postgresql');
  mkdirSync(own);
  if (runAs) chownSync(own, runAs.uid, runAs.gid);
  const primary = await createServer('primary');
  const standby = await createServer('standby');
  execute('initdb', '-D', join(own, 'primary'), `--username=${USER}`, '--auth=trust', '--encoding=UTF8', '--no-sync');
  await primary.start();
  const { host, port } = primary.connection;
  execute(
    'pg_basebackup',
    '-D',
    join(own, 'standby'),
    '-h',
    host,
    '-p',
    String(port),
    '-U',
    USER,
    '-R',
    '-c',
    'fast',
    '--no-sync',
  );
  await standby.start();
  await run(`create database ${USER}`);
  // Not before there is a standby, without which nothing would be committed; and of the primary alone.
  if (isSynchronous) {
    await run("alter system set synchronous_standby_names = '*'", primary);
    await run('select pg_reload_conf()');
  }
  await until(async () => {
    const [row] = await run('select sync_state from pg_stat_replication');
    return row?.sync_state === (isSynchronous ? 'sync' : 'async');
  });
  return {
    primary,
    standby,
    async promote() {
      await run('select pg_promote()', standby);
    },
    run,
    async close() {
      await Promise.all([primary.stop(), standby.stop()]);
      await folder.remove();
    },
  };

  async function run(statement: string, server: OwnPostgresql = primary): Promise<any[]> {
    const client = new pg.Client({ ...server.connection, database: 'postgres' });
    await client.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  }

  function execute(program: string, ...options: string[]): void {
    const { status, stderr } = spawnSync(join(programs, program), options, {
      encoding: 'utf8',
      cwd: '/',
      uid: runAs?.uid,
      gid: runAs?.gid,
    });
    if (status !== 0) throw new Error(`${program}: ${stderr}`);
  }

  async function createServer(name: string): Promise<OwnPostgresql> {
    const connection = { host: '127.0.0.1', port: await freePort(), user: USER, database: USER };
    const data = join(own, name);
    const log = join(folder.path, `${name}.log`);
    let child: ChildProcess | undefined;
    const end = async (signal: NodeJS.Signals) => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    };
    // A test run that is stopped half-way leaves no server behind.
    process.once('exit', () => child?.kill('SIGQUIT'));
    return {
      connection,
      async kill() {
        await end('SIGKILL');
        // Its sessions notice by themselves.
        await sleep(100);
      },
      stop: () => end('SIGQUIT'),
      async start(settings = {}) {
        const all = {
          listen_addresses: '127.0.0.1',
          port: String(connection.port),
          unix_socket_directories: '',
          shared_buffers: '32MB',
          ...settings,
        };
        const options = Object.entries(all).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
        const handle = openSync(log, 'a');
        child = spawn(join(programs, 'postgres'), ['-D', data, ...options], {
          cwd: '/',
          stdio: ['ignore', handle, handle],
          uid: runAs?.uid,
          gid: runAs?.gid,
        });
        closeSync(handle);
        await until(() => run('select 1', { connection } as OwnPostgresql).then(() => true)).catch(() => {
          throw new Error(readFileSync(log, 'utf8'));
        });
      },
    };
  }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > end) throw new Error('not within 20 s');
    await sleep(50);
  }
}
