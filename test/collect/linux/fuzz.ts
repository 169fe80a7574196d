/** Inputs per property; `CLAWWATCH_FUZZ_RUNS=100000` for a long look. */
export const numRuns = Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 1000);
