import assert from 'node:assert/strict';
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt, decodeProtectedHeader, SignJWT, type JWTPayload } from 'jose';
import { createTokenVerification } from '../../src/http/token-verification.ts';
import { createKeyRing } from '../../src/signin/openid/key-ring.ts';
import { getToken, startTestServer, type TestServer } from '../harness/server.ts';

// What a token that was accepted once is worth when it comes again.

describe('an access token that was accepted before', () => {
  let server: TestServer;
  let genuine: string;
  let claims: JWTPayload;
  let keyId: string;
  let key: KeyObject;
  let isMinuteLater = false;
  let verify: ReturnType<typeof createTokenVerification>;

  before(async () => {
    server = await startTestServer();
    genuine = await server.token(['User.Read.All']);
    claims = decodeJwt(genuine);
    keyId = decodeProtectedHeader(genuine).kid!;
    const { rows } = await server.db.pool.query('select private_jwk from signing_keys');
    key = createPrivateKey({ format: 'jwk', key: rows[0].private_jwk });
    const keyRing = createKeyRing(server.db, () => performance.now() + (isMinuteLater ? 61_000 : 0));
    verify = createTokenVerification(server.config.baseUrl, keyRing);
  });
  after(() => server.close());

  const sign = (changed: JWTPayload) =>
    new SignJWT({ ...claims, ...changed }).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: keyId }).sign(key);

  it('says the same again', async () => {
    const first = await verify(genuine);
    assert.equal(first?.tid, server.tenantId);
    assert.deepEqual(await verify(genuine), first);
  });

  it('counts to the second in which it expires', async () => {
    const exp = Math.floor(Date.now() / 1000) + 2;
    const token = await sign({ exp });
    assert.ok(await verify(token));
    await sleep(exp * 1000 - Date.now() - 300);
    assert.ok(await verify(token), 'until it expires');
    await sleep(Math.max(0, exp * 1000 - Date.now()) + 5);
    assert.equal(await verify(token), undefined);
    assert.equal(await verify(token), undefined);
  });

  it('vouches for no other that differs in a letter', async () => {
    await verify(genuine);
    for (const at of [0, genuine.indexOf('.') + 5, genuine.length - 5, genuine.length - 1]) {
      const letter = genuine[at] === 'A' ? 'Q' : 'A';
      const forged = genuine.slice(0, at) + letter + genuine.slice(at + 1);
      assert.equal(await verify(forged), undefined, `letter ${at}`);
    }
    for (const more of ['A', '.', '=']) assert.equal(await verify(genuine + more), undefined);
  });

  it('counts no longer once its key is taken away', async () => {
    assert.ok(await verify(genuine));
    await server.db.pool.query('delete from signing_keys');
    isMinuteLater = true;
    assert.equal(await verify(genuine), undefined);
  });

  it("counts no longer where its key's name is another key's now", async () => {
    const other = await startTestServer();
    try {
      const client = await other.createClient(['User.Read.All']);
      const token = await getToken(other, other.tenantId, client);
      let isLater = false;
      const keyRing = createKeyRing(other.db, () => performance.now() + (isLater ? 61_000 : 0));
      const verifyThere = createTokenVerification(other.config.baseUrl, keyRing);
      assert.ok(await verifyThere(token));
      const jwk = JSON.stringify(key.export({ format: 'jwk' }));
      await other.db.pool.query('update signing_keys set private_jwk = $1', [jwk]);
      isLater = true;
      assert.equal(await verifyThere(token), undefined);
    } finally {
      await other.close();
    }
  });
});
