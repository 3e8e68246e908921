import { Command } from 'commander';
import { policyCreateCommand } from './create.ts';
import { policyListCommand } from './list.ts';
import { policyShowCommand } from './show.ts';
import { policyDeleteCommand, policyReorderCommand, policySwitchCommand } from './write.ts';

/** `autoclaim policy …` */
export function policyCommand(): Command {
  return new Command('policy')
    .description('auto-claim policies: who gets which product by signing in to which app')
    .addCommand(policyListCommand())
    .addCommand(policyShowCommand())
    .addCommand(policyCreateCommand())
    .addCommand(policySwitchCommand('on'))
    .addCommand(policySwitchCommand('off'))
    .addCommand(policyReorderCommand())
    .addCommand(policyDeleteCommand());
}
