import { readConfig, type Config } from '../config.ts';
import { explainFailure } from '../start-up/failure.ts';
import { EXIT_FAILED, EXIT_INTERRUPTED } from './exit-codes.ts';

/** What a command works with. */
export interface CommandContext {
  readonly config: Config;
  /** Aborted when the command is interrupted. */
  readonly signal: AbortSignal;
  /** Gets what is to be stopped in the end. */
  readonly started: AsyncDisposableStack;
  /** Tells the person at the terminal what goes on (stderr: results alone go to stdout). */
  readonly say: (text: string) => void;
  /** The same, where somebody looks on (stderr is a terminal). */
  readonly sayProgress: (text: string) => void;
}

/** What came of it: as words, and for `--json` as data. */
export interface CommandResult {
  readonly text: string;
  readonly data: object;
}

/**
 * Does a command's work, and tells its result or why it failed. Never rejects: the exit code says
 * how it ended.
 */
export async function run(
  options: { readonly json?: boolean },
  work: (context: CommandContext) => Promise<CommandResult>,
): Promise<void> {
  const interrupted = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    process.exitCode = EXIT_INTERRUPTED[signal as keyof typeof EXIT_INTERRUPTED];
    interrupted.abort();
  };
  for (const name of Object.keys(EXIT_INTERRUPTED)) process.on(name, onSignal);
  let config: Config | undefined;
  try {
    config = readConfig();
    const result = await withStarted(config, interrupted.signal, work);
    process.stdout.write(`${options.json ? JSON.stringify(result.data) : result.text}\n`);
  } catch (error) {
    if (interrupted.signal.aborted) {
      tell('Interrupted: nothing was changed.');
    } else {
      process.exitCode = EXIT_FAILED;
      tell(explainFailure(error, config, 'The command failed'));
    }
  } finally {
    for (const name of Object.keys(EXIT_INTERRUPTED)) process.off(name, onSignal);
  }
}

async function withStarted(
  config: Config,
  signal: AbortSignal,
  work: (context: CommandContext) => Promise<CommandResult>,
): Promise<CommandResult> {
  await using started = new AsyncDisposableStack();
  const sayProgress = (text: string) => {
    if (process.stderr.isTTY) tell(text);
  };
  return await work({ config, signal, started, say: tell, sayProgress });
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
