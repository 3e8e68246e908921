import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import type { AssignmentPath } from '../license/path.ts';
import { decide, explain } from './decide.ts';
import { CHECKS, REASONS, type Decision, type Reason, type Step } from './decision.ts';
import type { Facts } from './facts.ts';

// decisions.yaml, tried on decide() and explain(). Things are named in it, and their names are
// their ids here.

interface Table {
  readonly world: World;
  readonly precedence: readonly { readonly reason: Reason; readonly given: object }[];
  readonly cases: readonly Case[];
}

interface Case {
  readonly name: string;
  readonly given?: object;
  readonly expect: string;
  /** The policy under which it is claimed. */
  readonly policy?: string;
  /** By product: the reason for which it can't be claimed. */
  readonly because?: Readonly<Record<string, Reason>>;
  /** Which claim is told with `licensed`; nothing: none. */
  readonly claim?: string;
  /** The required plans that are told with `licensed`. */
  readonly plans?: readonly string[];
}

interface World {
  readonly app: { name: string; requires: string[] } | 'nothing';
  readonly setting: 'on' | 'off';
  readonly 'default location': string;
  readonly user:
    | {
        name: string;
        location: string;
        blocked: boolean;
        guest: boolean;
        groups: string[];
        holds: Record<string, Held[]>;
      }
    | 'nothing';
  readonly products: Record<string, ProductLine>;
  readonly policies: Record<string, PolicyLine> | 'nothing';
}

interface Held {
  readonly by: 'direct' | 'group' | 'policy';
  readonly app?: string;
  readonly without?: string[];
}

interface ProductLine {
  readonly plans: string[];
  readonly subscription: 'Enabled' | 'Warning' | 'Suspended' | 'Deleted' | 'nothing';
  readonly seats: number;
  readonly used: number;
  readonly 'prohibited in': string[];
  readonly needs: Record<string, string[]>;
  readonly excludes: Record<string, string[]>;
}

interface PolicyLine {
  readonly on?: boolean;
  readonly products: Record<string, { without?: string[] } | null>;
  readonly include?: string[];
  readonly exclude?: string[];
  readonly guests?: boolean;
}

const table = parse(readFileSync(new URL('decisions.yaml', import.meta.url), 'utf8')) as Table;

describe('the decision table', () => {
  for (const one of table.cases) {
    it(`${one.name}: ${one.expect}`, () => tryCase(one));
  }

  it('has every reason, in the order in which they are decided', () => {
    assert.deepEqual(
      table.precedence.map(({ reason }) => reason),
      [...REASONS],
    );
  });

  it('has each case once', () => {
    const givens = table.cases.map(({ given }) => JSON.stringify(given ?? {}));
    assert.ok(givens.length > 50, `there are only ${givens.length}`);
    assert.deepEqual(
      givens.filter((given, index) => givens.indexOf(given) < index),
      [],
    );
  });
});

describe('one fault alone', () => {
  for (const { reason, given } of table.precedence) {
    it(`is refused as ${reason}`, () => tryCase({ name: reason, given, expect: `refused ${reason}` }));
  }
});

describe('of two faults at once the earlier is told', () => {
  table.precedence.forEach((first, index) => {
    for (const second of table.precedence.slice(index + 1)) {
      it(`${first.reason} before ${second.reason}`, () => {
        const given = merge(first.given, second.given) as object;
        tryCase({ name: '', given, expect: `refused ${first.reason}` });
      });
    }
  });
});

function tryCase({ given = {}, expect, policy, because = {}, claim, plans }: Case): void {
  const facts = factsOf(merge(table.world, given) as World);
  const decision = decide(facts);
  const steps = explain(facts);
  assert.equal(told(decision), expect);
  assertSteps(steps, facts, decision);
  for (const [skuId, reason] of Object.entries(because)) {
    const failure = stepsOfProduct(steps, skuId).find((step) => step.passed === false);
    assert.equal(failure?.reason, reason, `${skuId} can't be claimed because of ${failure?.reason}`);
  }
  if (policy !== undefined) assert.equal(decision.outcome === 'claimed' && decision.award.policyId, policy);
  if (decision.outcome !== 'licensed') return;
  if (claim !== undefined) assert.equal(decision.entitlement.claimId ?? 'nothing', claim);
  if (plans !== undefined) assert.deepEqual(decision.entitlement.servicePlans, plans);
}

/** A decision in the words of the table. */
function told(decision: Decision): string {
  switch (decision.outcome) {
    case 'licensed':
      return `licensed by ${decision.entitlement.skuId}`;
    case 'claimed':
      return `claimed ${decision.award.skuId}${decision.award.isBackup ? ' as backup' : ''}`;
    case 'refused':
      return `refused ${decision.reason}`;
  }
}

const PRODUCT_CHECKS = CHECKS.slice(CHECKS.indexOf('subscription'));
const FIRST_CHECKS = CHECKS.slice(0, CHECKS.indexOf('subscription'));

/** What explain shows must be what decide went through: every check before the one that decides has passed. */
function assertSteps(steps: readonly Step[], facts: Facts, decision: Decision): void {
  assert.deepEqual(
    steps.slice(0, FIRST_CHECKS.length).map(({ check }) => check),
    FIRST_CHECKS,
  );
  const perProduct = steps.slice(FIRST_CHECKS.length).map(({ check }) => check);
  assert.ok(perProduct.length > 0 && perProduct.length % PRODUCT_CHECKS.length === 0);
  perProduct.forEach((check, index) => assert.equal(check, PRODUCT_CHECKS[index % PRODUCT_CHECKS.length]));

  if (decision.outcome === 'licensed') {
    assertPassed(steps.slice(0, FIRST_CHECKS.indexOf('notLicensed')));
    const step = steps.find(({ check }) => check === 'notLicensed');
    assert.deepEqual([step?.passed, step?.reason], [false, undefined]);
  } else if (decision.outcome === 'refused') {
    const at = steps.findIndex(({ passed }) => passed === false);
    assert.equal(steps[at]?.reason, decision.reason);
    assertPassed(steps.slice(0, at));
    // A reason of a product is told only where no other product would do.
    for (const skuId of new Set(steps.map((step) => step.skuId).filter((id) => id !== undefined))) {
      assert.ok(at < FIRST_CHECKS.length || stepsOfProduct(steps, skuId).some(({ passed }) => passed === false), skuId);
    }
  } else {
    assertPassed(steps.slice(0, FIRST_CHECKS.length));
    assertPassed(stepsOfProduct(steps, decision.award.skuId));
    const policy = facts.policies.find(({ policyId }) => policyId === decision.award.policyId);
    const before = policy!.products.slice(
      0,
      policy!.products.findIndex(({ skuId }) => skuId === decision.award.skuId),
    );
    assert.equal(decision.award.isBackup, before.length > 0);
    for (const { skuId } of before) {
      assert.ok(
        stepsOfProduct(steps, skuId).some(({ passed }) => passed === false),
        `${skuId} could have been claimed`,
      );
    }
  }
}

function assertPassed(steps: readonly Step[]): void {
  assert.deepEqual(
    steps.filter(({ passed }) => passed !== true),
    [],
  );
}

function stepsOfProduct(steps: readonly Step[], skuId: string): Step[] {
  return steps.filter((step) => step.skuId === skuId);
}

/** What is given over what is there: maps by their parts, anything else whole; what is taken away has no parts. */
function merge(base: unknown, given: unknown): unknown {
  if (given === undefined || (base === 'nothing' && isMap(given))) return base;
  if (!isMap(base) || !isMap(given)) return given;
  const names = new Set([...Object.keys(base), ...Object.keys(given)]);
  return Object.fromEntries(
    [...names].map((name) => [name, name in base ? merge(base[name], given[name]) : given[name]]),
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function factsOf({ app, setting, user, products, policies, ...world }: World): Facts {
  return {
    app: app === 'nothing' ? null : { appId: app.name, displayName: app.name, requiredPlans: app.requires },
    user:
      user === 'nothing'
        ? null
        : {
            userId: user.name,
            userPrincipalName: `${user.name}@contoso.example`,
            displayName: user.name,
            isGuest: user.guest,
            isAccountEnabled: !user.blocked,
            usageLocation: orNull(user.location),
            groups: new Set(user.groups),
            licenses: Object.entries(user.holds).map(([skuId, held]) => ({
              skuId,
              paths: held.map((one) => pathOf(skuId, one)),
            })),
          },
    isAutoClaimEnabled: setting === 'on',
    defaultUsageLocation: orNull(world['default location']),
    policies: Object.entries(policies === 'nothing' ? {} : policies).map(([name, policy]) => ({
      policyId: name,
      displayName: name,
      isEnabled: policy.on ?? true,
      products: Object.entries(policy.products).map(([skuId, line]) => ({ skuId, disabledPlans: line?.without ?? [] })),
      includeGroups: policy.include ?? [],
      excludeGroups: policy.exclude ?? [],
      includeGuests: policy.guests ?? false,
    })),
    products: new Map(Object.entries(products).map(([skuId, line]) => [skuId, productOf(skuId, line)])),
  };
}

function productOf(skuId: string, line: ProductLine) {
  const isUsable = line.subscription === 'Enabled' || line.subscription === 'Warning';
  return {
    skuId,
    skuPartNumber: skuId.toUpperCase(),
    displayName: skuId,
    appliesTo: 'User' as const,
    prohibitedUsageLocations: line['prohibited in'],
    plans: line.plans.map((name) => ({
      servicePlanId: name,
      servicePlanName: name,
      dependsOn: line.needs[name] ?? [],
      conflictsWith: line.excludes[name] ?? [],
    })),
    pool: line.subscription === 'nothing' ? null : { isUsable, seats: isUsable ? line.seats : 0, consumed: line.used },
  };
}

function pathOf(skuId: string, { by, app = 'Teams', without: disabledPlans = [] }: Held): AssignmentPath {
  switch (by) {
    case 'direct':
      return { kind: 'direct', disabledPlans };
    case 'group':
      return { kind: 'group', groupId: 'a group', disabledPlans };
    case 'policy': {
      const claimId = app === 'Teams' ? `claim of ${skuId}` : `claim of ${skuId} for ${app}`;
      return { kind: 'policy', appId: app, policyId: 'an earlier policy', claimId, isBackup: false, disabledPlans };
    }
  }
}

function orNull(text: string): string | null {
  return text === 'nothing' ? null : text;
}
