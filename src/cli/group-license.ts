import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { GroupLicenses, LicenseError } from '../../contract/group.ts';
import type { Api } from './remote/api.ts';
import {
  each,
  readMost,
  remoteCommand,
  runRemote,
  type RemoteContext,
  type RemoteOptions,
} from './remote/run-remote.ts';
import { confirm } from './terminal/ask.ts';
import { facts, table } from './terminal/table.ts';
import { count } from './words.ts';

type Licenses = Static<typeof GroupLicenses>;

/** As often as somebody who waits wants to see how far it is. */
const LOOK_EVERY_MS = 500;

/** What a group gives its members: `group licenses`, `group assign` … */
export function groupLicenseCommands(): Command[] {
  return [licensesCommand(), errorsCommand(), assignCommand(), unassignCommand(), reprocessCommand()];
}

function licensesCommand(): Command {
  return remoteCommand('licenses', 'show what a group gives its members, and how far that has come')
    .argument('<group>', 'its name or id')
    .action((group: string, options: RemoteOptions) =>
      runRemote(options, async ({ api, names, screen }) => {
        const licenses = await readLicenses(api, (await names.group(group)).id);
        const rows = table(
          licenses.value,
          [
            { title: 'Product', of: ({ displayName }) => displayName },
            { title: 'Have it', of: ({ licensed }) => licensed },
            { title: 'In error', of: ({ inError }) => inError },
            { title: 'Plans left out', of: ({ disabledPlans }) => disabledPlans.length },
            { title: 'Since', of: ({ assignedDateTime }) => assignedDateTime.slice(0, 10) },
          ],
          screen,
        );
        const text = licenses.value.length > 0 ? `${stateWords(licenses)}\n\n${rows}` : stateWords(licenses);
        return { text, data: licenses };
      }),
    );
}

function errorsCommand(): Command {
  return remoteCommand('errors', 'list what members have not got of what a group gives, and why')
    .argument('<group>', 'its name or id')
    .option('--top <number>', 'so many at most', readMost)
    .action((group: string, options: RemoteOptions & { top?: number }) =>
      runRemote(options, async ({ api, names, screen }) => {
        const { id } = await names.group(group);
        const errors = await api.all<Static<typeof LicenseError>>(`/groups/${id}/licenseErrors`, {}, options.top);
        const text = table(
          errors,
          [
            { title: 'User', of: ({ userPrincipalName }) => userPrincipalName },
            { title: 'Product', of: ({ productDisplayName }) => productDisplayName },
            { title: 'Error', of: ({ error }) => error },
            { title: 'Detail', of: ({ detail }) => detail },
          ],
          screen,
        );
        return { text: errors.length > 0 ? text : 'No member has an error.', data: errors };
      }),
    );
}

interface AssignOptions extends RemoteOptions {
  readonly product: readonly string[];
  readonly withoutPlan?: readonly string[];
  readonly wait?: boolean;
  readonly yes?: boolean;
}

const WAIT = [
  '--wait',
  'until all members have been reached; else those of a large group are in the background',
] as const;

function assignCommand(): Command {
  return remoteCommand('assign', 'give products to all members of a group, now and later; all of them or none')
    .argument('<group>', 'its name or id')
    .requiredOption('--product <product>', 'which one; may be repeated', each)
    .option('--without-plan <plan>', 'leave a service plan out of the products that have it; may be repeated', each)
    .option(...WAIT)
    .action((group: string, options: AssignOptions) =>
      runRemote(options, async (context) => {
        const { api, names } = context;
        const { id, displayName } = await names.group(group);
        const products = await Promise.all(options.product.map((product) => names.product(product)));
        const addLicenses = products.map((product) => ({
          skuId: product.skuId,
          disabledPlans: names.plansOf(options.withoutPlan ?? [], product, products),
        }));
        await api.send('POST', `/groups/${id}/assignLicense`, { body: { addLicenses, removeLicenses: [] } });
        const what = products.map((product) => product.displayName).join(', ');
        return settled(`${displayName} gives ${what}.`, id, options, context);
      }),
    );
}

function unassignCommand(): Command {
  return remoteCommand('unassign', 'take products from what a group gives; who has them by another path keeps them')
    .argument('<group>', 'its name or id')
    .requiredOption('--product <product>', 'which one; may be repeated', each)
    .option(...WAIT)
    .option('--yes', 'without asking')
    .action((group: string, options: AssignOptions) =>
      runRemote(options, async (context) => {
        const { api, names } = context;
        const { id, displayName } = await names.group(group);
        const products = await Promise.all(options.product.map((product) => names.product(product)));
        const { members } = await readLicenses(api, id);
        const what = products.map((product) => product.displayName).join(', ');
        await confirm(
          `${count(members, 'person', 'people')} in ${displayName} will have ${what} by it no more.`,
          options.yes,
        );
        const removeLicenses = products.map(({ skuId }) => skuId);
        await api.send('POST', `/groups/${id}/assignLicense`, { body: { addLicenses: [], removeLicenses } });
        return settled(`${displayName} no longer gives ${what}.`, id, options, context);
      }),
    );
}

function reprocessCommand(): Command {
  return remoteCommand('reprocess', 'look again at what a group gives its members, and mend what can be')
    .argument('<group>', 'its name or id')
    .option(...WAIT)
    .action((group: string, options: RemoteOptions & { wait?: boolean }) =>
      runRemote(options, async (context) => {
        const { id, displayName } = await context.names.group(group);
        await context.api.send('POST', `/groups/${id}/reprocessLicenseAssignment`);
        return settled(`${displayName} is looked at again.`, id, options, context);
      }),
    );
}

/** What came of it so far; of all members where that is waited for. */
async function settled(done: string, id: string, { wait }: { wait?: boolean }, { api, say }: RemoteContext) {
  let licenses = await readLicenses(api, id);
  while (wait && licenses.state === 'inProgress') {
    if (process.stderr.isTTY) say(`  ${count(licenses.waiting, 'member')} to go`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    licenses = await readLicenses(api, id);
  }
  return { text: `${done}\n${stateWords(licenses)}`, data: licenses };
}

function readLicenses(api: Api, id: string): Promise<Licenses> {
  return api.get<Licenses>(`/groups/${id}/licenses`);
}

const STATES: Readonly<Record<Licenses['state'], string>> = {
  allAssigned: 'all licenses assigned',
  inProgress: 'in progress',
  errors: 'errors & issues',
};

function stateWords({ state, members, waiting, inError }: Licenses): string {
  return facts([
    ['State', STATES[state]],
    ['Members', count(members, 'person', 'people')],
    ['To go', waiting > 0 ? waiting : null],
    ['In error', inError > 0 ? inError : null],
  ]);
}
