import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { migrate, SchemaInUse } from '../../src/db/migrate.ts';
import { readMigrations } from '../../src/db/migrations.ts';
import { temporaryFolder } from '../harness/autoclaim-process.ts';
import { createTestDatabase } from '../harness/database.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('a migration of a table that somebody reads for long', () => {
  it('waits by turns, so that others are not held up, and goes on when it is free', async (t) => {
    const folder = await temporaryFolder();
    t.after(() => folder.remove());
    const migrations = join(folder.path, 'migrations');
    cpSync(join(ROOT, 'migrations'), migrations, { recursive: true });
    writeFileSync(join(migrations, '9001_adds.sql'), 'alter table users add column later_text text;\n');
    const all = await readMigrations(migrations);
    const db = await createTestDatabase();
    const reader = await db.pool.connect();
    t.after(async () => {
      reader.release(true);
      await db.close();
    });
    await reader.query('begin; lock table users in access share mode');
    await assert.rejects(migrate(db, { migrations: all, tryForMs: 0 }), SchemaInUse);

    const said: string[] = [];
    const say = (text: string) => {
      said.push(text);
    };
    const migrating = migrate(db, { migrations: all, say });
    let longestMs = 0;
    for (const until = performance.now() + 6_000; performance.now() < until;) {
      await sleep(50);
      const began = performance.now();
      await db.pool.query('select from users limit 1');
      longestMs = Math.max(longestMs, performance.now() - began);
    }
    assert.ok(longestMs > 500, `nobody was in the way: ${longestMs} ms`);
    assert.ok(longestMs < 4_000, `somebody waited for ${longestMs} ms`);
    assert.deepEqual(said.length, 1);
    await reader.query('commit');
    assert.deepEqual(await migrating, ['9001_adds']);
  });
});
