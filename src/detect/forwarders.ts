import type { Gateway } from '../types/gateway.ts';
import type { Forwarder } from '../types/host-facts.ts';
import { isLoopback } from '../types/ip.ts';
import { processKey } from '../types/process.ts';
import type { Connection, Listener, Snapshot } from '../types/snapshot.ts';

/** Remembered at once; a host has a handful. */
const MAX = 256;

/** Listeners that a gateway and its helpers hold, which a forwarder can end at. */
export function portsOfGateway(snapshot: Snapshot, gateway: Gateway): Listener[] {
  const keys = new Set([...gateway.gatewayListeners, ...gateway.otherListeners]);
  return snapshot.listeners.filter(
    ({ key, protocol, owner, service }) =>
      protocol === 'tcp' &&
      service !== 'docker-proxy' &&
      keys.has(key) &&
      (owner === undefined || owner.role === 'gateway' || owner.role === 'helper'),
  );
}

/** Client ends, on this host, of connections to a gateway's ports over loopback; the gateway's own are left out. */
export function clientsOf(snapshot: Snapshot, gateway: Gateway): Connection[] {
  const listeners = portsOfGateway(snapshot, gateway);
  const ports = new Set(listeners.map(({ netns, local }) => `${netns} ${local.port}`));
  // A number is cheaper to compare than a text, and of ten thousand connections hardly any goes on.
  const numbers = new Set(listeners.map(({ local }) => local.port));
  const own = new Set(snapshot.interfaces.map(({ netns, address }) => `${netns} ${address}`));
  return snapshot.connections.filter(({ netns, protocol, remote, local, owner, state }) => {
    if (remote === undefined || !numbers.has(remote.port) || protocol !== 'tcp') return false;
    if (!ports.has(`${netns} ${remote.port}`)) return false;
    if (ports.has(`${netns} ${local.port}`) || state === 'LISTEN') return false;
    if (owner !== undefined && owner.process.pid === gateway.pid) return false;
    return isLoopback(remote.address) || own.has(`${netns} ${remote.address}`);
  });
}

/** Programs connected to a gateway's ports, now or before in this run of the agent. */
export function forwardersOf(snapshot: Snapshot, gateway: Gateway): Forwarder[] {
  const before = (snapshot.hostFacts?.forwarders ?? []).filter(({ gatewayId }) => gatewayId === gateway.id);
  const now = clientsOf(snapshot, gateway).flatMap(({ owner, remote }) =>
    owner === undefined
      ? []
      : [{ process: processKey(owner.process), gatewayId: gateway.id, port: remote!.port, lastAt: snapshot.at }],
  );
  return [...new Map([...before, ...now].map((each) => [`${each.process} ${each.port}`, each])).values()];
}

/** Keeps forwarders between looks: for as long as their process runs, and the gateway is known. */
export function createForwarders(): (snapshot: Snapshot) => Snapshot {
  let known: Forwarder[] = [];
  return (snapshot) => {
    const running = new Set(snapshot.processes.map(processKey));
    const lasting = { ...snapshot, hostFacts: { ...snapshot.hostFacts, forwarders: known } };
    known = snapshot.gateways
      .flatMap((gateway) => forwardersOf(lasting, gateway))
      .filter(({ process, lastAt }) => lastAt === snapshot.at || running.has(process))
      .sort((a, b) => b.lastAt - a.lastAt)
      .slice(0, MAX);
    return known.length === 0 ? snapshot : { ...snapshot, hostFacts: { ...snapshot.hostFacts, forwarders: known } };
  };
}
