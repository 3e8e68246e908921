import fc from 'fast-check';

// What happens at the same time: lanes, each on one of two servers, each doing one thing after the
// other. Things are picked by number, modulo how many there are.

type Pick = number;

export type Action =
  | { readonly do: 'sign in'; readonly who: Pick; readonly app: Pick; readonly delivery: Pick | null }
  | { readonly do: 'turn setting'; readonly on: boolean }
  | { readonly do: 'turn policy'; readonly policy: Pick; readonly on: boolean }
  | { readonly do: 'set products'; readonly policy: Pick; readonly products: readonly Pick[] }
  | { readonly do: 'add policy'; readonly app: Pick; readonly products: readonly Pick[] }
  | { readonly do: 'delete policy'; readonly policy: Pick }
  | { readonly do: 'reverse policies'; readonly app: Pick }
  | { readonly do: 'buy'; readonly product: Pick; readonly quantity: number }
  | { readonly do: 'set quantity'; readonly purchase: Pick; readonly quantity: number }
  | {
      readonly do: 'assign';
      readonly who: Pick;
      readonly add: readonly Pick[];
      readonly remove: readonly Pick[];
      readonly isAppOff: boolean;
    }
  | { readonly do: 'license by group'; readonly group: Pick; readonly product: Pick }
  | { readonly do: 'unlicense by group'; readonly group: Pick; readonly product: Pick }
  | { readonly do: 'work off queues' }
  | { readonly do: 'leave group'; readonly group: Pick; readonly who: Pick }
  | { readonly do: 'join group'; readonly group: Pick; readonly who: Pick }
  | { readonly do: 'delete person'; readonly who: Pick }
  | Expiry;

/** What makes subscriptions run out. soon: within the storm. */
export type Expiry =
  | {
      readonly do: 'end purchase';
      readonly purchase: Pick;
      readonly state: 'Enabled' | 'Warning' | 'Suspended' | 'Deleted';
      readonly soon: boolean;
    }
  | { readonly do: 'settle what is deleted' };

export interface Lane {
  readonly server: 0 | 1;
  readonly actions: readonly Action[];
}

const upTo = (count: number): fc.Arbitrary<number> => fc.constantFrom(...Array(count).keys());
const pick = upTo(12);
const products = fc.uniqueArray(upTo(4), { minLength: 1, maxLength: 3 });
const quantity = fc.constantFrom(1, 2, 3, 5, 0);

function action<T extends Action['do']>(
  name: T,
  parts: { [K in Exclude<keyof Extract<Action, { do: T }>, 'do'>]: fc.Arbitrary<Extract<Action, { do: T }>[K]> },
): fc.Arbitrary<Action> {
  return fc.record({ do: fc.constant(name), ...parts }) as unknown as fc.Arbitrary<Action>;
}

const signIn = action('sign in', { who: pick, app: pick, delivery: fc.option(upTo(3), { freq: 2 }) });
const switchOff: Action = { do: 'turn setting', on: false };

const weighed = (expires: boolean): { weight: number; arbitrary: fc.Arbitrary<Action> }[] => [
  { weight: 12, arbitrary: signIn },
  { weight: 1, arbitrary: action('turn setting', { on: fc.constantFrom(true, true, true, false) }) },
  { weight: 2, arbitrary: action('turn policy', { policy: pick, on: fc.constantFrom(true, true, true, false) }) },
  { weight: 2, arbitrary: action('set products', { policy: pick, products }) },
  { weight: 1, arbitrary: action('add policy', { app: pick, products }) },
  { weight: 1, arbitrary: action('delete policy', { policy: pick }) },
  { weight: 1, arbitrary: action('reverse policies', { app: pick }) },
  { weight: 2, arbitrary: action('buy', { product: upTo(4), quantity }) },
  { weight: 2, arbitrary: action('set quantity', { purchase: pick, quantity }) },
  {
    weight: 5,
    arbitrary: action('assign', {
      who: pick,
      add: fc.uniqueArray(upTo(4), { maxLength: 2 }),
      remove: fc.uniqueArray(upTo(4), { maxLength: 2 }),
      isAppOff: fc.constantFrom(false, false, true),
    }),
  },
  { weight: 2, arbitrary: action('license by group', { group: pick, product: upTo(4) }) },
  { weight: 1, arbitrary: action('unlicense by group', { group: pick, product: upTo(4) }) },
  { weight: 1, arbitrary: action('work off queues', {}) },
  { weight: 1, arbitrary: action('leave group', { group: pick, who: pick }) },
  { weight: 1, arbitrary: action('join group', { group: pick, who: pick }) },
  { weight: 1, arbitrary: action('delete person', { who: pick }) },
  ...(expires
    ? [
        {
          weight: 3,
          arbitrary: action('end purchase', {
            purchase: pick,
            state: fc.constantFrom('Enabled', 'Warning', 'Suspended', 'Deleted'),
            soon: fc.boolean(),
          }),
        },
        { weight: 2, arbitrary: action('settle what is deleted', {}) },
      ]
    : []),
];

/** Lanes that begin together; some turn off first and sign in afterwards, which must find it off. */
function storms(expires: boolean): fc.Arbitrary<readonly Lane[]> {
  const anything = fc.array(fc.oneof(...weighed(expires)), { minLength: 1, maxLength: 3, size: 'max' });
  const barrier = fc
    .tuple(
      fc.oneof(
        fc.constant(switchOff),
        action('turn policy', { policy: pick, on: fc.constant(false) }),
        action('turn policy', { policy: pick, on: fc.constant(true) }),
        action('set products', { policy: pick, products }),
        action('set products', { policy: pick, products }),
        action('delete policy', { policy: pick }),
      ),
      fc.array(signIn, { minLength: 2, maxLength: 3 }),
    )
    .map(([first, signIns]) => [first, ...signIns]);
  const lane = fc.record({
    server: fc.constantFrom<0 | 1>(0, 1),
    actions: fc.oneof(
      { weight: 4, arbitrary: fc.tuple(signIn) },
      { weight: 4, arbitrary: anything },
      { weight: 1, arbitrary: barrier },
    ),
  });
  return fc.array(lane, { minLength: 8, maxLength: 14, size: 'max' });
}

/** Several storms, one after the other. */
export function weather(expires: boolean): fc.Arbitrary<(readonly Lane[])[]> {
  return fc.array(storms(expires), { minLength: 2, maxLength: 4, size: 'max' });
}
