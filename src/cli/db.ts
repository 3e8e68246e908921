import { Command } from 'commander';
import { backupCommand } from './db-backup.ts';
import { checkCommand } from './db-check.ts';
import { distributeCommand } from './db-distribute.ts';
import { moveCommand } from './db-move.ts';
import { restoreCommand } from './db-restore.ts';
import { upgradeCommand } from './db-upgrade.ts';

/** `autoclaim db …`: one file a command. */
export function dbCommand(): Command {
  return new Command('db')
    .description('the database: back up, restore, move, upgrade, distribute')
    .addCommand(backupCommand())
    .addCommand(checkCommand())
    .addCommand(restoreCommand())
    .addCommand(moveCommand())
    .addCommand(upgradeCommand())
    .addCommand(distributeCommand());
}
