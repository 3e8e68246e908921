import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { sql } from 'kysely';
import { v7 as newId } from 'uuid';
import { ApiError } from '../../src/http/errors.ts';
import { readAll, readCount, readPage, type Page } from '../../src/http/odata/page.ts';
import { parseCountQuery, parseListQuery } from '../../src/http/odata/query.ts';
import type { Resource } from '../../src/http/odata/resource.ts';
import { createTestDatabase, type TestDatabase } from '../harness/database.ts';

const BASE_URL = 'https://autoclaim.example/base';
const PATH = '/v1.0/people';

// People with a name that may repeat (in another case), a department that may be null, and a time.
const people: Resource = {
  name: 'people',
  key: 'id',
  defaultOrder: 'name',
  properties: {
    id: { type: 'guid', sql: sql.ref('users.user_id'), filter: true, sort: true },
    name: { type: 'string', sql: sql.ref('users.display_name'), filter: true, sort: true },
    department: { type: 'string', sql: sql.ref('users.department'), filter: true, sort: true, nullable: true },
    created: { type: 'dateTime', sql: sql.ref('users.created_at'), filter: true, sort: true },
    isEnabled: { type: 'boolean', sql: sql.ref('users.is_account_enabled'), filter: true, sort: true },
    phones: {
      type: 'json',
      sql: sql.ref('users.business_phones'),
      onlySelected: true,
      collection: {
        elements: { '': { type: 'string', sql: sql.ref('phone'), filter: true } },
        exists: (condition) => sql`exists (select 1 from unnest(users.business_phones) as phone where ${condition})`,
      },
    },
    isSales: {
      type: 'boolean',
      sql: sql`users.department = 'Sales'`,
      filter: (value) => (value ? sql`users.department = 'Sales'` : sql`users.department <> 'Sales'`),
    },
    secret: { type: 'string', sql: sql.ref('users.password_hash') },
    '@odata.type': { type: 'string', sql: sql`'#person'::text`, always: true },
  },
  search: {
    '': (text) => sql`users.display_name ilike '%' || ${text} || '%'`,
    name: (text) => sql`users.display_name ilike ${text} || '%'`,
  },
};

describe('a list', () => {
  let db: TestDatabase;
  const tenantId = newId();
  before(async () => {
    db = await createTestDatabase();
    await db.query
      .insertInto('tenants')
      .values({
        tenant_id: tenantId,
        display_name: 'T',
        default_domain: 't.example',
        country_letter_code: 'US',
        created_at: new Date(),
      })
      .execute();
  });
  after(() => db.close());
  beforeEach(() => db.query.deleteFrom('users').execute());

  const from = () => db.query.selectFrom('users').where('users.tenant_id', '=', tenantId);
  const parse = (options: Record<string, string>) => parseListQuery({ options, path: PATH }, people);
  const read = (options: Record<string, string>) => readPage(from(), parse(options), BASE_URL);

  interface Person {
    name: string;
    department?: string | null;
    created?: string;
    enabled?: boolean;
    phones?: string[];
  }

  async function add(...persons: Person[]): Promise<string[]> {
    const rows = persons.map((person) => {
      const user_id = newId();
      return {
        tenant_id: tenantId,
        user_id,
        user_principal_name: `${user_id}@t.example`,
        display_name: person.name,
        department: person.department ?? null,
        is_account_enabled: person.enabled ?? true,
        business_phones: person.phones ?? [],
        created_at: new Date(person.created ?? '2026-01-01T00:00:00Z'),
      };
    });
    await db.query.insertInto('users').values(rows).execute();
    return rows.map((row) => row.user_id);
  }

  async function names(options: Record<string, string>): Promise<unknown[]> {
    return (await read(options)).value.map((person) => person['name']);
  }

  /** Follows the links; between two pages something may happen. */
  async function readPages(
    options: Record<string, string>,
    between: (page: Page) => Promise<unknown> = async () => undefined,
  ): Promise<Page[]> {
    const pages = [await read(options)];
    for (;;) {
      const link = pages.at(-1)!['@odata.nextLink'];
      if (!link) return pages;
      await between(pages.at(-1)!);
      pages.push(await read(Object.fromEntries(new URL(link).searchParams)));
    }
  }

  for (const order of [
    'name',
    'name desc',
    'department,name desc',
    'department desc',
    'created desc',
    'isEnabled,department,created desc',
    'id desc',
  ]) {
    it(`ordered by ${order} comes whole and once over pages of any size`, async () => {
      const departments = [null, 'Sales', 'sales', 'Support'];
      await add(
        ...Array.from({ length: 23 }, (_, index) => ({
          name: ['ann', 'Ann', 'ANN', 'Bob'][index % 4]!,
          department: departments[index % 3] ?? null,
          enabled: index % 2 === 0,
          created: `2026-01-0${1 + (index % 4)}T00:00:00.00${index % 7}Z`,
        })),
      );
      const whole = (await read({ $orderby: order })).value;
      assert.equal(whole.length, 23);
      for (const top of [1, 4, 22, 23]) {
        const pages = await readPages({ $orderby: order, $top: String(top) });
        assert.deepEqual(
          pages.flatMap((page) => page.value),
          whole,
        );
        assert.equal(pages.length, Math.ceil(23 / top));
      }
    });
  }

  it('puts null first, and last where descending', async () => {
    await add({ name: 'b', department: 'X' }, { name: 'a', department: null });
    assert.deepEqual(await names({ $orderby: 'department' }), ['a', 'b']);
    assert.deepEqual(await names({ $orderby: 'department desc' }), ['b', 'a']);
  });

  it('shows no row twice and leaves none out while others come and go', async () => {
    const ids = await add(
      ...Array.from({ length: 30 }, (_, index) => ({ name: `n${String(index).padStart(2, '0')}` })),
    );
    let round = 0;
    const pages = await readPages({ $top: '5' }, async (page) => {
      round += 1;
      await add({ name: 'a before all' }, { name: `n${String(round * 5).padStart(2, '0')} between` });
      await db.query
        .deleteFrom('users')
        .where('user_id', '=', page.value.at(-1)!['id'] as string)
        .execute();
    });
    const shown = pages.flatMap((page) => page.value.map((person) => person['id']));
    assert.equal(new Set(shown).size, shown.length);
    assert.deepEqual(
      ids.filter((id) => !shown.includes(id)),
      [],
    );
  });

  it('links to the next page absolutely, with every other option kept', async () => {
    await add({ name: 'a&b=c' }, { name: 'a&b=d' });
    const page = await read({ $top: '1', $filter: "startswith(name,'a&b=')", $count: 'true', $select: 'name' });
    const link = new URL(page['@odata.nextLink']!);
    assert.equal(link.origin + link.pathname, 'https://autoclaim.example/base/v1.0/people');
    const { $skiptoken, ...kept } = Object.fromEntries(link.searchParams);
    assert.ok($skiptoken);
    assert.deepEqual(kept, { $top: '1', $filter: "startswith(name,'a&b=')", $count: 'true', $select: 'name' });
    assert.equal(page['@odata.count'], 2);
    assert.equal(page['@odata.context'], 'https://autoclaim.example/base/v1.0/$metadata#people(name)');
    assert.deepEqual(page.value, [{ name: 'a&b=c', '@odata.type': '#person' }]);
  });

  it('has no next link on a last page that is full', async () => {
    await add({ name: 'a' }, { name: 'b' });
    assert.equal((await read({ $top: '2' }))['@odata.nextLink'], undefined);
  });

  it('refuses a skip token that was altered, cut, or belongs to another query', async () => {
    await add({ name: 'a' }, { name: 'b' }, { name: 'c' });
    const token = new URL((await read({ $top: '1' }))['@odata.nextLink']!).searchParams.get('$skiptoken')!;
    assert.deepEqual(await names({ $skiptoken: token }), ['b', 'c']);
    const altered = Buffer.from(Buffer.from(token, 'base64url').toString().replace('"a"', '"b"')).toString('base64url');
    for (const options of [
      { $skiptoken: altered },
      { $skiptoken: token.slice(0, -1) },
      { $skiptoken: `${token}=` },
      { $skiptoken: '' },
      { $skiptoken: 'W10' },
      { $skiptoken: token, $filter: 'isEnabled eq true' },
      { $skiptoken: token, $orderby: 'name desc' },
    ] as Record<string, string>[]) {
      assert.throws(
        () => parse(options),
        (error: ApiError) => error.status === 400 && error.message.includes('$skiptoken'),
        JSON.stringify(options),
      );
    }
    assert.throws(() => parseListQuery({ options: { $skiptoken: token }, path: '/v1.0/others' }, people), ApiError);
  });

  it('filters as OData does: without regard to case, and with null as a value', async () => {
    await add(
      { name: 'Ann', department: 'Sales' },
      { name: 'bob', department: null },
      { name: 'Öl_50%', department: 'IT' },
    );
    const found = (filter: string) => names({ $filter: filter });
    assert.deepEqual(await found("name eq 'ANN'"), ['Ann']);
    assert.deepEqual(await found("department ne 'sales'"), ['bob', 'Öl_50%']);
    assert.deepEqual(await found("not (department eq 'sales')"), ['bob', 'Öl_50%']);
    assert.deepEqual(await found("not (department eq 'sales' or name eq 'bob')"), ['Öl_50%']);
    assert.deepEqual(await found('department eq null'), ['bob']);
    assert.deepEqual(await found('department ne null'), ['Ann', 'Öl_50%']);
    assert.deepEqual(await found("department in ('it', 'SALES')"), ['Ann', 'Öl_50%']);
    assert.deepEqual(await found("startswith(name,'öl_5')"), ['Öl_50%']);
    assert.deepEqual(await found("startswith(name,'%')"), []);
    assert.deepEqual(await found("name gt 'ann' and name le 'bob'"), ['bob']);
    assert.deepEqual(await found('isSales eq true'), ['Ann']);
    assert.deepEqual(await found('isSales ne true'), ['bob', 'Öl_50%']);
    assert.deepEqual(await found("NAME eq 'it''s'"), []);
  });

  it('filters by time to the millisecond, in any zone', async () => {
    await add(
      { name: 'early', created: '2026-01-01T00:00:00.001Z' },
      { name: 'late', created: '2026-01-01T00:00:00.002Z' },
    );
    assert.deepEqual(await names({ $filter: 'created ge 2026-01-01T00:00:00.002Z' }), ['late']);
    assert.deepEqual(await names({ $filter: 'created eq 2026-01-01T02:00:00.001+02:00' }), ['early']);
    assert.deepEqual(await names({ $filter: 'created gt 2026-01-01T00:00:00.0015Z' }), ['late']);
    assert.deepEqual(await names({ $filter: 'created lt 2026-01-01' }), []);
  });

  it('filters by what a collection holds, and by whether it is empty', async () => {
    await add({ name: 'none' }, { name: 'two', phones: ['+1', '+2'] }, { name: 'one', phones: ['+3'] });
    assert.deepEqual(await names({ $filter: "phones/any(p:p eq '+2')" }), ['two']);
    assert.deepEqual(await names({ $filter: "not phones/any(p:p eq '+2')" }), ['none', 'one']);
    assert.deepEqual(await names({ $filter: "phones/any(p:startswith(p,'+'))" }), ['one', 'two']);
    assert.deepEqual(await names({ $filter: 'phones/$count eq 0' }), ['none']);
    assert.deepEqual(await names({ $filter: 'phones/$count ne 0' }), ['one', 'two']);
    assert.deepEqual(await names({ $filter: 'phones/any()' }), ['one', 'two']);
  });

  it('counts what a filter and a search find', async () => {
    await add({ name: 'ann' }, { name: 'hanna' }, { name: 'bob' });
    const count = (options: Record<string, string>) =>
      readCount(from(), parseCountQuery({ options, path: PATH }, people));
    assert.equal(await count({}), 3);
    assert.equal(await count({ $search: '"ann"' }), 2);
    assert.equal(await count({ $search: '"ann"', $filter: "startswith(name,'h')" }), 1);
    assert.throws(() => parseCountQuery({ options: { $top: '1' }, path: PATH }, people), /\$top/);
  });

  it('searches with properties, AND, OR, NOT and parentheses', async () => {
    await add({ name: 'ann' }, { name: 'hanna' }, { name: 'bob "b"' });
    const found = (search: string) => names({ $search: search });
    assert.deepEqual(await found('"ann"'), ['ann', 'hanna']);
    assert.deepEqual(await found('"name:ann"'), ['ann']);
    assert.deepEqual(await found('"name:ann" OR "bob"'), ['ann', 'bob "b"']);
    assert.deepEqual(await found('"ann" "name:h"'), ['hanna']);
    assert.deepEqual(await found('("ann" OR "bob") AND NOT "name:h"'), ['ann', 'bob "b"']);
    assert.deepEqual(await found('"b \\"b"'), ['bob "b"']);
  });

  it('can be read to its end in chunks', async () => {
    await add(...Array.from({ length: 7 }, (_, index) => ({ name: `n${index}` })));
    const sizes: number[] = [];
    for await (const chunk of readAll(from(), parse({}), 3)) sizes.push(chunk.length);
    assert.deepEqual(sizes, [3, 3, 1]);
  });

  for (const [options, message] of [
    [{ $top: '0' }, /\$top must be a whole number from 1 to 999/],
    [{ $top: '1000' }, /\$top/],
    [{ $top: '1.5' }, /\$top/],
    [{ $top: '' }, /\$top/],
    [{ $count: 'yes' }, /\$count must be true or false/],
    [{ $select: 'id,nothing' }, /\$select: unknown property nothing/],
    [{ $select: '' }, /\$select has an empty name/],
    [{ $orderby: 'secret' }, /secret can not be sorted by/],
    [{ $orderby: 'foo' }, /unknown property foo/],
    [{ $orderby: 'name up' }, /\$orderby/],
    [{ $orderby: 'name,name desc' }, /twice/],
    [{ $skip: '5' }, /query option \$skip is not one of/],
    [{ foo: '1' }, /query option foo/],
    [{ $search: 'ann' }, /text in double quotes.* at position 0/],
    [{ $search: '"secret:x"' }, /secret can not be searched, only name/],
    [{ $search: '"ann" AND' }, /expected a text in double quotes at position 9/],
    [{ $search: '"  "' }, /nothing to search for/],
    [{ $filter: '' }, /Invalid filter clause/],
    [{ $filter: 'foo eq 1' }, /unknown property foo at position 0/],
    [{ $filter: "constructor eq 'x'" }, /unknown property constructor/],
    [{ $filter: "secret eq 'x'" }, /secret can not be filtered by at position 0/],
    [{ $filter: 'isEnabled gt true' }, /gt is not allowed on isEnabled, which knows eq, ne, in at position 0/],
    [{ $filter: "isEnabled eq 'true'" }, /isEnabled needs true or false as its value at position 13/],
    [{ $filter: "id eq 'nobody'" }, /id needs a GUID/],
    [{ $filter: 'name eq 1' }, /name needs a text in quotes/],
    [{ $filter: 'name gt null' }, /gt can not compare with null/],
    [{ $filter: "created eq '2026-01-01'" }, /created needs a date and time/],
    [{ $filter: 'created eq 2026-02-30T00:00:00Z' }, /created needs a date and time/],
    [{ $filter: 'created eq 2026-01-01T24:00:00Z' }, /created needs a date and time/],
    [{ $filter: 'created eq 0000-01-01' }, /created needs a date and time/],
    [{ $filter: 'phones eq 1' }, /phones can not be filtered by: it is a collection/],
    [{ $filter: 'phones/$count gt 1' }, /eq 0 and ne 0 only/],
    [{ $filter: 'name/$count eq 0' }, /name is not a collection/],
    [{ $filter: "phones/any(x:x/number eq '1')" }, /unknown property number at position 15/],
    [{ $filter: 'isSales gt true' }, /gt is not allowed on isSales/],
    [{ $filter: "isSales eq 'x'" }, /isSales needs true or false/],
  ] as [Record<string, string>, RegExp][]) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(
        () => parse(options),
        (error: ApiError) => error.status === 400 && error.code === 'Request_BadRequest' && message.test(error.message),
      );
    });
  }
});
