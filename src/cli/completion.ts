import { Argument, Command, type Option } from 'commander';

/** A command as it is typed, with what may come next. */
interface Completed {
  /** autoclaim policy create */
  readonly path: string;
  readonly words: readonly { readonly word: string; readonly description: string }[];
}

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `autoclaim completion …`: what a shell needs to complete commands and options, from the commands themselves. */
export function completionCommand(): Command {
  return new Command('completion')
    .description('print what a shell needs to complete commands and options')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .addHelpText(
      'after',
      '\nbash: source <(autoclaim completion bash)   zsh: source <(autoclaim completion zsh)   fish: autoclaim completion fish | source',
    )
    .action(function (this: Command, shell: (typeof SHELLS)[number]) {
      const commands = completedOf(this.parent!);
      process.stdout.write({ bash, zsh, fish }[shell](commands));
    });
}

function completedOf(command: Command, path = command.name()): Completed[] {
  const words = [
    ...command.commands.map((part) => ({ word: part.name(), description: part.description() })),
    ...command.options.map((option: Option) => ({ word: option.long!, description: option.description })),
    { word: '--help', description: 'show what it does and takes' },
  ];
  return [{ path, words }, ...command.commands.flatMap((part) => completedOf(part, `${path} ${part.name()}`))];
}

/** A text in single quotes, for any of the shells. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Of paths, those that have a word behind the program's name, as a pattern of `case`. */
function pathPattern(commands: readonly Completed[]): string {
  return commands
    .slice(1)
    .map(({ path }) => quoted(path))
    .join('|');
}

function bash(commands: readonly Completed[]): string {
  const cases = commands.map(
    ({ path, words }) => `    ${quoted(path)}) words=${quoted(words.map(({ word }) => word).join(' '))} ;;`,
  );
  return `_autoclaim() {
  local path=autoclaim words='' index
  for ((index = 1; index < COMP_CWORD; index++)); do
    case "$path \${COMP_WORDS[index]}" in
      ${pathPattern(commands)}) path="$path \${COMP_WORDS[index]}" ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _autoclaim autoclaim
`;
}

function zsh(commands: readonly Completed[]): string {
  const cases = commands.map(({ path, words }) => {
    const described = words.map(({ word, description }) => quoted(`${word}:${description.replaceAll(':', '\\:')}`));
    return `    ${quoted(path)}) candidates=(${described.join(' ')}) ;;`;
  });
  return `#compdef autoclaim
_autoclaim() {
  local at=autoclaim word
  local -a candidates
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$at $word" in
      ${pathPattern(commands)}) at="$at $word" ;;
    esac
  done
  case "$at" in
${cases.join('\n')}
  esac
  _describe autoclaim candidates || _files
}
compdef _autoclaim autoclaim
`;
}

function fish(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ path, words }) =>
    words.map(({ word, description }) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`;
      return `complete -c autoclaim -n ${quoted(`test (__autoclaim_at) = "${path}"`)} ${what} -d ${fishQuoted(description)}`;
    }),
  );
  return `function __autoclaim_at
  set -l at autoclaim
  for word in (commandline -opc)[2..]
    switch "$at $word"
      case ${commands
        .slice(1)
        .map(({ path }) => quoted(path))
        .join(' ')}
        set at "$at $word"
    end
  end
  echo $at
end
${lines.join('\n')}
`;
}

/** fish reads \\' inside single quotes. */
function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
