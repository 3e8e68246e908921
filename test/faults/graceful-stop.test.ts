import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, describe, it } from 'node:test';
import type pg from 'pg';
import { inThisMoment, type AutoclaimProcess } from '../harness/autoclaim-process.ts';
import { prepare, type Stage } from './history/episode.ts';
import { install, type Installation } from './history/installation.ts';
import { assertHonest, claimed, prepareRush, signIn, type Rush } from './rush.ts';

// SIGTERM while people sign in: what is in flight or queued is answered, nothing new is taken.

const USERS = 600;
/** In all, without a PostgreSQL of our own: requests 5 s, what is to be written and connections some more. */
const STOP_MAX_MS = 10_000;

describe('a server that is told to stop', () => {
  let installation: Installation;
  let stage: Stage;
  let server: AutoclaimProcess;
  let rush: Rush;

  before(async () => {
    installation = await install();
    server = await installation.start();
    stage = await prepare(installation, 1, USERS);
    rush = await prepareRush(server.url, stage.organisation.tenants[0], [350]);
  });
  after(() => installation.close());

  /** Whoever has the pool's lock makes all who would claim wait. */
  async function holdPool(): Promise<pg.PoolClient> {
    const holder = await installation.pool.connect();
    await holder.query('begin');
    await holder.query('select from pools where sku_id = $1 for update', [rush.skuIds[0]]);
    return holder;
  }

  it('answers every sign-in that is in flight or queued, writes its log, and ends with 0', async () => {
    const [{ users, client }] = stage.organisation.tenants;
    const holder = await holdPool();
    // More than go into one call: some are in flight, others wait for their turn.
    const asked = users.slice(1).map((userId) => signIn(server.url, rush, userId));
    const [last] = users;
    // One on a connection of its own, on which another request follows when the server is stopping.
    const own = await rawSignIn(last!);
    await sleep(await inThisMoment(500));
    server.kill('SIGTERM');
    await sleep(300);
    own.socket.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await assert.rejects(fetch(`${server.url}/healthz`), 'a new connection was accepted');
    await holder.query('commit');
    holder.release();
    const told = await Promise.all(asked);
    assert.deepEqual(new Set(told.map((one) => one.status)), new Set([200]));
    const [first, second] = (await own.read()).split(/(?=HTTP\/1\.1 )/);
    assert.match(first!, /^HTTP\/1\.1 200 .*"outcome":"(claimed|refused)"/s);
    assert.match(second!, /^HTTP\/1\.1 503 /);
    for (const part of [/\r\nretry-after: 1\r\n/, /\r\nconnection: close\r\n/, /"code":"ServiceUnavailable"/]) {
      assert.match(second!, part);
    }
    assert.equal(claimed(told).length + (first!.includes('"claimed"') ? 1 : 0), 350);
    assert.equal((await server.ended).code, 0);
    await assertHonest(installation.pool, rush, told);
    const { rows } = await installation.pool.query<{ logged: number }>(
      'select count(*)::int as logged from sign_ins where tenant_id = $1 and app_id = $2',
      [client.tenantId, rush.appId],
    );
    assert.equal(rows[0]!.logged, USERS);
  });

  it('ends within its bound, with 0, where the database does not answer; nothing was acknowledged', async () => {
    server = await installation.start();
    const users = stage.organisation.tenants[0].users.slice(0, 50);
    rush = await prepareRush(server.url, stage.organisation.tenants[0], [350]);
    const holder = await holdPool();
    const asked = users.map((userId) => signIn(server.url, rush, userId));
    await sleep(500);
    const began = performance.now();
    server.kill('SIGTERM');
    const [told, { code }] = await Promise.all([Promise.all(asked), server.ended]);
    const tookMs = performance.now() - began;
    assert.ok(tookMs < (await inThisMoment(STOP_MAX_MS)), `${tookMs} ms`);
    assert.equal(code, 0);
    assert.deepEqual(new Set(told.map(({ status }) => status)), new Set([null]));
    await holder.query('commit');
    holder.release();
  });

  /** A sign-in as bytes on a socket, which more can be written to. */
  async function rawSignIn(userId: string) {
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    const body = JSON.stringify({ appId: rush.appId, userId });
    const lines = [
      'POST /v1.0/signIns HTTP/1.1',
      'host: localhost',
      `authorization: Bearer ${rush.client.token}`,
      'content-type: application/json',
      `content-length: ${body.length}`,
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
    return { socket, read: () => text(socket) };
  }
});
