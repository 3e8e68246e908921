import { Command, InvalidArgumentError } from 'commander';
import type { Static } from 'typebox';
import type { Subscription } from '../../contract/subscription.ts';
import { readPools, type Pool } from './policy/availability.ts';
import { searchText } from './remote/api.ts';
import { importCommand } from './import.ts';
import { remoteCommand, runRemote, type RemoteOptions } from './remote/run-remote.ts';
import { table } from './terminal/table.ts';
import { count } from './words.ts';

/** `autoclaim product …` */
export function productCommand(): Command {
  return new Command('product')
    .description('products: what was bought, and the catalogue')
    .addCommand(listCommand())
    .addCommand(plansCommand())
    .addCommand(buyCommand())
    .addCommand(
      importCommand(
        "take Microsoft's table of products and service plans (CSV) into the catalogue",
        '/admin/import/products',
        'product and plan',
      ),
    );
}

interface CatalogueRow {
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly displayName: string;
}

interface ListOptions extends RemoteOptions {
  readonly catalogue?: boolean;
  readonly search?: string;
}

function listCommand(): Command {
  return remoteCommand('list', 'list what was bought, with the licenses that are left')
    .option('--catalogue', 'all products that could be bought')
    .option('--search <text>', 'of these, whose name has the text')
    .action((options: ListOptions) =>
      runRemote(options, async ({ api, screen }) => {
        if (options.catalogue) {
          const query = { $select: 'skuId,skuPartNumber,displayName', $search: searchText(options.search) };
          const products = await api.all<CatalogueRow>('/admin/products', query);
          return { text: table(products, NAMES, screen), data: products };
        }
        const wanted = options.search?.toLowerCase() ?? '';
        const pools = [...(await readPools(api)).values()]
          .filter((pool) => `${pool.displayName} ${pool.skuPartNumber}`.toLowerCase().includes(wanted))
          .toSorted((one, other) => one.displayName.localeCompare(other.displayName));
        const columns = [
          ...NAMES,
          { title: 'Assigned', of: ({ consumedUnits }: Pool) => consumedUnits },
          { title: 'Available', of: ({ availableUnits }: Pool) => availableUnits },
          { title: 'Status', of: ({ capabilityStatus }: Pool) => capabilityStatus },
        ];
        return { text: pools.length > 0 ? table(pools, columns, screen) : 'Nothing.', data: pools };
      }),
    );
}

const NAMES = [
  { title: 'Product', of: ({ displayName }: CatalogueRow) => displayName },
  { title: 'Part number', of: ({ skuPartNumber }: CatalogueRow) => skuPartNumber },
];

function plansCommand(): Command {
  return remoteCommand('show', 'show a product of the catalogue with its service plans')
    .argument('<product>', 'its name, part number or id')
    .action((text: string, options: RemoteOptions) =>
      runRemote(options, async ({ names, screen }) => {
        const product = await names.product(text);
        const plans = table(
          product.servicePlans,
          [
            { title: 'Service plan', of: ({ servicePlanName }) => servicePlanName },
            { title: 'Name', of: ({ friendlyName }) => friendlyName },
            { title: 'Id', of: ({ servicePlanId }) => servicePlanId },
          ],
          screen,
        );
        return {
          text: `${product.displayName} (${product.skuPartNumber}, ${product.skuId})\n\n${plans}`,
          data: product,
        };
      }),
    );
}

interface BuyOptions extends RemoteOptions {
  readonly until?: string;
  readonly trial?: boolean;
}

function buyCommand(): Command {
  return remoteCommand('buy', 'buy licenses of a product: a new subscription')
    .argument('<product>', 'its name, part number or id')
    .argument('<licenses>', 'how many', readLicenses)
    .option('--until <time>', 'when it runs out, such as 2027-12-31T23:59:59Z (default: never)')
    .option('--trial', 'as a trial')
    .action((text: string, licenses: number, options: BuyOptions) =>
      runRemote(options, async ({ api, names }) => {
        const { skuId, displayName } = await names.product(text);
        const body = {
          skuId,
          totalLicenses: licenses,
          ...(options.until !== undefined && { nextLifecycleDateTime: options.until }),
          ...(options.trial && { isTrial: true }),
        };
        const bought = await api.send<Static<typeof Subscription>>('POST', '/directory/subscriptions', { body });
        return {
          text: `Bought ${count(licenses, 'license')} of ${displayName} (subscription ${bought.id}).`,
          data: bought,
        };
      }),
    );
}

function readLicenses(text: string): number {
  if (!/^\d{1,8}$/.test(text)) throw new InvalidArgumentError('Not a number of licenses.');
  return Number(text);
}
