import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { BackupRefused } from '../../src/db/backup/refusal.ts';
import { restoreBackup } from '../../src/db/backup/restore.ts';
import { END_OF_ARCHIVE, packFile } from '../../src/db/backup/tar.ts';
import { writeBackup } from '../../src/db/backup/write.ts';
import { temporaryFolder } from '../harness/autoclaim-process.ts';
import { runCommand } from '../harness/command.ts';
import { EmptyDatabases, type EmptyDatabase } from '../harness/empty-databases.ts';
import { createTestDatabase } from '../harness/database.ts';

// Files that must not be restored. Each is made of a good back-up; each leaves the database empty.

type Part = readonly [name: string, content: Buffer];

describe('a restore refuses', { concurrency: false }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let target: EmptyDatabase;
  let good: Buffer;
  const databases = new EmptyDatabases();

  before(async () => {
    folder = await temporaryFolder();
    target = await databases.make();
    const db = await createTestDatabase();
    await db.pool.query(
      "insert into tenants (tenant_id, display_name, default_domain, country_letter_code, created_at) values (gen_random_uuid(), 'A', 'a.example', 'US', now())",
    );
    await db.pool.query(
      "insert into users (tenant_id, user_id, user_principal_name, display_name, created_at) select tenant_id, gen_random_uuid(), n || '@a.example', 'User', now() from tenants, generate_series(1, 500) n",
    );
    await writeBackup(db.connection, join(folder.path, 'good.tar.gz'), { version: '0', mayReplace: false });
    await db.close();
    good = readFileSync(join(folder.path, 'good.tar.gz'));
  });

  after(async () => {
    await databases.drop();
    await folder.remove();
  });

  /** It must be refused with such a message, and the database be left as it was. */
  const refused = async (content: Buffer, message: RegExp) => {
    const file = join(folder.path, 'bad.tar.gz');
    writeFileSync(file, content);
    await assert.rejects(restoreBackup({ connectionString: target.url }, file), (error: Error) => {
      assert.ok(error instanceof BackupRefused, String(error.stack));
      assert.match(error.message, message);
      return true;
    });
    const { rows } = await target.pool.query(
      "select count(*)::int as count from pg_class where relnamespace = 'public'::regnamespace",
    );
    assert.equal(rows[0].count, 0);
  };

  /** The good one's files, changed, as an archive again. */
  const changed = (change: (parts: Part[], manifest: any) => Part[]): Buffer => {
    const parts: Part[] = [];
    const bytes = gunzipSync(good);
    for (let at = 0; bytes[at] !== 0;) {
      const name = bytes.toString('latin1', at, bytes.indexOf(0, at));
      const size = Number.parseInt(bytes.toString('latin1', at + 124, at + 135), 8);
      parts.push([name, bytes.subarray(at + 512, at + 512 + size)]);
      at += 512 + Math.ceil(size / 512) * 512;
    }
    assert.ok(parts.length > 20);
    return packed(change(parts, JSON.parse(parts.at(-1)![1].toString())));
  };
  const packed = (parts: readonly Part[]) =>
    gzipSync(
      Buffer.concat([
        ...parts.flatMap(([name, content]) => [...packFile(name, [content], new Date())]),
        END_OF_ARCHIVE,
      ]),
    );
  const manifestOf = (manifest: object): Part => ['manifest.json', Buffer.from(JSON.stringify(manifest))];
  const withManifest = (change: (manifest: any) => void) =>
    changed((parts, manifest) => {
      change(manifest);
      return [...parts.slice(0, -1), manifestOf(manifest)];
    });
  /** Rows in place of a table's own, with a manifest that agrees. */
  const withRows = (table: string, rows: string) =>
    changed((parts, manifest) => {
      const content = Buffer.from(rows);
      const entry = manifest.tables.find(({ name }: { name: string }) => name === table);
      entry.rows = rows.split('\n').length - 1;
      entry.bytes = content.length;
      entry.sha256 = createHash('sha256').update(content).digest('hex');
      const others = parts
        .slice(0, -1)
        .map((part): Part => (part[0].startsWith(`tables/${table}/`) ? [part[0], content] : part));
      return [...others, manifestOf(manifest)];
    });

  it('what is no archive, or none at all', async () => {
    await refused(Buffer.from('Dear Ann'), /bad\.tar\.gz can't be restored\. It is damaged, or no back-up at all/);
    await refused(Buffer.alloc(0), /It is cut short\./);
    await refused(gzipSync(Buffer.alloc(2_000, 'x')), /It is no archive that a back-up makes\./);
  });

  it('what was cut short, wherever', async () => {
    for (const part of [0.1, 0.5, 0.9, 0.999]) {
      await refused(good.subarray(0, Math.floor(good.length * part)), /It is cut short\./);
    }
    await refused(gzipSync(gunzipSync(good).subarray(0, -1024)), /It is cut short\./);
  });

  it('what has a bit turned over', async () => {
    const bad = Buffer.from(good);
    bad[Math.floor(bad.length / 2)]! ^= 1;
    await refused(bad, /It is damaged|are not those that were backed up|It is no archive/);
  });

  it('rows that are not those of the manifest, too few, or too many', async () => {
    const replaced = (from: string, to: string) =>
      changed((parts) =>
        parts.map(([name, content]) => [
          name,
          name.startsWith('tables/users/') ? Buffer.from(content.toString().replace(from, to)) : content,
        ]),
      );
    await refused(replaced('\t1@a.example', '\t9@b.example'), /The rows of users are not those that were backed up\./);
    await refused(
      changed((parts) => parts.filter(([name]) => !name.startsWith('tables/users/'))),
      /The table users is missing\./,
    );
    await refused(
      changed((parts) => [parts.find(([name]) => name.startsWith('tables/users/'))!, ...parts]),
      /The table users is in it twice\./,
    );
  });

  it('files that have no place in it: paths that lead out, names of other kinds, what comes after the end', async () => {
    for (const name of [
      '../../etc/passwd',
      '/etc/passwd',
      'tables/../users/000001.tsv',
      'tables/users/1.tsv',
      'x'.repeat(99),
    ]) {
      await refused(
        changed((parts) => [[name, Buffer.from('x')], ...parts]),
        /has no place in it\./,
      );
    }
    await refused(
      changed((parts) => [...parts, ['tables/users/000002.tsv', Buffer.from('')]]),
      /It goes on after its manifest\./,
    );
    await refused(Buffer.concat([good, good]), /It goes on after its end\./);
    const link = gunzipSync(good);
    link[156] = '2'.charCodeAt(0);
    await refused(gzipSync(link), /It is no archive that a back-up makes\./);
  });

  it('a file that unfolds to fill the disk', async () => {
    const bomb = packed([['tables/users/000001.tsv', Buffer.alloc(300 * 1024 * 1024)]]);
    assert.ok(bomb.length < 1_000_000);
    await refused(bomb, /It unfolds to far more than a back-up of its size could\./);
  });

  it('a manifest that is none, or huge, or of a newer format, or a newer version', async () => {
    await refused(
      changed((parts) => [...parts.slice(0, -1), ['manifest.json', Buffer.from('{')]]),
      /Its manifest is no JSON\./,
    );
    await refused(
      changed((parts) => parts.slice(0, -1)),
      /It has no manifest\./,
    );
    await refused(
      changed((parts) => [...parts.slice(0, -1), ['manifest.json', Buffer.alloc(5 * 1024 * 1024, ' ')]]),
      /Its manifest is too large\./,
    );
    await refused(
      withManifest((manifest) => (manifest.surprise = 1)),
      /Its manifest is none of Autoclaim's/,
    );
    await refused(
      withManifest((manifest) => Object.assign(manifest, { format: 2, version: '9.0.0' })),
      /made by a newer Autoclaim \(9\.0\.0\)/,
    );
    await refused(
      withManifest((manifest) => manifest.migrations.push({ version: 9999, name: '9999_later' })),
      /newer than this one \(9999_later\)/,
    );
  });

  it('tables and columns that a database of its version does not have', async () => {
    const entry = (manifest: any, name: string) => manifest.tables.find((table: any) => table.name === name);
    await refused(
      withManifest((manifest) => (entry(manifest, 'users').columns[1] = 'password_hint')),
      /Its table users is not as a database of its version has it\./,
    );
    await refused(
      withManifest((manifest) => entry(manifest, 'users').columns.pop()),
      /Its table users is not as/,
    );
    await refused(
      withManifest((manifest) => (entry(manifest, 'users').columns[1] = 'x") from stdin; drop table users; --')),
      /Its manifest is none of Autoclaim's/,
    );
    await refused(
      changed((parts, manifest) => {
        entry(manifest, 'users').name = 'pg_authid';
        const others = parts
          .slice(0, -1)
          .map(([name, content]): Part => [name.replace('/users/', '/pg_authid/'), content]);
        return [...others, manifestOf(manifest)];
      }),
      /Its table (users|pg_authid) is not as/,
    );
  });

  it('rows that the schema does not take, though the sums agree', async () => {
    await refused(withRows('tenants', 'no-guid\tA\ta.example\tUS\n'), /Its rows don't fit \(tenants: /);
    await refused(withRows('users', '\\.\n'), /Its rows don't fit|0 of 1 rows of users came/);
    // Whose users have no tenant any more: keys are checked again.
    await refused(withRows('tenants', ''), /Its rows don't fit .*violates foreign key/);
  });

  it('a database that is not empty', async () => {
    await target.pool.query('create table mine (id int)');
    copyFileSync(join(folder.path, 'good.tar.gz'), join(folder.path, 'copy.tar.gz'));
    const { code, stderr } = await runCommand(['db', 'restore', join(folder.path, 'copy.tar.gz')], {
      DATABASE_URL: target.url,
    });
    assert.equal(code, 1);
    assert.match(stderr, /The database is not empty: it has mine\. Only an empty one can be filled\./);
    await target.pool.query('drop table mine');
  });

  it('with one plain sentence, and exit code 1', async () => {
    const [bad, missing] = [join(folder.path, 'bad.tar.gz'), join(folder.path, 'missing.tar.gz')];
    writeFileSync(bad, 'Dear Ann');
    for (const command of ['restore', 'check']) {
      const { code, stderr, stdout } = await runCommand(['db', command, bad], { DATABASE_URL: target.url });
      assert.deepEqual([code, stdout], [1, '']);
      assert.match(stderr, /^\S+bad\.tar\.gz can't be restored\. It is damaged, or no back-up at all .+\n$/);
    }
    const { code, stderr } = await runCommand(['db', 'restore', missing], { DATABASE_URL: target.url });
    assert.deepEqual([code, stderr], [1, `There is no file ${missing}.\n`]);
  });

  it('nothing of the good one', async () => {
    chmodSync(join(folder.path, 'good.tar.gz'), 0o400);
    const { code, stderr } = await runCommand(['db', 'restore', join(folder.path, 'good.tar.gz')], {
      DATABASE_URL: target.url,
    });
    assert.equal(code, 0, stderr);
    const { rows } = await target.pool.query('select count(*)::int as count from users');
    assert.equal(rows[0].count, 500);
  });
});
