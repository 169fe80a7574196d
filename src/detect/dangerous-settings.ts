import type { Severity } from '../types/finding.ts';
import type { Gateway } from '../types/gateway.ts';
import { classifyAddress } from '../types/ip.ts';
import type { Snapshot } from '../types/snapshot.ts';
import { entriesOf, valueAt, wordsOf } from './config-value.ts';
import { reachesAtLeast } from './exposure.ts';

/** A setting that opens something, with what to write instead. */
export interface DangerousSetting {
  /** Full path of the key. */
  key: string;
  severity: Severity;
  /** The value found, in words. Text from outside. */
  value: string;
  /** What an attacker does with it, one sentence. */
  why: string;
  /** Value to set; the key is unset when absent. */
  safe?: string;
  /** Id of OpenClaw's own audit check, where it has one. */
  checkId?: string;
}

type Check = (config: Record<string, unknown>, gateway: Gateway, snapshot: Snapshot) => DangerousSetting[];

/** Every dangerous setting of a configuration that was read. */
export function dangerousSettings(gateway: Gateway, snapshot: Snapshot): DangerousSetting[] {
  return CHECKS.flatMap((check) => check(gateway.config.value, gateway, snapshot));
}

/** Medium, and high where others can reach the gateway. */
function byReach(gateway: Gateway): Severity {
  return gateway.running && reachesAtLeast(gateway.reach, 'lan') ? 'high' : 'medium';
}

/** A switch that is dangerous when it stands on `true`; unset and `false` are the safe default. */
function dangerousSwitch(
  key: string,
  severity: Severity | ((gateway: Gateway) => Severity),
  why: string,
  checkId?: string,
): Check {
  return (config, gateway) =>
    valueAt(config, key) === true
      ? [
          {
            key,
            severity: typeof severity === 'function' ? severity(gateway) : severity,
            value: 'true',
            why,
            safe: 'false',
            ...(checkId === undefined ? {} : { checkId }),
          },
        ]
      : [];
}

const CHECKS: readonly Check[] = [
  (config, gateway) => {
    const key = 'gateway.controlUi.allowedOrigins';
    const why = 'Any web page may open the Control UI connection with the rights of the browser that shows it.';
    return wordsOf(valueAt(config, key)).some((origin) => origin.includes('*'))
      ? [{ key, severity: byReach(gateway), value: '*', why, checkId: 'gateway.control_ui.allowed_origins_wildcard' }]
      : [];
  },
  dangerousSwitch(
    'gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback',
    byReach,
    'The Host header decides which origin is trusted, so DNS rebinding makes a foreign page a trusted one.',
    'gateway.control_ui.host_header_origin_fallback',
  ),
  dangerousSwitch(
    'gateway.allowRealIpFallback',
    byReach,
    'A client can claim any address, also that of this host, with one header.',
    'gateway.real_ip_fallback_enabled',
  ),
  dangerousSwitch(
    'gateway.auth.trustedProxy.allowLoopback',
    'medium',
    'Every local program, a skill too, can pose as the proxy and name itself any user.',
    'gateway.trusted_proxy_allow_loopback',
  ),
  dangerousSwitch(
    'browser.ssrfPolicy.dangerouslyAllowPrivateNetwork',
    'medium',
    'Pages and prompts can steer the agent browser to routers, cloud metadata and other machines in the private network.',
  ),
  dangerousSwitch(
    'browser.extensionRelay.allowLegacyAuth',
    'low',
    'Old extensions may attach to the browser relay with the weaker hand-shake.',
    'browser.extension_relay_legacy_auth',
  ),
  dangerousSwitch(
    'gateway.controlUi.dangerouslyDisableDeviceAuth',
    'info',
    'The flag is retired and does nothing in current releases; an older one would skip the device check.',
  ),
  wideList('gateway.trustedProxies', 'Everybody is a trusted proxy and may name himself any address or user.'),
  wideList('gateway.nodes.pairing.autoApproveCidrs', 'Devices from anywhere are paired without a question.'),
  remoteCdp,
  mdnsFull,
  rateLimit,
  (config) =>
    valueAt(config, 'gateway.tailscale.mode') === 'funnel'
      ? [
          {
            key: 'gateway.tailscale.mode',
            severity: 'high',
            value: 'funnel',
            why: 'Tailscale Funnel publishes the gateway on the internet although its socket stays on loopback.',
            safe: 'serve',
            checkId: 'gateway.tailscale_funnel',
          },
        ]
      : [],
  (config) =>
    valueAt(config, 'hooks.enabled') === true && valueAt(config, 'hooks.path') === '/'
      ? [
          {
            key: 'hooks.path',
            severity: 'medium',
            value: '/',
            why: 'Hooks answer on every path, in front of routes that have checks of their own.',
            safe: '/hooks',
            checkId: 'hooks.path_root',
          },
        ]
      : [],
  (config) => {
    const suppressed = valueAt(config, 'security.audit.suppressions');
    return Array.isArray(suppressed) && suppressed.length > 0
      ? [
          {
            key: 'security.audit.suppressions',
            severity: 'low',
            value: suppressed
              .map((entry) => suppressionWords(entry))
              .join(', ')
              .slice(0, 300),
            why: "OpenClaw's own audit keeps quiet about these checks.",
          },
        ]
      : [];
  },
];

function suppressionWords(entry: unknown): string {
  const id = valueAt(entry, 'checkId') ?? entry;
  return typeof id === 'string' ? id : JSON.stringify(id);
}

/** A list of addresses that holds everybody. */
function wideList(key: string, why: string): Check {
  return (config, gateway) => {
    const wide = wordsOf(valueAt(config, key)).filter((word) => word === '*' || /\/0+$/.test(word.trim()));
    return wide.length === 0 ? [] : [{ key, severity: byReach(gateway), value: wide.join(', '), why }];
  };
}

/** `browser.cdpUrl` and those of the profiles: remote debugging in clear text, to another machine. */
function remoteCdp(config: Record<string, unknown>): DangerousSetting[] {
  const keys = [
    'browser.cdpUrl',
    ...entriesOf(valueAt(config, 'browser.profiles')).map(([name]) => `browser.profiles.${name}.cdpUrl`),
  ];
  const values = [
    valueAt(config, 'browser.cdpUrl'),
    ...entriesOf(valueAt(config, 'browser.profiles')).map(([, profile]) => valueAt(profile, 'cdpUrl')),
  ];
  return keys.flatMap((key, index) => {
    const host = cleartextRemoteHost(values[index]);
    if (host === undefined) return [];
    return [
      {
        key,
        severity: 'medium' as const,
        value: host,
        why: 'Remote debugging hands over every logged-in session; over clear text, to everybody on the way as well.',
        checkId: 'browser.remote_cdp_http',
      },
    ];
  });
}

/** Scheme and host of an unencrypted URL to another machine. User info, path and query may hold secrets and are left out. */
function cleartextRemoteHost(value: unknown): string | undefined {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'ws:')) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || classifyAddress(host) === 'loopback' ? undefined : `${url.protocol}//${url.host}`;
}

/** Full mDNS announces paths and the SSH port. It matters only where something announces. */
function mdnsFull(config: Record<string, unknown>, gateway: Gateway, snapshot: Snapshot): DangerousSetting[] {
  const key = 'discovery.mdns.mode';
  if (
    valueAt(config, key) !== 'full' ||
    isSet(gateway.markers.OPENCLAW_DISABLE_BONJOUR) ||
    gateway.inContainer === true
  )
    return [];
  const isConfigured = ['plugins.entries.bonjour.enabled', 'plugins.bonjour.enabled'].some(
    (path) => valueAt(config, path) === true,
  );
  const isListening = snapshot.listeners.some(
    ({ service, owner, gatewayId }) => service === 'mdns' && (owner?.gatewayId ?? gatewayId) === gateway.id,
  );
  if (!isConfigured && !isListening) return [];
  const why =
    'Everybody on the LAN learns user name, paths and management ports (CVE-2026-26327, CVE-2026-41342 used such records).';
  return [{ key, severity: 'low', value: 'full', why, safe: 'minimal', checkId: 'discovery.mdns_full_mode' }];
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false', 'no', 'off'].includes(value.toLowerCase());
}

/**
 * Without a limit a secret can be guessed at network speed. It matters where the network can reach the gateway, and
 * where guessing has a chance: a sound token outlasts any speed, a password of the same length may be a sentence.
 */
function rateLimit(config: Record<string, unknown>, gateway: Gateway): DangerousSetting[] {
  const key = 'gateway.auth.rateLimit';
  const limit = valueAt(config, key);
  const isOff = limit === undefined || limit === null || limit === false || valueAt(limit, 'enabled') === false;
  const isGuessable = gateway.auth.mode !== 'token' || gateway.auth.strength !== 'sound';
  if (!isOff || !isGuessable || !gateway.running || !reachesAtLeast(gateway.reach, 'lan')) return [];
  return [
    {
      key,
      severity: 'medium',
      value: limit === undefined ? 'unset' : 'off',
      why: 'The secret can be guessed as fast as the network carries attempts.',
      safe: '{ maxAttempts: 10, windowMs: 60000, lockoutMs: 300000 }',
      checkId: 'gateway.auth_no_rate_limit',
    },
  ];
}
