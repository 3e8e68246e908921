import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { NewPolicy, Policy } from '../../../contract/auto-claim.ts';
import { EXIT_USAGE } from '../exit-codes.ts';
import { CommandFailure } from '../remote/failure.ts';
import { each, remoteCommand, runRemote, type RemoteContext, type RemoteOptions } from '../remote/run-remote.ts';
import { readText } from '../terminal/input.ts';
import { describePolicy } from './show.ts';

interface Options extends RemoteOptions {
  readonly app?: string;
  readonly product?: readonly string[];
  readonly withoutPlan?: readonly string[];
  readonly group?: readonly string[];
  readonly exceptGroup?: readonly string[];
  readonly guests?: boolean;
  readonly off?: boolean;
  readonly file?: string;
}

export function policyCreateCommand(): Command {
  return remoteCommand('create', 'make a policy, the last of its app')
    .argument('[name]', 'how it is called')
    .option('--app <app>', 'whoever signs in to it')
    .option('--product <product>', 'is given this; repeated: the backups, in order', each)
    .option('--without-plan <plan>', 'leave a service plan out of the products that have it; may be repeated', each)
    .option('--group <group>', 'for its members alone, and not for everyone; may be repeated', each)
    .option('--except-group <group>', 'not for its members; may be repeated', each)
    .option('--guests', 'for guests, too')
    .option('--off', 'turned off as yet')
    .option('--file <file>', 'or all of it from a file, as JSON in the form of the API; - for standard input')
    .action((name: string | undefined, options: Options) =>
      runRemote(options, async (context) => {
        const body = options.file === undefined ? await draftOf(name, options, context) : fromFile(options.file);
        const made = await context.api.send<Static<typeof Policy>>('POST', '/policies/autoClaimPolicies', { body });
        return { text: await describePolicy(made, context), data: made };
      }),
    );
}

async function draftOf(
  name: string | undefined,
  options: Options,
  { names }: RemoteContext,
): Promise<Static<typeof NewPolicy>> {
  const { app, product: products = [], withoutPlan: plans = [] } = options;
  if (name === undefined || app === undefined || products.length === 0) {
    throw new CommandFailure('A policy needs a name, --app and --product (or --file).', EXIT_USAGE);
  }
  const { appId } = await names.app(app);
  const found = await Promise.all(products.map((product) => names.product(product)));
  const groups = (list: readonly string[] = []) =>
    Promise.all(list.map(async (group) => (await names.group(group)).id));
  return {
    displayName: name,
    isEnabled: !options.off,
    appId,
    products: found.map((product) => ({
      skuId: product.skuId,
      disabledPlans: names.plansOf(plans, product, found),
    })),
    includeGroups: await groups(options.group),
    excludeGroups: await groups(options.exceptGroup),
    includeGuests: options.guests ?? false,
  };
}

/** What is wrong in it, the API says, naming the field. */
function fromFile(path: string): object {
  try {
    const parsed = JSON.parse(readText(path)) as unknown;
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed;
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    throw new CommandFailure(`${path} is not JSON: ${(error as Error).message}.`);
  }
  throw new CommandFailure(`${path} must hold a policy, as a JSON object.`);
}
