import type { DeclaredBind, Gateway } from '../types/gateway.ts';
import { formatEndpoint, isLoopback } from '../types/ip.ts';
import type { Listener } from '../types/snapshot.ts';
import { safeText } from '../types/text.ts';
import type { AddressView } from './addresses.ts';
import { tailnetAddress, tailscaleMode } from './declared-bind.ts';
import type { Publish } from './publish.ts';
import type { Site } from './site.ts';

/** What the sentences are about. */
export interface DifferenceRequest {
  site: Site;
  verdict: Gateway['bindVerdict'];
  /** Its listeners on the gateway port. */
  listeners: readonly Listener[];
  /** Docker's forwardings to the gateway port. */
  publishes: readonly Publish[];
  view: AddressView;
}

/**
 * Sentences that explain why what is declared, what OpenClaw's own tools say and what the sockets do are not the same,
 * the most useful first. Text from outside in them is inert already.
 */
export function explainDifferences(request: DifferenceRequest): string[] {
  const { site, publishes } = request;
  return [
    ...socketSentences(request),
    ...officialToolsSentence(request),
    ...declarationSentences(request),
    ...publishes.map(
      (publish) =>
        `Docker publishes port ${publish.containerPort} of the container as ` +
        `${formatEndpoint(publish.hostAddress, publish.hostPort)} on this host.`,
    ),
    ...site.fact.config.unknownKeys.map(({ key, hint }) =>
      `OpenClaw does not know this key: ${safeText(key, 80)}. ${safeText(hint, 200)}`.trim(),
    ),
  ];
}

function socketSentences({ site, verdict, listeners }: DifferenceRequest): string[] {
  const { declared } = site;
  const sockets = socketsInWords(listeners);
  switch (verdict) {
    case 'wider than declared':
      return [`${saying(declared)}, but the gateway listens on ${sockets}.`, ...reasons(site)];
    case 'narrower than declared':
      return [
        `${saying(declared)}, but the socket is still ${sockets}: at its next start the gateway will listen on ` +
          `${declared.addresses.join(' and ')}.`,
        ...reasons(site),
      ];
    case 'as declared':
      return overrideSentence(site);
    case 'unknown':
      return unreadSentence(site, listeners);
    default:
      return [];
  }
}

/** Why a running gateway does not do what is declared. */
function reasons({ fact, declared }: Site): string[] {
  const isChanged =
    fact.startedAt !== undefined && fact.config.modifiedAt !== undefined && fact.config.modifiedAt > fact.startedAt;
  const sentences: string[] = [];
  if (isChanged) {
    // OpenClaw rewrites its file while it starts, so a later change is a hint and no proof.
    sentences.push(
      'openclaw.json was changed after start: if the bind was changed then, the running process keeps the one it started with.',
    );
  }
  if (fact.startArguments === undefined) {
    sentences.push(
      'The command line of the running gateway is not readable: it renames itself. ' +
        'An option such as --bind, which wins over openclaw.json, would not be seen.',
    );
  } else if (!isChanged && declared.modeBy !== 'flag') {
    sentences.push('Neither its start arguments nor openclaw.json explain it.');
  }
  return sentences;
}

// The socket does what flag, environment or container default say, and the file says something else.
function overrideSentence(site: Site): string[] {
  const { declared, fact } = site;
  const { configMode, modeBy, mode } = declared;
  const file = fileSaying(configMode);
  if (modeBy === 'container default') {
    return ['openclaw.json sets no bind; in a container OpenClaw then listens on 0.0.0.0 and not on loopback.'];
  }
  if (modeBy === 'config' && mode === 'auto' && fact.inContainer) {
    return ['openclaw.json says bind: auto; in a container OpenClaw then listens on 0.0.0.0 and not on loopback.'];
  }
  if (configMode === mode || (configMode === 'unset' && mode === 'loopback')) return [];
  if (modeBy === 'flag') return [`${file}; the process was started with --bind ${mode}, and that wins.`];
  if (modeBy === 'environment') {
    return [
      `${file}; OPENCLAW_GATEWAY_BIND=${mode} in the environment of the container becomes --bind, and that wins.`,
    ];
  }
  return [];
}

function unreadSentence({ fact, declared }: Site, listeners: readonly Listener[]): string[] {
  if (listeners.length === 0) return ['The sockets of the gateway could not be read, so where it listens is unknown.'];
  if (declared.configMode === 'unreadable') {
    return [`openclaw.json could not be read (${fact.config.status}), so what it declares is unknown.`];
  }
  return [];
}

/** OpenClaw's own tools read the file and never the socket. */
function officialToolsSentence({ site, listeners }: DifferenceRequest): string[] {
  const { configMode } = site.declared;
  const wide = listeners.find((listener) => !isLoopback(listener.local.address));
  if (wide === undefined || (configMode !== 'loopback' && configMode !== 'unset')) return [];
  return [
    '`openclaw gateway status`, `openclaw doctor` and `openclaw security audit` still report loopback: ' +
      `they read the config, and the socket is ${formatEndpoint(wide.local.address, wide.local.port)}.`,
  ];
}

/** Whatever is odd about the declaration itself. */
function declarationSentences({ site, view }: DifferenceRequest): string[] {
  const { declared, fact, netns } = site;
  const sentences: string[] = [];
  if (declared.mode === 'invalid') {
    sentences.push(`OpenClaw does not know bind "${safeText(declared.raw ?? '', 60)}" and refuses to start with it.`);
  } else if (declared.raw !== undefined) {
    sentences.push(
      `openclaw.json says bind: "${safeText(declared.raw, 60)}", an old spelling that OpenClaw rewrites to ` +
        `${declared.mode} when it starts.`,
    );
  }
  const served = tailscaleMode(fact);
  if (served !== undefined && declared.mode !== 'loopback' && declared.addresses.length === 0) {
    sentences.push(`OpenClaw refuses to start with bind: ${declared.mode} together with Tailscale ${served}.`);
  } else if (declared.mode === 'custom' && declared.addresses.length === 0) {
    sentences.push('bind: custom needs an IPv4 address in gateway.customBindHost; OpenClaw refuses to start without.');
  }
  if (declared.mode === 'tailnet' && view.of(netns) !== undefined && tailnetAddress(netns, view) === undefined) {
    sentences.push('bind: tailnet, but there is no Tailscale address here: OpenClaw falls back to loopback silently.');
  }
  if (served !== undefined) {
    const public_ = served === 'funnel' ? 'the internet' : 'the tailnet';
    sentences.push(
      `Tailscale ${served} carries ${public_} to this gateway; its sockets stay on loopback and cannot show it.`,
    );
  }
  if (fact.markers.OPENCLAW_GATEWAY_BIND !== undefined && !fact.inContainer) {
    sentences.push('OPENCLAW_GATEWAY_BIND is set; only the container templates read it, the gateway does not.');
  }
  if (declared.portBy === 'lock file') {
    sentences.push(
      `The running gateway wrote port ${declared.port} into its lock file; what is declared says another.`,
    );
  }
  if (declared.portBy === 'socket') {
    sentences.push(
      `Port ${declared.port} is known from the sockets of the gateway alone; what is declared says another.`,
    );
  }
  return sentences;
}

function saying(declared: DeclaredBind): string {
  if (declared.modeBy === 'flag') return `The start arguments say --bind ${declared.mode}`;
  if (declared.modeBy === 'environment') return `OPENCLAW_GATEWAY_BIND says ${declared.mode}`;
  return fileSaying(declared.configMode);
}

function fileSaying(configMode: DeclaredBind['configMode']): string {
  if (configMode === 'unset') return 'openclaw.json sets no bind';
  if (configMode === 'unreadable') return 'openclaw.json could not be read';
  return configMode === 'invalid' ? 'openclaw.json has an unknown bind' : `openclaw.json says bind: ${configMode}`;
}

function socketsInWords(listeners: readonly Listener[]): string {
  return listeners.map(({ local }) => formatEndpoint(local.address, local.port)).join(' and ');
}
