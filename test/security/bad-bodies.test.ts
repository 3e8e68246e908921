import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { PERMISSIONS } from '../../contract/permission.ts';
import { checksums } from '../harness/checksums.ts';
import { inParallel } from '../harness/in-parallel.ts';
import type { Answer } from '../harness/server.ts';
import { badBodies, hostileBodies, placesOf, valueAt, withValue, type BadBody, type Schema } from './bad-bodies.ts';
import { bodiesOf, BODIES, isPeoplesOwn, pathOf } from './requests.ts';
import { startTwoTenants, type Things, type TwoTenants } from './two-tenants.ts';

// For every route that takes JSON: whatever is wrong with one property of its body is refused, by
// the property's name, and nothing is written.

/** A route that takes JSON, by one form of its body. */
interface Form {
  readonly method: string;
  readonly path: string;
  readonly schema: Schema;
  readonly good: object;
  /** Another good one: new where something must be new in each request. */
  another(): object;
  /** The route takes another form of body too. */
  readonly isOneOfTwo: boolean;
}

/** Graph's own text, which doesn't say where (FACTS.md: these texts are an interface). */
const GRAPHS_WORDS = /^Cannot convert a primitive value to the expected type 'Edm.Guid'/;

/** What is given of it is Graph's own answer sent back, and not looked at. */
const FOLLOWS_FROM_KEY = 'customKeyIdentifier';

let tenants: TwoTenants;
let token: string;
let description: any;
let forms: Form[];
before(async () => {
  tenants = await startTwoTenants();
  token = await tenants.server.token(PERMISSIONS);
  description = (await tenants.server.request('GET', '/openapi.json', { token: null })).body;
  forms = tenants.server.routes.flatMap(({ method, path }) => {
    const content = described(method, path)?.requestBody?.content?.['application/json'];
    if (!content || isPeoplesOwn(path)) return [];
    const bodies = bodiesOf({ method, path }, tenants.first)!;
    const isOneOfTwo = bodies.length > 1;
    const schemas: Schema[] = isOneOfTwo ? content.schema.anyOf : [content.schema];
    return bodies.map((good, index) => ({
      method,
      path,
      good,
      another: () => bodiesOf({ method, path }, tenants.first)![index]!,
      schema: schemas[index]!,
      isOneOfTwo,
    }));
  });
  assert.ok(forms.length > 20, `only ${forms.length} bodies were looked at`);
});
after(() => tenants.close());

function described(method: string, path: string): any {
  return description.paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];
}

const send = ({ method, path }: Form, body: unknown) =>
  tenants.server.request(method, pathOf(path, tenants.first), { token, body: body as object });

/** What is wrong with a refusal; undefined where nothing is. */
function faultOf(answer: Answer, field: string): string | undefined {
  if (answer.status !== 400) return `status ${answer.status}`;
  const { code, message, innerError } = answer.body.error;
  if (!String(code).startsWith('Request_')) return `code ${code}`;
  if (innerError?.['request-id'] !== answer.headers.get('request-id')) return 'no request-id';
  if (message.length > 1_000) return `a message of ${message.length} characters`;
  // A list of one may stand for its only member.
  if (!message.includes(field.replace(/\[0\]$/, '')) && !GRAPHS_WORDS.test(message)) return `it does not name ${field}`;
  return undefined;
}

async function assertRefused(tries: readonly (BadBody & { form: Form })[]): Promise<void> {
  const tables = await checksums(tenants.server.db);
  const faults = await inParallel(tries, async ({ form, what, field, body }) => {
    const answer = await send(form, body);
    const fault = faultOf(answer, field);
    return (
      fault &&
      `${form.method} ${form.path}, ${what} at ${field}: ${fault}: ${JSON.stringify(answer.body).slice(0, 250)}`
    );
  });
  assert.deepEqual(
    faults.filter((fault) => fault !== undefined),
    [],
  );
  assert.deepEqual(await checksums(tenants.server.db), tables);
}

describe('a body', () => {
  it('in which one thing is missing, unknown, of a wrong type or too large is refused by its name', async () => {
    const tries = forms
      .flatMap((form) => badBodies(form.schema, form.good).map((bad) => ({ form, ...bad })))
      // Of two forms, which one an empty object was meant to be can't be told.
      .filter(
        ({ form, body }) => !form.isOneOfTwo || Object.values(body as object).some((value) => value !== undefined),
      );
    console.log(`# ${tries.length} bad bodies for ${forms.length} forms`);
    assert.ok(tries.length > 2_000);
    await assertRefused(tries);
  });

  it('with a property that can only be read is refused by its name', async () => {
    const tries = forms.flatMap((form) => {
      const shown = described('GET', form.path) ?? described(form.method, form.path);
      const answer = shown.responses[200] ?? shown.responses[201];
      const { properties = {} } = (answer?.content?.['application/json']?.schema ?? {}) as Schema;
      return Object.keys(properties)
        .filter((name) => !form.schema.properties?.[name])
        .map((field) => ({ form, what: 'read-only', field, body: withValue(form.good, [field], randomUUID()) }));
    });
    assert.ok(tries.length > 40, `only ${tries.length} read-only properties were looked at`);
    await assertRefused(tries);
  });

  it('of a hundred thousand names keeps nobody waiting', async () => {
    const body = `{${Array.from({ length: 90_000 }, (_, index) => `"n${index}":0`).join()}}`;
    const { server } = tenants;
    const token = await server.token(PERMISSIONS);
    for (const path of ['/v1.0/users', '/v1.0/groups']) {
      const headers = { 'content-type': 'application/json' };
      assert.equal((await server.request('POST', path, { token, body, headers })).status, 400);
    }
  });

  it("that is no object, or isn't there, is refused", async () => {
    const tries = forms.flatMap((form) =>
      [[], [form.good], 'text', 1, true, null, {}]
        .map((body) => ({ form, text: JSON.stringify(body) }))
        .concat({ form, text: '' }),
    );
    const tables = await checksums(tenants.server.db);
    const headers = { 'content-type': 'application/json' };
    await inParallel(tries, async ({ form, text }) => {
      // Nothing to change is nothing wrong.
      if (text === '{}' && !form.schema.required) return;
      const { method, path } = form;
      const answer = await tenants.server.request(method, pathOf(path, tenants.first), { token, headers, body: text });
      assert.equal(answer.status, 400, `${method} ${path} ${text}: ${answer.status} ${JSON.stringify(answer.body)}`);
      assert.match(answer.body.error.code, /^Request_/);
    });
    assert.deepEqual(await checksums(tenants.server.db), tables);
  });

  it("with another tenant's id in it is answered as one with an id of nothing", async () => {
    const { first, other, server } = tenants;
    const tables = await checksums(server.db, { tenantId: other.tenantId });
    let looked = 0;
    await inParallel(forms, async (form) => {
      for (const { path: place } of placesOf(form.schema, form.good)) {
        const value = valueAt(form.good, place);
        const kind = typeof value === 'string' ? thingIn(value, first) : undefined;
        if (!kind) continue;
        looked += 1;
        const ask = async (id: string) => {
          const body = withValue(form.another(), place, (value as string).replace(first[kind], id));
          const { status, body: answer } = await send(form, body);
          return { status, answer: withoutIds(answer, id) };
        };
        assert.deepEqual(
          await ask(other[kind]),
          await ask(randomUUID()),
          `${form.method} ${form.path} ${place.join('.')}`,
        );
      }
    });
    assert.ok(looked > 15, `only ${looked} ids were looked at`);
    assert.deepEqual(await checksums(server.db, { tenantId: other.tenantId }), tables);
  });
});

function thingIn(value: string, things: Things): keyof Things | undefined {
  return (Object.keys(things) as (keyof Things)[]).find((kind) => kind !== 'tenantId' && value.endsWith(things[kind]));
}

/** What two answers about different ids have in common. */
function withoutIds(answer: unknown, asked: string): string {
  return JSON.stringify(answer)
    .replaceAll(asked, '<id>')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
    .replaceAll(/"(\w*date(time)?|eventTime)":"[^"]*"/gi, '"date"')
    .replaceAll(/"milliseconds":\d+/g, '"milliseconds"');
}

describe('hostile text', () => {
  it('that may stand where it does is kept and answered as it is, or refused by its name', async () => {
    const tries = forms.flatMap((form) => hostileBodies(form.schema, form.good).map((bad) => ({ form, ...bad })));
    console.log(`# ${tries.length} hostile texts`);
    let shown = 0;
    const faults = await inParallel(tries, async ({ form, what, field, path, text }) => {
      const answer = await send(form, repeatable(withValue(form.another(), path, text), String(path[0])));
      const found = path.at(-1) === FOLLOWS_FROM_KEY ? undefined : valueAt(answer.body, path);
      if (answer.status < 300 && found === text) shown += 1;
      const isAltered = typeof found === 'string' && found !== text;
      const fault = answer.status < 300 ? isAltered && `it became ${found}` : faultOf(answer, field);
      return (
        fault &&
        `${form.method} ${form.path}, ${what} at ${field}: ${fault}: ${JSON.stringify(answer.body).slice(0, 250)}`
      );
    });
    assert.deepEqual(
      faults.filter((fault) => fault),
      [],
    );
    console.log(`# ${shown} of them were kept and shown`);
    assert.ok(shown > 50);
  });

  it('that was written is read as it is, as JSON that no browser takes for a page', async () => {
    const { server } = tenants;
    const body = { displayName: '<script>alert(1)</script>', userPrincipalName: 'script@contoso.example' };
    const made = await server.request('POST', '/v1.0/users', { token, body });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const read = await server.request('GET', `/v1.0/users/${made.body.id}`, { token });
    assert.equal(read.body.displayName, body.displayName);
    assert.match(read.headers.get('content-type') ?? '', /^application\/json/);
    assert.equal(read.headers.get('x-content-type-options'), 'nosniff');
  });

  it('leaves good bodies good: each of them is taken', async () => {
    // Last, because these do what they say; it shows that all that was refused above was refused for its one fault.
    const { server, other } = tenants;
    const itsToken = await server.token(PERMISSIONS, other.tenantId);
    for (const [route, bodies] of Object.entries(BODIES)) {
      const [method, path] = route.split(' ') as [string, string];
      if (isPeoplesOwn(path)) continue;
      for (const body of bodies(other)) {
        const answer = await server.request(method, pathOf(path, other), { token: itsToken, body });
        assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      }
    }
  });
});

/** Without what can't be repeated (a member that is one already) or is slow (a password's hash), unless that is looked at. */
function repeatable(body: object, property: string): object {
  const left = ['members@odata.bind', 'passwordProfile'].filter((name) => name !== property);
  return Object.fromEntries(Object.entries(body).filter(([name]) => !left.includes(name)));
}
