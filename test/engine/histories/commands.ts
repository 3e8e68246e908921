import fc from 'fast-check';

// What may happen to an organisation, as plain data. Things are picked by number, modulo how many
// there are at that time, so that a history stays meaningful when parts of it are taken away.

type Pick = number;

export interface SignInCommand {
  readonly who: Pick;
  readonly app: Pick;
  readonly by: 'id' | 'name' | 'name in capitals';
  readonly client: Pick;
  /** The number of the correlationId; null: none. */
  readonly delivery: number | null;
}

export interface DraftCommand {
  readonly name: Pick;
  readonly isOn: boolean;
  /** without: the plans to leave out, as bits. */
  readonly products: readonly { readonly product: Pick; readonly without: number }[];
  readonly include: readonly Pick[];
  readonly exclude: readonly Pick[];
  readonly guests: boolean;
}

export type Command =
  | ({ readonly do: 'sign in' } & SignInCommand)
  | { readonly do: 'sign in together'; readonly list: readonly SignInCommand[] }
  | { readonly do: 'buy'; readonly product: Pick; readonly quantity: number; readonly ends: number | null }
  | {
      readonly do: 'change purchase';
      readonly purchase: Pick;
      readonly quantity?: number | undefined;
      readonly ends?: number | null | undefined;
      readonly state?: 'Enabled' | 'Warning' | 'Suspended' | 'Deleted' | undefined;
    }
  | { readonly do: 'let days pass'; readonly days: number }
  | { readonly do: 'settle what is deleted' }
  | { readonly do: 'switch'; readonly on: boolean }
  | { readonly do: 'set default location'; readonly location: string | null }
  | ({ readonly do: 'add policy'; readonly app: Pick } & DraftCommand)
  | { readonly do: 'edit policy'; readonly policy: Pick; readonly parts: number; readonly draft: DraftCommand }
  | { readonly do: 'delete policy'; readonly policy: Pick }
  | { readonly do: 'reorder policies'; readonly app: Pick; readonly shuffle: Pick }
  | {
      readonly do: 'assign';
      readonly who: Pick;
      readonly add: readonly { readonly product: Pick; readonly without: number }[];
      readonly remove: readonly Pick[];
    }
  | {
      readonly do: 'license by group';
      readonly group: Pick;
      readonly add: readonly { readonly product: Pick; readonly without: number }[];
      readonly remove: readonly Pick[];
    }
  | { readonly do: 'reprocess group'; readonly group: Pick }
  | { readonly do: 'reprocess person'; readonly who: Pick }
  | { readonly do: 'add member'; readonly group: Pick; readonly member: Pick }
  | { readonly do: 'remove member'; readonly group: Pick; readonly member: Pick }
  | { readonly do: 'delete group'; readonly group: Pick }
  | { readonly do: 'add person'; readonly guest: boolean; readonly location: string | null }
  | {
      readonly do: 'edit person';
      readonly who: Pick;
      readonly blocked?: boolean;
      readonly guest?: boolean;
      readonly location?: string | null;
    }
  | { readonly do: 'delete person'; readonly who: Pick }
  | { readonly do: 'require'; readonly app: Pick; readonly plans: number }
  | { readonly do: 'prohibit'; readonly product: Pick; readonly location: string | null }
  | { readonly do: 'reach into another tenant'; readonly how: Pick; readonly who: Pick };

// constantFrom has no bias to small numbers: what is picked is to be anything.
const upTo = (count: number): fc.Arbitrary<number> => fc.constantFrom(...Array(count).keys());
const pick = upTo(12);
const location = fc.constantFrom('US', 'DE', 'US', null);
/** Mostly nothing is left out; else anything, or the plans that apps require (0 and 1). */
const without = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: upTo(64) },
  { weight: 2, arbitrary: fc.constant(3) },
);
const quantity = fc.constantFrom(1, 2, 3, 4, 0);
// Half days, so that no sum of them and of whole days falls on the day of a change.
const ends = fc.constantFrom(null, null, null, null, 10.5, 10.5, -1.5, -31.5, -121.5);

const signIn: fc.Arbitrary<SignInCommand> = fc.record({
  who: upTo(24),
  app: upTo(25),
  by: fc.constantFrom('id', 'id', 'name', 'name in capitals'),
  client: upTo(2),
  delivery: fc.option(upTo(4), { freq: 2 }),
});

const draft: fc.Arbitrary<DraftCommand> = fc.record({
  name: upTo(24),
  isOn: fc.constantFrom(true, true, true, true, true, false),
  products: fc.uniqueArray(fc.record({ product: pick, without }), {
    minLength: 1,
    maxLength: 3,
    selector: ({ product }) => product,
  }),
  include: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(pick, { maxLength: 2 }) },
  ),
  exclude: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(pick, { maxLength: 1 }) },
  ),
  guests: fc.boolean(),
});

function command<T extends Command['do']>(
  name: T,
  parts: { [K in Exclude<keyof Extract<Command, { do: T }>, 'do'>]-?: fc.Arbitrary<Extract<Command, { do: T }>[K]> },
) {
  return fc.record({ do: fc.constant(name), ...parts }) as unknown as fc.Arbitrary<Command>;
}

const buy = command('buy', { product: pick, quantity, ends });
const addPolicy = fc.tuple(pick, draft).map(([app, whole]): Command => ({ do: 'add policy', app, ...whole }));
const signInAlone = signIn.map((one): Command => ({ do: 'sign in', ...one }));

const WEIGHED: readonly { weight: number; arbitrary: fc.Arbitrary<Command> }[] = [
  { weight: 14, arbitrary: signInAlone },
  { weight: 6, arbitrary: command('sign in together', { list: fc.array(signIn, { minLength: 2, maxLength: 6 }) }) },
  { weight: 2, arbitrary: buy },
  {
    weight: 3,
    arbitrary: command('change purchase', {
      purchase: pick,
      quantity: fc.option(quantity, { nil: undefined }),
      ends: fc.option(ends, { nil: undefined }),
      state: fc.constant(undefined),
    }),
  },
  {
    weight: 1,
    arbitrary: command('change purchase', {
      purchase: pick,
      quantity: fc.constant(undefined),
      ends: fc.constant(undefined),
      state: fc.constantFrom('Enabled', 'Warning', 'Suspended', 'Deleted'),
    }),
  },
  { weight: 2, arbitrary: command('let days pass', { days: fc.constantFrom(1, 9, 29, 35, 95) }) },
  { weight: 2, arbitrary: command('settle what is deleted', {}) },
  { weight: 2, arbitrary: command('switch', { on: fc.constantFrom(true, true, true, true, true, false) }) },
  { weight: 1, arbitrary: command('set default location', { location }) },
  { weight: 4, arbitrary: addPolicy },
  { weight: 3, arbitrary: command('edit policy', { policy: pick, parts: upTo(32), draft }) },
  { weight: 1, arbitrary: command('delete policy', { policy: pick }) },
  { weight: 1, arbitrary: command('reorder policies', { app: pick, shuffle: pick }) },
  {
    weight: 7,
    arbitrary: command('assign', {
      who: pick,
      add: fc.array(fc.record({ product: pick, without }), { maxLength: 2 }),
      remove: fc.oneof(
        { weight: 2, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(pick, { maxLength: 2 }) },
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: command('license by group', {
      group: pick,
      add: fc.array(fc.record({ product: pick, without }), { minLength: 1, maxLength: 2 }),
      remove: fc.oneof(
        { weight: 2, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: fc.array(pick, { maxLength: 2 }) },
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: command('license by group', {
      group: pick,
      add: fc.constant([]),
      remove: fc.array(pick, { minLength: 1, maxLength: 2 }),
    }),
  },
  { weight: 1, arbitrary: command('reprocess group', { group: pick }) },
  { weight: 1, arbitrary: command('reprocess person', { who: pick }) },
  { weight: 3, arbitrary: command('add member', { group: pick, member: pick }) },
  { weight: 1, arbitrary: command('remove member', { group: pick, member: pick }) },
  { weight: 1, arbitrary: command('delete group', { group: pick }) },
  { weight: 1, arbitrary: command('add person', { guest: fc.boolean(), location }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        pick,
        fc.oneof(
          fc.record({ blocked: fc.constantFrom(false, false, false, true) }),
          fc.record({ guest: fc.boolean() }),
          fc.record({ location }),
        ),
      )
      .map(([who, change]): Command => ({ do: 'edit person', who, ...change })),
  },
  { weight: 1, arbitrary: command('delete person', { who: pick }) },
  { weight: 1, arbitrary: command('require', { app: pick, plans: upTo(64) }) },
  { weight: 1, arbitrary: command('prohibit', { product: pick, location }) },
  { weight: 1, arbitrary: command('reach into another tenant', { how: pick, who: pick }) },
];

export const anyCommand: fc.Arbitrary<Command> = fc.oneof(...WEIGHED);

/** A history: what makes an organisation that can claim, and then anything. */
export function histories(lengthMax: number): fc.Arbitrary<Command[]> {
  const beginning = fc
    .tuple(
      fc.constantFrom(true, true, true, true, true, true, true, true, true, false),
      fc.array(quantity, { minLength: 4, maxLength: 4 }),
      fc.array(addPolicy, { minLength: 3, maxLength: 5, size: 'max' }),
    )
    .map(([on, quantities, policies]): Command[] => [
      { do: 'switch', on },
      ...quantities.map((bought, product): Command => ({ do: 'buy', product, quantity: bought, ends: null })),
      ...policies,
    ]);
  return fc
    .tuple(beginning, fc.array(anyCommand, { minLength: lengthMax >> 1, maxLength: lengthMax, size: 'max' }))
    .map((parts) => parts.flat());
}
