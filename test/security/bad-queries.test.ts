import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { PERMISSIONS } from '../../contract/permission.ts';
import { checksums } from '../harness/checksums.ts';
import { inParallel } from '../harness/in-parallel.ts';
import type { Answer } from '../harness/server.ts';
import { bodiesOf, isPeoplesOwn, pathOf } from './requests.ts';
import { startTwoTenants, type TwoTenants } from './two-tenants.ts';

// For every route: query options that it doesn't know; for every list: options that it can't read.

/** Options of lists that can't be read, and what the refusal names. */
const BAD_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  $top: ['', '0', '-1', '1000', 'abc', '1.5', '1e2', '0x10', ' 5', '５', '99999999999999999999', 'null', '1;2'],
  $count: ['', 'maybe', 'TRUE', '1', 'null'],
  $select: [
    '',
    ',',
    'id,',
    'nope',
    'id,nope',
    '*',
    'id;drop',
    'id desc',
    '__proto__',
    'constructor',
    'toString',
    "id'",
  ],
  $orderby: [
    '',
    ',',
    'nope',
    'id,',
    'id sideways',
    'id desc desc',
    'id;drop',
    '__proto__',
    'constructor',
    'id,id',
    "id'",
  ],
  $filter: [
    '',
    ' ',
    'nope',
    "nope eq 'x'",
    'id',
    'id eq',
    'eq',
    "id eq 'x",
    "id eq 'x' and",
    "and id eq 'x'",
    "id eq 'x' id eq 'x'",
    "(id eq 'x'",
    "id eq 'x')",
    '()',
    'not',
    "id = 'x'",
    "id like 'x%'",
    "id eq 'x'; drop table users",
    "id eq 'x' -- ",
    "id eq 'x' or 1 eq 1",
    "__proto__ eq 'x'",
    "constructor eq 'x'",
    "toString eq 'x'",
    "contains(nope,'x')",
    "startswith(nope,'x')",
    "nope/any(x:x eq 'x')",
    'nope/$count eq 0',
    "nope in ('x')",
    'id in ()',
    "id in ('x',)",
    'id eq {}',
    "id eq 'x\u0001'",
    '🦉',
  ],
  $search: ['', ' ', 'unquoted', '"', 'AND', '"a" AND', '(', '"a" OR OR "b"', 'NOT', '\\"a\\"'],
  $skiptoken: [
    '',
    'x',
    'null',
    '%',
    ...[[], {}, null, 1, [1], [[]], ['a', 'b', 'c'], { __proto__: 1 }].map(encode),
    'a'.repeat(9_000),
  ],
};
/** Repeats a text to what a filter may have of characters (4,000); what is longer isn't even looked at. */
const much = (part: string, begin = '', end = '') =>
  begin + part.repeat(Math.floor((3_990 - begin.length - end.length) / part.length)) + end;
/** Filters that would be much work. */
const BOMBS: Readonly<Record<string, string>> = {
  'deep parentheses': `${'('.repeat(1_900)}id eq '${randomUUID()}'${')'.repeat(1_900)}`,
  'parentheses that never close': much('('),
  'many nots': much('not ', '', "id eq 'x'"),
  'many terms': much("id eq 'x' or ", '', "id eq 'x'"),
  'many values': much("'x',", 'id in (', "'x')"),
  'any() in any()': `${'a/any(a:'.repeat(400)}a eq 1${')'.repeat(400)}`,
  'a long name': much('a', '', ' eq 1'),
  'a path of many steps': much('a/', '', 'a eq 1'),
  'quotes upon quotes': much("'"),
  'spaces upon spaces': much(' ', 'id'),
  'tabs and words': much('id\t'),
  'a long number': much('9', 'id eq '),
  'a number of many exponents': much('e1', 'id eq 1'),
  'a long date': much('0', 'createdDateTime gt 2026-01-01T00:00:00.', 'Z'),
  'many hyphens': much('0123abcd-', 'id eq '),
  'a filter that is too long': 'a'.repeat(12_000),
};

let tenants: TwoTenants;
let token: string;
/** The paths of everything that is answered in pages. */
let lists: string[];
before(async () => {
  tenants = await startTwoTenants();
  token = await tenants.server.token(PERMISSIONS);
  const reads = tenants.server.routes.filter(({ method, access }) => method === 'GET' && access !== 'anyone');
  const answers = await inParallel(reads, async ({ path }) => {
    const asked = pathOf(path, tenants.first);
    return { asked, isList: Array.isArray((await get(asked)).body.value) };
  });
  lists = answers.filter(({ isList }) => isList).map(({ asked }) => asked);
  assert.ok(lists.length > 10, `only ${lists.length} lists were looked at`);
});
after(() => tenants.close());

const get = (path: string) => tenants.server.request('GET', path, { token });

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function assertRefused(answer: Answer, named: string, told: string): void {
  const said = `${told}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`;
  assert.equal(answer.status, 400, said);
  assert.equal(answer.body.error.code, 'Request_BadRequest', said);
  assert.ok(answer.body.error.message.includes(named), said);
}

describe('a query option', () => {
  it('that a route does not know is refused by its name, and nothing is done', async () => {
    const { server, first } = tenants;
    const tables = await checksums(server.db);
    const routes = server.routes.filter(
      ({ method, path, access }) =>
        access !== 'anyone' && method !== 'HEAD' && !path.includes('/import/') && !isPeoplesOwn(path),
    );
    const tries = routes.flatMap((route) =>
      ['surprise', '$expand', '$skip', 'top', '__proto__', 'constructor'].map((option) => ({ route, option })),
    );
    await inParallel(tries, async ({ route: { method, path }, option }) => {
      const asked = `${pathOf(path, first)}?${encodeURIComponent(option)}=1`;
      const answer = await server.request(method, asked, { token, body: bodiesOf({ method, path }, first)?.[0] });
      assertRefused(answer, option, `${method} ${path}`);
    });
    assert.deepEqual(await checksums(server.db), tables);
  });

  it('that is given twice, or with a NUL, is refused by its name', async () => {
    await inParallel(lists, async (path) => {
      assertRefused(await get(`${path}?$top=1&$top=2`), '$top', path);
      assertRefused(await get(`${path}?$filter=a%00b`), '$filter', path);
      assertRefused(await get(`${path}?$select=id&%24select=id`), '$select', path);
    });
  });

  for (const [option, values] of Object.entries(BAD_OPTIONS)) {
    it(`${option} that can't be read is refused, on every list`, async () => {
      const tries = lists.flatMap((path) => values.map((value) => ({ path, value })));
      await inParallel(tries, async ({ path, value }) => {
        const told = `${path}?${option}=${value.slice(0, 50)}`;
        const answer = await get(`${path}?${option}=${encodeURIComponent(value)}`);
        // Graph names $filter so: Invalid filter clause.
        assertRefused(answer, option === '$filter' ? 'filter' : option, told);
      });
    });
  }

  it('$filter that is a bomb is refused, quickly', async () => {
    let [slowest, which] = [0, ''];
    for (const path of lists) {
      for (const [what, filter] of Object.entries(BOMBS)) {
        const asked = `${path}?$filter=${encodeURIComponent(filter)}`;
        const begin = performance.now();
        const answer = await get(asked);
        const took = performance.now() - begin;
        assert.ok(
          answer.status === 400,
          `${path}, ${what}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`,
        );
        if (took > slowest) [slowest, which] = [took, `${what} on ${path}`];
      }
    }
    // How long it takes is for people to read: a timed assertion would fail on a busy machine.
    console.log(
      `# ${lists.length * Object.keys(BOMBS).length} bombs, the slowest in ${slowest.toFixed(1)} ms: ${which}`,
    );
  });

  it('$search and $orderby that would be much work are refused', async () => {
    await inParallel(lists, async (path) => {
      for (const [option, value] of [
        ['$search', Array.from({ length: 200 }, () => '"a"').join(' OR ')],
        ['$search', `"${'a'.repeat(5_000)}"`],
        ['$search', `${'('.repeat(200)}"a"${')'.repeat(200)}`],
        ['$search', `${'NOT '.repeat(100)}"a"`],
        ['$orderby', Array.from({ length: 500 }, () => 'id').join()],
        ['$select', 'a'.repeat(5_000)],
      ] as const) {
        const answer = await get(`${path}?${option}=${encodeURIComponent(value)}`);
        assertRefused(answer, option, `${path}?${option}`);
      }
    });
  });
});

describe("another tenant's things", () => {
  it('are in no list, whatever is asked', async () => {
    const { first, other } = tenants;
    await inParallel(lists, async (path) => {
      const page = await get(path);
      assert.equal(page.status, 200);
      const shown = JSON.stringify(page.body);
      for (const [kind, id] of Object.entries(other)) {
        // The first tenant's audit tells that it made the other.
        if (kind === 'tenantId' && path.includes('/directoryAudits')) continue;
        assert.ok(!shown.includes(id), `${path} shows the other's ${kind}`);
      }
    });
    // As ids in a filter they are as good as none.
    for (const [path, property, kind] of [
      ['/v1.0/users', 'id', 'user'],
      ['/v1.0/users', 'userPrincipalName', 'userPrincipalName'],
      ['/v1.0/groups', 'id', 'group'],
      ['/v1.0/applications', 'appId', 'appId'],
      ['/v1.0/admin/products', 'skuId', 'sku'],
      ['/v1.0/directory/subscriptions', 'skuId', 'sku'],
      ['/v1.0/policies/autoClaimPolicies', 'appId', 'appId'],
      ['/v1.0/reports/autoClaim', 'userId', 'user'],
      ['/v1.0/reports/autoClaim', 'policyId', 'policy'],
      ['/v1.0/auditLogs/signIns', 'userId', 'user'],
    ] as const) {
      const found = async (id: string) => {
        const text = property === 'userPrincipalName' || path.includes('/users') ? `'${id}'` : id;
        const { status, body } = await get(`${path}?$filter=${encodeURIComponent(`${property} eq ${text}`)}`);
        assert.equal(status, 200, `${path} ${property}: ${JSON.stringify(body)}`);
        return body.value.length;
      };
      assert.ok((await found(first[kind])) > 0, `${path} ${property}`);
      assert.equal(await found(other[kind]), 0, `${path} ${property}`);
    }
  });

  it("are not reached by another tenant's $skiptoken", async () => {
    const { server, other } = tenants;
    const theirs = await server.token(PERMISSIONS, other.tenantId);
    const page = await server.request('GET', '/v1.0/users?$top=1', { token: theirs });
    const next = new URL(page.body['@odata.nextLink']);
    const answer = await get(next.pathname + next.search);
    const shown = JSON.stringify(answer.body);
    for (const id of Object.values(other)) assert.ok(!shown.includes(id));
  });
});
