import type { Confidence, Gateway } from '../types/gateway.ts';
import { isLoopback } from '../types/ip.ts';
import { type ProcessFact, processKey } from '../types/process.ts';
import type { Listener, Reach, Snapshot } from '../types/snapshot.ts';
import { reachesAtLeast, widestReach } from './exposure.ts';
import { clientsOf, forwardersOf, portsOfGateway } from './forwarders.ts';
import { programNames } from './process-words.ts';

/** A reverse proxy that others can reach and that passes them on to a gateway. */
export interface ReverseProxy {
  gateway: Gateway;
  /** Name of the program, from our own table. */
  program: string;
  process: ProcessFact;
  /** Where strangers knock. */
  fronts: Listener[];
  reach: Reach;
  /** Ports of the gateway to which it was connected. */
  targets: Listener[];
  /** `likely` where the owner of a socket could not be seen and its user tells. */
  confidence: Confidence;
}

const PROGRAMS: readonly (readonly [program: string, names: RegExp])[] = [
  ['nginx', /^(nginx|openresty|angie)$/],
  ['Caddy', /^caddy$/],
  ['Traefik', /^traefik$/],
  ['HAProxy', /^haproxy$/],
  ['Envoy', /^envoy$/],
  ['Apache', /^(apache2|httpd)$/],
  ['lighttpd', /^lighttpd$/],
];

/** Ports of a proxy whose owner could not be seen: those of the web and their usual stand-ins. */
const WEB_PORTS: ReadonlySet<number> = new Set([80, 443, 8080, 8443]);

export function programOfProxy(process: ProcessFact): string | undefined {
  // The worker of a proxy of another user shows no file and a title of its own; then its kernel name is left.
  const names = [...programNames(process), ...(process.exe === undefined ? [process.comm] : [])];
  return PROGRAMS.find(([, pattern]) => names.some((name) => pattern.test(name)))?.[0];
}

/** Reverse proxies in front of a gateway, each program once. */
export function reverseProxies(snapshot: Snapshot, gateway: Gateway): ReverseProxy[] {
  const running = snapshot.processes.flatMap((process) => {
    const program = programOfProxy(process);
    return program === undefined ? [] : [{ program, process }];
  });
  if (running.length === 0) return [];
  const ports = portsOfGateway(snapshot, gateway);
  return [...Map.groupBy(running, ({ program }) => program)].flatMap(([program, same]) => {
    const processes = same.map(({ process }) => process);
    const reached = targetsOf(processes, snapshot, gateway);
    const targets = ports.filter(({ local }) => reached.ports.has(local.port));
    const { fronts, isGuess } = frontsOf(processes, snapshot, gateway);
    if (targets.length === 0 || fronts.length === 0) return [];
    const reach = widestReach(fronts.map((front) => front.reach));
    const confidence = isGuess || reached.isGuess ? 'likely' : 'certain';
    return [{ gateway, program, process: processes[0]!, fronts, reach, targets, confidence }];
  });
}

/** Ports of the gateway that any process of the proxy was connected to. */
function targetsOf(
  processes: readonly ProcessFact[],
  snapshot: Snapshot,
  gateway: Gateway,
): { ports: Set<number>; isGuess: boolean } {
  const keys = new Set(processes.map(processKey));
  const seen = forwardersOf(snapshot, gateway).filter(({ process }) => keys.has(process));
  if (seen.length > 0) return { ports: new Set(seen.map(({ port }) => port)), isGuess: false };
  // Without rights the owner stays unseen and the user does not. The user of the gateway and root run much else.
  const users = new Set(processes.map(({ uid }) => uid).filter((uid) => uid !== 0 && uid !== gateway.uid));
  const byUser = clientsOf(snapshot, gateway).filter(
    ({ owner, uid, remote }) =>
      owner === undefined && uid !== undefined && users.has(uid) && isLoopback(remote!.address),
  );
  return { ports: new Set(byUser.map(({ remote }) => remote!.port)), isGuess: true };
}

/** Where the proxy takes in strangers. Master and workers share a socket, so any process of the program will do. */
function frontsOf(
  processes: readonly ProcessFact[],
  snapshot: Snapshot,
  gateway: Gateway,
): { fronts: Listener[]; isGuess: boolean } {
  const keys = new Set(processes.map(processKey));
  const open = snapshot.listeners.filter(
    ({ protocol, netns, reach }) =>
      protocol === 'tcp' && reachesAtLeast(reach, 'tailnet') && (gateway.netns ?? netns) === netns,
  );
  const own = open.filter(({ owner }) => owner !== undefined && keys.has(processKey(owner.process)));
  if (own.length > 0) return { fronts: own, isGuess: false };
  const unseen = open.filter(({ owner, local }) => owner === undefined && WEB_PORTS.has(local.port));
  return { fronts: unseen, isGuess: true };
}
