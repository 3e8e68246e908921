import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { v7 as newId } from 'uuid';
import { startTestServer, type TestServer } from '../harness/server.ts';

describe('leaving a group that licenses its members', () => {
  let server: TestServer;
  let skuId: string;
  let group: string;
  let inner: string;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());
  beforeEach(async () => {
    const { pool } = server.db;
    skuId = newId();
    await pool.query("insert into products values ($1, $2, 'SKU', 'Product', 'User', '{}', now())", [
      server.tenantId,
      skuId,
    ]);
    await pool.query('insert into pools values ($1, $2, true, 5, 0, 0, 0, null)', [server.tenantId, skuId]);
    [group, inner] = [
      await create('/groups', { displayName: 'Licensed' }),
      await create('/groups', { displayName: 'Inner' }),
    ];
    await join(group, inner);
    const body = { addLicenses: [{ skuId }], removeLicenses: [] };
    assert.equal((await ask('POST', `/groups/${group}/assignLicense`, body)).status, 202);
  });

  const ask = (method: string, path: string, body?: unknown) =>
    server.request(method, `/v1.0${path}`, { permissions: ['User.ReadWrite.All', 'Group.ReadWrite.All'], body });

  async function create(path: string, values: object): Promise<string> {
    return (await ask('POST', path, values)).body.id;
  }

  async function join(groupId: string, id: string): Promise<void> {
    const answer = await ask('POST', `/groups/${groupId}/members/$ref`, { '@odata.id': `directoryObjects/${id}` });
    assert.equal(answer.status, 204);
  }

  async function leave(groupId: string, id: string): Promise<void> {
    assert.equal((await ask('DELETE', `/groups/${groupId}/members/${id}/$ref`)).status, 204);
  }

  /** A member of a group, with a license by the licensed one, and by hand where that is said. */
  async function addLicensed(memberOf: string, byHand = false): Promise<string> {
    const userPrincipalName = `${newId()}@x.example`;
    const id = await create('/users', { displayName: 'A', userPrincipalName, usageLocation: 'US' });
    await join(memberOf, id);
    if (byHand) {
      const body = { addLicenses: [{ skuId }], removeLicenses: [] };
      assert.equal((await ask('POST', `/users/${id}/assignLicense`, body)).status, 200);
    }
    return id;
  }

  async function kindsOf(userId: string): Promise<string[]> {
    const { rows } = await server.db.pool.query('select kind from assignment_paths where user_id = $1 order by kind', [
      userId,
    ]);
    return rows.map((row: any) => row.kind);
  }

  async function consumed(): Promise<number> {
    const { rows } = await server.db.pool.query('select consumed from pools where sku_id = $1', [skuId]);
    return rows[0].consumed;
  }

  it('ends the path that it gave, and frees the seat', async () => {
    const [one, other] = [await addLicensed(group), await addLicensed(group)];
    await leave(group, one);
    assert.deepEqual([await kindsOf(one), await kindsOf(other), await consumed()], [[], ['group'], 1]);
    const { rows } = await server.db.pool.query(
      "select operation, details from audit_entries where target_id = $1 and operation = 'Unassign'",
      [one],
    );
    assert.deepEqual(rows, [
      {
        operation: 'Unassign',
        details: [
          { key: 'SkuId', value: skuId },
          { key: 'GroupId', value: group },
          { key: 'Reason', value: 'No longer a member of the group' },
        ],
      },
    ]);
  });

  it('leaves what was assigned by hand', async () => {
    const user = await addLicensed(group, true);
    await leave(group, user);
    assert.deepEqual([await kindsOf(user), await consumed()], [['direct'], 1]);
  });

  it('counts for members of the groups in it, and for whoever is in it twice not yet', async () => {
    const [nested, both] = [await addLicensed(inner), await addLicensed(inner)];
    await join(group, both);
    await leave(group, inner);
    assert.deepEqual([await kindsOf(nested), await kindsOf(both), await consumed()], [[], ['group'], 1]);
    await leave(group, both);
    assert.deepEqual([await kindsOf(both), await consumed()], [[], 0]);
  });

  it('happens too when the group between is deleted, or left', async () => {
    const [one, other] = [await addLicensed(inner), await addLicensed(inner)];
    await leave(inner, one);
    assert.deepEqual([await kindsOf(one), await kindsOf(other)], [[], ['group']]);
    assert.equal((await ask('DELETE', `/groups/${inner}`)).status, 204);
    assert.deepEqual([await kindsOf(other), await consumed()], [[], 0]);
  });

  it('ends although groups contain each other', async () => {
    const user = await addLicensed(inner);
    await join(inner, group);
    await leave(inner, user);
    assert.deepEqual([await kindsOf(user), await consumed()], [[], 0]);
  });
});
