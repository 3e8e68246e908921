import { randomUUID } from 'node:crypto';
import type { Fault } from '../checker/fault.ts';
import type { StoredClaim, TenantState } from '../checker/state.ts';
import type { Episode } from '../history/episode.ts';
import { all, type Operation, type OperationThat } from '../history/operation.ts';

// A right history made wrong: each by one change that a wrong program could have brought about.

type Mutable<T> =
  T extends ReadonlyMap<infer K, infer V>
    ? Map<K, Mutable<V>>
    : T extends readonly (infer V)[]
      ? Mutable<V>[]
      : T extends ReadonlySet<infer V>
        ? Set<V>
        : T extends Date
          ? Date
          : T extends object
            ? { -readonly [K in keyof T]: Mutable<T[K]> }
            : T;

/** What is to be falsified: a copy, to be changed as one likes. */
export interface Copy {
  readonly operations: Mutable<Operation>[];
  readonly after: Mutable<TenantState>;
  readonly before: Mutable<TenantState>;
  readonly tenantId: string;
  readonly otherCanary: string;
  readonly logs: string[];
  /** Which of several that would do is taken. */
  readonly nth: number;
}

export interface Falsification {
  readonly name: string;
  readonly point: Fault['point'];
  /** @returns false where the history has nothing of the kind */
  readonly falsify: (copy: Copy) => unknown;
}

/** A copy of an episode, for its first tenant to be falsified. */
export function copyOf(episode: Episode, nth: number): { copy: Copy; falsified: Episode } {
  const [tenantId, other] = [...episode.before.tenants.keys()] as [string, string];
  const falsified = { ...structuredClone({ ...episode, canaries: undefined }), canaries: episode.canaries };
  const { operations, before, after, logs } = falsified as unknown as Mutable<Episode>;
  return {
    falsified,
    copy: {
      operations,
      before: before.tenants.get(tenantId)!,
      after: after.tenants.get(tenantId)!,
      tenantId,
      otherCanary: episode.canaries.get(other)!,
      logs,
      nth,
    },
  };
}

type SignIn = Mutable<OperationThat<'sign in'>>;

function signInsOf({ operations, tenantId }: Copy): SignIn[] {
  return all(operations, 'sign in').filter((one) => one.tenantId === tenantId && one.outcome !== 'unknown');
}

/** A claim that was told, whose license is still there. */
function someClaim(copy: Copy): { signIn: SignIn; row: Mutable<StoredClaim> } {
  const held = new Set(copy.after.paths.map((path) => path.claim_id));
  const told = signInsOf(copy).filter(
    ({ answer }) => answer.outcome === 'claimed' && held.has(answer.claimId as string),
  );
  const signIn = told[copy.nth % told.length];
  return { signIn: signIn!, row: copy.after.claims.get(signIn!.answer.claimId as string)! };
}

/** Puts an operation in that was done and answered just before another began. */
function putBefore(copy: Copy, later: SignIn, request: Operation['request']): void {
  const [invokedAt, returnedAt] = [later.invokedAt - 0.002, later.invokedAt - 0.001];
  const { tenantId, clientId } = later;
  const done = {
    number: -1,
    tenantId,
    clientId,
    invokedAt,
    returnedAt,
    outcome: 'ok',
    status: 200,
    answer: {},
    requestId: null,
  };
  copy.operations.push({ ...done, request } as Mutable<Operation>);
}

/** A sign-in that was asked for once, and during which nothing else of this kind was under way. */
function undisturbed(copy: Copy, outcome: string, kinds: readonly Operation['request']['do'][]): SignIn {
  const others = copy.operations.filter(({ request }) => kinds.includes(request.do));
  const found = signInsOf(copy).filter(
    ({ answer, request, invokedAt, returnedAt }) =>
      answer.outcome === outcome &&
      request.correlationId === null &&
      !others.some(
        (one) =>
          one.invokedAt <= returnedAt &&
          one.returnedAt >= invokedAt - 0.01 &&
          (!('userId' in one.request) || one.request.userId === request.userId),
      ),
  );
  return found[copy.nth % found.length]!;
}

function quietReport(copy: Copy, form: 'rows' | 'csv' | 'summary') {
  return all(copy.operations, 'read report').find(
    ({ request, tenantId }) =>
      tenantId === copy.tenantId && request.isQuiet && request.form === form && request.from.startsWith('1970'),
  )!;
}

export const FALSIFICATIONS: readonly Falsification[] = [
  {
    name: 'one seat more than there are',
    point: 1,
    falsify({ after }) {
      const pool = [...after.pools.values()].find(({ consumed }) => consumed > 0)!;
      pool.enabled = pool.consumed - 1;
    },
  },
  {
    name: 'seats that had been cut before they were taken',
    point: 1,
    falsify(copy) {
      const { row } = someClaim(copy);
      for (const bought of copy.before.subscriptions.values()) {
        if (bought.sku_id === row.sku_id) bought.total_licenses = 0;
      }
      for (const operation of copy.operations) {
        const { request } = operation;
        const isOfIt =
          (request.do === 'buy' && request.skuId === row.sku_id) ||
          (request.do === 'set quantity' &&
            copy.after.subscriptions.get(request.subscriptionId)?.sku_id === row.sku_id);
        if (isOfIt) (request as { totalLicenses: number }).totalLicenses = 0;
      }
    },
  },
  {
    name: 'a second claim of a license that is held',
    point: 2,
    falsify(copy) {
      const { row, signIn } = someClaim(copy);
      const claim_id = randomUUID();
      copy.after.claims.set(claim_id, { ...row, claim_id });
      const answer = { ...signIn.answer, id: randomUUID(), claimId: claim_id };
      const request = { ...signIn.request, correlationId: null };
      copy.operations.push({
        ...signIn,
        number: -1,
        request,
        answer,
        invokedAt: signIn.returnedAt,
        returnedAt: signIn.returnedAt + 1,
      });
    },
  },
  {
    name: 'another answer to a repeated delivery',
    point: 2,
    falsify(copy) {
      const { signIn } = someClaim(copy);
      signIn.request.correlationId = 'repeated';
      const answer = { ...signIn.answer, outcome: 'licensed' };
      copy.operations.push({ ...signIn, answer, invokedAt: signIn.returnedAt, returnedAt: signIn.returnedAt + 1 });
    },
  },
  {
    name: 'one claim told to two sign-ins',
    point: 2,
    falsify(copy) {
      const { signIn } = someClaim(copy);
      const request = { ...signIn.request, correlationId: 'another' };
      copy.operations.push({ ...signIn, request, answer: { ...signIn.answer, id: randomUUID() } });
    },
  },
  {
    name: 'an acknowledged claim that is lost',
    point: 3,
    falsify: (copy) => copy.after.claims.delete(someClaim(copy).row.claim_id),
  },
  {
    name: 'a claim that nobody asked for',
    point: 3,
    falsify(copy) {
      const { row } = someClaim(copy);
      const claim_id = randomUUID();
      copy.after.claims.set(claim_id, { ...row, claim_id });
    },
  },
  {
    name: 'a claim stored with another product than was told',
    point: 3,
    falsify(copy) {
      const { row } = someClaim(copy);
      row.sku_id = [...copy.after.pools.keys()].find((skuId) => skuId !== row.sku_id)!;
    },
  },
  {
    name: 'a claim that is not in the audit',
    point: 3,
    falsify(copy) {
      const { row } = someClaim(copy);
      copy.after.audit = copy.after.audit.filter((entry) => entry.claim_id !== row.claim_id);
    },
  },
  {
    name: 'a refusal that is not in the log',
    point: 3,
    falsify(copy) {
      const refused = signInsOf(copy).find(({ outcome }) => outcome === 'refused');
      // In a clear weather it may be that nobody was refused.
      if (!refused) return false;
      copy.after.signIns.delete(refused.answer.id as string);
      return true;
    },
  },
  {
    name: 'a switch that has turned by itself',
    point: 3,
    falsify(copy) {
      const turned = all(copy.operations, 'turn switch').filter(({ tenantId }) => tenantId === copy.tenantId);
      // Of two at the same time either may have been the last.
      for (const one of turned) (one.request as { isEnabled: boolean }).isEnabled = copy.after.isSwitchOn;
      copy.after.isSwitchOn = !copy.after.isSwitchOn;
      copy.before.isSwitchOn = !copy.after.isSwitchOn;
    },
  },
  {
    name: 'a counter that is one too high',
    point: 4,
    falsify({ after }) {
      [...after.pools.values()][0]!.consumed += 1;
    },
  },
  {
    name: 'a license that went by itself, with its path and its count',
    point: 4,
    falsify(copy) {
      const { row } = someClaim(copy);
      const isAnother = (one: { user_id: string; sku_id: string }) =>
        one.user_id !== row.user_id || one.sku_id !== row.sku_id;
      copy.after.licenses = copy.after.licenses.filter(isAnother);
      copy.after.paths = copy.after.paths.filter(isAnother);
      copy.after.pools.get(row.sku_id)!.consumed -= 1;
    },
  },
  {
    name: 'a license that nobody gave',
    point: 4,
    falsify({ after }) {
      const [skuId] = [...after.pools.keys()];
      const holders = new Set(after.licenses.filter((row) => row.sku_id === skuId).map((row) => row.user_id));
      const user_id = [...after.users].reverse().find((userId) => !holders.has(userId))!;
      after.licenses.push({ user_id, sku_id: skuId! });
      after.pools.get(skuId!)!.consumed += 1;
    },
  },
  {
    name: 'a claim after off had been answered',
    point: 5,
    falsify(copy) {
      putBefore(copy, undisturbed(copy, 'claimed', ['turn switch']), { do: 'turn switch', isEnabled: false });
    },
  },
  {
    name: 'a claim after its policy had been turned off',
    point: 5,
    falsify(copy) {
      const claim = undisturbed(copy, 'claimed', ['change policy']);
      putBefore(copy, claim, { do: 'change policy', policyId: claim.answer.policyId as string, isEnabled: false });
    },
  },
  {
    name: 'a claim of a product that had been removed from its policy',
    point: 5,
    falsify(copy) {
      const claim = undisturbed(copy, 'claimed', ['change policy']);
      const products = [...copy.after.pools.keys()].filter((skuId) => skuId !== claim.answer.skuId).slice(0, 1);
      putBefore(copy, claim, { do: 'change policy', policyId: claim.answer.policyId as string, products });
    },
  },
  {
    name: 'a claim told as a backup that it was not',
    point: 5,
    falsify(copy) {
      const claim = undisturbed(copy, 'claimed', ['change policy', 'add policy']);
      claim.answer.isBackup = !claim.answer.isBackup;
      copy.after.claims.get(claim.answer.claimId as string)!.is_backup = claim.answer.isBackup as boolean;
    },
  },
  {
    name: 'licensed after the license had been taken back',
    point: 5,
    falsify(copy) {
      const licensed = undisturbed(copy, 'licensed', ['assign']);
      const { skuId } = licensed.answer as { skuId: string };
      putBefore(copy, licensed, { do: 'assign', userId: licensed.request.userId, add: [], remove: [skuId] });
      // Whoever else may have given it did so long before.
      licensed.answer.claimId = null;
    },
  },
  {
    name: 'a report without its last claim',
    point: 6,
    falsify: (copy) => void quietReport(copy, 'rows').answer.value.pop(),
  },
  {
    name: 'a CSV without its last line',
    point: 6,
    falsify(copy) {
      const reading = quietReport(copy, 'csv') as { answer: string };
      reading.answer = reading.answer.trimEnd().split('\r\n').slice(0, -1).join('\r\n');
    },
  },
  {
    name: 'a report whose row is a millisecond late',
    point: 6,
    falsify(copy) {
      const [row] = quietReport(copy, 'rows').answer.value as { claimedDateTime: string }[];
      row!.claimedDateTime = new Date(Date.parse(row!.claimedDateTime) + 1).toISOString();
    },
  },
  {
    name: 'a summary that counts one more',
    point: 6,
    falsify(copy) {
      const answer = quietReport(copy, 'summary').answer as { claims: { count: number }[]; totalClaims: number };
      answer.claims[0]!.count += 1;
      answer.totalClaims += 1;
    },
  },
  {
    name: "another tenant's name in an answer",
    point: 7,
    falsify(copy) {
      signInsOf(copy)[0]!.answer.message = `You are licensed for ${copy.otherCanary}.`;
    },
  },
  { name: "a tenant's name in a log", point: 7, falsify: (copy) => copy.logs.push(`failed for ${copy.otherCanary}`) },
  {
    name: "another tenant's user with a license",
    point: 7,
    falsify: ({ after }) => void after.licenses.push({ user_id: randomUUID(), sku_id: [...after.pools.keys()][0]! }),
  },
];
