import { Command, CommanderError } from 'commander';
import { appCommand } from './app.ts';
import { completionCommand } from './completion.ts';
import { auditCommand } from './audit.ts';
import { groupCommand } from './group.ts';
import { licenseCommand } from './license.ts';
import { productCommand } from './product.ts';
import { reportCommand } from './report.ts';
import { signInCommand } from './sign-in.ts';
import { userCommand } from './user.ts';
import { EXIT_USAGE } from './exit-codes.ts';
import { loginCommand, logoutCommand } from './login.ts';
import { policyCommand } from './policy/policy.ts';
import { exportCommand } from './set-up/export.ts';
import { applyCommand, planCommand } from './set-up/plan.ts';
import { settingCommand } from './setting.ts';
import { statusCommand } from './status.ts';
import { whoamiCommand } from './whoami.ts';

/** The commands that call a server, wherever it is. */
const REMOTE: readonly (() => Command)[] = [
  loginCommand,
  logoutCommand,
  whoamiCommand,
  statusCommand,
  settingCommand,
  policyCommand,
  signInCommand,
  reportCommand,
  licenseCommand,
  productCommand,
  appCommand,
  userCommand,
  groupCommand,
  auditCommand,
  exportCommand,
  planCommand,
  applyCommand,
];

/**
 * Runs what the arguments ask for, and sets the process's exit code (exit-codes.ts).
 * @param args without the program's own name; none mean `serve`
 * @param serve starts the server
 */
export async function runCommandLine(args: readonly string[], serve: () => Promise<void>): Promise<void> {
  const program = await buildProgram(serve, args[0]);
  try {
    await program.parseAsync(args.length === 0 ? ['serve'] : args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help that was asked for is no mistake.
    if (error.exitCode !== 0) process.exitCode = EXIT_USAGE;
  }
}

/**
 * All commands.
 * @param first the command that will be run: one that calls a server doesn't wait for what works on
 *   the installation itself, the database's programs, to be loaded
 */
export async function buildProgram(serve: () => Promise<void>, first?: string): Promise<Command> {
  const program = new Command('autoclaim')
    .description('Gives people software licenses the moment they sign in to an app that needs one.')
    .addHelpText(
      'after',
      '\nSettings of the server come from the environment: see README.md. The commands: docs/command-line.md.',
    );
  program.command('serve').description('start the server (what `autoclaim` alone does, too)').action(serve);
  const remote = REMOTE.map((make) => make());
  for (const command of remote) program.addCommand(command);
  if (!remote.some((command) => command.name() === first)) {
    const [{ dbCommand }, { passwordsCommand }] = await Promise.all([import('./db.ts'), import('./passwords.ts')]);
    program.addCommand(dbCommand()).addCommand(passwordsCommand());
  }
  program.addCommand(completionCommand());
  strictly(program);
  return program;
}

/** What isn't understood is said, with where to look, and ends in an exception instead of the process. */
function strictly(command: Command): void {
  command.exitOverride().showHelpAfterError(`Try: ${pathOf(command)} --help`);
  for (const part of command.commands) strictly(part);
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}
