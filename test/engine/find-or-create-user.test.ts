import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { openDatabase, type Database } from '../../src/db/open.ts';
import { CREATION_RATE, readCreationRefused } from '../../src/engine/directory/creation-rate.ts';
import { findOrCreateUser, type PersonAtDoor } from '../../src/engine/directory/find-or-create-user.ts';
import { createUser } from '../../src/engine/directory/write-user.ts';
import { writeSetting } from '../../src/engine/policy/setting.ts';
import { createTenant } from '../../src/engine/tenant/create-tenant.ts';
import type { Tenancy } from '../../src/engine/tenant/tenancy.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';
import { firstTenancy } from './histories/found.ts';

const HOOK = { kind: 'application', appId: '0d1f2a50-0000-4000-8000-00000000d00e', displayName: 'A door' } as const;

const person = (userPrincipalName: string, more: Partial<PersonAtDoor> = {}): PersonAtDoor => ({
  userPrincipalName,
  isNameVerified: true,
  ...more,
});

describe('the user who signs in through a trusted door', () => {
  let db: TestDatabase;
  let beside: Database;
  let first: Tenancy;
  let tenancy: Tenancy;
  let tenants = 0;
  before(async () => {
    db = await createTestDatabase();
    beside = openDatabase(db.connection, () => undefined);
    first = await firstTenancy(db);
  });
  after(async () => {
    await beside.close();
    await db.close();
  });
  beforeEach(async () => {
    tenants += 1;
    const draft = { displayName: 'T', defaultDomain: `t${tenants}.example`, countryLetterCode: 'US' };
    const { tenant } = await createTenant(first, draft, async () => undefined);
    tenancy = { db, tenantId: tenant.id, actor: HOOK, correlationId: 'request-1' };
    await writeSetting(tenancy, { createUsersOnSignIn: true, allowedDomains: ['contoso.example'] });
  });

  const users = async () =>
    (
      await db.pool.query<{ user_principal_name: string }>('select * from users where tenant_id = $1', [
        tenancy.tenantId,
      ])
    ).rows;
  const reason = async (who: PersonAtDoor) => {
    const outcome = await findOrCreateUser(tenancy, who);
    return outcome.kind === 'none' ? outcome.reason : outcome.kind;
  };

  it('is created with what the provider knows, and found in any case after; the audit names the door', async () => {
    const created = await findOrCreateUser(
      tenancy,
      person('Ada.Lovelace@Contoso.example', {
        displayName: ' Ada\u0000 Lovelace ',
        usageLocation: 'gb',
        department: 'x'.repeat(400),
        jobTitle: '',
        country: null,
      }),
    );
    assert.equal(created.kind, 'created');
    const again = await findOrCreateUser(tenancy, person('ada.lovelace@contoso.EXAMPLE', { displayName: 'Other' }));
    assert.deepEqual(again, { ...created, kind: 'found' });
    const [row] = await users();
    assert.partialDeepStrictEqual(row, {
      display_name: 'Ada Lovelace',
      usage_location: 'GB',
      department: 'x'.repeat(256),
      job_title: null,
      user_type: 'Member',
    });
    const { rows: audits } = await db.pool.query(
      "select actor, correlation_id from audit_entries where tenant_id = $1 and activity = 'Add user'",
      [tenancy.tenantId],
    );
    assert.deepEqual(audits, [{ actor: HOOK, correlation_id: 'request-1' }]);
  });

  it('is nobody where the name is not vouched for, is no name, or its domain is not exactly an allowed one', async () => {
    await createUser(tenancy, { userPrincipalName: 'boss@contoso.example', displayName: 'Boss' });
    assert.equal(await reason(person('boss@contoso.example', { isNameVerified: false })), 'nameNotVerified');
    for (const name of [
      'Casey Jensen',
      'a@b@contoso.example',
      '',
      'a\u0000@contoso.example',
      `${'a'.repeat(300)}@contoso.example`,
    ])
      assert.equal(await reason(person(name)), 'notAName', name);
    for (const name of [
      'a@sub.contoso.example',
      'a@contoso.example.evil.example',
      'a@evilcontoso.example',
      'a@contoso.example.',
    ])
      assert.equal(await reason(person(name)), 'domainNotAllowed', name);
    await writeSetting(tenancy, { allowedDomains: [] });
    assert.equal(await reason(person('new@contoso.example')), 'domainNotAllowed');
    await writeSetting(tenancy, { createUsersOnSignIn: false, allowedDomains: ['contoso.example'] });
    assert.equal(await reason(person('new@contoso.example')), 'creationOff');
    assert.equal(await reason(person('boss@contoso.example')), 'found');
    assert.equal((await users()).length, 1);
  });

  it('is one, however many sign-ins of the same person come at once on two servers', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        findOrCreateUser(
          { ...tenancy, db: at % 2 ? db : beside },
          person(at % 3 ? 'eve@contoso.example' : 'EVE@contoso.example'),
        ),
      ),
    );
    assert.equal(outcomes.filter(({ kind }) => kind === 'created').length, 1);
    assert.equal(new Set(outcomes.map((one) => (one.kind === 'none' ? one.reason : one.userId))).size, 1);
    assert.equal((await users()).length, 1);
  });

  it('is created at no more than the rate over all servers; then an admin is told, and time gives more', async () => {
    const left = 3;
    const ahead = (CREATION_RATE.atOnce - left) * CREATION_RATE.secondsEach;
    await db.pool.query(
      `insert into user_creation (tenant_id, spent_until) values ($1, clock_timestamp() + make_interval(secs => $2))`,
      [tenancy.tenantId, ahead],
    );
    const outcomes = await Promise.all(
      Array.from({ length: 9 }, (_, at) =>
        findOrCreateUser({ ...tenancy, db: at % 2 ? db : beside }, person(`invented${at}@contoso.example`)),
      ),
    );
    assert.equal(outcomes.filter(({ kind }) => kind === 'created').length, left);
    assert.equal(outcomes.filter((one) => one.kind === 'none' && one.reason === 'tooManyCreated').length, 9 - left);
    assert.ok(await readCreationRefused(db, tenancy.tenantId));
    assert.equal(await reason(person('one.more@contoso.example')), 'tooManyCreated');
    await db.pool.query(
      'update user_creation set spent_until = spent_until - make_interval(secs => $2) where tenant_id = $1',
      [tenancy.tenantId, CREATION_RATE.secondsEach],
    );
    assert.equal(await reason(person('one.more@contoso.example')), 'created');
    // One click off: nobody is told any more.
    await writeSetting(tenancy, { createUsersOnSignIn: false });
    assert.equal(await readCreationRefused(db, tenancy.tenantId), null);
  });

  it('is not there where what goes along with the creation fails', async () => {
    const fail = () => Promise.reject(new Error('no link'));
    await assert.rejects(findOrCreateUser(tenancy, person('new@contoso.example'), fail), /no link/);
    assert.equal((await users()).length, 0);
  });
});
