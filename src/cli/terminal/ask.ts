import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { EXIT_USAGE } from '../exit-codes.ts';
import { CommandFailure } from '../remote/failure.ts';

/** Whether somebody sits there who can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks for a secret, which isn't shown as it is typed. */
export async function askSecret(question: string): Promise<string> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  // Ctrl-C ends as everywhere.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const answer = await lines.question('');
  lines.close();
  process.stderr.write('\n');
  return answer;
}

/**
 * Has somebody confirm what can't be undone.
 * @param effect what will be done, in numbers where it has any
 * @throws CommandFailure where they don't, or nobody is there to be asked and --yes isn't given
 */
export async function confirm(effect: string, isConfirmed: boolean | undefined): Promise<void> {
  if (isConfirmed) return;
  if (!canAsk()) throw new CommandFailure(`${effect} Give --yes to do it.`, EXIT_USAGE);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const answer = await lines.question(`${effect} Go on? [y/N] `);
  lines.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandFailure('Nothing was changed.');
}

/** The first line of standard input. */
export async function readLine(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += chunk as string;
  return text.split(/\r?\n/, 1)[0]!;
}
