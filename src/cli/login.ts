import { Command } from 'commander';
import type { ClientConfig } from '../config.ts';
import { EXIT_USAGE } from './exit-codes.ts';
import { Api } from './remote/api.ts';
import { CommandFailure } from './remote/failure.ts';
import { Profiles, type Profile } from './remote/profiles.ts';
import { telling, type RemoteOptions } from './remote/run-remote.ts';
import { readUrl } from './remote/session.ts';
import { COMMAND_LINE_CLIENT, findIssuer, signInByDevice, tokenOfClient, type Issuer } from './remote/tokens.ts';
import { askSecret, canAsk, readLine } from './terminal/ask.ts';

interface Options extends RemoteOptions {
  readonly url?: string;
  readonly tenant?: string;
  readonly clientId?: string;
  readonly secretStdin?: boolean;
}

export function loginCommand(): Command {
  return new Command('login')
    .description('sign in to a server, and stay signed in')
    .option('--url <address>', "the server's (default: AUTOCLAIM_URL)")
    .option('--tenant <id or domain>', 'the organisation, where the server has several (default: AUTOCLAIM_TENANT)')
    .option(
      '--client-id <id>',
      'as an app, with its secret, and not as a person in a browser (default: AUTOCLAIM_CLIENT_ID)',
    )
    .option('--secret-stdin', "read the app's secret from standard input")
    .option('--profile <name>', 'under which name to keep it, beside others')
    .option('--json', 'the result as JSON')
    .addHelpText(
      'after',
      "\nThe app's secret is asked for, or comes from standard input or AUTOCLAIM_CLIENT_SECRET: never from the arguments, which others on the machine can see.",
    )
    .action((options: Options) =>
      telling(options, async ({ config, say }) => {
        const address = options.url ?? config.url;
        if (address === undefined) throw new CommandFailure('Where is the server? Give --url <address>.', EXIT_USAGE);
        const url = readUrl(address, options.url === undefined ? 'AUTOCLAIM_URL' : '--url');
        if (isUnprotected(url)) say(`Warning: ${url} is not https: the secret and the tokens can be read on the way.`);
        const issuer = await findIssuer(url, options.tenant ?? config.tenant ?? 'common');
        const clientId = options.clientId ?? config.clientId;
        const entered =
          clientId === undefined
            ? await enterAsPerson(url, issuer, say)
            : await enterAsApp(clientId, issuer, options, config);
        const name = options.profile ?? config.profile ?? 'default';
        const profiles = new Profiles(config.configDirectory);
        profiles.keep(name, { url, tenant: issuer.tenantId, ...entered.kept });
        return {
          text: `Signed in to ${url} as ${entered.as}. Kept as profile "${name}" in ${profiles.path}.`,
          data: {
            profile: name,
            url,
            tenant: issuer.tenantId,
            clientId: entered.kept.clientId,
            userPrincipalName: entered.kept.person?.userPrincipalName ?? null,
          },
        };
      }),
    );
}

interface Entered {
  /** In words. */
  readonly as: string;
  readonly kept: Omit<Profile, 'url' | 'tenant'>;
}

async function enterAsApp(clientId: string, issuer: Issuer, options: Options, config: ClientConfig): Promise<Entered> {
  const clientSecret = await secretOf(options, config.clientSecret);
  // Tried before it is kept.
  await tokenOfClient(issuer, clientId, clientSecret);
  return { as: `the app ${clientId}`, kept: { clientId, clientSecret } };
}

async function enterAsPerson(url: string, issuer: Issuer, say: (text: string) => void): Promise<Entered> {
  const tokens = await signInByDevice(issuer, ({ user_code: code, verification_uri: address, expires_in: seconds }) =>
    say(`Open ${address} in a browser, and type the code ${code} there, within ${Math.floor(seconds / 60)} minutes.`),
  );
  const { userPrincipalName } = await new Api(url, tokens.accessToken).get<{ userPrincipalName: string }>('/me', {
    $select: 'userPrincipalName',
  });
  return { as: userPrincipalName, kept: { clientId: COMMAND_LINE_CLIENT, person: { userPrincipalName, ...tokens } } };
}

async function secretOf(options: Options, fromEnvironment: string | undefined): Promise<string> {
  if (options.secretStdin) {
    const secret = await readLine();
    if (secret === '') throw new CommandFailure('Standard input has no secret.', EXIT_USAGE);
    return secret;
  }
  if (fromEnvironment !== undefined) return fromEnvironment;
  if (!canAsk()) {
    throw new CommandFailure(
      "Give the app's secret by standard input (--secret-stdin) or AUTOCLAIM_CLIENT_SECRET.",
      EXIT_USAGE,
    );
  }
  return askSecret('Client secret: ');
}

/** http beyond this machine. */
function isUnprotected(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

export function logoutCommand(): Command {
  return new Command('logout')
    .description('forget a profile and its secret')
    .option('--profile <name>', 'which one (default: the current one)')
    .option('--json', 'the result as JSON')
    .action((options: RemoteOptions) =>
      telling(options, async ({ config }) => {
        const profiles = new Profiles(config.configDirectory);
        const name = options.profile ?? config.profile ?? profiles.list().current;
        if (!profiles.find(name))
          return { text: `There is no profile "${name}": nothing to forget.`, data: { profile: null } };
        profiles.forget(name);
        return { text: `Forgot profile "${name}".`, data: { profile: name } };
      }),
    );
}
