import type { EvidenceFamily, Finding } from '../types/finding.ts';
import { formatEndpoint } from '../types/ip.ts';
import { type ProcessFact, processKey } from '../types/process.ts';
import type { Connection, Listener, Owner, Role, Snapshot } from '../types/snapshot.ts';

/** Which rule gives which kind of evidence; a rule that is not named here joins no incident (POS-08: it saw nothing). */
const FAMILY_RULES: Readonly<Record<EvidenceFamily, readonly string[]>> = {
  reputation: ['EGR-01', 'EGR-05', 'EGR-06', 'EGR-08', 'EGR-19', 'EGR-20', 'EGR-21'],
  'process shape': ['EGR-02', 'EGR-09', 'EGR-10', 'EGR-22', 'EXP-09'],
  timing: ['EGR-15'],
  volume: ['EGR-16', 'EGR-17'],
  addressing: ['EGR-03', 'EGR-11', 'EGR-12', 'EGR-13', 'EGR-14', 'EGR-18'],
  novelty: ['EGR-04'],
  'channel misuse': ['EGR-07', 'POS-06'],
  exposure: [
    ...['EXP-01', 'EXP-02', 'EXP-03', 'EXP-04', 'EXP-05', 'EXP-06', 'EXP-07', 'EXP-08', 'EXP-10'],
    ...['POS-01', 'POS-02', 'POS-03', 'POS-04', 'POS-05', 'POS-07'],
  ],
};

const FAMILY_OF: ReadonlyMap<string, EvidenceFamily> = new Map(
  Object.entries(FAMILY_RULES).flatMap(([family, rules]) =>
    rules.map((ruleId) => [ruleId, family as EvidenceFamily] as const),
  ),
);

export function familyOf(ruleId: string): EvidenceFamily | undefined {
  return FAMILY_OF.get(ruleId);
}

/** Findings of a gateway as a whole: what it is, and what its configuration was made to be. */
const OF_THE_GATEWAY = (finding: Finding) => familyOf(finding.ruleId) === 'exposure' || finding.ruleId === 'POS-06';

// The gateway and its helpers are everybody's ancestors: through them every skill would be one line with every other.
const SHARED_ROLES: ReadonlySet<Role> = new Set<Role>(['gateway', 'helper']);

/** Sockets and processes read for the links of one finding; a finding of thousands is joined by its first ones. */
const READ = { sockets: 64, lineage: 16, links: 32 } as const;

/** Answers what joins a finding to others: `skill x`, `destination y`, `process 12:345`, `gateway default`. */
export function createLinks(
  snapshot: Snapshot,
  findings: readonly Finding[],
): {
  linksOf(finding: Finding): string[];
  /** One of its sockets is there in this look. */
  hasSocket(finding: Finding): boolean;
} {
  const sockets = socketsOf(findings, snapshot);
  const processes = new Map(snapshot.processes.map((process) => [process.pid, process]));
  const gatewayPids = new Set(snapshot.gateways.map(({ pid }) => pid));

  const line = (pids: readonly number[]) =>
    pids.slice(0, READ.lineage).flatMap((pid) => {
      const process = processes.get(pid);
      return pid <= 1 || gatewayPids.has(pid) || isBroker(process) ? [] : [processLink(pid, process)];
    });

  /** A member of the family: up to what the agent started. Others: itself and what started it, and not the session. */
  function lineOf({ role, process, lineage }: Owner): string[] {
    const pids = [process.pid, ...lineage.map(({ pid }) => pid)];
    return line(role === 'other' ? pids.filter((pid, index) => pids.indexOf(pid) === index).slice(0, 2) : pids);
  }

  const linesOfOwners = new Map<Owner, string[]>();
  function lineLinks(owner: Owner): string[] {
    let links = linesOfOwners.get(owner);
    if (links === undefined) {
      links = SHARED_ROLES.has(owner.role) ? gatewayLink(owner.gatewayId) : lineOf(owner);
      linesOfOwners.set(owner, links);
    }
    return links;
  }

  function addLinks(socket: Connection | Listener, links: Set<string>): void {
    const { owner } = socket;
    const destination = 'direction' in socket && socket.direction === 'outbound' ? destinationOf(socket) : undefined;
    if (owner?.skill !== undefined) links.add(`skill ${owner.skill}`);
    if (destination !== undefined) links.add(`destination ${destination}`);
    if (owner !== undefined) for (const link of lineLinks(owner)) links.add(link);
  }

  return {
    linksOf(finding) {
      if (OF_THE_GATEWAY(finding)) return gatewayLink(finding.gatewayId);
      const { hints, subject, socketKeys } = finding;
      const links = new Set<string>();
      if (subject.startsWith('skill ')) links.add(subject);
      if (hints?.destination !== undefined) links.add(`destination ${hints.destination}`);
      for (const link of line(hints?.pids ?? [])) links.add(link);
      for (const key of socketKeys.slice(0, READ.sockets)) {
        const socket = sockets.get(key);
        if (socket !== undefined) addLinks(socket, links);
        if (links.size >= READ.links) break;
      }
      return [...links].slice(0, READ.links);
    },
    hasSocket: ({ socketKeys }) => socketKeys.some((key) => sockets.has(key)),
  };
}

/** The sockets that findings name first; an index of all ten thousand would cost more than all else here. */
function socketsOf(
  findings: readonly Finding[],
  { listeners, connections }: Snapshot,
): Map<string, Connection | Listener> {
  const wanted = new Set(findings.flatMap(({ socketKeys }) => socketKeys.slice(0, READ.sockets)));
  const found = new Map<string, Connection | Listener>();
  if (wanted.size === 0) return found;
  for (const socket of listeners) if (wanted.has(socket.key)) found.set(socket.key, socket);
  for (const socket of connections) if (wanted.has(socket.key)) found.set(socket.key, socket);
  return found;
}

function gatewayLink(id: string | undefined): string[] {
  return id === undefined ? [] : [`gateway ${id}`];
}

/** OpenClaw's broker starts every command of the agent, so it joins nothing. */
function isBroker(process: ProcessFact | undefined): boolean {
  return process?.argv.slice(0, 4).some((argument) => argument.endsWith('spawn-broker/worker.js')) === true;
}

function processLink(pid: number, process: ProcessFact | undefined): string {
  return `process ${process === undefined ? `${pid}:` : processKey(process)}`;
}

/** As `contactOf` spells it, for programs outside the family as well: an indicator is told of those, too. */
function destinationOf({ destination, remote }: Connection): string | undefined {
  return (
    destination?.domain ??
    destination?.name ??
    (remote === undefined ? undefined : formatEndpoint(remote.address, remote.port))
  );
}
