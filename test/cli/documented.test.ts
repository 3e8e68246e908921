import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { join } from 'node:path';
import { parse } from 'yaml';
import { writeFileSync } from 'node:fs';
import { SetUp } from '../../contract/set-up.ts';
import { buildProgram } from '../../src/cli/command-line.ts';
import { describeCommands } from '../../src/cli/describe.ts';
import * as exitCodes from '../../src/cli/exit-codes.ts';
import { temporaryFolder } from '../harness/autoclaim-process.ts';
import { runCommand } from '../harness/command.ts';

// What the guides say of the command line is what it is.

const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

describe('docs/command-line.md', () => {
  it('has every command as the program has it', async () => {
    const [, written] = /<!-- commands -->\n\n([\s\S]*)\n\n<!-- end -->/.exec(page('command-line.md'))!;
    const described = describeCommands(await buildProgram(async () => undefined));
    assert.ok(described.split('\n### ').length > 15);
    assert.equal(written, described, 'run: node scripts/document-commands.mjs');
  });

  it('has every exit code', () => {
    const table = [...page('command-line.md').matchAll(/^\| ([\d, ]+) \|/gm)].flatMap(([, codes]) =>
      codes!.split(', ').map(Number),
    );
    const there = Object.values(exitCodes).flatMap((code) => (typeof code === 'number' ? [code] : Object.values(code)));
    assert.deepEqual(table.toSorted(), [0, ...there].toSorted());
  });
});

describe('docs/policies-as-code.md', () => {
  it('shows a file that is one', () => {
    const [, yaml] = /```yaml\n([\s\S]*?)```/.exec(page('policies-as-code.md'))!;
    const isValid = new Ajv2020({ strict: false }).compile(SetUp);
    assert.ok(isValid(parse(yaml!)), JSON.stringify(isValid.errors));
  });
});

describe('completion', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder.remove());

  /** What a real shell offers for a line, by what is printed for it; undefined where there is no such shell. */
  const offered = async (shell: string, script: (file: string) => string, flags: readonly string[] = []) => {
    const { code, stdout } = await runCommand(['completion', shell]);
    assert.equal(code, 0);
    const file = join(folder.path, shell);
    writeFileSync(file, stdout);
    const { error, stdout: printed, stderr } = spawnSync(shell, [...flags, '-c', script(file)], { encoding: 'utf8' });
    if (error) return undefined;
    assert.equal(stderr, '');
    return printed
      .trim()
      .split('\n')
      .map((line) => line.split(/[:\t]/, 1)[0]);
  };

  it('offers commands, then theirs, then options, in bash', async () => {
    const line = (words: string) =>
      `COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _autoclaim; echo "\${COMPREPLY[*]}"`;
    const found = await offered('bash', (file) =>
      [
        `source ${file}`,
        line('autoclaim pol'),
        line('autoclaim policy re'),
        line('autoclaim license assign ana --w'),
      ].join('\n'),
    );
    assert.deepEqual(found, ['policy', 'reorder', '--without-plan']);
  });

  it('does in zsh', async (test) => {
    const found = await offered(
      'zsh',
      (file) =>
        `compdef() {}; _describe() { print -l -- $candidates }; source ${file}; words=(autoclaim db ''); CURRENT=3; _autoclaim`,
      ['-f'],
    );
    if (!found) {
      test.skip('there is no zsh here');
      return;
    }
    assert.deepEqual(found, ['backup', 'check', 'restore', 'move', 'upgrade', 'distribute', '--help']);
  });

  it('does in fish', async (test) => {
    const found = await offered('fish', (file) => `source ${file}; complete -C 'autoclaim license assign --p'`, [
      '--no-config',
    ]);
    if (!found) {
      test.skip('there is no fish here');
      return;
    }
    assert.deepEqual(found.toSorted(), ['--product', '--profile']);
  });
});
