import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { freePort, startAutoclaim, temporaryFolder, type AutoclaimProcess } from '../harness/autoclaim-process.ts';
import { assertRight, countOutcomes, prepare, weather, type Stage } from './history/episode.ts';
import { install, type Installation } from './history/installation.ts';

// Two versions on one database. The newer one is this very program with a migration more.

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SEED = Number(process.env['FAULTS_SEED'] ?? randomInt(2 ** 20));
const STORM_MS = 5_000;

/** Changes whatever sign-ins read and write, in ways that an older version needn't know of. */
const ADDING = `
alter table users add column later_text text;
alter table pools add column later_count bigint not null default 0;
alter table policies add column later_rules jsonb not null default '{}';
alter table licenses add column later_text text;
alter table assignment_paths add column later_text text;
alter table claims add column later_text text;
alter table sign_ins add column later_text text;
alter table tenants add column later_flag boolean not null default false;
create table later (tenant_id uuid not null, later_id uuid not null, primary key (tenant_id, later_id));
create index claims_by_app on claims (tenant_id, app_id);
`;
const BREAKING = '-- breaking\nalter table users rename column usage_location to usage_country;\n';

type Folder = Awaited<ReturnType<typeof temporaryFolder>>;

/** A copy of the program with one more migration; its main.ts. */
function makeVersion(folder: Folder, name: string, migrations: Readonly<Record<string, string>>): string {
  const version = join(folder.path, name);
  mkdirSync(version);
  for (const part of ['src', 'contract', 'migrations', 'package.json']) {
    cpSync(join(ROOT, part), join(version, part), { recursive: true });
  }
  for (const part of ['node_modules', 'web']) symlinkSync(join(ROOT, part), join(version, part));
  for (const [file, sql] of Object.entries(migrations)) writeFileSync(join(version, 'migrations', file), sql);
  return join(version, 'src', 'main.ts');
}

describe(`a rolling upgrade (seed ${SEED})`, { concurrency: false }, () => {
  let folder: Folder;
  let installation: Installation;
  let stage: Stage;
  let shared: Record<string, string>;
  let newer: AutoclaimProcess | undefined;
  const others: AutoclaimProcess[] = [];

  const startVersion = async (main: string) => {
    const { host, port, user, database } = installation.connection;
    const server = await startAutoclaim(
      {
        DATABASE_URL: `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`,
        AUTOCLAIM_DATA_DIR: join(folder.path, `data-${others.length}`),
        AUTOCLAIM_BOOTSTRAP_CLIENT_ID: installation.credentials.clientId,
        AUTOCLAIM_BOOTSTRAP_CLIENT_SECRET: installation.credentials.clientSecret,
        ...shared,
      },
      main,
    );
    others.push(server);
    return server;
  };
  const isMigrated = async (name: string) => {
    const { rows } = await installation.pool.query('select from schema_migrations where name = $1', [name]);
    return rows.length === 1;
  };

  before(async () => {
    folder = await temporaryFolder();
    installation = await install();
    shared = { AUTOCLAIM_BASE_URL: `http://127.0.0.1:${await freePort()}` };
    await Promise.all([installation.start(shared), installation.start(shared)]);
    stage = await prepare(installation, SEED);
  });

  after(async () => {
    others.forEach((server) => server.kill('SIGTERM'));
    await Promise.all(others.map((server) => server.ended));
    await installation.close();
    await folder.remove();
  });

  it('goes on: older servers decide while a newer one migrates, and beside it', async (t) => {
    const main = makeVersion(folder, 'newer', { '9001_adds.sql': ADDING });
    const episode = await weather(stage, { seed: SEED, forMs: STORM_MS }, async () => {
      await sleep(1_000);
      newer = await startVersion(main);
      await newer.ready;
      assert.ok(await isMigrated('9001_adds'));
      // From now on clients come to it, too; and go on coming to the older ones.
      stage.urls.push(newer.url);
      await sleep(2_000);
    });
    const counts = countOutcomes(episode);
    t.diagnostic(JSON.stringify(counts));
    assertRight(episode, SEED);
    const unknown = Object.entries(counts).filter(([key]) => key.endsWith(': unknown'));
    assert.deepEqual(unknown, [], 'somebody was not answered');
    // Once more with both, whatever their sessions had prepared before.
    const next = await weather(stage, { seed: SEED + 1, forMs: 2_000 });
    assertRight(next, SEED + 1);
    assert.deepEqual(
      Object.keys(countOutcomes(next)).filter((key) => key.endsWith(': unknown')),
      [],
    );
  });

  it('is refused where the newer version breaks the older ones, until these have ended', async () => {
    const main = makeVersion(folder, 'breaking', { '9001_adds.sql': ADDING, '9002_breaks.sql': BREAKING });
    const refused = await startVersion(main);
    assert.equal((await refused.ended).code, 1);
    assert.match(
      refused.stderr,
      /^This version changes the database in a way that servers of the version before can't work with \(9002_breaks\), and such servers are running on it\. Stop them all, then start this one\. Nothing was changed\.\n$/,
    );
    assert.ok(!(await isMigrated('9002_breaks')));
    for (const url of stage.urls) assert.equal((await fetch(`${url}/readyz`)).status, 200);

    await Promise.all([...installation.servers, newer!].map((server) => server.stop()));
    const breaking = await startVersion(main);
    // The program itself knows nothing of the new name; that it has migrated is what counts here.
    for (const until = Date.now() + 30_000; !(await isMigrated('9002_breaks'));) {
      assert.ok(Date.now() < until, breaking.stdout + breaking.stderr);
      await sleep(50);
    }
    await breaking.stop();
    const older = await startVersion(join(ROOT, 'src', 'main.ts'));
    assert.equal((await older.ended).code, 1);
    assert.match(
      older.stderr,
      /^The database was migrated by a newer version of Autoclaim \(9002_breaks\)\. Start that version or a later one\.\n$/,
    );
  });
});
