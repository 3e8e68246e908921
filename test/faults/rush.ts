import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Tenant } from './history/organisation.ts';
import type { Client } from './history/send.ts';

// Many people for few seats at once: an app of its own, its policy with products in order.

export interface Rush {
  readonly client: Client;
  readonly appId: string;
  /** In the policy's order. */
  readonly skuIds: readonly string[];
  readonly seats: readonly number[];
}

/** What somebody who signed in was told; status null: nothing was, the connection was cut. */
export interface Told {
  readonly userId: string;
  readonly status: number | null;
  readonly retryAfter: string | null;
  readonly body: any;
  /** How long it took. */
  readonly ms: number;
}

/** Products with so many seats each, an app that needs any of them, and the policy. */
export async function prepareRush(url: string, { client }: Tenant, seats: readonly number[]): Promise<Rush> {
  const plan = randomUUID();
  const skuIds: string[] = [];
  for (const totalLicenses of seats) {
    const skuId = randomUUID();
    await ask(url, client, 'POST', '/v1.0/admin/products', {
      skuId,
      skuPartNumber: `RUSH_${skuId}`,
      displayName: `Rush ${skuId}`,
      servicePlans: [{ servicePlanId: plan, servicePlanName: 'RUSH' }],
    });
    await ask(url, client, 'POST', '/v1.0/directory/subscriptions', { skuId, totalLicenses });
    skuIds.push(skuId);
  }
  const app = { displayName: `Rush ${plan}`, requiredServicePlanIds: [plan] };
  const { appId } = await ask(url, client, 'POST', '/v1.0/applications', app);
  await ask(url, client, 'POST', '/v1.0/policies/autoClaimPolicies', {
    displayName: `Rush ${plan}`,
    appId,
    products: skuIds.map((skuId) => ({ skuId, disabledPlans: [] })),
  });
  return { client, appId: appId as string, skuIds, seats };
}

/** One sign-in; never rejects. */
export async function signIn(url: string, { client, appId }: Rush, userId: string, patienceMs = 25_000): Promise<Told> {
  const began = performance.now();
  const told = (status: number | null, retryAfter: string | null, body: unknown): Told => ({
    userId,
    status,
    retryAfter,
    body,
    ms: performance.now() - began,
  });
  try {
    const response = await fetch(`${url}/v1.0/signIns`, {
      method: 'POST',
      headers: { authorization: `Bearer ${client.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ appId, userId }),
      signal: AbortSignal.timeout(patienceMs),
    });
    return told(response.status, response.headers.get('retry-after'), await response.json());
  } catch (error) {
    return told(null, null, String((error as Error).cause ?? error));
  }
}

/** Those who were told that they have a license by a claim. */
export function claimed(told: readonly Told[]): Told[] {
  return told.filter(({ status, body }) => status === 200 && body.claimId !== null);
}

/**
 * Asserts that what was told is so: every claim that somebody was told of is there, theirs and
 * once; nobody has two; no seat is there twice; and who was refused has none.
 */
export async function assertHonest(pool: pg.Pool, rush: Rush, told: readonly Told[]): Promise<void> {
  const { tenantId } = rush.client;
  const { rows: claims } = await pool.query<{ claim_id: string; user_id: string; sku_id: string }>(
    'select claim_id, user_id, sku_id from claims where tenant_id = $1 and app_id = $2',
    [tenantId, rush.appId],
  );
  const ofUser = new Map(claims.map((claim) => [claim.user_id, claim]));
  assert.equal(ofUser.size, claims.length, 'somebody claimed twice');
  for (const { userId, body } of claimed(told)) {
    const claim = ofUser.get(userId);
    assert.ok(claim, `an acknowledged claim is lost: ${JSON.stringify(body)}`);
    assert.deepEqual([claim.claim_id, claim.sku_id], [body.claimId, body.skuId]);
  }
  for (const { userId, body } of told.filter(
    ({ status, body: { outcome } }) => status === 200 && outcome === 'refused',
  )) {
    assert.equal(body.reason, 'noSeats', JSON.stringify(body));
    assert.ok(
      told.some((one) => one.userId === userId && one.body?.claimId) || !ofUser.has(userId),
      'refused, and has one',
    );
  }
  const { rows: pools } = await pool.query<{ sku_id: string; consumed: number; held: number }>(
    `select sku_id, consumed::int, (select count(*)::int from licenses l where l.tenant_id = $1 and l.sku_id = p.sku_id) as held
       from pools p where tenant_id = $1 and sku_id = any($2::uuid[])`,
    [tenantId, rush.skuIds],
  );
  rush.skuIds.forEach((skuId, index) => {
    const { consumed, held } = pools.find((one) => one.sku_id === skuId)!;
    const ofPool = claims.filter((claim) => claim.sku_id === skuId).length;
    assert.deepEqual([consumed, held], [ofPool, ofPool]);
    assert.ok(consumed <= rush.seats[index]!, `${consumed} of ${rush.seats[index]} seats`);
  });
}

export async function ask(url: string, { token }: Client, method: string, path: string, body: object): Promise<any> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}
