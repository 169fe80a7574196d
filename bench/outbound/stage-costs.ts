/** What one look of `bench/outbound/agent.ts` cost, and what it saw. */
export interface StageCosts {
  cpuMs: number;
  wallMs: number;
  /** CPU ms by stage. */
  stages: Record<string, number>;
  /** Outbound connections of the family. */
  outbound: number;
  verdicts: Record<string, number>;
  findings: number;
  recorded: boolean;
  /** Of the process up to now. */
  peakMb: number;
}
