import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { migrate, SchemaTooNew } from '../../src/db/migrate.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';

describe('migrations', () => {
  let db: TestDatabase;
  before(async () => {
    db = await createTestDatabase();
  });
  after(() => db.close());

  it('has nothing to do on a migrated database', async () => {
    assert.deepEqual(await migrate(db), []);
  });

  it('runs each migration once where two servers start at the same time', async () => {
    await db.pool.query('drop schema public cascade; create schema public');
    const [one, two] = await Promise.all([migrate(db), migrate(db)]);
    assert.equal([...one, ...two].length, new Set([...one, ...two]).size);
    assert.ok(one.length + two.length > 0);
  });

  it('refuses a database that a newer version changed in a breaking way', async () => {
    await db.pool.query("insert into schema_migrations values (9999, '9999_from_the_future', true, now())");
    await assert.rejects(migrate(db), SchemaTooNew);
  });

  it('accepts what a newer version only added', async () => {
    await db.pool.query('update schema_migrations set is_breaking = false where version = 9999');
    assert.deepEqual(await migrate(db), []);
  });
});
