import { styleText } from 'node:util';
import type { Static } from 'typebox';
import type { SetUpChange, SetUpPlan } from '../../../contract/set-up.ts';
import { effectWords } from '../policy/show.ts';
import { printable, type Screen } from '../terminal/table.ts';
import { count } from '../words.ts';

const SIGNS = { add: ['+', 'green'], change: ['~', 'yellow'], delete: ['-', 'red'] } as const;

const PROPERTIES: Readonly<Record<string, string>> = {
  isEnabled: 'on',
  createUsersOnSignIn: 'creates users on their first sign-in',
  allowedDomains: 'of the domains',
  defaultUsageLocation: 'usage location where a user has none',
  displayName: 'name',
  requiredServicePlans: 'requires any one of',
  onRefusal: 'who is refused',
  includeGroups: 'for',
  excludeGroups: 'except',
  includeGuests: 'for guests',
  'redirectUris.web': 'redirect URIs (web)',
  'redirectUris.spa': 'redirect URIs (page)',
  'redirectUris.publicClient': 'redirect URIs (program)',
};

/** A plan in people's words and numbers. */
export function planWords({ changes, kept, isApplied }: Static<typeof SetUpPlan>, screen: Screen): string {
  const told = changes.map((change) => {
    const [sign, color] = SIGNS[change.action];
    const head = printable(`${sign} ${title(change)}`);
    return [screen.isColored ? styleText(color, head, { validateStream: false }) : head, ...details(change)].join('\n');
  });
  return [...told, ...(told.length > 0 ? [''] : []), sums(changes, isApplied), ...keptWords(kept)].join('\n');
}

function title({ kind, name, properties }: SetUpChange): string {
  const [first] = properties;
  if (kind === 'setting') return 'the auto-claim setting';
  if (kind === 'policyOrder')
    return `the order of ${name}'s policies: ${words(first!.before)} → ${words(first!.after)}`;
  if (kind === 'groupLicenses') return `what the group ${name} gives its members`;
  if (kind === 'role') return `${name}: ${words(first!.after ?? first!.before)}`;
  return `${kind} ${name}`;
}

function details({ kind, action, properties, effect, people }: SetUpChange): string[] {
  if (kind === 'policyOrder' || kind === 'role') return [];
  const lines = properties
    // Of what is new, what isn't there isn't told.
    .filter(({ name, after }) => action !== 'add' || (name !== 'displayName' && !isNothing(after)))
    .map(({ name, before, after }): [string, string] => [
      PROPERTIES[name] ?? name,
      action === 'add' ? words(after, name) : `${words(before, name)} → ${words(after, name)}`,
    ]);
  const width = Math.max(0, ...lines.map(([name]) => name.length));
  return [
    ...lines.map(([name, value]) => printable(`    ${name.padEnd(width)}  ${value}`)),
    ...(effect ? [`    ${effectWords(effect)}`] : []),
    ...(people === null ? [] : [`    for ${count(people, 'person', 'people')} in it`]),
  ];
}

function isNothing(value: unknown): boolean {
  return value === null || value === false || (Array.isArray(value) && value.length === 0);
}

function words(value: unknown, property?: string): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) {
    if (value.length === 0) return property === 'includeGroups' ? 'everyone' : 'none';
    return value.map((one) => words(one)).join(', ');
  }
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  const { product, disabledPlans = [] } = value as { product?: string; disabledPlans?: readonly string[] };
  return `${product ?? ''}${disabledPlans.length > 0 ? ` (without ${disabledPlans.join(', ')})` : ''}`;
}

function sums(changes: readonly SetUpChange[], isApplied: boolean): string {
  if (changes.length === 0) return 'Nothing differs.';
  const by = (action: SetUpChange['action']) => changes.filter((change) => change.action === action).length;
  const [added, changed, deleted] = [by('add'), by('change'), by('delete')].map((amount) =>
    amount.toLocaleString('en-US'),
  );
  return isApplied
    ? `Done: ${added} added, ${changed} changed, ${deleted} deleted.`
    : `${added} to add, ${changed} to change, ${deleted} to delete.`;
}

/** As many as are named before they are only counted. */
const KEPT_MAX = 10;

function keptWords(kept: Static<typeof SetUpPlan>['kept']): string[] {
  if (kept.length === 0) return [];
  const named = kept
    .slice(0, KEPT_MAX)
    .map(({ kind, name }) =>
      kind === 'role' ? name : kind === 'groupLicenses' ? `what the group ${name} gives` : `${kind} ${name}`,
    );
  const more = kept.length > KEPT_MAX ? `, and ${kept.length - KEPT_MAX} more` : '';
  return [
    printable(
      `${count(kept.length, 'thing')} that the file does not name ${kept.length === 1 ? 'stays' : 'stay'} as before: ${named.join(', ')}${more}.`,
    ),
  ];
}
