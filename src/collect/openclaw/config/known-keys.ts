import { isRecord } from './parse-json5.ts';

/**
 * Keys of old guides that OpenClaw does not know, each with what does what the guide promised. Checked against the
 * strict schema of OpenClaw 2026.9.6, which refuses to start with any of them.
 */
const OLD_GUIDE_KEYS: Readonly<Record<string, string>> = {
  'gateway.bind_address': 'write gateway.bind ("loopback", "lan", "tailnet", "auto" or "custom") instead',
  'gateway.bindAddress': 'write gateway.bind ("loopback", "lan", "tailnet", "auto" or "custom") instead',
  'gateway.host': 'write gateway.bind instead; for one address: gateway.bind "custom" and gateway.customBindHost',
  'gateway.allow_external': 'write gateway.bind "loopback" to stay inside, "lan" to open',
  'gateway.announce': 'write discovery.mdns.mode "off" instead',
  'discovery.announce': 'write discovery.mdns.mode "off" instead',
  'gateway.token': 'write gateway.auth.mode "token" and gateway.auth.token instead',
  'gateway.password': 'write gateway.auth.mode "password" and gateway.auth.password instead',
  'gateway.controlUi.allowInsecureAuth': 'remove it; authentication is set in gateway.auth',
  'controlUi.allowInsecureAuth': 'remove it; authentication is set in gateway.auth',
  'browser.controlPort': 'remove it; the browser control port is gateway.port + 2',
  network: 'write gateway.bind and gateway.port instead',
  bridge: 'remove it; there is no bridge listener any more',
  canvasHost: 'remove it; the canvas is served on the gateway port',
};

/** Children of `gateway` and `gateway.auth` in the schema of OpenClaw 2026.9.6. */
const KNOWN_CHILDREN: Readonly<Record<string, ReadonlySet<string>>> = {
  gateway: new Set(
    `allowRealIpFallback auth bind cliAgents controlUi customBindHost http mode nodes port portals publicOrigin push reload
     remote roles tailscale terminal tls tools trustedProxies`.split(/\s+/),
  ),
  'gateway.auth': new Set('allowTailscale identityScopes mode password rateLimit token trustedProxy'.split(' ')),
};

const MAX_REPORTED = 32;

/**
 * Keys in this configuration that do nothing. Only what is certain: the keys of old guides, and unknown children of the
 * two objects whose children decide exposure. A key elsewhere that we do not know may be newer than we are.
 */
export function findUnknownKeys(config: Record<string, unknown>): { key: string; hint: string }[] {
  const found = new Map<string, string>();
  for (const [key, hint] of Object.entries(OLD_GUIDE_KEYS)) {
    if (hasPath(config, key.split('.'))) found.set(key, `OpenClaw does not know this key: ${hint}`);
  }
  for (const [parent, known] of Object.entries(KNOWN_CHILDREN)) {
    const children = at(config, parent.split('.'));
    for (const child of isRecord(children) ? Object.keys(children) : []) {
      const key = `${parent}.${child}`;
      if (known.has(child) || found.has(key)) continue;
      found.set(
        key,
        'OpenClaw 2026.9.6 does not know this key and refuses to start with it; see `openclaw config schema`',
      );
    }
  }
  return [...found].slice(0, MAX_REPORTED).map(([key, hint]) => ({ key, hint }));
}

function at(value: unknown, path: readonly string[]): unknown {
  let node = value;
  for (const key of path) {
    if (!isRecord(node) || !Object.hasOwn(node, key)) return undefined;
    node = node[key];
  }
  return node;
}

function hasPath(value: unknown, path: readonly string[]): boolean {
  const parent = at(value, path.slice(0, -1));
  return isRecord(parent) && Object.hasOwn(parent, path.at(-1)!);
}
