import { createHash } from 'node:crypto';
import { isRecord } from './parse-json5.ts';

/**
 * Parts of the configuration that decide who can reach the gateway, whom it talks to and what runs by itself: a change
 * in them is drift, a change elsewhere is not. `*` stands for every key.
 */
const NETWORK_PATHS: readonly string[] = [
  'gateway.port',
  'gateway.bind',
  'gateway.customBindHost',
  'gateway.mode',
  'gateway.publicOrigin',
  'gateway.auth',
  'gateway.trustedProxies',
  'gateway.allowRealIpFallback',
  'gateway.tailscale',
  'gateway.controlUi.enabled',
  'gateway.controlUi.basePath',
  'gateway.controlUi.allowedOrigins',
  'gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback',
  'gateway.controlUi.dangerouslyDisableDeviceAuth',
  'gateway.controlUi.allowExternalEmbedUrls',
  'gateway.terminal.enabled',
  'gateway.tls',
  'gateway.http',
  'gateway.tools',
  'gateway.nodes',
  'gateway.portals',
  'gateway.remote',
  'gateway.push',
  'discovery',
  'mcp.apps',
  'mcp.servers',
  'nodeHost',
  'hooks',
  'browser.enabled',
  'browser.cdpUrl',
  'browser.profiles',
  'browser.extensionRelay',
  'browser.extraArgs',
  'browser.ssrfPolicy',
  'desktop',
  'proxy',
  'secrets.egressProxy',
  'tools.web',
  'tools.exec',
  'telemetry',
  'update',
  'logging.audit',
  'security',
  'models.mode',
  'models.providers.*.baseUrl',
  'models.providers.*.api',
  'plugins.enabled',
  'plugins.allow',
  'plugins.deny',
  'plugins.load',
  'plugins.entries.*.enabled',
  'skills.load',
  'cron',
  'agents.defaults.sandbox',
  'agents.defaults.heartbeat',
  'agents.list',
  'agents.entries.*.sandbox',
];

/** Keys of a chat channel that decide who may talk to it and where it connects; ids of accounts always count. */
const CHANNEL_KEY =
  /enabled|allow|policy|token|secret|password|url|host|port|webhook|server|proxy|domain|account|group|user|phone|number/i;

/** The network-relevant part, with sorted keys, so that two files that mean the same give the same. */
export function networkSubset(config: Record<string, unknown>, keepSecretHashes: boolean): Record<string, unknown> {
  const subset: Record<string, unknown> = {};
  for (const path of NETWORK_PATHS) copyPath(config, subset, path.split('.'));
  if (isRecord(config.channels)) {
    subset.channels = Object.fromEntries(
      Object.entries(config.channels).map(([id, channel]) => [id, channelPart(channel)]),
    );
  }
  return canonical(subset, keepSecretHashes) as Record<string, unknown>;
}

/** SHA-256 of the canonical JSON. */
export function networkHash(subset: Record<string, unknown>): string {
  return createHash('sha256').update(JSON.stringify(subset)).digest('hex');
}

function copyPath(from: Record<string, unknown>, to: Record<string, unknown>, path: readonly string[]): void {
  const [head, ...rest] = path;
  const keys = head === '*' ? Object.keys(from) : [head!];
  for (const key of keys) {
    if (!Object.hasOwn(from, key)) continue;
    const value = from[key];
    if (rest.length === 0) to[key] = value;
    else if (isRecord(value)) {
      const child = isRecord(to[key]) ? to[key] : {};
      copyPath(value, child, rest);
      if (Object.keys(child).length > 0) to[key] = child;
    }
  }
}

function channelPart(channel: unknown): unknown {
  if (!isRecord(channel)) return channel;
  return Object.fromEntries(
    Object.entries(channel)
      .filter(([key]) => CHANNEL_KEY.test(key))
      .map(([key, value]) => {
        const isAccounts = key === 'accounts' && isRecord(value);
        return [
          key,
          isAccounts ? Object.fromEntries(Object.entries(value).map(([id, one]) => [id, channelPart(one)])) : value,
        ];
      }),
  );
}

/** Sorted keys at every level. Lists keep their order: in OpenClaw's lists the order can mean something. */
function canonical(value: unknown, keepSecretHashes: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => canonical(item, keepSecretHashes));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .filter((key) => keepSecretHashes || key !== 'hash' || typeof value.given !== 'string')
      .map((key) => [key, canonical(value[key], keepSecretHashes)]),
  );
}
