/** What a history and its databases can be found guilty of (numbered as docs/reliability.md has them). */
export const POINTS = {
  1: 'no seat is taken from a full pool',
  2: 'at most one claim per user, app and product, and one answer per delivery',
  3: 'what was acknowledged is there, what is unknown is there once or not at all',
  4: 'consumed = licenses held = claims and assignments less releases',
  5: 'changes are barriers; a backup only where no product before it could be claimed',
  6: 'the report equals the claims',
  7: 'nothing crosses tenants',
} as const;

export interface Fault {
  readonly point: keyof typeof POINTS;
  readonly what: string;
}

/** Collects faults of one point; each says what it is about, to be found in the history. */
export function faultsOf(point: Fault['point']): { faults: Fault[]; add: Complain } {
  const faults: Fault[] = [];
  const add: Complain = (what, ...about) => {
    faults.push({ point, what: [what, ...about.map((one) => JSON.stringify(one))].join(' ') });
  };
  return { faults, add };
}

/** Tells of a fault, and what it is about. */
export type Complain = (what: string, ...about: unknown[]) => void;
