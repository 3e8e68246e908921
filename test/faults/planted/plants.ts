import type { Fault } from '../checker/fault.ts';
import type { Mix } from '../history/lanes.ts';

/** A text of the server's sources, and what stands there instead. */
export interface Plant {
  /** From the repository's root. */
  readonly file: string;
  readonly find: string;
  readonly put: string;
}

/** A fault that is planted in the engine to see the checker find it. */
export interface PlantedFault {
  readonly name: string;
  /** One of these points it is caught by. */
  readonly points: readonly Fault['point'][];
  readonly plants: readonly Plant[];
  /** What brings it out, where a storm of everything would take long. */
  readonly mix?: Mix;
  /** A server is killed in the middle. */
  readonly isKilled?: boolean;
  /** Planted in the long run alone: like another that is planted in every run, and found as surely. */
  readonly isLongOnly?: boolean;
}

const SEATS = 'src/engine/license/seats.ts';
const MOMENT = 'src/engine/claim/moment.ts';
const DECIDE = 'src/engine/claim/decide.ts';
const RECORD = 'src/engine/claim/record-claims.ts';
const DELIVERIES = 'src/engine/claim/deliveries.ts';
const TRANSACTION = 'src/db/transaction.ts';

const NO_LOCKS: readonly Plant[] = [
  { file: 'src/engine/subscription/pools.ts', find: 'order by sku_id for no key update', put: 'order by sku_id' },
  { file: 'src/engine/license/lock-users.ts', find: 'order by user_id for no key update', put: 'order by user_id' },
];

/** The answer first, and the COMMIT 40 ms later. */
const EARLY_ANSWER: readonly Plant[] = [
  {
    file: TRANSACTION,
    find: 'assertCommitted(await commit(client), notices);',
    put: `void client.query('select pg_sleep(0.04)').catch(() => undefined);
    void commit(client).catch(() => undefined);`,
  },
];

/** Keeps a value for about a second, under a key. */
const kept = (key: string, value: string) =>
  `((globalThis.kept ??= {})[${key} + String(Date.now() >> 10)] ??= ${value})`;

const SAME_PEOPLE: Mix = [
  [10, 'sign in'],
  [80, 'sign in twice'],
  [10, 'assign'],
  [4, 'set quantity'],
];
const POLICIES: Mix = [
  [50, 'sign in'],
  [25, 'assign'],
  [6, 'set quantity'],
  [20, 'change policy'],
  [3, 'reorder'],
];

export const PLANTED_FAULTS: readonly PlantedFault[] = [
  { name: 'no lock', points: [2], plants: NO_LOCKS, mix: SAME_PEOPLE },
  {
    name: 'count, then insert',
    points: [1, 2, 4],
    isLongOnly: true,
    plants: [
      ...NO_LOCKS,
      {
        file: SEATS,
        find: 'update pools set consumed = pools.consumed + taken.seats',
        put: `update pools set consumed = taken.seats + (select count(*) from licenses l
                where l.tenant_id = $1 and l.sku_id = pools.sku_id)`,
      },
      { file: SEATS, find: 'and pools.consumed + taken.seats <= pools.enabled + pools.warning', put: '' },
    ],
    mix: SAME_PEOPLE,
  },
  { name: 'acknowledge before COMMIT', points: [3, 5, 6], isLongOnly: true, plants: EARLY_ANSWER },
  // An acknowledged *off* may be what is lost: then somebody claims who shouldn't.
  {
    name: 'acknowledge before COMMIT, and be killed',
    points: [3, 5, 6],
    isLongOnly: true,
    plants: EARLY_ANSWER,
    isKilled: true,
  },
  {
    name: 'cached policy',
    points: [5],
    isLongOnly: true,
    plants: [
      {
        file: MOMENT,
        find: 'Map.groupBy(row.policies, (policy) => policy.appId)',
        put: kept(
          `tenantId + row.apps.map((app) => app.appId).sort().join()`,
          'Map.groupBy(row.policies, (policy) => policy.appId)',
        ),
      },
    ],
    mix: POLICIES,
  },
  {
    name: 'cached switch',
    points: [5],
    isLongOnly: true,
    plants: [{ file: MOMENT, find: '...row.setting,', put: `...${kept('tenantId', 'row.setting')},` }],
    mix: [
      [50, 'sign in'],
      [20, 'assign'],
      [10, 'turn switch'],
    ],
  },
  {
    name: 'stale order of products',
    points: [5],
    isLongOnly: true,
    plants: [
      {
        file: DECIDE,
        find: 'policy.products.entries()',
        put: `((globalThis.orders ??= {})[policy.policyId + policy.products.map((one) => one.skuId).sort()]
          ??= policy.products).entries()`,
      },
    ],
    mix: POLICIES,
  },
  {
    name: 'policies in no order',
    points: [5],
    isLongOnly: true,
    plants: [{ file: MOMENT, find: 'order by position)', put: 'order by policy_id desc)' }],
    mix: POLICIES,
  },
  {
    name: 'a backup at random',
    points: [5],
    isLongOnly: true,
    plants: [
      {
        file: DECIDE,
        find: 'const reason = firstFailure(facts, product);',
        put: `if (index === 0 && policy.products.length > 1 && Math.random() < 0.3) continue;
    const reason = firstFailure(facts, product);`,
      },
    ],
    mix: POLICIES,
  },
  {
    name: 'doubled decision of a repeated delivery',
    points: [2],
    isLongOnly: true,
    plants: [
      { file: DELIVERIES, find: 'if (correlated.length === 0) return new Map();', put: 'return new Map();' },
      { file: DELIVERIES, find: 'return correlated.filter(', put: 'return correlated.slice(0, 0).filter(' },
    ],
    mix: SAME_PEOPLE,
  },
  {
    name: 'dropped audit entry',
    points: [3],
    plants: [
      {
        file: RECORD,
        find: `'value', claim_id), request_id
          from made`,
        put: `'value', claim_id), request_id
          from made where random() < 0.8`,
      },
    ],
  },
  {
    name: 'dropped claim',
    points: [3],
    isLongOnly: true,
    plants: [
      {
        file: RECORD,
        find: `sku_part_number, product_display_name, is_backup
          from made`,
        put: `sku_part_number, product_display_name, is_backup
          from made where random() < 0.8`,
      },
    ],
  },
  {
    name: 'dropped refusal',
    points: [3],
    isLongOnly: true,
    plants: [
      {
        file: 'src/engine/claim/sign-in-log.ts',
        find: 'on conflict do nothing',
        put: 'where random() < 0.9 on conflict do nothing',
      },
    ],
  },
  {
    name: 'a seat that is not given back',
    points: [4],
    isLongOnly: true,
    plants: [{ file: SEATS, find: 'pools.consumed - freed.seats', put: 'pools.consumed - freed.seats + 1' }],
    mix: SAME_PEOPLE,
  },
  {
    name: 'licenses of deleted users',
    points: [4],
    isLongOnly: true,
    plants: [
      {
        file: 'src/engine/license/delete-user.ts',
        find: 'await endLicensesOfUser(tx, userId)',
        put: '[]',
      },
    ],
    mix: [
      [60, 'sign in'],
      [10, 'delete user'],
    ],
  },
  {
    name: "another tenant's claims in the report",
    points: [7],
    isLongOnly: true,
    plants: [
      {
        file: 'src/engine/report/claim-rows.ts',
        find: 'where c.tenant_id = ${tenantId})',
        put: 'where c.tenant_id is not null)',
      },
    ],
  },
  {
    name: 'a period without its first millisecond',
    points: [6],
    isLongOnly: true,
    plants: [{ file: 'src/http/v1.0/report.routes.ts', find: `'>=', from`, put: `'>', from` }],
  },
  {
    name: 'a summary with the millisecond after its period',
    points: [6],
    plants: [
      {
        file: 'src/engine/report/claim-counts.ts',
        find: "claimed_at < ${to ?? 'infinity'}",
        put: "claimed_at <= ${to ?? 'infinity'}",
      },
    ],
  },
];
