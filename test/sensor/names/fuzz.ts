import fc from 'fast-check';

/** Inputs per property; `CLAWWATCH_FUZZ_RUNS=1000000` for a long look. */
export const numRuns = Number(process.env.CLAWWATCH_FUZZ_RUNS ?? 1000);

/** A valid input with some bytes changed, and sometimes cut. */
export function damaged(valid: Uint8Array): fc.Arbitrary<Buffer> {
  const change = fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 }));
  return fc.tuple(fc.array(change, { maxLength: 6 }), fc.nat(valid.length)).map(([changes, keep]) => {
    const bytes = Buffer.from(valid);
    for (const [at, value] of changes) bytes[at] = value;
    return keep % 3 === 0 ? bytes.subarray(0, keep) : bytes;
  });
}
