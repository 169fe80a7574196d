import type { Evidence } from '../types/finding.ts';
import type { Gateway } from '../types/gateway.ts';
import type { Snapshot } from '../types/snapshot.ts';
import { gatewayListeners } from './exposure.ts';
import { momentWords, reachEvidence, socketWords } from './subjects.ts';

/** The facts behind an exposure: sockets, addresses, the declared bind and why it differs, authentication, since when. */
export function exposureEvidence(snapshot: Snapshot, gateway: Gateway): Evidence[] {
  const declared = gateway.declared;
  const evidence: Evidence[] = gatewayListeners(snapshot, gateway).map((listener) => ({
    label: 'listens on',
    value: socketWords(listener),
  }));
  evidence.push(...reachEvidence(gateway.reachableAt, declared.port));
  evidence.push({
    label: 'declared',
    value: `${declared.raw ?? declared.mode} (by ${declared.modeBy}); configuration: ${declared.configMode}`,
  });
  for (const difference of gateway.differences) {
    evidence.push({ label: 'why the configuration says otherwise', value: difference });
  }
  evidence.push({ label: 'authentication', value: [gateway.auth.mode, ...gateway.auth.reasons].join('; ') });
  if (gateway.since !== undefined) {
    evidence.push({ label: 'since', value: `${momentWords(gateway.since.at)} (${gateway.since.basis})` });
  }
  return evidence;
}
