import type { Command } from 'commander';
import type { Static } from 'typebox';
import type { SetUpAnswer } from '../../../contract/set-up.ts';
import { remoteCommand, runRemote, type RemoteOptions } from '../remote/run-remote.ts';

interface Options extends RemoteOptions {
  readonly file?: string;
}

/** In the order of the file. */
const PARTS = ['setting', 'apps', 'policies', 'groupLicenses', 'roles'] as const;
export function exportCommand(): Command {
  return remoteCommand(
    'export',
    "write the organisation's set-up: the setting, apps, policies, licenses of groups and roles, as YAML",
  )
    .option('-f, --file <file>', 'into a file; one that is there is brought up to date, its comments and form kept')
    .action((options: Options) =>
      runRemote(options, async (context) => {
        const { api, session, say } = context;
        const { '@odata.context': _context, ...setUp } = await api.get<Static<typeof SetUpAnswer>>('/admin/setUp');
        const missing = PARTS.filter((part) => setUp[part] === undefined);
        if (missing.length > 0) say(`Without ${missing.join(', ')}, which you may not read.`);
        const { file } = options;
        const { textOf, writeSetUp } = await import('./write-file.ts');
        if (file === undefined || file === '-') return { text: textOf(setUp, session.url).trimEnd(), data: setUp };
        return { text: await writeSetUp(file, setUp, context), data: setUp };
      }),
    );
}
