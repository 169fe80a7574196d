import type { ExpectedHost } from '../../types/egress.ts';
import { canonicalHostName } from '../../types/host-name.ts';
import { canonicalAddress, classifyAddress } from '../../types/ip.ts';
import type { Role } from '../../types/snapshot.ts';
import { isRecord, textAt, textsAt, toPort, valueAt } from '../config-value.ts';
import { isChannelOn, isPluginOn } from './configured-components.ts';
import { parseHostPattern } from './host-pattern.ts';

type Category = ExpectedHost['category'];
type Roles = ExpectedHost['roles'];

/** A worker's call is the gateway's call: channels and readers run in processes of their own. */
export const GATEWAY_ROLES: readonly Role[] = ['gateway', 'helper'];

/** Part of the configuration whose keys name far ends. `*` stands for every key. */
const SECTIONS: readonly { path: string; category: Category }[] = [
  { path: 'models.providers.*', category: 'provider' },
  { path: 'models.catalogRefresh', category: 'update' },
  { path: 'channels.*', category: 'channel' },
  { path: 'plugins.entries.*.config', category: 'plugin' },
  { path: 'mcp.servers.*', category: 'mcp' },
  { path: 'nodeHost.mcp.servers.*', category: 'mcp' },
  { path: 'tts', category: 'tool' },
  { path: 'messages.tts', category: 'tool' },
  { path: 'talk', category: 'tool' },
  { path: 'memory', category: 'tool' },
  { path: 'tools.web', category: 'tool' },
  { path: 'tools.media', category: 'tool' },
  { path: 'browser', category: 'tool' },
  { path: 'agents', category: 'provider' },
  { path: 'gateway.remote', category: 'tool' },
  { path: 'gateway.push', category: 'tool' },
  { path: 'diagnostics.otel', category: 'telemetry' },
];

// Keys that hold what OpenClaw connects to. Keys of pages that others open (`webhookUrl`, `publicUrl`, `avatarUrl`,
// `allowedOrigins`) are not among them.
const ENDPOINT_KEYS: ReadonlySet<string> = new Set([
  'apiBaseUrl',
  'apiRoot',
  'apiUrl',
  'azureEndpoint',
  'baseUrl',
  'cdpUrl',
  'endpoint',
  'gatewayUrl',
  'homeserver',
  'httpUrl',
  'incomingUrl',
  'relayUrl',
  'relays',
  'remoteUrl',
  'serverUrl',
  'serviceUrl',
  'tracesEndpoint',
  'metricsEndpoint',
  'logsEndpoint',
  'url',
]);
const PROXY_KEYS: ReadonlySet<string> = new Set(['proxy', 'proxyUrl']);

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http:', 80],
  ['ws:', 80],
  ['https:', 443],
  ['wss:', 443],
  ['socks:', 1080],
  ['socks4:', 1080],
  ['socks5:', 1080],
  ['socks5h:', 1080],
]);

const MAX_NODES = 20_000;
const MAX_DEPTH = 8;
const MAX_ENDPOINTS = 2_000;

/** Every far end that the configuration writes out, with the key that names it. Reasons are raw. */
export function configuredEndpoints(config: Record<string, unknown>): ExpectedHost[] {
  const found: ExpectedHost[] = [];
  for (const { path, category } of SECTIONS) {
    for (const { place, value } of sectionsAt(config, path.split('.'))) {
      if (isOff(config, place, value)) continue;
      walkEndpoints(value, place, category, found);
    }
  }
  addPlainHosts(config, found);
  addProxies(config, found);
  return found;
}

/** Host and port of a URL that OpenClaw would connect to; credentials in it do not matter. */
export function endpointOf(text: string): { pattern: string; port: number } | undefined {
  if (text.length > 2_048 || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const port = url.port === '' ? DEFAULT_PORTS.get(url.protocol) : Number(url.port);
  if (port === undefined || port === 0 || !DEFAULT_PORTS.has(url.protocol)) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const pattern = canonicalAddress(host) ?? canonicalHostName(host);
  return pattern === undefined ? undefined : { pattern, port };
}

function walkEndpoints(root: unknown, place: string, category: Category, found: ExpectedHost[]): void {
  const pending: { key: string; value: unknown; place: string; depth: number }[] = [
    { key: '', value: root, place, depth: 0 },
  ];
  for (let nodes = 0; pending.length > 0 && nodes < MAX_NODES && found.length < MAX_ENDPOINTS; nodes++) {
    const step = pending.pop()!;
    if (typeof step.value === 'string') {
      const isProxy = PROXY_KEYS.has(step.key);
      if (!isProxy && !ENDPOINT_KEYS.has(step.key)) continue;
      const end = endpointOf(step.value.trim());
      if (end !== undefined) found.push(expectedEnd(end, isProxy ? 'proxy' : category, GATEWAY_ROLES, step.place));
    } else if (step.depth < MAX_DEPTH && typeof step.value === 'object' && step.value !== null) {
      if (isRecord(step.value) && step.value.enabled === false) continue;
      // Where others call us.
      if (/^webhooks?$/i.test(step.key)) continue;
      const isList = Array.isArray(step.value);
      for (const [name, value] of Object.entries(step.value)) {
        pending.push({
          key: isList ? step.key : name,
          value,
          place: isList ? step.place : `${step.place}.${name}`,
          depth: step.depth + 1,
        });
      }
    }
  }
}

function expectedEnd(
  end: { pattern: string; port: number },
  category: Category,
  roles: Roles,
  key: string,
): ExpectedHost {
  const isNear = ['loopback', 'private', 'tailnet'].includes(classifyAddress(end.pattern, { tailnet: true }));
  return {
    ...end,
    roles,
    category: isNear && category === 'provider' ? 'local' : category,
    reason: `${key} in openclaw.json`,
  };
}

/** A mail or chat server that is written as host and port. Source: docs of the IRC channel and the IMAP plugin. */
function addPlainHosts(config: Record<string, unknown>, found: ExpectedHost[]): void {
  const irc = valueAt(config, 'channels', 'irc');
  if (isChannelOn(irc)) {
    const accounts = valueAt(irc, 'accounts');
    for (const account of [irc, ...(isRecord(accounts) ? Object.values(accounts) : [])]) {
      const usual = valueAt(account, 'tls') === false ? 6667 : 6697;
      addHost(account, usual, 'channels.irc.host', found);
    }
  }
  for (const { place, value } of sectionsAt(config, ['plugins', 'entries', 'imap', 'config'])) {
    if (!isPluginOn(config, 'imap')) continue;
    for (const account of [value, ...(isRecord(value) ? Object.values(value) : [])]) {
      addHost(account, 993, `${place}.host`, found);
    }
  }
}

function addHost(section: unknown, usualPort: number, key: string, found: ExpectedHost[]): void {
  const host = textAt(section, 'host');
  const pattern = host && (canonicalAddress(host) ?? canonicalHostName(host));
  if (!pattern) return;
  const port = toPort(valueAt(section, 'port')) ?? usualPort;
  found.push(expectedEnd({ pattern, port }, 'channel', GATEWAY_ROLES, key));
}

function addProxies(config: Record<string, unknown>, found: ExpectedHost[]): void {
  const proxyUrl = textAt(config, 'proxy', 'proxyUrl');
  const proxy = proxyUrl && valueAt(config, 'proxy', 'enabled') !== false ? endpointOf(proxyUrl) : undefined;
  // Children inherit it through HTTP_PROXY: everybody in the family may use it.
  if (proxy !== undefined) found.push(expectedEnd(proxy, 'proxy', ['any'], 'proxy.proxyUrl'));
  if (valueAt(config, 'secrets', 'egressProxy', 'enabled') !== true) return;
  for (const list of ['allowedHosts', 'bypassHosts']) {
    for (const host of textsAt(config, 'secrets', 'egressProxy', list).slice(0, MAX_ENDPOINTS)) {
      const parsed = parseHostPattern(host);
      // Only what needs no guess: OpenClaw takes exact host names here.
      if (!parsed.ok || parsed.pattern.kind !== 'name') continue;
      found.push({
        pattern: parsed.pattern.name,
        port: parsed.pattern.port ?? 443,
        roles: GATEWAY_ROLES,
        category: 'proxy',
        reason: `secrets.egressProxy.${list} in openclaw.json`,
      });
    }
  }
}

function isOff(config: Record<string, unknown>, place: string, value: unknown): boolean {
  const [section, id = '', plugin = ''] = place.split('.');
  if (section === 'channels') return !isChannelOn(value) || !isPluginOn(config, id);
  return section === 'plugins' && !isPluginOn(config, plugin);
}

function sectionsAt(root: unknown, path: readonly string[], place = ''): { place: string; value: unknown }[] {
  const [head, ...rest] = path;
  if (head === undefined) return root === undefined ? [] : [{ place, value: root }];
  if (!isRecord(root)) return [];
  const keys = head === '*' ? Object.keys(root) : Object.hasOwn(root, head) ? [head] : [];
  return keys.flatMap((key) => sectionsAt(root[key], rest, place === '' ? key : `${place}.${key}`));
}
