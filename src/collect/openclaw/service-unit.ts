import { ENVIRON_MARKERS, ENVIRON_SECRETS, lengthMarker } from '../../types/process.ts';

/** A systemd unit of a gateway, read as data: nothing in it is run and no variable is expanded by a shell. */
export interface ServiceUnit {
  /** `openclaw-gateway-ops.service`. */
  name: string;
  path: string;
  scope: 'user' | 'system';
  /** Owner of a user unit's home directory: `user@1000.service` in the cgroup has to agree. */
  uid?: number;
  /** Profile by its name, `undefined` for the default one. */
  profile?: string;
  /** Words of the last ExecStart, program first. */
  startArguments: string[];
  /** Allow-listed variables only; the files of EnvironmentFile= are in `environmentFiles`. */
  markers: Record<string, string>;
  environmentFiles: string[];
}

/** Unit names of gateways, old names included, and of nothing else: `openclaw-node.service` is no gateway. */
export const GATEWAY_UNIT_NAME =
  /^(?:openclaw|clawdbot|moltbot)-gateway(?:-([A-Za-z0-9][A-Za-z0-9_-]{0,63}))?\.service$/;

/** Texts of a unit: the file itself, then its drop-ins by name, as systemd reads them. */
export function parseServiceUnit(
  origin: Pick<ServiceUnit, 'name' | 'path' | 'scope' | 'uid'>,
  texts: readonly string[],
  home?: string,
): ServiceUnit {
  const unit: ServiceUnit = { ...origin, startArguments: [], markers: {}, environmentFiles: [] };
  const profile = GATEWAY_UNIT_NAME.exec(origin.name)?.[1];
  if (profile !== undefined) unit.profile = profile;
  for (const text of texts) {
    for (const { key, value } of serviceDirectives(text)) applyDirective(unit, key, expandSpecifiers(value, home));
  }
  return unit;
}

function applyDirective(unit: ServiceUnit, key: string, value: string): void {
  switch (key) {
    case 'ExecStart': {
      const words = splitUnitWords(value);
      // An empty assignment clears the list; of several the last one is what OpenClaw itself looks at.
      if (words[0] !== undefined) words[0] = words[0].replace(/^[@\-:+!|]+/, '');
      unit.startArguments = words;
      return;
    }
    case 'Environment':
      if (value.trim() === '') unit.markers = {};
      for (const word of splitUnitWords(value)) keepMarker(unit.markers, word);
      return;
    case 'EnvironmentFile': {
      const path = value.trim().replace(/^-/, '');
      if (path === '') unit.environmentFiles = [];
      else if (path.startsWith('/') && unit.environmentFiles.length < 8) unit.environmentFiles.push(path);
    }
  }
}

/** Longest line of a unit that is looked at; systemd's own limit is 1 MiB. */
const MAX_LINE = 65_536;

/** Assignments of the `[Service]` section, with continued lines joined and comments left out. */
function serviceDirectives(text: string): { key: string; value: string }[] {
  const directives: { key: string; value: string }[] = [];
  let section = '';
  let pending = '';
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    if (pending === '' && (line === '' || line.startsWith('#') || line.startsWith(';'))) continue;
    if (line.startsWith('#') || line.startsWith(';')) continue;
    if (line.endsWith('\\') && pending.length < MAX_LINE) {
      pending += `${line.slice(0, -1)} `;
      continue;
    }
    const whole = (pending + line).slice(0, MAX_LINE);
    pending = '';
    const heading = /^\[([^\]]*)\]$/.exec(whole);
    const equals = whole.indexOf('=');
    if (heading) section = heading[1]!;
    else if (section === 'Service' && equals > 0) {
      directives.push({ key: whole.slice(0, equals).trim(), value: whole.slice(equals + 1).trim() });
    }
  }
  return directives;
}

const MAX_WORDS = 256;

/** Splits by systemd's quoting: words in '…' or "…", backslash escapes the next character. An open quote ends the line. */
export function splitUnitWords(value: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < value.length && words.length < MAX_WORDS; at++) {
    const character = value[at]!;
    if (character === '\\' && at + 1 < value.length) {
      word = (word ?? '') + value[++at]!;
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === ' ' || character === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (word !== undefined && words.length < MAX_WORDS) words.push(word);
  return words;
}

/** `%h` and `%%`; everything else stays as written, because it names things that we do not need. */
function expandSpecifiers(value: string, home: string | undefined): string {
  return value.replace(/%([%h])/g, (whole, letter: string) => (letter === '%' ? '%' : (home ?? whole)));
}

/**
 * Allow-listed variables of an environment file (`.env`, EnvironmentFile=): `NAME=value`, optional `export`, quotes
 * taken off. Other lines are passed over before their value is looked at: tokens live there.
 */
export function parseEnvironmentFile(text: string): Record<string, string> {
  const markers: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=/.exec(line);
    if (match === null || !isKept(match[1]!)) continue;
    const value = line.slice(match[0].length).trim();
    const quoted = /^"((?:[^"\\]|\\.)*)"|^'([^']*)'/.exec(value);
    keepMarker(markers, `${match[1]}=${quoted ? (quoted[1] ?? quoted[2] ?? '') : withoutComment(value)}`);
  }
  return markers;
}

function isKept(name: string): boolean {
  return ENVIRON_MARKERS.has(name) || ENVIRON_SECRETS.has(name);
}

function withoutComment(value: string): string {
  const hash = value.search(/\s#/);
  return hash < 0 ? value : value.slice(0, hash).trimEnd();
}

function keepMarker(markers: Record<string, string>, assignment: string): void {
  const equals = assignment.indexOf('=');
  const name = assignment.slice(0, equals);
  if (equals <= 0) return;
  if (ENVIRON_MARKERS.has(name)) markers[name] = assignment.slice(equals + 1, equals + 4_097);
  // Of a secret its length, in bytes as `/proc` would show it.
  if (ENVIRON_SECRETS.has(name)) markers[lengthMarker(name)] = String(Buffer.byteLength(assignment) - equals - 1);
}

/**
 * Whether a control group is that of this unit: its last service is the unit, and a user unit runs under the manager
 * of its own user. A group named after the unit somewhere else does not count.
 */
export function isCgroupOfUnit(cgroup: string | undefined, unit: Pick<ServiceUnit, 'name' | 'scope' | 'uid'>): boolean {
  if (cgroup === undefined || gatewayServiceOf(cgroup) !== unit.name) return false;
  const manager = /\/user@(\d+)\.service\//.exec(cgroup)?.[1];
  if (unit.scope === 'system') return manager === undefined;
  return manager !== undefined && (unit.uid === undefined || Number(manager) === unit.uid);
}

/** The gateway service that a control group belongs to, `undefined` for every shared group. */
export function gatewayServiceOf(cgroup: string | undefined): string | undefined {
  const services = cgroup?.split('/').filter((segment) => segment.endsWith('.service')) ?? [];
  const innermost = services.at(-1);
  return innermost !== undefined && GATEWAY_UNIT_NAME.test(innermost) ? innermost : undefined;
}
