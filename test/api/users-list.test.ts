import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { v7 as newId } from 'uuid';
import { startTestServer, type Answer, type TestServer } from '../harness/server.ts';

describe('lists of users', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
  });
  after(() => server.close());

  const ask = (method: string, path: string, body?: unknown, tenantId?: string) =>
    server.request(method, `/v1.0${path}`, {
      permissions: ['User.ReadWrite.All'],
      body,
      ...(tenantId && { tenantId }),
    });

  async function create(values: Record<string, unknown> = {}, tenantId?: string): Promise<any> {
    const name = `u${newId()}`;
    const user = { displayName: name, userPrincipalName: `${name}@contoso.example`, ...values };
    const answer = await ask('POST', '/users', user, tenantId);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  }

  function assertBad(answer: Answer, message: RegExp): void {
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    assert.match(answer.body.error.message, message);
  }

  let tenantId: string;
  const ids = new Map<string, string>();
  const list = (options: Record<string, string>) =>
    ask('GET', `/users?${new URLSearchParams(options).toString()}`, undefined, tenantId);
  const names = async (options: Record<string, string>) => {
    const answer = await list(options);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.value.map((user: any) => user.displayName);
  };
  before(async () => {
    tenantId = await server.createTenant();
    const people = [
      {
        displayName: 'Adele Vance',
        userPrincipalName: 'AdeleV@x.example',
        mail: 'adele@x.example',
        department: 'Retail',
      },
      {
        displayName: 'Alex Wilber',
        userPrincipalName: 'AlexW@x.example',
        department: 'Marketing',
        usageLocation: 'US',
      },
      {
        displayName: "Diego O'Neil",
        userPrincipalName: 'DiegoS@x.example',
        accountEnabled: false,
        otherMails: ['d@y.example'],
      },
      {
        displayName: 'Édouard Vance-Martin',
        userPrincipalName: 'EdM@x.example',
        userType: 'Guest',
        jobTitle: '100% "boss"',
      },
    ];
    for (const person of people) ids.set(person.displayName, (await create(person, tenantId)).id);
  });

  it('come in the order of their names, page by page', async () => {
    const first = await list({ $top: '3', $count: 'true' });
    assert.equal(first.body['@odata.count'], 4);
    assert.deepEqual(
      first.body.value.map((user: any) => user.displayName),
      ['Adele Vance', 'Alex Wilber', "Diego O'Neil"],
    );
    const next = first.body['@odata.nextLink'];
    assert.ok(next.startsWith(`${server.config.baseUrl}/v1.0/users?`));
    const second = await ask('GET', next.slice(`${server.config.baseUrl}/v1.0`.length), undefined, tenantId);
    assert.deepEqual(
      second.body.value.map((user: any) => user.displayName),
      ['Édouard Vance-Martin'],
    );
    assert.equal(second.body['@odata.nextLink'], undefined);
  });

  for (const [filter, expected] of [
    ["userPrincipalName eq 'adelev@X.example'", ['Adele Vance']],
    ["startswith(displayName,'a')", ['Adele Vance', 'Alex Wilber']],
    ["displayName eq 'Diego O''Neil'", ["Diego O'Neil"]],
    ['accountEnabled eq false', ["Diego O'Neil"]],
    ["accountEnabled ne false and userType eq 'member'", ['Adele Vance', 'Alex Wilber']],
    ["userType eq 'Guest'", ['Édouard Vance-Martin']],
    ["department in ('retail','marketing')", ['Adele Vance', 'Alex Wilber']],
    ["department ne 'Retail'", ['Alex Wilber', "Diego O'Neil", 'Édouard Vance-Martin']],
    ['department eq null and usageLocation eq null', ["Diego O'Neil", 'Édouard Vance-Martin']],
    ["usageLocation eq 'US'", ['Alex Wilber']],
    ["otherMails/any(m:m eq 'D@y.example')", ["Diego O'Neil"]],
    ['otherMails/$count eq 0', ['Adele Vance', 'Alex Wilber', 'Édouard Vance-Martin']],
    ['jobTitle eq \'100% "boss"\'', ['Édouard Vance-Martin']],
    ['createdDateTime gt 2100-01-01T00:00:00Z', []],
    ['assignedLicenses/$count eq 0', ['Adele Vance', 'Alex Wilber', "Diego O'Neil", 'Édouard Vance-Martin']],
  ] as const) {
    it(`are filtered by ${filter}`, async () => {
      assert.deepEqual(await names({ $filter: filter }), expected);
      const count = await ask(
        'GET',
        `/users/$count?${new URLSearchParams({ $filter: filter }).toString()}`,
        undefined,
        tenantId,
      );
      assert.equal(count.headers.get('content-type')?.split(';')[0], 'text/plain');
      assert.equal(count.body, String(expected.length));
    });
  }

  for (const [search, expected] of [
    ['"displayName:vance"', ['Adele Vance', 'Édouard Vance-Martin']],
    ['"displayName:martin"', []],
    ['"displayName:adele vance"', ['Adele Vance']],
    ['"displayName:al"', ['Alex Wilber']],
    ['"displayName:wil"', ['Alex Wilber']],
    ['"adele"', ['Adele Vance']],
    ['"vanc"', ['Adele Vance', 'Édouard Vance-Martin']],
    ['"ÉDOU"', ['Édouard Vance-Martin']],
    ['"mail:adele@x"', ['Adele Vance']],
    ['"userPrincipalName:alexw" OR "mail:adele"', ['Adele Vance', 'Alex Wilber']],
    ['"o\'neil"', ["Diego O'Neil"]],
    ['"!!!"', []],
    ['"a & b | :*"', []],
  ] as const) {
    it(`are searched for ${search}`, async () => {
      assert.deepEqual(await names({ $search: search }), expected);
    });
  }

  it('are sorted by what is asked', async () => {
    assert.deepEqual((await names({ $orderby: 'displayName desc' }))[0], 'Édouard Vance-Martin');
    assert.deepEqual((await names({ $orderby: 'department desc' })).slice(0, 2), ['Adele Vance', 'Alex Wilber']);
    assert.deepEqual(await names({ $orderby: 'createdDateTime' }), [...ids.keys()]);
  });

  it('refuse a filter that is not understood, saying where', async () => {
    assertBad(await list({ $filter: "displayName eq 'a' and foo eq 1" }), /unknown property foo at position 23/);
    assertBad(await list({ $filter: "passwordHash eq 'x'" }), /unknown property passwordHash at position 0/);
    assertBad(await list({ $skip: '1' }), /\$skip/);
    assertBad(await list({ $skiptoken: 'x' }), /\$skiptoken/);
  });
});
