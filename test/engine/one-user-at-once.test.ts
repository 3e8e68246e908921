import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { openDatabase, type Database } from '../../src/db/open.ts';
import { SignInBatches } from '../../src/engine/claim/batch.ts';
import { SignInLog } from '../../src/engine/claim/sign-in-log.ts';
import type { DecidedSignIn } from '../../src/engine/claim/sign-in.ts';
import { assignLicenses } from '../../src/engine/license/assign.ts';
import { deleteUser } from '../../src/engine/license/delete-user.ts';
import { createPolicy } from '../../src/engine/policy/policies.ts';
import { writeSetting } from '../../src/engine/policy/setting.ts';
import { Refused } from '../../src/engine/refused.ts';
import { createSubscription } from '../../src/engine/subscription/subscription.ts';
import type { Tenancy } from '../../src/engine/tenant/tenancy.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';
import { firstTenancy, found, type Founding } from './histories/found.ts';
import { watch } from './histories/watch.ts';
import type { Organisation, Person } from './model/organisation.ts';

// One user's licenses change on two servers at once, through products whose pools have nothing to
// do with each other: each change must see what the other has done.

/** 0 and 1 both open both apps; 2 opens the first only, 3 the second only, and 3 excludes 2. */
const FOUNDING: Founding = {
  plans: [0b0011, 0b0011, 0b0101, 0b1010],
  rules: [{ product: 3, plan: 1, kind: 'excludes', other: 2 }],
  requires: [0b01, 0b10],
  people: Array.from({ length: 25 }, () => ({ blocked: false, guest: false, location: 'US' })),
  members: [[], [], []],
};

describe('one user, two servers at once', () => {
  let db: TestDatabase;
  let beside: Database;
  let tenancy: Tenancy;
  let organisation: Organisation;
  let servers: SignInBatches[];
  let logs: SignInLog[];
  before(async () => {
    db = await createTestDatabase();
    beside = openDatabase(db.connection, () => undefined);
    await watch(db);
  });
  after(async () => {
    await beside.close();
    await db.close();
  });
  beforeEach(async () => {
    ({ tenancy, organisation } = await found(await firstTenancy(db), FOUNDING, 'Twice'));
    logs = [db, beside].map((one) => new SignInLog(one, (error) => assert.fail(String(error))));
    servers = [db, beside].map((one, at) => new SignInBatches(one, logs[at]!));
    await writeSetting(tenancy, { isEnabled: true });
    for (const { skuId } of organisation.products) await createSubscription(tenancy, { skuId, totalLicenses: 100 });
  });

  /** A policy for each app, of these products. */
  async function addPolicies(...productsOfApp: readonly (readonly number[])[]): Promise<void> {
    for (const [at, products] of productsOfApp.entries()) {
      await createPolicy(tenancy, organisation.apps[at]!.id, {
        displayName: `Policy ${at}`,
        isEnabled: true,
        products: products.map((product) => ({ skuId: organisation.products[product]!.skuId, disabledPlans: [] })),
        includeGroups: [],
        excludeGroups: [],
        includeGuests: false,
      });
    }
  }

  function signIn(at: number, person: Person): Promise<DecidedSignIn> {
    const ask = { appId: organisation.apps[at]!.id, userId: person.id, userPrincipalName: null };
    const client = {
      clientId: 'client',
      correlationId: null,
      actor: tenancy.actor,
      requestId: null,
      door: 'api' as const,
    };
    return servers[at]!.decide(tenancy.tenantId, { ...ask, ...client });
  }

  /** Each person signs in to the first app on one server and to the second on the other. */
  async function signInToBoth(): Promise<DecidedSignIn[][]> {
    const told = await Promise.all(
      organisation.people.map((person) => Promise.all([signIn(0, person), signIn(1, person)])),
    );
    await Promise.all(logs.map((log) => log.flush()));
    return told;
  }

  it('claims one product where either opens both apps', async () => {
    await addPolicies([0], [1]);
    for (const answers of await signInToBoth()) {
      const [claim, ...others] = answers.filter(({ outcome }) => outcome === 'claimed');
      assert.deepEqual(others, []);
      const licensed = answers.find(({ outcome }) => outcome !== 'claimed');
      // Refused it was not: whoever comes second is licensed by the first one's claim.
      assert.equal(licensed?.outcome, 'licensed');
      assert.equal(licensed.entitlement?.claimId, claim?.entitlement?.claimId);
    }
  });

  it('claims no two products that exclude each other', async () => {
    await addPolicies([2], [3]);
    for (const answers of await signInToBoth()) {
      assert.deepEqual(answers.map(({ outcome, reason }) => reason ?? outcome).sort(), ['claimed', 'conflict']);
    }
  });

  it('claims and assigns by hand no two products that exclude each other', async () => {
    await addPolicies([2], [3]);
    const assigned = organisation.people.map((person) =>
      assignLicenses(
        { ...tenancy, db: beside },
        person.id,
        [{ skuId: organisation.products[3]!.skuId, disabledPlans: [] }],
        [],
      ).then(
        () => 'assigned',
        (error: unknown) => {
          assert.ok(error instanceof Refused && error.message.includes('mutually exclusive'), String(error));
          return 'refused';
        },
      ),
    );
    const told = await Promise.all(organisation.people.map((person) => signIn(0, person)));
    await Promise.all(logs.map((log) => log.flush()));
    for (const [at, outcome] of (await Promise.all(assigned)).entries()) {
      assert.equal(told[at]!.reason ?? told[at]!.outcome, outcome === 'assigned' ? 'conflict' : 'claimed');
    }
  });

  it('assigns by hand, twice at once, no two products that exclude each other', async () => {
    const assign = (db: Database, person: Person, product: number) =>
      assignLicenses(
        { ...tenancy, db },
        person.id,
        [{ skuId: organisation.products[product]!.skuId, disabledPlans: [] }],
        [],
      ).then(
        () => true,
        (error: unknown) => {
          assert.ok(error instanceof Refused && error.message.includes('mutually exclusive'), String(error));
          return false;
        },
      );
    const done = await Promise.all(
      organisation.people.map((person) => Promise.all([assign(db, person, 2), assign(beside, person, 3)])),
    );
    for (const both of done) assert.deepEqual(both.toSorted(), [false, true]);
  });

  it('deletes whoever is claiming, and nothing of them is left', async () => {
    await addPolicies([0], [1, 0]);
    const [{ skuId, plans }] = organisation.products as [Organisation['products'][number]];
    const second = plans.filter(({ id }) => organisation.apps[1]!.requires.includes(id)).map(({ id }) => id);
    for (const { id } of organisation.people) await assignLicenses(tenancy, id, [{ skuId, disabledPlans: second }], []);
    const [told] = await Promise.all([
      Promise.all(organisation.people.map((person) => signIn(1, person))),
      Promise.all(organisation.people.map(({ id }) => deleteUser(tenancy, id))),
    ]);
    await Promise.all(logs.map((log) => log.flush()));
    for (const { outcome, reason } of told)
      assert.ok(['planTurnedOff', 'claimed', 'unknownUser'].includes(reason ?? outcome));
    const { rows } = await db.pool.query('select user_id from licenses where tenant_id = $1', [tenancy.tenantId]);
    assert.deepEqual(rows, []);
  });

  it('never came to a deadlock in any of these', async () => {
    // Statistics follow within a second. A deadlock that was repeated away is one all the same.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const { rows } = await db.pool.query('select deadlocks from pg_stat_database where datname = current_database()');
    assert.deepEqual(rows, [{ deadlocks: 0 }]);
  });
});
