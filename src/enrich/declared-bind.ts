import type { BindMode, DeclaredBind, GatewayFact } from '../types/gateway.ts';
import { canonicalAddress } from '../types/ip.ts';
import { type AddressView, isTailscale } from './addresses.ts';
import { portAt, textAt, toPort } from './config-value.ts';
import { flagValue } from './start-arguments.ts';

const DEFAULT_PORT = 18789;
const DEV_PORT = 19001;
const MODES: ReadonlySet<string> = new Set(['loopback', 'lan', 'tailnet', 'auto', 'custom']);

// OpenClaw rewrites these to a mode when it starts, and its own `config validate` calls them invalid.
const HOST_ALIASES: ReadonlyMap<string, BindMode> = new Map([
  ['0.0.0.0', 'lan'],
  ['::', 'lan'],
  ['[::]', 'lan'],
  ['*', 'lan'],
  ['127.0.0.1', 'loopback'],
  ['localhost', 'loopback'],
  ['::1', 'loopback'],
  ['[::1]', 'loopback'],
]);

type Word = Pick<DeclaredBind, 'mode' | 'modeBy' | 'raw'>;

/**
 * What flags, environment and configuration say should happen, by OpenClaw's own order: flag, environment, file,
 * container default, profile default, default.
 *
 * @param netns namespace of the gateway, whose interfaces decide what `tailnet` means.
 */
export function declareBind(fact: GatewayFact, netns: string, view: AddressView): DeclaredBind {
  const word = declaredWord(fact);
  return {
    ...word,
    addresses: addressesOf(word.mode, fact, netns, view),
    ...declaredPort(fact),
    configMode: configMode(fact),
  };
}

/** `serve` or `funnel` when Tailscale carries the gateway: then OpenClaw insists on a loopback bind. */
export function tailscaleMode(fact: GatewayFact): 'serve' | 'funnel' | undefined {
  const word =
    flagValue(fact.startArguments ?? [], '--tailscale') ?? textAt(fact.config.value, 'gateway', 'tailscale', 'mode');
  return word === 'serve' || word === 'funnel' ? word : undefined;
}

/** IPv4 address that Tailscale gave this namespace; OpenClaw binds no other. */
export function tailnetAddress(netns: string, view: AddressView): string | undefined {
  return view.of(netns)?.find((entry) => entry.family === 4 && isTailscale(entry))?.address;
}

/** Port of a named profile: OpenClaw hashes the name (FNV-1a, 32 bits) into 20000 … 59999. */
export function profilePort(profile: string): number {
  let hash = 2166136261;
  for (const byte of Buffer.from(profile, 'utf8')) hash = Math.imul(hash ^ byte, 16777619) >>> 0;
  return 20000 + (hash % 40000);
}

function declaredWord(fact: GatewayFact): Word {
  const flag = flagValue(fact.startArguments ?? [], '--bind')?.trim();
  if (flag) return { ...exactMode(flag), modeBy: 'flag' };
  // The gateway reads no such variable: only the container templates do, and hand it over as `--bind`.
  const environment = fact.markers.OPENCLAW_GATEWAY_BIND?.trim();
  if (environment && fact.inContainer) return { ...exactMode(environment), modeBy: 'environment' };
  const configured = textAt(fact.config.value, 'gateway', 'bind');
  if (configured !== undefined) return { ...modeOrAlias(configured), modeBy: 'config' };
  // An unset bind behind Tailscale Serve stays loopback even in a container.
  if (fact.inContainer && tailscaleMode(fact) === undefined) return { mode: 'auto', modeBy: 'container default' };
  return { mode: 'loopback', modeBy: 'default' };
}

function exactMode(word: string): Pick<Word, 'mode' | 'raw'> {
  return MODES.has(word) ? { mode: word as BindMode } : { mode: 'invalid', raw: word };
}

function modeOrAlias(word: string): Pick<Word, 'mode' | 'raw'> {
  const alias = HOST_ALIASES.get(word.toLowerCase());
  return alias === undefined ? exactMode(word) : { mode: alias, raw: word };
}

function configMode({ config }: GatewayFact): DeclaredBind['configMode'] {
  if (config.status === 'unreadable' || config.status === 'invalid') return 'unreadable';
  const word = textAt(config.value, 'gateway', 'bind');
  return word === undefined ? 'unset' : modeOrAlias(word).mode;
}

const LOOPBACK = ['127.0.0.1', '::1'];

// Observed with OpenClaw 2026.9: the wildcard is IPv4 only, and `::1` comes only with a pure loopback bind.
function addressesOf(mode: DeclaredBind['mode'], fact: GatewayFact, netns: string, view: AddressView): string[] {
  const isConfigUnread = fact.config.status === 'unreadable' || fact.config.status === 'invalid';
  const addresses = isConfigUnread && mode === 'loopback' ? [] : modeAddresses(mode, fact, netns, view);
  // Serve and Funnel with any other bind: OpenClaw refuses to start, so nothing can be said to be declared.
  const isRefused = tailscaleMode(fact) !== undefined && addresses.some((address) => !LOOPBACK.includes(address));
  return isRefused ? [] : addresses;
}

function modeAddresses(mode: DeclaredBind['mode'], fact: GatewayFact, netns: string, view: AddressView): string[] {
  switch (mode) {
    case 'loopback':
      return LOOPBACK;
    case 'lan':
      return ['0.0.0.0'];
    case 'auto':
      return fact.inContainer === undefined ? [] : fact.inContainer ? ['0.0.0.0'] : LOOPBACK;
    case 'tailnet': {
      if (view.of(netns) === undefined) return [];
      const address = tailnetAddress(netns, view);
      return address === undefined ? LOOPBACK : [address, '127.0.0.1'];
    }
    case 'custom': {
      const host = canonicalAddress(textAt(fact.config.value, 'gateway', 'customBindHost') ?? '');
      // IPv4 only; without a host, or with another one, OpenClaw refuses to start.
      if (host === undefined || host.includes(':')) return [];
      if (host === '127.0.0.1') return LOOPBACK;
      return host === '0.0.0.0' ? [host] : [host, '127.0.0.1'];
    }
    default:
      return [];
  }
}

function declaredPort(fact: GatewayFact): Pick<DeclaredBind, 'port' | 'portBy'> {
  const args = fact.startArguments ?? [];
  const flag = toPort(flagValue(args, '--port'));
  if (flag !== undefined) return { port: flag, portBy: 'flag' };
  // Also written as `host:port`.
  const environment = toPort(/(?:^|:)(\d{1,5})$/.exec(fact.markers.OPENCLAW_GATEWAY_PORT?.trim() ?? '')?.[1]);
  if (environment !== undefined) return { port: environment, portBy: 'environment' };
  const configured = portAt(fact.config.value, 'gateway', 'port');
  if (configured !== undefined) return { port: configured, portBy: 'config' };
  if (fact.profile === 'dev') return { port: DEV_PORT, portBy: 'profile default' };
  if (fact.profile !== '' && fact.profile !== 'default') {
    return { port: profilePort(fact.profile), portBy: 'profile default' };
  }
  return { port: DEFAULT_PORT, portBy: 'default' };
}
