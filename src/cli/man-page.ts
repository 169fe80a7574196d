import type { Command } from 'commander';

/** `docs/clawwatch.1` from the command tree, in the man macros that every system's `man` knows. No date: it would be stale. */
export function renderManPage(program: Command): string {
  const commands = leaves(program, []);
  return [
    `.TH CLAWWATCH 1 "" "ClawWatch ${roff(program.version() ?? '')}" "User Commands"`,
    '.SH NAME',
    `clawwatch \\- ${roff(lowerFirst(program.description()))}`,
    '.SH SYNOPSIS',
    '.B clawwatch',
    '[\\fIoptions\\fR] \\fIcommand\\fR [\\fIcommand options\\fR]',
    '.SH COMMANDS',
    ...commands.flatMap(({ path, command }) => [
      `.SS "${roff([...path, usage(command)].join(' '))}"`,
      roff(sentence(command.description())),
      ...options(command),
    ]),
    '.SH OPTIONS',
    'For every command:',
    ...options(program),
    ...afterText(program, 'Exit codes', 'EXIT STATUS'),
    '.SH FILES',
    '.TP',
    '.I ~/.config/clawwatch/config.json5',
    'Options that are not the defaults; see docs/config.md.',
    '.TP',
    '.I ~/.local/state/clawwatch/clawwatch.db',
    'The record, a SQLite database.',
    '.SH EXAMPLES',
    ...commands.flatMap(({ command }) => exampleLines(command)),
    '',
  ].join('\n');
}

/** Commands that do something, with the words before them. */
function leaves(command: Command, path: string[]): { path: string[]; command: Command }[] {
  return command.commands.flatMap((child) =>
    child.commands.length > 0 ? leaves(child, [...path, child.name()]) : [{ path, command: child }],
  );
}

function usage(command: Command): string {
  return [command.name(), ...command.registeredArguments.map((argument) => `<${argument.name()}>`)].join(' ');
}

function options(command: Command): string[] {
  return command.options.flatMap((option) => {
    const choices = option.argChoices ? ` (one of ${option.argChoices.join(', ')})` : '';
    const usual = typeof option.defaultValue === 'string' ? ` (default: ${option.defaultValue})` : '';
    return ['.TP', `.B ${roff(option.flags)}`, roff(sentence(option.description + choices + usual))];
  });
}

/** The text that the command's help shows after its options. */
function helpAfter(command: Command): string {
  let text = '';
  const output = command.configureOutput();
  const writeOut = (part: string) => {
    text += part;
  };
  command.configureOutput({ ...output, writeOut }).outputHelp();
  command.configureOutput(output);
  return text;
}

function exampleLines(command: Command): string[] {
  const lines = helpAfter(command).split('Examples:\n')[1]?.trim().split('\n') ?? [];
  return lines.flatMap((line) => ['.PP', `.B ${roff(line.trim())}`]);
}

function afterText(program: Command, title: string, heading: string): string[] {
  const lines = helpAfter(program).split(`${title}:\n`)[1]?.trimEnd().split('\n') ?? [];
  return [
    `.SH ${heading}`,
    ...lines.flatMap((line) => {
      const [, code, meaning] = /^ *(\d+) +(.*)$/.exec(line) ?? [];
      return code ? ['.TP', `.B ${code}`, roff(sentence(meaning!))] : [];
    }),
  ];
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.)]$/.test(first) ? first : `${first}.`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Backslashes, hyphens and leading dots mean something to roff. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replace(/^([.'])/, '\\&$1');
}
