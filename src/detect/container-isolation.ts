import type { Severity } from '../types/finding.ts';
import type { ContainerIsolation } from '../types/host-facts.ts';
import { entriesOf, valueAt, wordsOf } from './config-value.ts';

/** One hole in the wall between a container and its host. */
export interface Hole {
  severity: Severity;
  /** Stable word for the identity of the finding. */
  kind: string;
  /** For the reader. Holds text from outside. */
  what: string;
}

/** Capabilities that reach beyond the container or let it forge what others see. Docker grants NET_RAW by default. */
const GRAVE_CAPABILITIES: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ['CAP_SYS_ADMIN', 'medium'],
  ['CAP_SYS_PTRACE', 'medium'],
  ['CAP_SYS_MODULE', 'high'],
  ['CAP_NET_ADMIN', 'medium'],
  ['CAP_NET_RAW', 'medium'],
  ['CAP_DAC_READ_SEARCH', 'medium'],
]);

const ENGINE_SOCKET = /(^|\/)(docker|podman|containerd|crio)\.sock$/;

/** Holes of a container as its engine or its own process shows it. */
export function holesOf(container: ContainerIsolation): Hole[] {
  return [
    ...(container.privileged === true
      ? [{ severity: 'high' as const, kind: 'privileged', what: 'it runs privileged: root in it is root on the host' }]
      : []),
    ...(container.engineSockets ?? []).slice(0, 4).map((path) => ({
      severity: 'high' as const,
      kind: 'engine socket',
      what: `${path} is mounted: whoever can write to it can start any container with any rights`,
    })),
    ...(container.hostNetwork === true
      ? [
          {
            severity: 'high' as const,
            kind: 'host network',
            what: 'it uses the network of the host, loopback services included',
          },
        ]
      : []),
    ...(container.hostPid === true
      ? [
          {
            severity: 'high' as const,
            kind: 'host processes',
            what: 'it sees and may signal the processes of the host',
          },
        ]
      : []),
    ...(container.joinsNetworkOf === undefined
      ? []
      : [
          {
            severity: 'high' as const,
            kind: 'joined network',
            what: `it has joined the network of ${container.joinsNetworkOf}`,
          },
        ]),
    ...capabilityHoles(container.capabilities ?? []),
  ];
}

function capabilityHoles(capabilities: readonly string[]): Hole[] {
  return [...new Set(capabilities.map((word) => `CAP_${word.toUpperCase().replace(/^CAP_/, '')}`))].flatMap((name) => {
    const severity = GRAVE_CAPABILITIES.get(name);
    return severity === undefined ? [] : [{ severity, kind: name, what: `it has ${name}` }];
  });
}

/** Settings under which OpenClaw itself would start its tool containers with a hole; `key` is the full path. */
export function sandboxHoles(config: Record<string, unknown>): (Hole & { key: string })[] {
  const list = valueAt(config, 'agents.list');
  const agents: [string, unknown][] = [
    ['agents.defaults', valueAt(config, 'agents.defaults')],
    ...entriesOf(valueAt(config, 'agents.entries')).map(([name, agent]): [string, unknown] => [
      `agents.entries.${name}`,
      agent,
    ]),
    ...(Array.isArray(list) ? list : []).map((agent, index): [string, unknown] => [`agents.list.${index}`, agent]),
  ];
  const holes = agents.flatMap(([path, agent]) => holesOfSandbox(`${path}.sandbox`, valueAt(agent, 'sandbox')));
  // Hundreds of agents with one setting are one fact.
  return holes.slice(0, 24);
}

function holesOfSandbox(root: string, sandbox: unknown): (Hole & { key: string })[] {
  const network = valueAt(sandbox, 'docker.network');
  const joins = typeof network === 'string' && /^container:/.test(network);
  const binds = wordsOf(valueAt(sandbox, 'docker.binds')).filter((bind) =>
    ENGINE_SOCKET.test(bind.split(':')[0] ?? ''),
  );
  const flag = (name: string, kind: string, what: string) =>
    valueAt(sandbox, `docker.${name}`) === true
      ? [{ key: `${root}.docker.${name}`, severity: 'medium' as const, kind, what }]
      : [];
  return [
    ...(network === 'host' || joins
      ? [
          {
            key: `${root}.docker.network`,
            severity: 'high' as const,
            kind: joins ? 'joined network' : 'host network',
            what: `tools run in the network "${network}" and reach what listens on loopback there`,
          },
        ]
      : []),
    ...binds.slice(0, 4).map((bind) => ({
      key: `${root}.docker.binds`,
      severity: 'high' as const,
      kind: 'engine socket',
      what: `${bind} gives tools the container engine, and with it the host`,
    })),
    ...flag('dangerouslyAllowContainerNamespaceJoin', 'namespace join', 'tool containers may join other containers'),
    ...flag(
      'dangerouslyAllowReservedContainerTargets',
      'reserved targets',
      'mounts may cover paths that OpenClaw keeps for itself',
    ),
    ...flag('dangerouslyAllowExternalBindSources', 'external mounts', 'mounts may come from anywhere on the host'),
  ];
}
