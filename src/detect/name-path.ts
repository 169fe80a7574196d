import { posix } from 'node:path';
import type { Severity } from '../types/finding.ts';
import type { Gateway } from '../types/gateway.ts';
import { classifyAddress } from '../types/ip.ts';
import type { Snapshot } from '../types/snapshot.ts';
import { entriesOf, valueAt } from './config-value.ts';
import { isProtectedName } from './protected-names.ts';

/** Something on the way between a name and its server that is not as it was shipped. */
export interface Detour {
  severity: Severity;
  /** Stable, for the identity: `hosts api.anthropic.com`. */
  key: string;
  /** Head of a sentence about it. */
  what: string;
  /** Where it stands: file, variable, key. */
  where: string;
  /** Without secrets. */
  value: string;
}

/** Lines of the hosts file that lead a protected name to somebody else. Sinkholes (0.0.0.0) block and do not divert. */
export function hostsDetours({ hostFacts, addressContext }: Snapshot): Detour[] {
  return (hostFacts?.hostsFile ?? []).flatMap(({ name, address }) => {
    const kind = classifyAddress(address, addressContext);
    if (!isProtectedName(name) || kind === 'loopback' || kind === 'unspecified' || kind === 'invalid') return [];
    const what = `${name} is pinned to ${address}`;
    return [
      { severity: 'high' as const, key: `hosts ${name}`, what, where: '/etc/hosts', value: `${address} ${name}` },
    ];
  });
}

/** Public name servers that were not in use a day ago. Private ones come with every network that one joins. */
export function resolverDetours({ hostFacts, addressContext }: Snapshot): Detour[] {
  return (hostFacts?.newResolvers ?? [])
    .filter((address) => classifyAddress(address, addressContext) === 'public')
    .slice(0, 8)
    .map((address) => ({
      severity: 'medium' as const,
      key: `resolver ${address}`,
      what: `names are asked of ${address}, which was not a name server here before`,
      where: 'the resolver configuration',
      value: address,
    }));
}

type JudgeVariable = (
  value: string,
  snapshot: Snapshot,
) => { severity: Severity; what: string; shown: string } | undefined;

const OPEN_FOLDER = /^\/(?:tmp|var\/tmp|dev\/shm)\//;

const certificates: JudgeVariable = (value) => {
  const path = posix.normalize(value);
  if (path === '.' || path === '') return undefined;
  const isOpen = OPEN_FOLDER.test(path) || !path.startsWith('/');
  return {
    severity: isOpen ? 'high' : 'low',
    what: isOpen
      ? 'it trusts certificates from a folder in which every program may write'
      : 'it trusts certificates beside those of the system, as in companies that read the traffic',
    shown: path,
  };
};

const proxy: JudgeVariable = (value, { addressContext }) => {
  const url = URL.parse(/^\w[\w+.-]*:\/\//.test(value) ? value : `http://${value}`);
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  // OpenClaw's own egress proxy is a loopback port of the gateway.
  if (host === '' || isHere(host)) return undefined;
  const isPublic = isPublicHost(host, addressContext);
  return { severity: isPublic ? 'medium' : 'low', what: `its requests go through ${host}`, shown: host };
};

const baseUrl: JudgeVariable = (value, { addressContext, expectedHosts }) => {
  const host = URL.parse(value)?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (host === '' || isHere(host) || isProtectedName(host) || !isPublicHost(host, addressContext)) return undefined;
  if ((expectedHosts ?? []).some(({ pattern }) => pattern === host)) return undefined;
  return { severity: 'high', what: `prompts and keys go to ${host}`, shown: host };
};

/** Variables that change whom a program trusts or where its requests go. */
const VARIABLES: readonly (readonly [RegExp, JudgeVariable])[] = [
  [
    /^NODE_TLS_REJECT_UNAUTHORIZED$/,
    (value) =>
      value === '0'
        ? { severity: 'high', what: 'it takes any certificate, so anybody on the way may answer', shown: '0' }
        : undefined,
  ],
  [/^(?:NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE)$/, certificates],
  [/^(?:HTTPS?|ALL)_PROXY$/i, proxy],
  [/^[A-Z0-9_]{1,60}_BASE_URL$/, baseUrl],
];

/** Environment of the gateway and of its family, as far as the collector keeps these variables. One variable, one detour. */
export function environmentDetours(gateway: Gateway, snapshot: Snapshot): Detour[] {
  const members = new Set(snapshot.family.filter(({ gatewayId }) => gatewayId === gateway.id).map(({ pid }) => pid));
  const environments = [
    gateway.markers,
    ...snapshot.processes.filter(({ pid }) => members.has(pid)).map(({ markers }) => markers),
  ];
  const found = environments.flatMap((markers) =>
    Object.entries(markers).flatMap(([name, value]): Detour[] => {
      const judged = VARIABLES.find(([pattern]) => pattern.test(name))?.[1](value.slice(0, 2048), snapshot);
      if (judged === undefined) return [];
      const { severity, what, shown } = judged;
      return [{ severity, key: `${name} ${shown}`, what, where: `the variable ${name}`, value: shown.slice(0, 200) }];
    }),
  );
  return [...new Map(found.map((detour) => [detour.key, detour])).values()].slice(0, 24);
}

/** URLs of the configuration without encryption, to where others can read or answer on the way. */
export function cleartextDetours(gateway: Gateway, { addressContext }: Snapshot): Detour[] {
  const config = gateway.config.value;
  const urls: [key: string, url: unknown, alsoPrivate: boolean][] = [
    // A remote gateway takes the token of this one: in the LAN, too, somebody else may answer.
    ['gateway.remote.url', valueAt(config, 'gateway.remote.url'), true],
    ...entriesOf(valueAt(config, 'models.providers')).map(([name, provider]): [string, unknown, boolean] => [
      `models.providers.${name}.baseUrl`,
      valueAt(provider, 'baseUrl'),
      false,
    ]),
    ...entriesOf(valueAt(config, 'mcp.servers')).map(([name, server]): [string, unknown, boolean] => [
      `mcp.servers.${name}.url`,
      valueAt(server, 'url'),
      false,
    ]),
  ];
  return urls.slice(0, 200).flatMap(([key, text, alsoPrivate]) => {
    const url = typeof text === 'string' ? URL.parse(text.slice(0, 2048)) : null;
    if (url === null || (url.protocol !== 'ws:' && url.protocol !== 'http:')) return [];
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isHere(host) || isInTailnet(host, addressContext)) return [];
    if (!alsoPrivate && !isPublicHost(host, addressContext)) return [];
    const what = `${key} goes to ${host} without encryption`;
    return [
      { severity: 'medium' as const, key: `cleartext ${key}`, what, where: key, value: `${url.protocol}//${url.host}` },
    ];
  });
}

function isHere(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || classifyAddress(host) === 'loopback';
}

/** The tailnet encrypts by itself. */
function isInTailnet(host: string, context: Snapshot['addressContext']): boolean {
  return host.toLowerCase().endsWith('.ts.net') || classifyAddress(host, context) === 'tailnet';
}

const HOME_NAME = /(?:^[^.]+|\.(?:local|lan|home|internal|intranet|localdomain|home\.arpa))$/i;

function isPublicHost(host: string, context: Snapshot['addressContext']): boolean {
  const kind = classifyAddress(host, context);
  return kind === 'public' || (kind === 'invalid' && !HOME_NAME.test(host));
}
