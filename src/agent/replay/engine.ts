import type { Detect } from '../../detect/detect.ts';
import type { KeptLedger } from '../../detect/ledger/ledger.ts';
import { createEgress, type ExpectationsOf } from '../../enrich/egress/egress.ts';
import { createEnrich } from '../../enrich/enrich.ts';
import type { PolicyRule } from '../../types/egress.ts';
import type { Finding } from '../../types/finding.ts';
import type { Indicators } from '../../types/indicators.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { LAB_PUBLIC } from './lab.ts';
import type { SimLook } from './look.ts';
import type { MemoryHistory } from './memory-history.ts';

/** One look of a replay, judged. */
export interface JudgedLook {
  snapshot: Snapshot;
  findings: Finding[];
}

export interface ReplayEngineOptions {
  detect: Detect;
  history: MemoryHistory;
  expectationsOf: ExpectationsOf;
  policy: () => readonly PolicyRule[];
  ledger?: KeptLedger;
  indicators?: Indicators;
}

/** The stages behind the collector, as the agent puts them together, on a clock that the looks bring along. */
export function createReplayEngine(options: ReplayEngineOptions): (look: SimLook) => JudgedLook {
  const { detect, history, ledger, indicators } = options;
  const enrich = createEnrich({ labPublic: [...LAB_PUBLIC] });
  const egress = createEgress(options.expectationsOf);
  return ({ collected, questions, hostFacts, coverage }) => {
    const enriched = egress(enrich(collected, history), collected, { policy: options.policy(), history });
    const snapshot: Snapshot = { ...enriched, questions, hostFacts, ...(coverage !== undefined && { coverage }) };
    ledger?.look(snapshot, history);
    const when = {
      now: snapshot.at,
      singleLook: false,
      ...(ledger !== undefined && { ledger }),
      ...(indicators !== undefined && { indicators }),
    };
    const findings = detect(snapshot, history, when);
    history.record(snapshot, findings);
    return { snapshot, findings };
  };
}
