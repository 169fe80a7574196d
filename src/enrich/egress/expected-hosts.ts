import type { ExpectedHost } from '../../types/egress.ts';
import type { GatewayFact } from '../../types/gateway.ts';
import { isRecord, textAt, valueAt } from '../config-value.ts';
import {
  type ConfiguredComponents,
  configuredComponents,
  isCliBackend,
  isComponent,
  isPluginOn,
} from './configured-components.ts';
import { configuredEndpoints, endpointOf, GATEWAY_ROLES } from './configured-endpoints.ts';
import { DEVELOPMENT_HOSTS } from './dev-hosts.ts';
import { matchesHostPattern, parseHostPattern } from './host-pattern.ts';
import { OPENCLAW_HOSTS, type OpenClawHost } from './openclaw-hosts.ts';

/** What else decides which far ends are ordinary on this host. */
export interface ExpectedHostOptions {
  /** Addresses of the name servers that the gateway's processes ask. */
  resolvers?: readonly string[];
}

/**
 * Hosts that this gateway's own configuration makes us expect, each with who may contact it and why. Pure. Nothing here
 * comes from a skill: neither its text nor its arguments make a host expected. `web_fetch`, link previews and browsers
 * reach arbitrary hosts and make none expected either.
 *
 * Reasons name keys of the configuration and are raw: print through `safeText`.
 */
export function expectedHosts(gateway: GatewayFact, options: ExpectedHostOptions = {}): ExpectedHost[] {
  const config = gateway.config.value;
  const components = configuredComponents(config);
  return unique([
    ...configuredEndpoints(config),
    ...OPENCLAW_HOSTS.flatMap((host) => expectation(host, config, components)),
    ...DEVELOPMENT_HOSTS.flatMap(([pattern, ports]) => ports.map((port) => developmentHost(pattern, port))),
    ...(options.resolvers ?? []).flatMap((address) => [53, 853].map((port) => nameServer(address, port))),
  ]);
}

function expectation(
  host: OpenClawHost,
  config: Record<string, unknown>,
  components: ConfiguredComponents,
): ExpectedHost[] {
  const [pattern, port, category, component, condition, initiator] = host;
  const found = condition === 'configured' ? configuredBy(host, config, components) : byDefault(host, config);
  if (found === undefined) return [];
  const roles = initiator === 'helper' ? (['helper'] as const) : GATEWAY_ROLES;
  return [
    {
      pattern,
      ...(port > 0 && { port }),
      // The vendor's own program opens the connection, and looks like any command of the agent.
      roles: found.isCliBackend ? [...roles, 'exec'] : roles,
      category,
      reason: found.reason ?? `${component} of OpenClaw`,
    },
  ];
}

interface Ground {
  reason?: string;
  isCliBackend?: boolean;
}

function byDefault([, , , component, condition]: OpenClawHost, config: Record<string, unknown>): Ground | undefined {
  if (condition === 'always') return {};
  switch (component) {
    case 'update-check':
      return valueAt(config, 'update', 'checkOnStart') === false
        ? undefined
        : { reason: 'daily update check of OpenClaw' };
    case 'model-catalog': {
      const isOff = valueAt(config, 'models', 'catalogRefresh', 'enabled') === false;
      return isOff ? undefined : { reason: 'model catalog of OpenClaw' };
    }
    case 'bonjour':
      return valueAt(config, 'discovery', 'mdns', 'mode') === 'off' || !isPluginOn(config, component) ? undefined : {};
    default:
      return isPluginOn(config, component) ? {} : undefined;
  }
}

function configuredBy(
  [pattern, port, category, component]: OpenClawHost,
  config: Record<string, unknown>,
  components: ConfiguredComponents,
): Ground | undefined {
  if (category === 'channel' || component === 'signal') {
    const reason = components.channels.get(component);
    return reason === undefined ? undefined : { reason };
  }
  const named = [...components.others].filter(([id]) => isComponent(id, component));
  const place = named.flatMap(([id, places]) => {
    const elsewhere = isElsewhere(config, id, component);
    return [...places].filter((each) => !elsewhere || SPEAKS_FOR_ITSELF.test(each));
  })[0];
  if (place === undefined) return undefined;
  const asDefault = category === 'local' ? `, by default at ${pattern}:${port}` : '';
  return {
    reason: `${place} in openclaw.json names ${component}${asDefault}`,
    isCliBackend: named.some(([id]) => isCliBackend(id)),
  };
}

// Speech, search and memory do not follow the base URL of the chat models of the same vendor.
const SPEAKS_FOR_ITSELF = /^(?:tts|talk|memory|tools|messages|media|speech|plugins)\b/;

/** True when that provider is pointed at a host of the user's own: then the vendor's hosts are a surprise. */
function isElsewhere(config: Record<string, unknown>, id: string, component: string): boolean {
  const providers = valueAt(config, 'models', 'providers');
  const key = isRecord(providers) ? Object.keys(providers).find((name) => name.toLowerCase() === id) : undefined;
  const baseUrl = key === undefined ? undefined : textAt(providers, key, 'baseUrl');
  const end = baseUrl === undefined ? undefined : endpointOf(baseUrl);
  if (end === undefined) return false;
  const far = { name: end.pattern, address: end.pattern, port: end.port };
  return !OPENCLAW_HOSTS.some(([pattern, , , owner]) => {
    const parsed = owner === component ? parseHostPattern(pattern) : undefined;
    return parsed?.ok === true && matchesHostPattern(parsed.pattern, far);
  });
}

function developmentHost(pattern: string, port: number): ExpectedHost {
  return { pattern, port, roles: ['exec'], category: 'registry', reason: 'source host or package registry' };
}

function nameServer(address: string, port: number): ExpectedHost {
  return { pattern: address, port, roles: ['any'], category: 'local', reason: 'name server of this host' };
}

/** The first of several that say the same: what the user wrote comes before what we bring along. */
function unique(hosts: readonly ExpectedHost[]): ExpectedHost[] {
  const seen = new Set<string>();
  return hosts.filter(({ pattern, port, roles }) => {
    const key = `${pattern} ${port ?? ''} ${roles.join(' ')}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
