import { Command, InvalidArgumentError } from 'commander';
import { readClientConfig, type ClientConfig } from '../../config.ts';
import { EXIT_FAILED } from '../exit-codes.ts';
import type { Screen } from '../terminal/table.ts';
import type { Api } from './api.ts';
import { CommandFailure, tellFailure } from './failure.ts';
import { Names } from './names.ts';
import { openSession, type Session } from './session.ts';

/** What every command that calls a server takes. */
export interface RemoteOptions {
  readonly json?: boolean;
  readonly profile?: string;
}

/** What such a command works with. */
export interface RemoteContext {
  readonly config: ClientConfig;
  readonly session: Session;
  readonly api: Api;
  /** What people call things, to what the API calls them. */
  readonly names: Names;
  readonly screen: Screen;
  /** Tells the person at the terminal what goes on (stderr: results alone go to stdout). */
  readonly say: (text: string) => void;
}

/** What came of it: words for people, data for `--json`; and a code where the end is worth one. */
export interface RemoteResult {
  readonly text: string;
  readonly data: unknown;
  readonly exitCode?: number;
}

/** A command that calls a server: with its options, which each of them has. */
export function remoteCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--json', 'the result as JSON')
    .option('--profile <name>', 'as whom, where you have signed in more than once');
}

/** An option that may be given more than once. */
export function each(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

/** How many rows at most: of --top. */
export function readMost(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Not a number from 1 on.');
  return Number(text);
}

/**
 * Does such a command's work as whoever is signed in, and tells its result or why it failed. Never
 * rejects: the exit code says how it ended. A command that has written its result itself gives none.
 */
export function runRemote(
  options: RemoteOptions,
  work: (context: RemoteContext) => Promise<RemoteResult | undefined>,
): Promise<void> {
  return telling(options, async (context) => {
    const session = await openSession(context.config, options.profile);
    return work({ ...context, session, api: session.api, names: new Names(session.api) });
  });
}

/** The same for a command that needs nobody to be signed in. */
export async function telling(
  options: RemoteOptions,
  work: (context: Pick<RemoteContext, 'config' | 'screen' | 'say'>) => Promise<RemoteResult | undefined>,
): Promise<void> {
  try {
    const config = readClientConfig();
    const { isTTY, columns } = process.stdout;
    const screen = { columns: isTTY ? columns : undefined, isColored: isTTY && !config.isColorless };
    const result = await work({ config, screen, say });
    if (!result) return;
    if (result.exitCode !== undefined) process.exitCode = result.exitCode;
    const text = options.json ? JSON.stringify(result.data) : result.text;
    if (text !== '') process.stdout.write(`${text}\n`);
  } catch (error) {
    process.exitCode = error instanceof CommandFailure ? error.exitCode : EXIT_FAILED;
    say(tellFailure(error));
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
