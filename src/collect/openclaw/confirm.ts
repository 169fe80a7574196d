import type { Confidence, GatewayEvidence } from '../../types/gateway.ts';
import type { Observation } from '../../types/socket.ts';
import type { CandidateProcess } from './candidates.ts';

/** What the sockets add to a candidate. `unseen`: its sockets are hidden from us, so silence proves nothing. */
export type Listening = 'yes' | 'no' | 'unseen';

/**
 * Whether a process listens. A socket without visible owners counts for it only when its user and its expected port
 * fit; a squatter on that port, whose owner is visible and another, never does.
 */
export function listeningOf(
  candidate: CandidateProcess,
  observations: readonly Observation[],
  expectedPort: number | undefined,
): Listening {
  const { pid, uid, exe } = candidate.process;
  let hidden = false;
  for (const socket of observations) {
    if (socket.state !== 'LISTEN') continue;
    if (socket.pids?.includes(pid)) return 'yes';
    const isUnowned = socket.pids === undefined || socket.pids.length === 0;
    if (isUnowned && uid !== undefined && socket.uid === uid && socket.local.port === expectedPort) hidden = true;
  }
  if (hidden) return 'yes';
  return exe === undefined || candidate.look.denied ? 'unseen' : 'no';
}

/**
 * How sure we are, `undefined` when it is no gateway.
 *
 * A live lock verified by its start time is enough. Else two independent kinds of evidence; a title and a listening
 * socket are one such kind together, because whoever fakes the one has the other for nothing.
 */
export function confidenceOf(candidate: CandidateProcess, listening: Listening): Confidence | undefined {
  if (candidate.hasStrongLock) return candidate.under === undefined ? 'certain' : 'likely';
  const kinds = new Set(candidate.evidence.map((one) => one.kind));
  kinds.delete('listen');
  if (candidate.under !== undefined) return 'possible';
  if (kinds.size >= 2) return 'certain';
  if (listening === 'yes') return 'likely';
  // `openclaw gateway status` has the title for a second and listens nowhere.
  return candidate.isOnlyTitle && listening === 'no' ? undefined : 'possible';
}

/** The evidence of the sockets, for the reader. */
export function listenEvidence(candidate: CandidateProcess, observations: readonly Observation[]): GatewayEvidence[] {
  const ports = new Set(
    observations
      .filter((socket) => socket.state === 'LISTEN' && socket.pids?.includes(candidate.process.pid))
      .map((socket) => socket.local.port),
  );
  if (ports.size === 0) return [];
  const sorted = [...ports].sort((a, b) => a - b).slice(0, 8);
  return [{ kind: 'listen', detail: `it listens on port ${sorted.join(', ')}` }];
}
