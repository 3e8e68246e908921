import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { checksums } from '../harness/checksums.ts';
import { inParallel } from '../harness/in-parallel.ts';
import { personToken, type RoleName } from '../harness/people.ts';
import { pathOf, thingsNamed } from './requests.ts';
import { nothings, startTwoTenants, type TwoTenants } from './two-tenants.ts';

// Every route × every directory role, from one table: roles.yaml.

const ROLES: Readonly<Record<string, RoleName>> = {
  GA: 'Global Administrator',
  LA: 'License Administrator',
  UA: 'User Administrator',
  BA: 'Billing Administrator',
  GR: 'Groups Administrator',
  Reader: 'Global Reader',
  RR: 'Reports Reader',
};

interface Route {
  readonly method: string;
  readonly path: string;
  readonly roles: 'everybody' | readonly string[];
}

const TABLE = parse(readFileSync(new URL('roles.yaml', import.meta.url), 'utf8')) as Record<string, Route['roles']>;
const ROUTES: readonly Route[] = Object.entries(TABLE).flatMap(([route, roles]) => {
  const [method, path] = route.split(' ') as [string, string];
  return (method === 'GET' ? ['GET', 'HEAD'] : [method]).map((one) => ({ method: one, path, roles }));
});

let tenants: TwoTenants;
before(async () => {
  tenants = await startTwoTenants();
});
after(() => tenants.close());

const name = ({ method, path }: Route) => `${method} ${path}`;

describe('the table of roles', () => {
  it("names every route that isn't anyone's, and no other", () => {
    const guarded = tenants.server.routes.filter(({ access }) => access !== 'anyone');
    const there = new Set(guarded.map(({ method, path }) => `${method} ${path}`));
    const named = new Set(ROUTES.map(name));
    assert.deepEqual([...there.difference(named)], [], 'routes that are not in roles.yaml');
    assert.deepEqual([...named.difference(there)], [], 'lines of roles.yaml without a route');
  });

  it('names roles that there are', () => {
    const named = ROUTES.flatMap(({ roles }) => (roles === 'everybody' ? [] : roles));
    assert.deepEqual(
      named.filter((role) => !(role in ROLES)),
      [],
    );
  });
});

describe('a person', () => {
  let unchanged: Record<string, string>;
  before(async () => {
    await Promise.all(
      [...Object.values(ROLES).map((role) => [role]), []].map((roles) => personToken(tenants.server, roles)),
    );
    await personToken(tenants.server, ['Global Administrator'], tenants.other.tenantId);
    unchanged = await checksums(tenants.server.db, { except: ['openid_artifacts', 'sign_in_attempts'] });
  });
  after(async () =>
    assert.deepEqual(
      await checksums(tenants.server.db, { except: ['openid_artifacts', 'sign_in_attempts'] }),
      unchanged,
    ),
  );

  for (const role of [...Object.keys(ROLES), undefined]) {
    it(`${role ? `who is ${ROLES[role]}` : 'without a role'} gets just as far as that lets them`, async () => {
      const { server, first } = tenants;
      const token = await personToken(server, role ? [ROLES[role]!] : []);
      await inParallel(ROUTES, async (route) => {
        const isRead = route.method === 'GET' || route.method === 'HEAD';
        const path = pathOf(route.path, isRead ? first : nothings(first.tenantId));
        const { status, body } = await server.request(route.method, path, { token });
        const told = `${name(route)}: ${status} ${JSON.stringify(body).slice(0, 300)}`;
        const isLetIn = route.roles === 'everybody' || (role !== undefined && route.roles.includes(role));
        if (!isLetIn) assert.equal(status, 403, told);
        else assert.ok(isRead ? status === 200 : ![401, 403].includes(status) && status < 500, told);
      });
    });
  }

  it("of another tenant finds none of this one's things, as Global Administrator there", async () => {
    const { server, first, other } = tenants;
    const token = await personToken(server, ['Global Administrator'], other.tenantId);
    const named = ROUTES.filter(({ path, roles }) => thingsNamed(path).length > 0 && roles.length > 0);
    assert.ok(named.length > 30);
    await inParallel(named, async (route) => {
      const { status, body } = await server.request(route.method, pathOf(route.path, first), { token });
      const isBodyMissing = status === 400 && route.method !== 'GET';
      assert.ok(status === 404 || isBodyMissing, `${name(route)}: ${status} ${JSON.stringify(body)}`);
    });
  });

  it("has nothing to say to another tenant's providers", async () => {
    const { server, first, other } = tenants;
    const token = await personToken(server, ['Global Administrator'], other.tenantId);
    const own = await server.request('GET', `/${other.tenantId}/openid/userinfo`, { token });
    assert.equal(own.status, 200);
    assert.equal((await server.request('GET', `/${first.tenantId}/openid/userinfo`, { token })).status, 401);
  });
});
