import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startAutoclaim, temporaryFolder, type AutoclaimProcess } from '../harness/autoclaim-process.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
/** What the reader downloads: see the README's link. */
const PRODUCT_TABLE = join(PROJECT, '../shared/data/licensing-service-plan-reference.csv');
const SKIP = existsSync(PRODUCT_TABLE) ? false : "Microsoft's product table isn't beside the project";

describe('the README', { skip: SKIP }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let autoclaim: AutoclaimProcess;

  before(async () => {
    folder = await temporaryFolder();
    autoclaim = await startAutoclaim({
      AUTOCLAIM_DATA_DIR: join(folder.path, 'data'),
      AUTOCLAIM_SAMPLE: 'contoso',
    });
    await autoclaim.ready;
  });
  after(async () => {
    await autoclaim.stop();
    await folder.remove();
  });

  it('shows commands that print just what it says they print', async () => {
    const readme = await readFile(join(PROJECT, 'README.md'), 'utf8');
    const commands = blocks(readme, 'sh');
    const printed = blocks(readme, 'text');
    assert.ok(commands.length >= 6 && printed.length >= 6, 'the walk-through has its blocks');

    const script = join(folder.path, 'readme.sh');
    await writeFile(script, `set -eu\n${commands.join('\n')}`);
    await copyFile(PRODUCT_TABLE, join(folder.path, 'products.csv'));
    const { stdout } = await promisify(execFile)('sh', [script], { cwd: folder.path });
    assert.equal(stdout.replaceAll('\r\n', '\n'), printed.join(''));
  });
});

/** The fenced blocks of one language, in their order. */
function blocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(new RegExp('```' + language + '\\n(.*?)```', 'gs'))].map((match) => match[1]!);
}
