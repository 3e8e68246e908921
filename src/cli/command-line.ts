import { Command, CommanderError } from 'commander';
import { dbCommand } from './db.ts';
import { EXIT_USAGE } from './exit-codes.ts';
import { passwordsCommand } from './passwords.ts';

/**
 * Runs what the arguments ask for, and sets the process's exit code (exit-codes.ts).
 * @param args without the program's own name; none mean `serve`
 * @param serve starts the server
 */
export async function runCommandLine(args: readonly string[], serve: () => Promise<void>): Promise<void> {
  const program = new Command('autoclaim')
    .description('Gives people software licenses the moment they sign in to an app that needs one.')
    .addHelpText('after', '\nSettings come from the environment: see README.md.');
  program.command('serve').description('start the server (what `autoclaim` alone does, too)').action(serve);
  program.addCommand(dbCommand());
  program.addCommand(passwordsCommand());
  strictly(program);
  try {
    await program.parseAsync(args.length === 0 ? ['serve'] : args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help that was asked for is no mistake.
    if (error.exitCode !== 0) process.exitCode = EXIT_USAGE;
  }
}

/** What isn't understood is said, with where to look, and ends in an exception instead of the process. */
function strictly(command: Command): void {
  command.exitOverride().showHelpAfterError(`Try: ${pathOf(command)} --help`);
  for (const part of command.commands) strictly(part);
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
