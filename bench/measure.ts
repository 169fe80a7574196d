import { readFileSync } from 'node:fs';

/** Cost of one run. */
export interface Cost {
  /** User and system time of this process and of the children it waited for, ms. */
  cpuMs: number;
  wallMs: number;
}

/**
 * Mean cost of `times` runs. Children are counted by the kernel in clock ticks of 10 ms, so what spawns something has to
 * run several times in one measurement.
 */
export async function measure(run: () => Promise<unknown>, times: number): Promise<Cost> {
  const childrenBefore = childrenCpuMs();
  const ownBefore = process.cpuUsage();
  const startedAt = performance.now();
  for (let index = 0; index < times; index += 1) await run();
  const wallMs = performance.now() - startedAt;
  const own = process.cpuUsage(ownBefore);
  const cpuMs = (own.user + own.system) / 1000 + childrenCpuMs() - childrenBefore;
  return { cpuMs: cpuMs / times, wallMs: wallMs / times };
}

/** `cutime` and `cstime`, fields 16 and 17 of `/proc/self/stat`; 0 where there is no such file. */
function childrenCpuMs(): number {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[13]) + Number(fields[14])) * 10;
  } catch {
    return 0;
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
