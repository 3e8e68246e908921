import type { Command } from 'commander';

/** What every command takes that calls a server: said once. */
const EVERYWHERE = ['--json', '--profile'];

/** All commands as a part of a page in Markdown: docs/command-line.md has it, and a test keeps it true. */
export function describeCommands(program: Command): string {
  return program.commands
    .map((command) =>
      command.commands.length > 0
        ? [
            `### ${command.name()}`,
            sentence(command.description()),
            ...command.commands.map((part) => entry(part, `autoclaim ${command.name()}`)),
          ].join('\n\n')
        : [`### ${command.name()}`, entry(command, 'autoclaim')].join('\n\n'),
    )
    .join('\n\n');
}

function entry(command: Command, before: string): string {
  const names = command.registeredArguments.map((one) => {
    const name = one.variadic ? `${one.name()}...` : one.name();
    return one.required ? `<${name}>` : `[${name}]`;
  });
  const lines = [
    ...command.registeredArguments
      .filter(({ description }) => description)
      .map((one, index) => `- \`${names[index]!}\`: ${escaped(one.description)}`),
    ...command.options
      .filter(({ long }) => !EVERYWHERE.includes(long!))
      .map(({ flags, description, mandatory, defaultValue }) => {
        const more = [
          mandatory ? 'needed' : '',
          defaultValue === undefined ? '' : `default: ${String(defaultValue)}`,
        ].filter(Boolean);
        return `- \`${flags}\`: ${escaped(description)}${more.length > 0 ? ` (${more.join('; ')})` : ''}`;
      }),
  ];
  const head = `\`${[before, command.name(), ...names].join(' ')}\`: ${escaped(command.description())}`;
  return lines.length > 0 ? `${head}\n\n${lines.join('\n')}` : head;
}

function sentence(text: string): string {
  return `${escaped(text.charAt(0).toUpperCase() + text.slice(1))}.`;
}

/** < would begin a tag. */
function escaped(text: string): string {
  return text.replaceAll('<', '\\<');
}
