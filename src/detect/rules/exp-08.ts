import { type Evidence, type Finding, fingerprint, type Severity } from '../../types/finding.ts';
import type { Gateway } from '../../types/gateway.ts';
import { classifyAddress, formatEndpoint, isWildcard } from '../../types/ip.ts';
import type { Rule, RuleContext } from '../../types/rule.ts';
import type { Connection, Listener, Snapshot } from '../../types/snapshot.ts';
import { publicPrefix } from '../damping.ts';
import { authGrade } from '../exposure.ts';
import { afterExposure, bindLoopback } from '../remedies.ts';
import { finding, gatewayName, gatewaySubject, momentWords } from '../subjects.ts';

interface Options {
  scannedPrefixes: number;
  scanWindowMs: number;
}

const ID = 'EXP-08';

export const exp08: Rule<Options> = {
  id: ID,
  title: 'Unexpected remote peer is connected to the gateway',
  what: 'A connection from another machine to the gateway port or one of its companion ports, open or just closed.',
  why: 'It turns "could be reached" into "is in use by somebody" and is often the earliest local trace of a takeover.',
  falsePositives:
    'Peers on the tailnet are info. One party is one address on the LAN and the tailnet and one /24 or /48 on the internet, so roaming phones and privacy addresses are not news each time. Many public parties within an hour are one finding, "being probed". Connections of the host to its own address and connections from a bridge into a container are left out.',
  whatToDo:
    'Find out who it is. If you do not know the peer, bind loopback, look through the paired devices and make a new token.',
  severity: 'critical',
  severityRange:
    'tailnet info, LAN medium, internet high; critical from the internet without authentication or with a version whose authentication can be passed by',
  needs: 'T0',
  attack: ['T1133', 'T1190', 'T1595.001'],
  defaults: { scannedPrefixes: 5, scanWindowMs: 3_600_000 },
  optionNotes: {
    scannedPrefixes:
      'Distinct public /24 or /48 within the window from which they are told as one probe. A household has one or two; scanners come from many.',
    scanWindowMs: 'Window for that count in ms: one hour.',
  },
  judge(snapshot, context) {
    const own = new Set(snapshot.interfaces.map(({ netns, address }) => `${netns} ${address}`));
    return snapshot.gateways.flatMap((gateway) => {
      const ports = portsOf(snapshot, gateway);
      const peers = snapshot.connections.flatMap((connection) => {
        const listener = ports.find((port) => serves(port, connection));
        return listener === undefined ? [] : (peerOf(snapshot, connection, listener, own) ?? []);
      });
      return judgeGateway(gateway, peers, snapshot, context);
    });
  },
};

interface Peer {
  reach: 'tailnet' | 'lan' | 'public';
  /** What counts as one party. */
  party: string;
  connection: Connection;
}

function portsOf(snapshot: Snapshot, gateway: Gateway): Listener[] {
  const keys = new Set([...gateway.gatewayListeners, ...gateway.otherListeners]);
  return snapshot.listeners.filter(
    ({ key, protocol, state }) => protocol === 'tcp' && state === 'LISTEN' && keys.has(key),
  );
}

function serves(listener: Listener, connection: Connection): boolean {
  return (
    connection.remote !== undefined &&
    connection.protocol === 'tcp' &&
    connection.netns === listener.netns &&
    connection.local.port === listener.local.port &&
    (isWildcard(listener.local.address) || listener.local.address === connection.local.address)
  );
}

function peerOf(
  snapshot: Snapshot,
  connection: Connection,
  listener: Listener,
  own: ReadonlySet<string>,
): Peer | undefined {
  const address = connection.remote!.address;
  const reach = peerReach(address, snapshot);
  if (reach === undefined || connection.direction === 'outbound' || own.has(`${connection.netns} ${address}`))
    return undefined;
  // A container's bridge hides who came: the publisher on the host side has the true peer.
  if (listener.place === 'container' && reach !== 'public') return undefined;
  return { reach, party: reach === 'public' ? publicPrefix(address) : address, connection };
}

/** Where a peer is. Special-purpose addresses never are real peers; somebody who uses one counts as a stranger. */
function peerReach(address: string, { addressContext }: Snapshot): Peer['reach'] | undefined {
  switch (classifyAddress(address, addressContext)) {
    case 'tailnet':
      return 'tailnet';
    case 'private':
    case 'link-local':
    case 'cgnat':
    case 'metadata':
      return 'lan';
    case 'public':
    case 'special':
      return 'public';
    default:
      return undefined;
  }
}

function judgeGateway(gateway: Gateway, peers: Peer[], snapshot: Snapshot, context: RuleContext<Options>): Finding[] {
  const { scannedPrefixes, scanWindowMs } = context.options;
  const strangers = new Set(peers.filter(({ reach }) => reach === 'public').map(({ party }) => party));
  for (const { address } of context.history.inboundPeers(gateway.id, context.now - scanWindowMs)) {
    if (peerReach(address, snapshot) === 'public') strangers.add(publicPrefix(address));
  }
  const probed = strangers.size >= scannedPrefixes;
  const parties = Map.groupBy(
    peers.filter(({ reach }) => !(probed && reach === 'public')),
    ({ party }) => party,
  );
  const findings = [...parties.values()].map((party) => connected(gateway, party));
  if (probed) findings.push(beingProbed(gateway, strangers, peers));
  return findings;
}

function severityOf(gateway: Gateway, reach: Peer['reach']): Severity {
  if (reach === 'tailnet') return 'info';
  if (reach === 'lan') return 'medium';
  return authGrade(gateway) === 'none' ? 'critical' : 'high';
}

const PLACE: Readonly<Record<Peer['reach'], string>> = {
  tailnet: 'on the tailnet',
  lan: 'on the LAN',
  public: 'on the internet',
};

function connected(gateway: Gateway, peers: Peer[]): Finding {
  const { reach, party } = peers[0]!;
  const isOpen = peers.some(({ connection }) => connection.state === 'ESTABLISHED');
  return finding({
    ruleId: ID,
    severity: severityOf(gateway, reach),
    title: `${gatewayName(gateway)} ${isOpen ? 'has' : 'just had'} a connection from ${peers[0]!.connection.remote!.address} ${PLACE[reach]}`,
    subject: `${gatewaySubject(gateway)}, peer ${party}`,
    why: 'Somebody on another machine talks to the port that controls the agent. If it is not you, it is somebody else.',
    evidence: peers.slice(0, 10).map(connectionEvidence),
    fixes: strangerFixes(gateway),
    confidence: gateway.confidence,
    fingerprint: fingerprint(ID, gateway.id, reach, party),
    gatewayId: gateway.id,
    socketKeys: peers.map(({ connection }) => connection.key),
  });
}

function connectionEvidence({ connection }: Peer): Evidence {
  const { local, remote, state, since } = connection;
  const ends = `${formatEndpoint(remote!.address, remote!.port)} → ${formatEndpoint(local.address, local.port)}`;
  return { label: 'connection', value: `${ends}, ${state}, since ${momentWords(since.at)} (${since.basis})` };
}

function beingProbed(gateway: Gateway, strangers: ReadonlySet<string>, peers: Peer[]): Finding {
  const now = peers.filter(({ reach }) => reach === 'public');
  return finding({
    ruleId: ID,
    severity: severityOf(gateway, 'public'),
    title: `${gatewayName(gateway)} is being probed from the internet: ${strangers.size} networks within the window`,
    subject: `${gatewaySubject(gateway)}, many public peers`,
    why: 'So many strangers within so short a time are scanners: the gateway has been found and will be tried.',
    evidence: [
      { label: 'networks', value: [...strangers].sort().slice(0, 20).join(', ') },
      { label: 'connected now', value: String(now.length) },
      ...now.slice(0, 10).map(connectionEvidence),
    ],
    fixes: strangerFixes(gateway),
    confidence: gateway.confidence,
    fingerprint: fingerprint(ID, gateway.id, 'probed'),
    gatewayId: gateway.id,
    socketKeys: now.map(({ connection }) => connection.key),
  });
}

function strangerFixes(gateway: Gateway) {
  return [...afterExposure(gateway), ...bindLoopback(gateway)];
}
