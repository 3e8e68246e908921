import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { LicenseChange, LicenseChangePreview, LicenseChangeResults } from '../../contract/license-change.ts';
import type { Product } from '../../contract/product.ts';
import { EXIT_FAILED } from './exit-codes.ts';
import { findPeople, type Person } from './people.ts';
import {
  each,
  remoteCommand,
  runRemote,
  type RemoteContext,
  type RemoteOptions,
  type RemoteResult,
} from './remote/run-remote.ts';
import type { NamedUser } from './remote/names.ts';
import { confirm } from './terminal/ask.ts';
import { printable } from './terminal/table.ts';
import { count } from './words.ts';

type Product_ = Static<typeof Product>;
type Change = Omit<LicenseChange, 'userIds'>;
type Result = LicenseChangeResults['value'][number];

/** So many a request: small enough for a bar to move. */
const CHANGED_AT_ONCE = 100;
const PREVIEWED_AT_ONCE = 1_000;
/** As many failures as are told one by one; a file has them all. */
const TOLD_MAX = 20;

interface Options extends RemoteOptions {
  readonly fromFile?: string;
  readonly failures?: string;
  readonly yes?: boolean;
}

/** `license assign`, `unassign` and `move`: for each person all of it or none, and the others go on. */
export function licenseChangeCommands(): Command[] {
  return [assignCommand(), unassignCommand(), moveCommand()];
}

function changeCommand(name: string, description: string): Command {
  return remoteCommand(name, description)
    .option(
      '--from-file <file>',
      'people from a file, too: a CSV with User principal name, or one a line; - for standard input',
    )
    .option('--failures <file>', 'who failed and why, as CSV')
    .option('--yes', 'without asking');
}

function assignCommand(): Command {
  return changeCommand('assign', 'assign products to people by hand; per person all of them or none')
    .argument('[user...]', 'their user principal names, ids or names')
    .requiredOption('--product <product>', 'which one; may be repeated', each)
    .option('--without-plan <plan>', 'leave a service plan out of the products that have it; may be repeated', each)
    .action((users: string[], options: Options & { product: string[]; withoutPlan?: string[] }) =>
      runRemote(options, async (context) => {
        const { names } = context;
        const products = await Promise.all(options.product.map((product) => names.product(product)));
        const addLicenses = products.map((product) => ({
          skuId: product.skuId,
          disabledPlans: names.plansOf(options.withoutPlan ?? [], product, products),
        }));
        const people = await findPeople(users, options.fromFile, context);
        // One person's is easily undone.
        if (people.length > 1) await confirmed(`get ${listed(products)}`, people, { addLicenses }, options, context);
        return change(people, { addLicenses }, options, context);
      }),
    );
}

function unassignCommand(): Command {
  return changeCommand(
    'unassign',
    'take products from people: what was assigned by hand or claimed; what a group gives stays',
  )
    .argument('[user...]', 'their user principal names, ids or names')
    .requiredOption('--product <product>', 'which one; may be repeated', each)
    .action((users: string[], options: Options & { product: string[] }) =>
      runRemote(options, async (context) => {
        const products = await Promise.all(options.product.map((product) => context.names.product(product)));
        const removeLicenses = products.map(({ skuId }) => skuId);
        const people = await findPeople(users, options.fromFile, context);
        await confirmed(`lose ${listed(products)}`, people, { removeLicenses }, options, context);
        return change(people, { removeLicenses }, options, context);
      }),
    );
}

function moveCommand(): Command {
  return changeCommand('move', 'move people from one product to another without a gap; per person both or nothing')
    .argument('<from>', 'the product that they hold: its name, part number or id')
    .argument('<to>', 'the one that they get')
    .argument('[user...]', 'their user principal names, ids or names')
    .option('--all', 'everybody who holds the first')
    .option('--without-plan <plan>', 'leave a service plan of the second out; may be repeated', each)
    .action((from: string, to: string, users: string[], options: Options & { all?: boolean; withoutPlan?: string[] }) =>
      runRemote(options, async (context) => {
        const { names, api } = context;
        const [first, second] = await Promise.all([names.product(from), names.product(to)]);
        const moved = {
          addLicenses: [
            { skuId: second.skuId, disabledPlans: names.plansOf(options.withoutPlan ?? [], second, [second]) },
          ],
          removeLicenses: [first.skuId],
        };
        const query = { $filter: `assignedLicenses/any(x:x/skuId eq ${first.skuId})`, $select: 'id,userPrincipalName' };
        const people = options.all
          ? await api.all<NamedUser>('/users', query)
          : await findPeople(users, options.fromFile, context);
        if (people.length === 0) return { text: `Nobody holds ${first.displayName}.`, data: [] };
        await confirmed(`go from ${first.displayName} to ${second.displayName}`, people, moved, options, context);
        return change(people, moved, options, context);
      }),
    );
}

/** Asks, with the numbers that a preview gives. */
async function confirmed(
  what: string,
  people: readonly Person[],
  wanted: Change,
  { yes }: Options,
  { api, names }: RemoteContext,
) {
  if (yes) return;
  let [changed, unchanged, refused] = [0, 0, 0];
  const seats = new Map<string, { needed: number; available: number }>();
  for (const some of chunks(people, PREVIEWED_AT_ONCE)) {
    const body = { userIds: some.map(({ id }) => id), ...wanted };
    const preview = await api.send<Static<typeof LicenseChangePreview>>('POST', '/admin/licenseChanges/preview', {
      body,
    });
    changed += preview.changed;
    unchanged += preview.unchanged;
    refused += preview.refused.length;
    for (const { skuId, seatsNeeded, availableUnits } of preview.pools) {
      seats.set(skuId, { needed: (seats.get(skuId)?.needed ?? 0) + seatsNeeded, available: availableUnits });
    }
  }
  const products = seats.size > 0 ? await names.products() : [];
  const short = [...seats]
    .filter(([, { needed, available }]) => needed > available)
    .map(([skuId, { needed, available }]) => {
      const name = products.find((one) => one.skuId === skuId)?.displayName ?? skuId;
      return ` ${name} has ${count(available, 'license')} for ${needed.toLocaleString('en-US')}.`;
    });
  const others = [
    ...(unchanged > 0 ? [` ${unchanged.toLocaleString('en-US')} have it so already.`] : []),
    ...(refused > 0 ? [` ${refused.toLocaleString('en-US')} can not be changed.`] : []),
  ];
  await confirm(`${count(changed, 'person', 'people')} will ${what}.${[...others, ...short].join('')}`, false);
}

async function change(
  people: readonly Person[],
  wanted: Change,
  options: Options,
  { api, say }: RemoteContext,
): Promise<RemoteResult> {
  const results: (Result & Person)[] = [];
  for (const some of chunks(people, CHANGED_AT_ONCE)) {
    const body = { userIds: some.map(({ id }) => id), ...wanted };
    const { value } = await api.send<LicenseChangeResults>('POST', '/admin/licenseChanges', { body });
    results.push(...value.map((result, index) => ({ ...some[index]!, ...result })));
    if (people.length > CHANGED_AT_ONCE && process.stderr.isTTY)
      say(`  ${results.length.toLocaleString('en-US')} of ${count(people.length, 'person', 'people')}`);
  }
  const failed = results.filter(({ status }) => status !== 'done');
  if (options.failures !== undefined) {
    const { stringify } = await import('csv-stringify/sync');
    const rows = failed.map(({ userPrincipalName, status, message }) => [userPrincipalName, status, message ?? '']);
    writeFileSync(
      options.failures,
      stringify([['User principal name', 'Status', 'Reason'], ...rows], { escape_formulas: true }),
    );
  }
  const told = failed
    .slice(0, TOLD_MAX)
    .map((one) => printable(`  ${one.userPrincipalName}: ${one.message ?? one.status}`));
  const more = failed.length > TOLD_MAX ? [`  and ${(failed.length - TOLD_MAX).toLocaleString('en-US')} more`] : [];
  const done = `${count(results.length - failed.length, 'person', 'people')} done${failed.length > 0 ? `, ${failed.length.toLocaleString('en-US')} failed:` : '.'}`;
  return {
    text: [done, ...told, ...more].join('\n'),
    data: results.map(({ id, userPrincipalName, status, message }) => ({ id, userPrincipalName, status, message })),
    ...(failed.length > 0 && { exitCode: EXIT_FAILED }),
  };
}

function listed(products: readonly Product_[]): string {
  return products.map(({ displayName }) => displayName).join(' and ');
}

function chunks<T>(list: readonly T[], length: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / length) }, (_, index) =>
    list.slice(index * length, (index + 1) * length),
  );
}
