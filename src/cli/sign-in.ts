import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { SignInDecision, SignInExplanation } from '../../contract/sign-in.ts';
import { remoteCommand, runRemote, type RemoteContext, type RemoteOptions } from './remote/run-remote.ts';
import { facts, table } from './terminal/table.ts';

interface Options extends RemoteOptions {
  readonly explain?: boolean;
  readonly correlationId?: string;
}

export function signInCommand(): Command {
  return remoteCommand(
    'sign-in',
    'decide a sign-in as the app would have it decided: a license is claimed where one is due',
  )
    .argument('<app>', 'its name or id')
    .argument('<user>', 'their user principal name or id')
    .option('--explain', 'change nothing: show every check, and what the decision would be')
    .option('--correlation-id <id>', 'the same again within 24 hours gives the same decision')
    .action((app: string, user: string, options: Options) =>
      runRemote(options, async (context) => {
        const { api, names } = context;
        const [{ appId }, { id: userId }] = await Promise.all([names.app(app), names.user(user)]);
        const body = {
          appId,
          userId,
          ...(options.correlationId !== undefined && { correlationId: options.correlationId }),
        };
        if (options.explain) {
          const explained = await api.send<Static<typeof SignInExplanation>>('POST', '/signIns/explain', { body });
          return { text: await explanation(explained, context), data: explained };
        }
        const decided = await api.send<Static<typeof SignInDecision>>('POST', '/signIns', { body });
        return { text: decision(decided), data: decided };
      }),
    );
}

function decision({
  outcome,
  reason,
  message,
  skuPartNumber,
  servicePlans,
  isBackup,
}: Static<typeof SignInDecision>): string {
  return facts([
    ['Outcome', reason === null ? outcome : `${outcome} (${reason})`],
    ['Product', skuPartNumber && `${skuPartNumber}${isBackup ? ', a backup' : ''}`],
    ['Service plans', servicePlans.join(', ')],
    ['Message', message],
  ]);
}

async function explanation(
  explained: Static<typeof SignInExplanation>,
  { names, screen }: RemoteContext,
): Promise<string> {
  const products = explained.steps.some(({ skuId }) => skuId !== undefined) ? await names.products() : [];
  const steps = table(
    explained.steps,
    [
      { title: 'Check', of: ({ check }) => check },
      { title: 'Passed', of: ({ passed }) => (passed === null ? '-' : passed) },
      { title: 'Product', of: ({ skuId }) => products.find((one) => one.skuId === skuId)?.displayName ?? skuId },
      { title: 'Detail', of: ({ detail, reason }) => detail ?? reason },
    ],
    screen,
  );
  return `${decision(explained)}\n${facts([['To do', explained.adminMessage]])}\n\n${steps}`;
}
