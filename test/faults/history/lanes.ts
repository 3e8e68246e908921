import { setTimeout as sleep } from 'node:timers/promises';
import { Chance } from './chance.ts';
import type { OperationThat, Request } from './operation.ts';
import type { Organisation, Tenant } from './organisation.ts';
import type { Recorder } from './recorder.ts';

/** What is done, and how often in proportion. */
export type Mix = readonly (readonly [weight: number, kind: Kind])[];
type Kind = Request['do'] | 'sign in twice' | 'sign in many' | 'reach over';

/** Everything that clients do. */
export const EVERYTHING: Mix = [
  [60, 'sign in'],
  [12, 'sign in twice'],
  [2, 'sign in many'],
  [12, 'assign'],
  [1, 'buy'],
  [5, 'set quantity'],
  [3, 'turn switch'],
  [7, 'change policy'],
  [1, 'add policy'],
  [1, 'delete policy'],
  [2, 'reorder'],
  [1, 'delete user'],
  [3, 'read report'],
  [2, 'read'],
  [1, 'reach over'],
];

export interface Storm {
  readonly seed: number;
  readonly lanes?: number;
  /** How long new operations are begun … */
  readonly forMs: number;
  /** … and that as long as there are fewer than this: a machine may be slow. */
  readonly operationsMin?: number;
  readonly mix?: Mix;
  /** Milliseconds that a client waits at most between two operations; 0 unless given. */
  readonly pauseMs?: number;
}

const READS = [
  '/v1.0/users?$top=20',
  '/v1.0/groups',
  '/v1.0/applications',
  '/v1.0/subscribedSkus',
  '/v1.0/policies/autoClaimPolicies',
  '/v1.0/auditLogs/directoryAudits?$top=20',
  '/v1.0/auditLogs/signIns?$top=20',
  '/v1.0/directory/subscriptions',
];
const SIGN_IN_TRIES_MAX = 6;
const QUANTITY_MAX = 10;
const AWAY_MS = 30;

/** Clients of both tenants that do one thing after the other, each through any of the servers; returns when all are answered. */
export async function live(
  recorder: Recorder,
  organisation: Organisation,
  urls: readonly string[],
  storm: Storm,
): Promise<void> {
  const { seed, lanes = 12, forMs, operationsMin = 0 } = storm;
  const until = recorder.now() + forMs;
  await Promise.all(
    Array.from({ length: lanes }, async (_, index) => {
      // Every fourth client is of the second tenant.
      const which = index % 4 === 3 ? 1 : 0;
      const lane = new Lane(recorder, organisation, which, urls, new Chance(seed * 1_000 + index), `${seed}-${index}`);
      while (recorder.now() < until || recorder.operations.length < operationsMin)
        await lane.act(storm.mix ?? EVERYTHING, storm.pauseMs ?? 0);
    }),
  );
}

class Lane {
  readonly #recorder: Recorder;
  readonly #tenant: Tenant;
  readonly #other: Tenant;
  readonly #urls: readonly string[];
  readonly #chance: Chance;
  readonly #name: string;
  #deliveries = 0;
  /** Who was told of which product, to have something to take away. */
  readonly #seen: { readonly userId: string; readonly skuId: string }[] = [];

  constructor(
    recorder: Recorder,
    { tenants }: Organisation,
    which: 0 | 1,
    urls: readonly string[],
    chance: Chance,
    name: string,
  ) {
    this.#recorder = recorder;
    this.#tenant = tenants[which];
    this.#other = tenants[1 - which]!;
    this.#urls = urls;
    this.#chance = chance;
    this.#name = name;
  }

  async act(mix: Mix, pauseMs: number): Promise<void> {
    const chance = this.#chance;
    if (pauseMs > 0) await sleep(chance.upTo(pauseMs));
    const kind = chance.weighed(mix);
    if (kind === 'sign in') await this.#signIn(this.#anyone(), chance.percent(50));
    else if (kind === 'sign in twice') await this.#signInTwice();
    else if (kind === 'sign in many') await this.#signInMany();
    else if (kind === 'reach over') await this.#reachOver();
    else {
      const request = this.#draw(kind);
      if (request) await this.#do(request);
    }
  }

  async #do(request: Request): Promise<void> {
    const { policies, purchases } = this.#tenant;
    const operation = await this.#perform(request);
    if (operation.outcome !== 'ok') return;
    if (request.do === 'add policy') policies.push({ id: operation.answer.id, appId: request.appId });
    if (request.do === 'buy') purchases.push(operation.answer.id as string);
    if (request.do === 'delete policy') {
      policies.splice(policies.findIndex(({ id }) => id === request.policyId) >>> 0, 1);
    }
  }

  async #perform<R extends Request>(request: R, url = this.#chance.pick(this.#urls)): Promise<OperationThat<R['do']>> {
    const operation = await this.#recorder.perform(url, this.#tenant.client, request);
    // Where a server or its database is away for a while, not all the time is spent on asking in vain.
    if (operation.status === null || operation.status >= 500) await sleep(AWAY_MS);
    return operation;
  }

  /** Asks until there is an answer, as clients do; without a correlationId each asking is a new sign-in. */
  async #signIn(userId: string, isCorrelated: boolean): Promise<void> {
    this.#deliveries += 1;
    const correlationId = isCorrelated ? `${this.#name}-${this.#deliveries}` : null;
    const { appId } = this.#chance.pick(this.#tenant.apps);
    for (let tries = 0; tries < SIGN_IN_TRIES_MAX; tries += 1) {
      const { outcome, answer } = await this.#perform({ do: 'sign in', appId, userId, correlationId });
      if (outcome === 'ok') this.#remember(userId, answer.skuId as string);
      if (outcome !== 'unknown') return;
      await sleep(50 * 2 ** tries);
    }
  }

  /** The same at the same time over two servers: one delivery, two sign-ins of one user, or one user in both apps. */
  async #signInTwice(): Promise<void> {
    const chance = this.#chance;
    // Somebody who holds nothing of it any more: then there is something to be decided twice.
    const seen = this.#seen.length > 0 && chance.percent(60) ? chance.pick(this.#seen) : undefined;
    if (seen) await this.#perform({ do: 'assign', userId: seen.userId, add: [], remove: [seen.skuId] });
    const userId = seen?.userId ?? this.#anyone();
    this.#deliveries += 1;
    const isOneDelivery = chance.percent(40);
    const correlationId = isOneDelivery ? `${this.#name}-${this.#deliveries}` : null;
    const { appId } = chance.pick(this.#tenant.apps);
    const request = { do: 'sign in', appId, userId, correlationId } as const;
    const other = isOneDelivery || chance.percent(60) ? appId : chance.pick(this.#tenant.apps).appId;
    const at = chance.upTo(this.#urls.length);
    const told = await Promise.all([
      this.#perform(request, this.#urls[at]),
      this.#perform({ ...request, appId: other }, this.#urls[(at + 1) % this.#urls.length]),
    ]);
    for (const { outcome, answer } of told) if (outcome === 'ok') this.#remember(userId, answer.skuId as string);
    if (isOneDelivery && chance.percent(30)) await this.#perform(request);
  }

  /** A list, in which somebody may be several times. */
  async #signInMany(): Promise<void> {
    const requests = Array.from({ length: 2 + this.#chance.upTo(10) }, () => {
      this.#deliveries += 1;
      const correlationId = this.#chance.percent(50) ? `${this.#name}-${this.#deliveries}` : null;
      const { appId } = this.#chance.pick(this.#tenant.apps);
      return { do: 'sign in', appId, userId: this.#anyone(), correlationId } as const;
    });
    await this.#recorder.performList(this.#chance.pick(this.#urls), this.#tenant.client, requests);
  }

  #remember(userId: string, skuId: string): void {
    this.#seen.push({ userId, skuId });
    if (this.#seen.length > 20) this.#seen.shift();
  }

  /** What must not reach: another tenant's people. */
  async #reachOver(): Promise<void> {
    const userId = this.#chance.pick(this.#other.users);
    const { appId } = this.#chance.pick(this.#tenant.apps);
    await this.#perform({ do: 'sign in', appId, userId, correlationId: null });
    await this.#perform({ do: 'assign', userId, add: [this.#chance.pick(this.#tenant.products)], remove: [] });
  }

  /** A few are often met, so that what is done to one person meets; the others are many. */
  #anyone(): string {
    const { users } = this.#tenant;
    return this.#chance.percent(40) ? users[this.#chance.upTo(6)]! : this.#chance.pick(users);
  }

  #draw(kind: Exclude<Kind, 'sign in' | 'sign in twice' | 'sign in many' | 'reach over'>): Request | undefined {
    const chance = this.#chance;
    const { apps, products, policies, purchases, users, groupId } = this.#tenant;
    const app = chance.pick(apps);
    const policy = policies.length > 0 ? chance.pick(policies) : undefined;
    const content = (appId: string) => ({
      isEnabled: chance.percent(80),
      products: chance.some(apps.find((one) => one.appId === appId)!.products, 3),
      includeGroups: chance.percent(40) ? [groupId] : [],
    });
    switch (kind) {
      case 'assign': {
        const seen = this.#seen.length > 0 && chance.percent(80) ? chance.pick(this.#seen) : undefined;
        if (seen && chance.percent(75)) return { do: kind, userId: seen.userId, add: [], remove: [seen.skuId] };
        return { do: kind, userId: seen?.userId ?? this.#anyone(), add: [chance.pick(products)], remove: [] };
      }
      case 'buy':
        return { do: kind, skuId: chance.pick(products), totalLicenses: 1 + chance.upTo(3) };
      case 'set quantity':
        return { do: kind, subscriptionId: chance.pick(purchases), totalLicenses: chance.upTo(QUANTITY_MAX + 1) };
      case 'turn switch':
        return { do: kind, isEnabled: chance.percent(60) };
      case 'change policy': {
        if (!policy) return undefined;
        const { isEnabled, products: ordered, includeGroups } = content(policy.appId);
        const change = chance.weighed([
          [4, { products: ordered }],
          [3, { isEnabled }],
          [1, { includeGroups }],
        ]);
        return { do: kind, policyId: policy.id, ...change };
      }
      case 'add policy':
        return policies.length > 6 ? undefined : { do: kind, appId: app.appId, ...content(app.appId) };
      case 'delete policy':
        return policy && policies.length > 2 ? { do: kind, policyId: policy.id } : undefined;
      case 'reorder': {
        const ofApp = policies.filter(({ appId }) => appId === app.appId).map(({ id }) => id);
        return ofApp.length > 1 ? { do: kind, policyIds: chance.percent(70) ? ofApp.toReversed() : ofApp } : undefined;
      }
      case 'delete user':
        // Not the few who are often met, and not so many that nobody is left.
        return { do: kind, userId: users[6 + chance.upTo(Math.floor(users.length / 3))]! };
      case 'read report': {
        const form = chance.pick(['rows', 'csv', 'summary'] as const);
        return { do: kind, from: '2020-01-01T00:00:00Z', to: null, form, isQuiet: false };
      }
      case 'read':
        return { do: kind, path: chance.pick(READS) };
    }
  }
}
