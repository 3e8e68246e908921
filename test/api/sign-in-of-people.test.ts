import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeJwt } from 'jose';
import { addPerson, signIn, type TestPerson } from '../harness/people.ts';
import { startTestServer, type TestServer } from '../harness/server.ts';

let server: TestServer;
let person: TestPerson;
before(async () => {
  server = await startTestServer();
  person = await addPerson(server, ['Global Administrator']);
});
after(() => server.close());

describe('signing in', () => {
  it('gives tokens', async () => {
    const { accessToken, idToken, refreshToken } = await signIn(server, person);
    console.log(decodeJwt(accessToken), decodeJwt(idToken), refreshToken);
    const answer = await server.request('GET', '/v1.0/users', { token: accessToken });
    assert.equal(answer.status, 200);
  });
});
