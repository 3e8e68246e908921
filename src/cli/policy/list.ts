import type { Command } from 'commander';
import { ifAllowed } from '../remote/failure.ts';
import { remoteCommand, runRemote, type RemoteOptions } from '../remote/run-remote.ts';
import { table } from '../terminal/table.ts';
import { availableTo, readPools, statusOf, type Pool } from './availability.ts';

interface Options extends RemoteOptions {
  readonly app?: string;
}

export function policyListCommand(): Command {
  return remoteCommand('list', 'list the policies, by app and order')
    .option('--app <app>', "one app's")
    .action((options: Options) =>
      runRemote(options, async ({ api, names, screen }) => {
        const [pools, apps, products] = await Promise.all([
          ifAllowed(readPools(api), new Map<string, Pool>()),
          ifAllowed(names.apps(), []),
          ifAllowed(names.products(), []),
        ]);
        const app = options.app === undefined ? undefined : await names.app(options.app);
        const policies = (await names.policies()).filter(({ appId }) => app === undefined || appId === app.appId);
        const appName = (appId: string) => apps.find((one) => one.appId === appId)?.displayName ?? appId;
        const productName = (skuId: string) => products.find((one) => one.skuId === skuId)?.displayName ?? skuId;
        const rows = policies
          .map((policy) => ({
            policy,
            app: appName(policy.appId),
            available: pools.size > 0 ? availableTo(policy, pools) : undefined,
          }))
          .toSorted((one, other) => one.app.localeCompare(other.app) || one.policy.order - other.policy.order);
        if (rows.length === 0) return { text: 'There is no policy. Make one with: autoclaim policy create', data: [] };
        const text = table(
          rows,
          [
            { title: 'Name', of: ({ policy }) => policy.displayName },
            { title: 'App', of: (row) => row.app },
            { title: 'Order', of: ({ policy }) => policy.order },
            {
              title: 'Product',
              of: ({
                policy: {
                  products: [primary, ...backups],
                },
              }) => `${productName(primary!.skuId)}${backups.length > 0 ? ` (+${backups.length} backup)` : ''}`,
            },
            { title: 'Available licenses', of: (row) => row.available },
            { title: 'Status', of: ({ policy, available }) => statusOf(policy, available) },
          ],
          screen,
        );
        return { text, data: rows.map(({ policy }) => policy) };
      }),
    );
}
