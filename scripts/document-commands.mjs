// Writes the commands into docs/command-line.md, as the program has them: node scripts/document-commands.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { buildProgram } from '../src/cli/command-line.ts';
import { describeCommands } from '../src/cli/describe.ts';

const page = new URL('../docs/command-line.md', import.meta.url);
const described = describeCommands(await buildProgram(async () => undefined));
const text = readFileSync(page, 'utf8');
writeFileSync(
  page,
  text.replace(/(<!-- commands -->\n)[\s\S]*(\n<!-- end -->)/, (_all, begin, end) => `${begin}\n${described}\n${end}`),
);
