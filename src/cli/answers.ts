import type { BlindSpot } from '../types/blind-spot.ts';
import type { Gateway } from '../types/gateway.ts';
import type { Connection, Listener, Owner } from '../types/snapshot.ts';
import type { CycleRecord, FindingRecord } from '../types/store.ts';

/**
 * What JSON answers are made of: picked field by field, so that an internal type can change without breaking somebody's
 * script. Times are Unix ms. Text is as the machine gave it; `inertJson` escapes it.
 */
export function gatewayAnswer(gateway: Gateway, verdict?: string) {
  return {
    ...(verdict ? { verdict } : {}),
    id: gateway.id,
    profile: gateway.profile,
    running: gateway.running,
    confidence: gateway.confidence,
    pid: gateway.pid,
    startedAt: gateway.startedAt,
    version: gateway.version,
    unit: gateway.unit,
    stateDir: gateway.stateDir,
    configPath: gateway.config.path,
    configStatus: gateway.config.status,
    configProblems: gateway.config.problems,
    unknownKeys: gateway.config.unknownKeys,
    declared: gateway.declared,
    bindVerdict: gateway.bindVerdict,
    differences: gateway.differences,
    auth: gateway.auth,
    reach: gateway.reach,
    reachableAt: gateway.reachableAt,
    since: gateway.since,
    gatewayListeners: gateway.gatewayListeners,
    otherListeners: gateway.otherListeners,
    evidence: gateway.evidence,
  };
}

export function findingAnswer(finding: FindingRecord) {
  return {
    id: finding.id,
    fingerprint: finding.fingerprint,
    ruleId: finding.ruleId,
    verdict: finding.verdict,
    severity: finding.severity,
    status: finding.status,
    confidence: finding.confidence,
    title: finding.title,
    subject: finding.subject,
    why: finding.why,
    evidence: finding.evidence,
    fixes: finding.fixes,
    gatewayId: finding.gatewayId,
    family: finding.family,
    incidentId: finding.incidentId,
    socketKeys: finding.socketKeys,
    firstAt: finding.firstAt,
    lastAt: finding.lastAt,
    resolvedAt: finding.resolvedAt,
    count: finding.count,
  };
}

function ownerAnswer(owner: Owner | undefined) {
  if (!owner) return undefined;
  return {
    pid: owner.process.pid,
    startTicks: owner.process.startTicks,
    comm: owner.process.comm,
    argv: owner.process.argv.slice(0, 64),
    exe: owner.process.exe,
    uid: owner.process.uid,
    role: owner.role,
    skill: owner.skill,
    confidence: owner.confidence,
    lineage: owner.lineage,
  };
}

export function listenerAnswer(listener: Listener) {
  return {
    key: listener.key,
    protocol: listener.protocol,
    family: listener.family,
    local: listener.local,
    netns: listener.netns,
    place: listener.place,
    service: listener.service,
    reach: listener.reach,
    reachableAt: listener.reachableAt,
    gatewayId: listener.gatewayId,
    owner: ownerAnswer(listener.owner),
    uid: listener.uid,
    since: listener.since,
  };
}

export function connectionAnswer(connection: Connection) {
  return {
    key: connection.key,
    protocol: connection.protocol,
    family: connection.family,
    state: connection.state,
    direction: connection.direction,
    local: connection.local,
    remote: connection.remote,
    remoteClass: connection.remoteClass,
    netns: connection.netns,
    gatewayId: connection.gatewayId,
    owner: ownerAnswer(connection.owner),
    uid: connection.uid,
    closedAgoMs: connection.closedAgoMs,
    destination: connection.destination,
    verdict: connection.verdict,
    verdictReason: connection.verdictReason,
    toolCall: connection.toolCall,
    bytesOut: connection.bytesOut,
    bytesIn: connection.bytesIn,
    since: connection.since,
  };
}

export function blindSpotAnswer(spot: BlindSpot) {
  const { id, source, what, why, fix, essential, gatewayId } = spot;
  return { id, source, what, why, fix, essential, gatewayId };
}

export function cycleAnswer(cycle: CycleRecord | undefined) {
  if (!cycle) return null;
  const { at, durationMs, origin, connections, connectionsOwned } = cycle;
  return { at, durationMs, origin, connections, connectionsOwned };
}
