import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { PERMISSIONS } from '../../contract/permission.ts';
import { checksums } from '../harness/checksums.ts';
import { inParallel } from '../harness/in-parallel.ts';
import { requestHead, sendRaw, type RawAnswer } from '../harness/raw-request.ts';
import { bodiesOf, BODIES, isPeoplesOwn, pathOf } from './requests.ts';
import { startTwoTenants, type TwoTenants } from './two-tenants.ts';

// For every route that takes JSON: bytes that are no JSON, or JSON that two readers would read
// differently, or of a size or in a coding that no honest client sends.

const MB = 1024 * 1024;

let tenants: TwoTenants;
let token: string;
before(async () => {
  tenants = await startTwoTenants();
  token = await tenants.server.token(PERMISSIONS);
});
after(() => tenants.close());

interface BadBytes {
  readonly bytes: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Without it the body comes in one piece, with its length. */
  readonly isChunked?: boolean;
}

/** Sends the same to every route that takes JSON, and sees that nothing is written. */
async function sendToAll(make: (good: Record<string, unknown>) => BadBytes, check: (answer: RawAnswer) => void) {
  const tables = await checksums(tenants.server.db);
  await inParallel(Object.keys(BODIES), async (route) => {
    const [method, path] = route.split(' ') as [string, string];
    if (isPeoplesOwn(path)) return;
    const good = bodiesOf({ method, path }, tenants.first)![0]! as Record<string, unknown>;
    const { bytes, headers = {}, isChunked = false } = make(good);
    const body = Buffer.from(bytes as string);
    const head = requestHead(`${method} ${pathOf(path, tenants.first)}`, {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(isChunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(body.length) }),
      ...headers,
    });
    const chunk = isChunked
      ? [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]
      : [body];
    const answer = await sendRaw(tenants.server.url, Buffer.concat([Buffer.from(head), ...chunk]));
    const told = `${route}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`;
    assert.ok(answer.status >= 400 && answer.status < 500, told);
    assert.ok(answer.body.error?.code && answer.body.error.message, told);
    assert.equal(answer.body.error.innerError['request-id'], answer.headers['request-id'], told);
    try {
      check(answer);
    } catch (error) {
      throw new Error(told, { cause: error });
    }
  });
  assert.deepEqual(await checksums(tenants.server.db), tables);
}

const is = (status: number, message: RegExp) => (answer: RawAnswer) => {
  assert.equal(answer.status, status);
  assert.match(answer.body.error.message, message);
};

describe('a body', () => {
  for (const [what, bytes] of Object.entries({
    'that breaks off': '{"a":',
    'with something after it': '{} {}',
    'with a comma too many': '{"a":1,}',
    'with a comment': '{/* a */}',
    'in single quotes': "{'a':1}",
    'with NaN': '{"a":NaN}',
    'with a number that JSON has not': '{"a":0x10}',
    'with a control character in a text': '{"a":"\n"}',
    'that is XML': '<a/>',
    'that is a form': 'a=b&c=d',
  })) {
    it(`${what} is no JSON`, () => sendToAll(() => ({ bytes }), is(400, /JSON/)));
  }

  it('that is not UTF-8 is refused, and not mended', () =>
    sendToAll(
      (good) => {
        const [name] = Object.keys(good);
        return {
          bytes: Buffer.concat([Buffer.from(`{"${name}":"a`), Buffer.from([0xff, 0xc0, 0xaf]), Buffer.from('"}')]),
        };
      },
      is(400, /UTF-8/),
    ));

  it('with a property twice is refused: two readers would see either', () =>
    sendToAll(
      (good) => {
        const text = JSON.stringify(good);
        const [name, value] = Object.entries(good)[0]!;
        return { bytes: `${text.slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(value)}}` };
      },
      is(400, /twice/),
    ));

  it('with a property twice, once written otherwise, is refused too', () =>
    sendToAll(
      (good) => {
        const [name, value] = Object.entries(good)[0]!;
        const escaped = `"\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}"`;
        return { bytes: `${JSON.stringify(good).slice(0, -1)},${escaped}:${JSON.stringify(value)}}` };
      },
      is(400, /twice/),
    ));

  for (const property of ['__proto__', 'constructor']) {
    const value = property === 'constructor' ? '{"prototype":{"isAdmin":true}}' : '{"isAdmin":true}';
    it(`with ${property} is refused, and pollutes nothing`, async () => {
      await sendToAll(
        (good) => ({ bytes: `${JSON.stringify(good).slice(0, -1)},"${property}":${value}}` }),
        ({ status }) => assert.equal(status, 400),
      );
      await sendToAll(
        (good) => ({ bytes: `${JSON.stringify(good).slice(0, -1)},"\\u005f_proto__":${value}}` }),
        ({ status }) => assert.equal(status, 400),
      );
      assert.equal(({} as { isAdmin?: boolean }).isAdmin, undefined);
    });
  }

  it('that is nested 100,000 deep is refused', async () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const bytes = `{"a":${open.repeat(100_000)}1${close.repeat(100_000)}}`;
      await sendToAll(() => ({ bytes }), is(400, /deep/));
    }
    // Nor is one that never closes waited for.
    await sendToAll(() => ({ bytes: '['.repeat(1_000_000) }), is(400, /deep/));
  });

  it('of more than 1 MB is refused, whether its size was told or not', async () => {
    const bytes = JSON.stringify({ displayName: 'a'.repeat(MB) });
    await sendToAll(() => ({ bytes }), is(413, /large/i));
    await sendToAll(() => ({ bytes, isChunked: true }), is(413, /large/i));
  });

  it('of 1 GB is refused before any of it is sent', () =>
    sendToAll(() => ({ bytes: '', headers: { 'content-length': String(1024 * MB) } }), is(413, /large/i)));

  for (const [coding, bytes] of Object.entries({
    gzip: gzipSync(Buffer.alloc(100 * MB)),
    deflate: deflateSync(Buffer.from('{}')),
    br: brotliCompressSync(Buffer.from('{}')),
    'gzip, gzip': gzipSync(gzipSync(Buffer.from('{}'))),
    unknown: '{}',
  })) {
    it(`in the coding ${coding} is refused and not unpacked`, () =>
      sendToAll(() => ({ bytes, headers: { 'content-encoding': coding } }), is(415, /Content-Encoding/)));
  }

  for (const type of [
    'text/plain',
    'text/csv',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=a',
    'application/jsonp',
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/json, text/plain',
    'json',
    '*/*',
  ]) {
    it(`of type ${type} is refused`, () =>
      sendToAll(
        (good) => ({ bytes: JSON.stringify(good), headers: { 'content-type': type } }),
        ({ status, body }) => {
          assert.equal(status, 415);
          assert.equal(body.error.code, 'Request_UnsupportedMediaType');
        },
      ));
  }

  it('of no type is refused', () =>
    sendToAll(
      (good) => ({ bytes: JSON.stringify(good), headers: { 'content-type': '' } }),
      ({ status }) => assert.equal(status, 415),
    ));

  it('of JSON in another charset is refused', () =>
    sendToAll(
      (good) => ({
        bytes: Buffer.from(JSON.stringify(good), 'utf16le'),
        headers: { 'content-type': 'application/json; charset=utf-16le' },
      }),
      ({ status }) => assert.ok([400, 415].includes(status)),
    ));
});
