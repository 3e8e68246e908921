import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PERMISSIONS } from '../../contract/permission.ts';
import { checksums } from '../harness/checksums.ts';
import { personToken } from '../harness/people.ts';
import { pathOf } from './requests.ts';
import { startTwoTenants, type TwoTenants } from './two-tenants.ts';

// A batch opens nothing: each of its requests is let in, or not, as it would be by itself.

interface Asked {
  readonly method: string;
  readonly url: string;
}

let tenants: TwoTenants;
/** Every route of the API that isn't the batch, with this tenant's ids in it. */
let requests: Asked[];
before(async () => {
  tenants = await startTwoTenants();
  requests = tenants.server.routes
    .filter(({ method, path }) => method !== 'HEAD' && path.startsWith('/v1.0/') && path !== '/v1.0/$batch')
    .map(({ method, path }) => ({ method, url: pathOf(path, tenants.first).replace('/v1.0', '') }));
  assert.ok(requests.length > 80, `only ${requests.length} routes were looked at`);
});
after(() => tenants.close());

async function inBatches(token: string, asked: readonly Asked[], headers: Record<string, string> = {}) {
  const statuses: number[] = [];
  for (let at = 0; at < asked.length; at += 20) {
    const body = {
      requests: asked.slice(at, at + 20).map((request, index) => ({ ...request, id: String(index), headers })),
    };
    const answer = await tenants.server.request('POST', '/v1.0/$batch', { token, body });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    statuses.push(...answer.body.responses.map(({ status }: { status: number }) => status));
  }
  return statuses;
}

async function oneByOne(token: string, asked: readonly Asked[]) {
  const statuses: number[] = [];
  for (const { method, url } of asked)
    statuses.push((await tenants.server.request(method, `/v1.0${url}`, { token })).status);
  return statuses;
}

const named = (asked: readonly Asked[], statuses: readonly number[]) =>
  asked.map(({ method, url }, index) => `${method} ${url}: ${statuses[index]}`);
/** What ends nothing that others are asked for afterwards. */
const isRepeatable = ({ method, url }: Asked) =>
  method !== 'DELETE' && !/\/(reprocess|resetPassword|rotate|addPassword|revoke)/.test(url);

describe('in a batch', () => {
  it('a client without a permission, and a person without a role, get as far as by themselves', async () => {
    for (const token of [await tenants.server.token([]), await personToken(tenants.server, [])]) {
      const tables = await checksums(tenants.server.db, { except: ['openid_artifacts', 'sign_in_attempts'] });
      const alone = await oneByOne(token, requests);
      assert.deepEqual(named(requests, await inBatches(token, requests)), named(requests, alone));
      assert.ok(alone.filter((status) => status === 403).length > 60);
      assert.deepEqual(
        await checksums(tenants.server.db, { except: ['openid_artifacts', 'sign_in_attempts'] }),
        tables,
      );
    }
  });

  it("another tenant's things are not there, as by themselves", async () => {
    const ofAnyTenant = PERMISSIONS.filter((permission) => permission !== 'Tenant.Create');
    const token = await tenants.server.token(ofAnyTenant, tenants.other.tenantId);
    const asked = requests.filter(isRepeatable);
    const tables = await checksums(tenants.server.db, { except: ['openid_artifacts'] });
    assert.deepEqual(named(asked, await inBatches(token, asked)), named(asked, await oneByOne(token, asked)));
    assert.deepEqual(await checksums(tenants.server.db, { except: ['openid_artifacts'] }), tables);
  });

  it("nobody asks with another's token, nor as from elsewhere", async () => {
    const weak = await tenants.server.token([]);
    const strong = await tenants.server.token(PERMISSIONS);
    const asked = [{ method: 'GET', url: '/users' }];
    const other = { Authorization: `Bearer ${strong}` };
    const body = { requests: [{ ...asked[0], id: '1', headers: other }] };
    const answer = await tenants.server.request('POST', '/v1.0/$batch', { token: weak, body });
    const [{ status, body: told }] = answer.body.responses;
    assert.equal(status, 400);
    assert.match(told.error.message, /access token of the batch/);
    // The batch's own token may be said again, as some clients do.
    assert.deepEqual(await inBatches(strong, asked, other), [200]);
    assert.deepEqual(
      await inBatches(weak, asked, { host: 'other', 'x-forwarded-for': '1.2.3.4', cookie: 'a=b' }),
      [403],
    );
  });

  it('a bad token is refused as a whole', async () => {
    for (const token of [null, 'nonsense']) {
      const answer = await tenants.server.request('POST', '/v1.0/$batch', {
        token,
        body: { requests: [{ id: '1', method: 'GET', url: '/users' }] },
      });
      assert.deepEqual([answer.status, answer.body.error.code], [401, 'InvalidAuthenticationToken']);
    }
  });
});
