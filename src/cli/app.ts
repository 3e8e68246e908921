import { Command } from 'commander';
import { readMost, remoteCommand, runRemote, type RemoteContext, type RemoteOptions } from './remote/run-remote.ts';
import { facts, table } from './terminal/table.ts';

/** `autoclaim app …` */
export function appCommand(): Command {
  return new Command('app')
    .description('apps: what people sign in to, and what calls the API')
    .addCommand(listCommand())
    .addCommand(showCommand());
}

function listCommand(): Command {
  return remoteCommand('list', 'list the apps by name')
    .option('--top <number>', 'so many at most', readMost)
    .action((options: RemoteOptions & { top?: number }) =>
      runRemote(options, async ({ names, screen }) => {
        const apps = (await names.apps()).slice(0, options.top);
        const plans = await planNames(names);
        const text = table(
          apps,
          [
            { title: 'Name', of: ({ displayName }) => displayName },
            { title: 'App id', of: ({ appId }) => appId },
            {
              title: 'Requires any one of',
              of: ({ requiredServicePlanIds }) => requiredServicePlanIds.map((id) => plans.get(id) ?? id).join(', '),
            },
          ],
          screen,
        );
        return { text: apps.length > 0 ? text : 'There is no app.', data: apps };
      }),
    );
}

function showCommand(): Command {
  return remoteCommand('show', 'show an app')
    .argument('<app>', 'its name or id')
    .action((text: string, options: RemoteOptions) =>
      runRemote(options, async ({ names }) => {
        const app = await names.app(text);
        const plans = await planNames(names);
        const uris = [app.web, app.spa, app.publicClient].flatMap(({ redirectUris }) => redirectUris);
        return {
          text: facts([
            ['Name', app.displayName],
            ['App id', app.appId],
            ['Id', app.id],
            ['Requires any one of', app.requiredServicePlanIds.map((id) => plans.get(id) ?? id).join(', ')],
            ['Who is refused', app.onRefusal === 'block' ? 'reads why' : 'goes on without a license'],
            ['Redirect URIs', uris.join(', ')],
            ['Permissions', app.permissions.join(', ')],
            [
              'Secrets',
              app.passwordCredentials
                .map(({ hint, endDateTime }) => `${hint}… until ${endDateTime.slice(0, 10)}`)
                .join(', '),
            ],
          ]),
          data: app,
        };
      }),
    );
}

async function planNames(names: RemoteContext['names']): Promise<Map<string, string>> {
  const products = await names.products();
  return new Map(
    products.flatMap(({ servicePlans }) => servicePlans.map((plan) => [plan.servicePlanId, plan.servicePlanName])),
  );
}
