import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { purgeDirectoryChanges } from '../../src/jobs/purge.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';
import { assertRefused, worldOf, type World } from '../harness/world.ts';

describe('delta queries', () => {
  let server: TestServer;
  let world: World;
  before(async () => {
    server = await startTestServer();
    world = worldOf(server);
  });
  after(() => server.close());

  const local = (link: string) => link.replace(`${server.config.baseUrl}/v1.0`, '');
  /** A round, page by page to its end. */
  async function round(path: string, onPage?: (page: any) => Promise<void>) {
    const pages: any[] = [];
    for (let next: string | undefined = path; next;) {
      const page = await world.get(local(next));
      pages.push(page);
      await onPage?.(page);
      next = page['@odata.nextLink'];
      assert.notEqual('@odata.nextLink' in page, '@odata.deltaLink' in page);
      assert.ok(pages.length < 100);
    }
    return { pages, value: pages.flatMap(({ value }) => value), link: pages.at(-1)['@odata.deltaLink'] as string };
  }
  const newUser = (more: object = {}) => {
    const name = randomUUID();
    return { displayName: name, userPrincipalName: `${name}@contoso.example`, usageLocation: 'DE', ...more };
  };
  const newGroup = (members: readonly string[] = []) => ({
    displayName: `Group ${randomUUID()}`,
    mailEnabled: false,
    mailNickname: randomUUID(),
    securityEnabled: true,
    ...(members.length > 0 && {
      'members@odata.bind': members.map((id) => `https://graph.microsoft.com/v1.0/directoryObjects/${id}`),
    }),
  });
  const link = (id: string) => ({ '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}` });
  const gone = (id: string) => ({ id, '@removed': { reason: 'deleted' } });

  it('lists every user in pages, and then who was added, changed and deleted', async () => {
    const users = await world.addUsers(7);
    const first = await round('/users/delta?$select=displayName,jobTitle&$top=3');
    assert.ok(first.pages.length >= 3);
    assert.equal(first.pages[0]['@odata.context'], `${server.url}/v1.0/$metadata#users(displayName,jobTitle)`);
    const all = await world.value<string[]>(
      'select array_agg(user_id order by user_id) from users where tenant_id = $1',
    );
    assert.deepEqual(
      first.value.map(({ id }) => id),
      all,
    );
    assert.deepEqual(Object.keys(first.value[0]).toSorted(), ['displayName', 'id', 'jobTitle']);
    assert.match(first.link, /\/v1\.0\/users\/delta\?\$deltatoken=[\w-]+$/);

    const nothing = await round(first.link);
    assert.deepEqual(nothing.value, []);

    const { id: added } = await world.post('/users', newUser());
    await world.patch(`/users/${users[0]!.id}`, { jobTitle: 'Painter' });
    await world.patch(`/users/${users[0]!.id}`, { jobTitle: 'Poet' });
    await world.remove(`/users/${users[1]!.id}`);
    const short = await world.post('/users', newUser());
    await world.remove(`/users/${short.id}`);
    for (const from of [first.link, nothing.link]) {
      const { value } = await round(from);
      assert.deepEqual(
        value.map(({ id }) => id),
        [added, users[0]!.id, users[1]!.id, short.id],
      );
      assert.equal(value[1].jobTitle, 'Poet');
      assert.deepEqual(value.slice(2), [gone(users[1]!.id), gone(short.id)]);
    }
    assert.deepEqual((await round((await round(nothing.link)).link)).value, []);
  });

  it('misses nothing that changes while a round is read', async () => {
    const users = (await world.addUsers(6)).map(({ id }) => id);
    const known = new Map<string, string>();
    const learn = ({ value }: any) => {
      for (const { id, displayName, '@removed': removed } of value) {
        if (removed) known.delete(id);
        else known.set(id, displayName);
      }
    };
    let turn = 0;
    const change = async (page: any) => {
      learn(page);
      turn += 1;
      await world.patch(`/users/${users[turn % 4]!}`, { displayName: `Name ${turn}` });
      await world.post('/users', newUser());
      if (turn === 2) await world.remove(`/users/${users[4]!}`);
      if (turn === 3) await world.remove(`/users/${users[5]!}`);
    };
    let { link: next } = await round('/users/delta?$select=displayName&$top=4', change);
    next = (await round(next, change)).link;
    await round(next, async (page) => learn(page));
    const there = await server.db.pool.query(
      'select user_id as id, display_name as name from users where tenant_id = $1',
      [server.tenantId],
    );
    assert.deepEqual([...known].toSorted(), there.rows.map(({ id, name }): [string, string] => [id, name]).toSorted());
  });

  it('tells of a change that was begun before a round and committed after it', async () => {
    const [early, late] = await world.addUsers(2);
    const { link: from } = await round('/users/delta');
    // A transaction as the engine's, which takes long: its change and its note of it are not seen yet.
    const client = await server.db.pool.connect();
    await client.query('begin');
    await client.query('update users set job_title = $3 where tenant_id = $1 and user_id = $2', [
      server.tenantId,
      late!.id,
      'Late',
    ]);
    await client.query(
      `insert into directory_changes (tenant_id, change_id, is_user, object_id, recorded_at)
       values ($1, $2, true, $3, now())`,
      [server.tenantId, '00000000-0000-7000-8000-000000000001', late!.id],
    );
    await world.patch(`/users/${early!.id}`, { jobTitle: 'Early' });
    const meanwhile = await round(from);
    assert.deepEqual(
      meanwhile.value.map(({ id }) => id),
      [early!.id],
    );
    await client.query('commit');
    client.release();
    const { value } = await round(meanwhile.link);
    assert.deepEqual(
      value.map(({ id, jobTitle }) => [id, jobTitle]),
      [[late!.id, 'Late']],
    );
  });

  it('gives many readers at once the same versions', async () => {
    const { link: from } = await round('/users/delta?$deltatoken=latest');
    const users = await world.addUsers(8);
    await Promise.all([
      ...users.map(({ id }) => world.patch(`/users/${id}`, { jobTitle: 'Busy' })),
      ...Array.from({ length: 8 }, () => round(from)),
    ]);
    const rounds = await Promise.all(Array.from({ length: 4 }, () => round(from)));
    for (const { value } of rounds)
      assert.deepEqual(value.map(({ id }) => id).toSorted(), users.map(({ id }) => id).toSorted());
    const twice = await world.value(
      'select count(*)::int - count(distinct version)::int from directory_changes where tenant_id = $1 and version is not null',
    );
    assert.equal(twice, 0);
  });

  it('begins at this moment, where nothing of before is asked for', async () => {
    const latest = await world.get('/users/delta?$deltatoken=latest&$select=displayName');
    assert.deepEqual(latest.value, []);
    const { id } = await world.post('/users', newUser());
    const { value } = await round(latest['@odata.deltaLink']);
    assert.deepEqual(
      value.map((user) => [user.id, Object.keys(user).length]),
      [[id, 2]],
    );
  });

  it('tells of licenses by every path, claims too, where they are asked for', async () => {
    const product = await world.addProduct({ PLAN: {} });
    await world.buy(product, 10);
    const app = await world.addApp([product.plans['PLAN']!]);
    await world.turnAutoClaim(true);
    await world.addPolicy(app, [product]);
    const [byHand, byClaim, early] = await world.addUsers(3);
    await world.signIn(app, early!);
    const withLicenses = await round('/users/delta?$select=assignedLicenses');
    const without = await round('/users/delta?$deltatoken=latest');
    await world.assign(byHand!, [product]);
    assert.equal((await world.signIn(app, byClaim!)).outcome, 'claimed');
    const { value, link: next } = await round(withLicenses.link);
    assert.deepEqual(
      new Map(value.map(({ id, assignedLicenses }) => [id, assignedLicenses.length])),
      new Map([
        [byHand!.id, 1],
        [byClaim!.id, 1],
      ]),
    );
    assert.deepEqual((await round(next)).value, []);
    await world.assign(byClaim!, [], [product]);
    assert.deepEqual(
      (await round(next)).value.map(({ id, assignedLicenses }) => [id, assignedLicenses]),
      [[byClaim!.id, []]],
    );
    // Whoever doesn't ask for licenses hears of what is done by hand, as of any change of a user.
    assert.ok((await round(without.link)).value.some(({ id }) => id === byHand!.id));
  });

  it('reads the further pages of a round while pools are locked', async () => {
    const product = await world.addProduct({ PLAN: {} });
    await world.buy(product, 1);
    await world.addUsers(3);
    const first = await world.get('/users/delta?$select=assignedLicenses&$top=1');
    const client = await server.db.pool.connect();
    try {
      await client.query('begin');
      await client.query('select from pools where tenant_id = $1 for update', [server.tenantId]);
      const page = world.get(local(first['@odata.nextLink']));
      const late = new Promise((resolve) => setTimeout(resolve, 5_000, 'late').unref());
      assert.equal((await Promise.race([page, late])).value?.length, 1);
    } finally {
      await client.query('rollback');
      client.release();
    }
  });

  it('lists groups with their members, and then who came and who left', async () => {
    const [one, two, three] = (await world.addUsers(3)).map(({ id }) => id) as [string, string, string];
    const { id: inner } = await world.post('/groups', newGroup([one]));
    const { id: outer } = await world.post('/groups', newGroup([one, two, inner]));
    const { id: other } = await world.post('/groups', newGroup());
    const first = await round('/groups/delta?$top=2');
    const listed = first.value.find(({ id }) => id === outer);
    assert.deepEqual(
      listed['members@delta'],
      [one, two, inner].toSorted().map((id) => ({
        '@odata.type': id === inner ? '#microsoft.graph.group' : '#microsoft.graph.user',
        id,
      })),
    );
    assert.ok(!('members@delta' in first.value.find(({ id }) => id === other)));
    assert.equal(listed.displayName.slice(0, 5), 'Group');

    await world.post(`/groups/${outer}/members/$ref`, link(three));
    await world.remove(`/groups/${outer}/members/${one}/$ref`);
    await world.remove(`/users/${two}`);
    await world.remove(`/groups/${inner}`);
    await world.patch(`/groups/${other}`, { description: 'The other' });
    const { value, link: next } = await round(first.link);
    const changed = value.find(({ id }) => id === outer);
    const user = { '@odata.type': '#microsoft.graph.user' };
    const removed = { '@removed': { reason: 'deleted' } };
    assert.deepEqual(
      new Set(changed['members@delta'].map((member: object) => JSON.stringify(member))),
      new Set(
        [
          { ...user, id: one, ...removed },
          { ...user, id: two, ...removed },
          { ...user, id: three },
          { '@odata.type': '#microsoft.graph.group', id: inner, ...removed },
        ].map((member) => JSON.stringify(member)),
      ),
    );
    assert.deepEqual(
      value.find(({ id }) => id === inner),
      gone(inner),
    );
    assert.equal(value.find(({ id }) => id === other).description, 'The other');
    assert.equal(value.length, 3);
    assert.deepEqual((await round(next)).value, []);

    const names = await round('/groups/delta?$select=displayName');
    assert.ok(names.value.every((group) => !('members@delta' in group)));
    const expanded = await round('/groups/delta?$select=displayName&$expand=members');
    assert.ok(expanded.value.some((group) => 'members@delta' in group));
  });

  it('spreads the members of a large group over pages', async () => {
    const users = (await world.addUsers(2_300)).map(({ id }) => id);
    const large = await world.addGroup(users);
    const { pages, value } = await round('/groups/delta?$select=members');
    assert.ok(pages.length >= 3);
    const members = (all: any[]) =>
      all.filter(({ id }) => id === large).flatMap((group) => group['members@delta'].map(({ id }: any) => id));
    assert.deepEqual(members(value), users.toSorted());
    for (const page of pages)
      assert.ok(page.value.flatMap((group: any) => group['members@delta'] ?? []).length <= 1_000);
    // And so when so many came at once.
    const { link: from } = await round('/groups/delta?$deltatoken=latest');
    await server.db.pool.query(
      `insert into directory_changes (tenant_id, change_id, is_user, object_id, member_id, is_member_user, recorded_at)
       select $1, gen_random_uuid(), false, $2, id, true, now() from unnest($3::uuid[]) as id`,
      [server.tenantId, large, users],
    );
    await world.patch(`/groups/${large}`, { description: 'Large' });
    const after = await round(from);
    assert.ok(after.pages.length >= 3);
    assert.deepEqual(members(after.value), users.toSorted());
    // One at a time, beside other groups.
    const single = await round('/groups/delta?$top=1');
    assert.deepEqual(members(single.value), users.toSorted());
    const groups = await world.value<string[]>('select array_agg(group_id) from groups where tenant_id = $1');
    assert.deepEqual(new Set(single.value.map(({ id }) => id)), new Set(groups));
  });

  it('is found by the names that clients give functions', async () => {
    for (const path of ['/users/delta()', '/users/microsoft.graph.delta()', '/users/microsoft.graph.delta']) {
      const page = await world.get(`${path}?$deltatoken=latest`);
      assert.match(page['@odata.deltaLink'], /\/v1\.0\/users\/delta\?/);
    }
  });

  it('refuses what is not understood, and links that are altered or of elsewhere', async () => {
    const refused = async (path: string, text: RegExp) => assertRefused(await world.call('GET', path), 400, text);
    const { link: users } = await round('/users/delta?$deltatoken=latest');
    const { link: groups } = await round('/groups/delta?$deltatoken=latest');
    const token = new URL(users).searchParams.get('$deltatoken')!;
    await refused('/users/delta?$filter=displayName eq null', /^The query option \$filter is not one of/);
    await refused('/users/delta?$expand=members', /^The query option \$expand is not one of/);
    await refused('/groups/delta?$expand=owners', /^\$expand: only members can be expanded/);
    await refused('/users/delta?$select=nothing', /^\$select: unknown property nothing/);
    await refused('/users/delta?$select=members', /^\$select: unknown property members/);
    await refused('/users/delta?$top=0', /^\$top/);
    await refused(`/users/delta?$deltatoken=${token}&$select=id`, /^\$select can not be given here/);
    await refused(`/users/delta?$deltatoken=${token}&$skiptoken=${token}`, /can not be given here/);
    const wrong = /is malformed, or belongs to another query/;
    await refused(`/users/delta?$skiptoken=${token}`, wrong);
    await refused(`/users/delta?$deltatoken=${token.slice(1)}`, wrong);
    await refused(`/users/delta?$deltatoken=${new URL(groups).searchParams.get('$deltatoken')}`, wrong);
    const altered = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    altered[5] = 1;
    await refused(`/users/delta?$deltatoken=${Buffer.from(JSON.stringify(altered)).toString('base64url')}`, wrong);
  });

  it("knows nothing of another tenant's changes, whoever's link is followed", async () => {
    const other = worldOf(server, await server.createTenant());
    const [stranger] = await other.addUsers(1);
    const { link: from } = await round('/users/delta?$deltatoken=latest');
    await other.patch(`/users/${stranger!.id}`, { jobTitle: 'Stranger' });
    await world.post('/users', newUser());
    const theirs = await other.get(local(from));
    const ours = await round(from);
    assert.equal(ours.value.length, 1);
    assert.notEqual(ours.value[0].id, stranger!.id);
    assert.deepEqual(
      theirs.value.map(({ id }: { id: string }) => id),
      [stranger!.id],
    );
  });

  it('answers 410 for a link of long ago, with where to begin again', async () => {
    const { link: from } = await round('/users/delta?$deltatoken=latest');
    await world.post('/users', newUser());
    await server.db.pool.query(
      "update directory_changes set recorded_at = recorded_at - interval '32 days' where tenant_id = $1",
      [server.tenantId],
    );
    await purgeDirectoryChanges(server.db);
    assert.equal(await world.value('select count(*)::int from directory_changes where tenant_id = $1'), 0);
    await server.db.pool.query(
      'update directory_versions set version = version + 31 * 86400000000 where tenant_id = $1',
      [server.tenantId],
    );
    const answer = await world.call('GET', local(from));
    assert.deepEqual([answer.status, answer.body.error.code], [410, 'syncStateNotFound']);
    const again = await round(answer.headers.get('location')!);
    assert.equal(again.value.length, await world.value('select count(*)::int from users where tenant_id = $1'));
  });
});
