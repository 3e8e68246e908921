import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { PERMISSIONS } from '../../contract/permission.ts';
import type { Answer, TestServer } from './server.ts';

/** A product of a world, its service plans by name. */
export interface WorldProduct {
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly plans: Readonly<Record<string, string>>;
}

export interface WorldApp {
  /** The object id, by which /applications names it. */
  readonly id: string;
  readonly appId: string;
  readonly displayName: string;
}

export interface WorldUser {
  readonly id: string;
  readonly userPrincipalName: string;
}

/** A plan with its rules, in a new product. */
export interface WorldPlan {
  /** The plan of another product; a new one unless given. */
  readonly id?: string;
  readonly dependsOn?: readonly string[];
  readonly conflictsWith?: readonly string[];
}

/** A row of claims as it is put there by hand; whatever is left out is made up. */
export type WorldClaim = Partial<
  Record<
    'user' | 'policy' | 'app' | 'sku' | 'name' | 'policyName' | 'appName' | 'part' | 'product' | 'userName',
    string
  >
> & { readonly isBackup?: boolean };

/** A small organisation in one tenant, built over the API as a client with every permission. */
export interface World {
  readonly server: TestServer;
  readonly tenantId: string;
  /** Any request; nothing about its answer is asserted. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** A request that must succeed; its answer's body. */
  get(path: string): Promise<any>;
  post(path: string, body: unknown): Promise<any>;
  patch(path: string, body: unknown): Promise<any>;
  remove(path: string): Promise<void>;
  /** A new product with these plans, their names being their keys. */
  addProduct(plans: Readonly<Record<string, WorldPlan>>, more?: object): Promise<WorldProduct>;
  /** A subscription; without a number none is bought. */
  buy(product: { skuId: string }, totalLicenses: number, more?: object): Promise<any>;
  addApp(requiredServicePlanIds: readonly string[], displayName?: string): Promise<WorldApp>;
  addPolicy(
    app: WorldApp,
    products: readonly { skuId: string; disabledPlans?: string[] }[],
    more?: object,
  ): Promise<any>;
  /** By SQL, so that it is quick; columns of the users table. */
  addUser(columns?: Readonly<Record<string, unknown>>): Promise<WorldUser>;
  addUsers(count: number): Promise<WorldUser[]>;
  /** By SQL. Members are users' ids; nested, groups' ids. */
  addGroup(members?: readonly string[], nested?: readonly string[]): Promise<string>;
  /** A group's license for a user, as group-based licensing gives it: to this member alone. By SQL. */
  giveByGroup(userId: string, skuId: string, groupId: string, disabledPlans?: readonly string[]): Promise<void>;
  /** By hand; it must succeed. */
  assign(
    user: WorldUser,
    add: readonly { skuId: string; disabledPlans?: string[] }[],
    remove?: readonly { skuId: string }[],
  ): Promise<void>;
  turnAutoClaim(isEnabled: boolean): Promise<void>;
  /** POST /signIns of a user by id; the decision. */
  signIn(app: { appId: string }, user: { id: string }, more?: object): Promise<any>;
  explain(app: { appId: string }, user: { id: string }): Promise<any>;
  /** A claim of a moment, by SQL; its id. */
  putClaim(at: Date | string, claim?: WorldClaim): Promise<string>;
  /** What a pool's row says is consumed. */
  consumed(product: { skuId: string }): Promise<number>;
  /** The first column of the first row of a statement, $1 being the tenant. */
  value<T = number>(statement: string, ...values: unknown[]): Promise<T>;
}

/** The world of a tenant; the server's first one unless given. */
export function worldOf(server: TestServer, tenantId = server.tenantId): World {
  const { pool } = server.db;
  const succeed = async (method: string, path: string, body?: unknown) => {
    const answer = await world.call(method, path, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const world: World = {
    server,
    tenantId,
    call: (method, path, body, headers = {}) =>
      server.request(method, `/v1.0${path}`, { permissions: PERMISSIONS, tenantId, body, headers }),
    get: (path) => succeed('GET', path),
    post: (path, body) => succeed('POST', path, body),
    patch: (path, body) => succeed('PATCH', path, body),
    remove: (path) => succeed('DELETE', path),
    async addProduct(plans, more = {}) {
      const ids = Object.entries(plans).map(([name, plan]) => [name, plan.id ?? randomUUID()] as const);
      const skuId = randomUUID();
      const skuPartNumber = `PART_${skuId.slice(0, 8)}`;
      const servicePlans = Object.entries(plans).map(([name, { dependsOn = [], conflictsWith = [] }], index) => ({
        servicePlanId: ids[index]![1],
        servicePlanName: name,
        dependsOn,
        conflictsWith,
      }));
      await world.post('/admin/products', {
        skuId,
        skuPartNumber,
        displayName: `Product ${skuPartNumber}`,
        servicePlans,
        ...more,
      });
      return { skuId, skuPartNumber, plans: Object.fromEntries(ids) };
    },
    buy: ({ skuId }, totalLicenses, more = {}) =>
      world.post('/directory/subscriptions', { skuId, totalLicenses, ...more }),
    addApp: (requiredServicePlanIds, displayName = `App ${randomUUID()}`) =>
      world.post('/applications', { displayName, requiredServicePlanIds }),
    addPolicy: ({ appId }, products, more = {}) =>
      world.post('/policies/autoClaimPolicies', {
        displayName: `Policy ${randomUUID()}`,
        appId,
        products: products.map(({ skuId, disabledPlans = [] }) => ({ skuId, disabledPlans })),
        ...more,
      }),
    async addUser(columns = {}) {
      const id = randomUUID();
      const row = {
        user_principal_name: `${id}@contoso.example`,
        display_name: `User ${id}`,
        usage_location: 'DE',
        ...columns,
      };
      const names = Object.keys(row);
      await pool.query(
        `insert into users (tenant_id, user_id, created_at, ${names.join()})
         values ($1, $2, now(), ${names.map((_, index) => `$${index + 3}`).join()})`,
        [tenantId, id, ...Object.values(row)],
      );
      return { id, userPrincipalName: row.user_principal_name };
    },
    async addUsers(count) {
      const ids = Array.from({ length: count }, () => randomUUID());
      await pool.query(
        `insert into users (tenant_id, user_id, user_principal_name, display_name, usage_location, created_at)
         select $1, id, id || '@contoso.example', 'User ' || id, 'DE', now() from unnest($2::uuid[]) as id`,
        [tenantId, ids],
      );
      return ids.map((id) => ({ id, userPrincipalName: `${id}@contoso.example` }));
    },
    async addGroup(members = [], nested = []) {
      const id = randomUUID();
      await pool.query(
        `insert into groups (tenant_id, group_id, display_name, mail_nickname, created_at) values ($1, $2, 'Group', 'group', now())`,
        [tenantId, id],
      );
      await pool.query('insert into group_users select $1, $2, unnest($3::uuid[]), now()', [tenantId, id, members]);
      await pool.query('insert into group_groups select $1, $2, unnest($3::uuid[]), now()', [tenantId, id, nested]);
      return id;
    },
    async giveByGroup(userId, skuId, groupId, disabledPlans = []) {
      await pool.query(
        `with seat as (insert into licenses values ($1, $2, $3, now()) on conflict do nothing returning 1)
         update pools set consumed = consumed + (select count(*) from seat) where tenant_id = $1 and sku_id = $3`,
        [tenantId, userId, skuId],
      );
      await pool.query(
        `insert into assignment_paths (tenant_id, user_id, sku_id, kind, source_id, disabled_plans, modified_at)
         values ($1, $2, $3, 'group', $4, $5, now())`,
        [tenantId, userId, skuId, groupId, disabledPlans],
      );
      await pool.query(
        `insert into group_licenses (tenant_id, group_id, sku_id, disabled_plans, assigned_at)
         values ($1, $2, $3, $4, now()) on conflict do nothing`,
        [tenantId, groupId, skuId, disabledPlans],
      );
    },
    async assign({ id }, add, remove = []) {
      await world.post(`/users/${id}/assignLicense`, {
        addLicenses: add.map(({ skuId, disabledPlans = [] }) => ({ skuId, disabledPlans })),
        removeLicenses: remove.map(({ skuId }) => skuId),
      });
    },
    async turnAutoClaim(isEnabled) {
      await world.patch('/admin/autoClaim', { isEnabled });
    },
    signIn: ({ appId }, { id }, more = {}) => world.post('/signIns', { appId, userId: id, ...more }),
    explain: ({ appId }, { id }) => world.post('/signIns/explain', { appId, userId: id }),
    async putClaim(at, claim = {}) {
      const id = randomUUID();
      const {
        user = randomUUID(),
        policy = randomUUID(),
        app = randomUUID(),
        sku = randomUUID(),
        isBackup = false,
      } = claim;
      const {
        name = 'gone@contoso.example',
        userName = 'Gone',
        policyName = 'Old policy',
        appName = 'Old app',
      } = claim;
      const { part = 'OLD_PART', product = 'Old product' } = claim;
      await pool.query(
        `insert into claims (tenant_id, claim_id, claimed_at, user_id, user_principal_name, user_display_name, policy_id,
           policy_display_name, app_id, app_display_name, sku_id, sku_part_number, product_display_name, is_backup)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
        [tenantId, id, at, user, name, userName, policy, policyName, app, appName, sku, part, product, isBackup],
      );
      return id;
    },
    consumed: ({ skuId }) => world.value('select consumed from pools where tenant_id = $1 and sku_id = $2', skuId),
    async value(statement, ...values) {
      const { rows } = await pool.query(statement, [tenantId, ...values]);
      return Object.values(rows[0] as object)[0];
    },
  };
  return world;
}

/** Asserts a refusal: its status, and that its message has the text. */
export function assertRefused(answer: Answer, status: number, text: RegExp | string): void {
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  const { message } = answer.body.error;
  if (typeof text === 'string') assert.equal(message, text);
  else assert.match(message, text);
}
