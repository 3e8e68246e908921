import assert from 'node:assert/strict';
import { explainSignIn } from '../../../src/engine/claim/explain.ts';
import type { DecidedSignIn, SignIn } from '../../../src/engine/claim/sign-in.ts';
import { accept, acceptInSomeOrder, expected, type Question, type Told } from '../model/sign-ins.ts';
import type { Answer, Organisation } from '../model/organisation.ts';
import type { SignInCommand } from './commands.ts';
import { attempt, chosen, type World } from './world.ts';

const NOBODY = '00000000-0000-4000-8000-000000000000';

/** A sign-in, explained first: what was explained must come true. @returns how many claims it made */
export async function signIn(world: World, command: SignInCommand): Promise<number> {
  const { signIn: one, question } = ask(world.organisation, command);
  const explanation = await explainSignIn(world.tenancy.db, world.tenancy.tenantId, one);
  const fresh = expected(world.organisation, { ...question, correlationId: null });
  assert.ok(fresh !== 'reused');
  assert.deepEqual(answerOf(explanation), { ...fresh.answer, claimId: null }, 'the explanation');
  const failure = explanation.steps.find(({ check, passed }) => passed === false && check !== 'notLicensed');
  if (explanation.outcome === 'refused')
    assert.equal(failure?.reason, explanation.reason, 'the explanation’s first failure');

  const told = await decide(world, one);
  const right = expected(world.organisation, question);
  const before = changesOf(world.organisation);
  assert.ok(accept(world.organisation, question, told), `answered ${show(told)}, and right is ${show(right)}`);
  return changesOf(world.organisation) - before;
}

/** Sign-ins that arrive together: their answers must be right in some order. */
export async function signInTogether(world: World, commands: readonly SignInCommand[]): Promise<number> {
  const asked = commands.map((command) => {
    // Another correlationId for each question: which of two came first would be anybody's guess.
    const { who, app, by, delivery } = command;
    const { signIn: one, question } = ask(world.organisation, command);
    const correlationId = delivery === null ? null : `${delivery % 2} of ${who} ${app} ${by}`;
    return { signIn: { ...one, correlationId }, question: { ...question, correlationId } };
  });
  const answers = await Promise.all(
    asked.map(async ({ signIn: one, question }) => ({ question, told: await decide(world, one) })),
  );
  const after = acceptInSomeOrder(world.organisation, answers);
  assert.ok(after, `no order makes these right: ${answers.map(({ told }) => show(told)).join('; ')}`);
  const changes = changesOf(after) - changesOf(world.organisation);
  world.organisation = after;
  return changes;
}

function ask({ people, apps }: Organisation, { who, app, by, client, delivery }: SignInCommand) {
  // Now and then somebody whom nobody knows, or an app that nobody registered.
  const there = people.filter(({ isDeleted }) => !isDeleted);
  const person = who === 23 ? undefined : chosen(who === 22 || there.length === 0 ? people : there, who);
  const appId = app === 24 ? NOBODY : chosen(apps, app)!.id;
  const name = person?.principalName ?? 'nobody@nowhere.example';
  const signInOne: SignIn = {
    appId,
    userId: by === 'id' ? (person?.id ?? NOBODY) : null,
    userPrincipalName: by === 'id' ? null : by === 'name' ? name : name.toUpperCase(),
    clientId: `client ${client}`,
    correlationId: delivery === null ? null : `delivery ${delivery}`,
    actor: { kind: 'application', appId: NOBODY, displayName: null },
    requestId: null,
    door: 'api',
  };
  const question: Question = {
    userId: person?.id ?? null,
    appId,
    body: JSON.stringify([appId, signInOne.userId, signInOne.userPrincipalName]),
    clientId: signInOne.clientId,
    correlationId: signInOne.correlationId,
  };
  return { signIn: signInOne, question };
}

async function decide(world: World, one: SignIn): Promise<Told> {
  const outcome = await attempt(world.signIns.decide(world.tenancy.tenantId, one));
  if ('refused' in outcome) {
    assert.equal(outcome.refused.kind, 'reused');
    return 'reused';
  }
  const { signInId, message } = outcome.done;
  assert.ok(message.length > 20, 'a sentence for the person');
  const answer = answerOf(outcome.done);
  world.answered.set(signInId, answer.reason ?? answer.outcome);
  return { signInId, answer };
}

function answerOf({
  outcome,
  reason,
  userId,
  appId,
  entitlement,
}: Omit<DecidedSignIn, 'signInId' | 'decidedAt'>): Answer {
  return {
    outcome,
    reason,
    userId,
    appId,
    skuId: entitlement?.skuId ?? null,
    skuPartNumber: entitlement?.skuPartNumber ?? null,
    servicePlans: [...(entitlement?.servicePlans ?? [])],
    policyId: entitlement?.policyId ?? null,
    claimId: entitlement?.claimId ?? null,
    isBackup: entitlement?.isBackup ?? null,
  };
}

/** Claims, and plans turned on under one: each is audited once. */
function changesOf({ claims, extensions }: Organisation): number {
  return claims.length + extensions;
}

function show(told: Told | { readonly answer: Answer }): string {
  if (told === 'reused') return told;
  const { outcome, reason, skuId, policyId, claimId, isBackup, servicePlans } = told.answer;
  return JSON.stringify({ outcome, reason, skuId, policyId, claimId, isBackup, servicePlans });
}
