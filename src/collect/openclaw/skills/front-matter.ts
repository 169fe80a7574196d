/** What the head of a SKILL.md says about itself. A skill chooses it, so raw. */
export interface FrontMatter {
  name?: string;
  version?: string;
}

const MAX_HEAD = 16_384;
const MAX_LINES = 200;
const MAX_VALUE = 200;

/**
 * `name:` and `version:` of the first block between `---` lines. Not YAML: only plain and quoted words on the line of
 * their key and at its left edge, which is how every published skill writes these two. Never throws.
 */
export function parseFrontMatter(text: string): FrontMatter {
  const lines = text
    .slice(0, MAX_HEAD)
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/, MAX_LINES);
  const found: FrontMatter = {};
  if (lines[0]?.trimEnd() !== '---') return found;
  for (const line of lines.slice(1)) {
    if (/^(?:---|\.\.\.)\s*$/.test(line)) return found;
    const match = /^(name|version):[ \t]*(.*)$/.exec(line);
    if (match === null) continue;
    const key = match[1] as 'name' | 'version';
    const value = plainValue(match[2]!);
    // As in YAML libraries that do not refuse it, the last of two equal keys counts.
    if (value !== undefined) found[key] = value;
  }
  // A block without an end is no block; without it, the body of the text could name the skill.
  return {};
}

function plainValue(raw: string): string | undefined {
  const text = raw.trim();
  const quoted = /^(?:"([^"\\]*)"|'([^']*)')(?:[ \t]+#.*)?$/.exec(text);
  const value = quoted ? (quoted[1] ?? quoted[2] ?? '') : text.replace(/[ \t]+#.*$/, '');
  // Anchors, aliases, block texts and collections: not worth a guess.
  const isPlain = quoted !== null || !/^[[\]{}&*!|>%@`"'#]/.test(value);
  return isPlain && value !== '' && value.length <= MAX_VALUE ? value : undefined;
}
