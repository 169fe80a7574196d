import { isRecord, textAt, valueAt } from '../config-value.ts';

/** Components that a configuration names, each with what names it, for the reader; raw. */
export interface ConfiguredComponents {
  /** Channels that are on. */
  channels: ReadonlyMap<string, string>;
  /** Providers, tools and plugins by the id that the configuration uses, with the places that name them. */
  others: ReadonlyMap<string, ReadonlySet<string>>;
}

// Ids of the configuration whose hosts stand under another id in the list of hosts. An id that only extends another
// (`minimax-portal`, `stepfun-plan`) needs no line.
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['alibaba', 'qwen'],
  ['azure', 'azure-speech'],
  ['bailian', 'qwen'],
  ['bedrock', 'amazon-bedrock'],
  ['claude-cli', 'anthropic'],
  ['codex', 'openai'],
  ['dashscope', 'qwen'],
  ['edge', 'microsoft'],
  ['gemini', 'google'],
  ['grok', 'xai'],
  ['kimi', 'moonshot'],
  ['modelstudio', 'qwen'],
]);

/** Model backends that are programs of their own and talk to the vendor themselves (OpenClaw: "CLI backends"). */
const CLI_BACKENDS = /^(?:claude-cli|codex(?:-cli)?|(?:google-)?gemini-cli)$/;

// Sections in which a model or a provider can be named. Skills are not among them: what a skill asks for proves nothing.
const SECTIONS: readonly string[][] = [
  ['agents'],
  ['hooks'],
  ['media'],
  ['memory'],
  ['messages'],
  ['speech'],
  ['talk'],
  ['tools'],
  ['tts'],
];

const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
// A configuration of 50,000 agents must not cost a look its time.
const MAX_NODES = 20_000;
const MAX_DEPTH = 10;

export function configuredComponents(config: Record<string, unknown>): ConfiguredComponents {
  const others = new Map<string, Set<string>>();
  const add = (id: string, place: string) => {
    const known = id.trim().toLowerCase();
    if (!ID.test(known)) return;
    const places = others.get(known);
    if (places === undefined) others.set(known, new Set([place]));
    else places.add(place);
  };
  for (const id of keysAt(config, 'models', 'providers')) add(id, `models.providers.${id}`);
  for (const id of keysAt(config, 'plugins', 'entries')) {
    if (isPluginOn(config, id)) add(id, `plugins.entries.${id}`);
  }
  for (const profile of Object.values(recordAt(config, 'auth', 'profiles'))) {
    const provider = textAt(profile, 'provider');
    if (provider !== undefined) add(provider, 'auth.profiles');
  }
  for (const section of SECTIONS) collectNamed(valueAt(config, ...section), section.join('.'), add);
  for (const byConversation of Object.values(recordAt(config, 'channels', 'modelByChannel'))) {
    if (!isRecord(byConversation)) continue;
    for (const model of Object.values(byConversation)) {
      if (typeof model === 'string') addReference(model, 'channels.modelByChannel', add);
    }
  }
  for (const name of [...keysAt(config, 'env'), ...keysAt(config, 'env', 'vars')]) {
    // `BRAVE_API_KEY` makes OpenClaw use Brave without another word.
    const id = /^([A-Z][A-Z0-9_]*)_API_KEY$/.exec(name)?.[1];
    if (id !== undefined) add(id.replaceAll('_', '-'), `env.${name}`);
  }
  if (isOn(valueAt(config, 'browser'))) add('browser', 'browser');
  return { channels: channelsOf(config, others), others };
}

/** True when the host list's component is what the configuration's id means. */
export function isComponent(id: string, component: string): boolean {
  return extendsId(id, component) || [...ALIASES].some(([alias, meant]) => meant === component && extendsId(id, alias));
}

export function isCliBackend(id: string): boolean {
  return CLI_BACKENDS.test(id);
}

/** A plugin is on unless it, or all of them, are switched off. */
export function isPluginOn(config: Record<string, unknown>, id: string): boolean {
  if (valueAt(config, 'plugins', 'enabled') === false) return false;
  const denied = valueAt(config, 'plugins', 'deny');
  if (Array.isArray(denied) && denied.includes(id)) return false;
  return valueAt(config, 'plugins', 'entries', id, 'enabled') !== false;
}

function channelsOf(config: Record<string, unknown>, others: ConfiguredComponents['others']): Map<string, string> {
  const channels = new Map<string, string>();
  for (const [id, channel] of Object.entries(recordAt(config, 'channels'))) {
    if (id === 'defaults' || id === 'modelByChannel' || !ID.test(id)) continue;
    if (isChannelOn(channel) && isPluginOn(config, id)) channels.set(id, `channels.${id} is enabled in openclaw.json`);
  }
  // Two that carry messages without a section under `channels`.
  if (others.has('voice-call')) channels.set('voice-call', 'plugins.entries.voice-call is enabled in openclaw.json');
  if (isOn(valueAt(config, 'hooks', 'gmail'))) channels.set('gmail', 'hooks.gmail is configured in openclaw.json');
  return channels;
}

/** On by its mere presence, as OpenClaw has it, unless it or each of its accounts says otherwise. */
export function isChannelOn(channel: unknown): boolean {
  if (!isOn(channel)) return false;
  const accounts = Object.values(recordAt(channel, 'accounts'));
  return accounts.length === 0 || accounts.some(isOn);
}

function isOn(section: unknown): boolean {
  return isRecord(section) && section.enabled !== false;
}

/** Walks one section for model references (`provider/model`) and provider names. */
function collectNamed(root: unknown, place: string, add: (id: string, place: string) => void): void {
  const pending: { key: string; value: unknown; depth: number }[] = [{ key: '', value: root, depth: 0 }];
  for (let nodes = 0; pending.length > 0 && nodes < MAX_NODES; nodes++) {
    const { key, value, depth } = pending.pop()!;
    if (typeof value === 'string') {
      if (/^provider$/i.test(key)) add(value, place);
      else if (isModelKey(key)) addReference(value, place, add);
    } else if (Array.isArray(value)) {
      if (depth < MAX_DEPTH) for (const item of value) pending.push({ key, value: item, depth: depth + 1 });
    } else if (isRecord(value) && value.enabled !== false && depth < MAX_DEPTH) {
      for (const [name, child] of Object.entries(value)) {
        if (key === 'models') addReference(name, place, add);
        if (key === 'providers' && isOn(child)) add(name, place);
        pending.push({ key: name, value: child, depth: depth + 1 });
      }
    }
  }
}

function isModelKey(key: string): boolean {
  return /model|^(?:primary|fallbacks?)$/i.test(key);
}

function addReference(reference: string, place: string, add: (id: string, place: string) => void): void {
  const slash = reference.indexOf('/');
  // A path to a local model has a slash too, and nothing before it or a dot.
  if (slash > 0 && !/^[.~]/.test(reference)) add(reference.slice(0, slash), place);
}

function extendsId(id: string, base: string): boolean {
  return id === base || id.startsWith(`${base}-`);
}

function recordAt(root: unknown, ...path: string[]): Record<string, unknown> {
  const value = valueAt(root, ...path);
  return isRecord(value) ? value : {};
}

function keysAt(root: unknown, ...path: string[]): string[] {
  return Object.keys(recordAt(root, ...path));
}
