import * as v from 'valibot';
import { ConfigSchema, environmentName, OPTION_KEYS, optionNotes } from './schema.ts';

/** `docs/config.md`, from the schema alone: what is not written there does not exist. */
export function renderConfigDoc(schema: typeof ConfigSchema = ConfigSchema): string {
  const lines = [
    '# Configuration',
    '',
    'None is needed. An option is taken from the strongest place that sets it: flag, environment variable, file, default.',
    'The file is `$XDG_CONFIG_HOME/clawwatch/config.json5` (else `~/.config/clawwatch/config.json5`), or the one named by',
    '`--config` or `CLAWWATCH_CONFIG`. It is JSON5: comments, bare keys and trailing commas are fine. It must be a regular',
    'file of your own or of root that others cannot write, or it is refused. A bad value or an unknown key in the file or the',
    'environment is answered with a warning and the next weaker value; `clawwatch doctor` repeats all warnings.',
    '',
    '| key | variable | flag | values | default |',
    '|---|---|---|---|---|',
  ];
  for (const key of OPTION_KEYS) {
    const notes = optionNotes(key);
    const value: unknown = v.getDefault(schema.entries[key]);
    const usual = notes.defaultNote ?? `\`${JSON.stringify(value)}\``;
    const variable = notes.text === 'none' ? '–' : `\`${environmentName(key)}\``;
    lines.push(`| \`${key}\` | ${variable} | ${notes.flag ? `\`${notes.flag}\`` : '–'} | ${notes.range} | ${usual} |`);
  }
  lines.push('');
  for (const key of OPTION_KEYS) lines.push(`- **${key}**: ${optionNotes(key).note}`);
  lines.push(
    '',
    'Lists in variables are separated by `:`. `--interval` takes a duration (`2s`, `500ms`); `CLAWWATCH_INTERVAL_MS` also a bare',
    'number of milliseconds.',
    '',
    '`CLAWWATCH_LAB_PUBLIC` (address blocks, separated by commas) makes laboratory addresses count as the internet. Only blocks',
    'for documentation and tests are taken, so that it can make verdicts stricter and never hide anything. It belongs in no',
    'installation: every command says on stderr when it is set.',
    '',
    '```json5',
    '{',
    '  intervalMs: 5000,',
    "  failOn: 'medium',",
    '  retentionDays: 90,',
    '}',
    '```',
    '',
  );
  return lines.join('\n');
}
