import { createRequire } from 'node:module';

/** The foreign-function library, as far as it is used here. Its own types say more. */
export type Koffi = typeof import('koffi');

let loaded: { koffi: Koffi } | { why: string } | undefined;

/**
 * koffi, or why it is not there: it is an optional dependency with one binary for each system, and a system without one
 * loses the netlink collector and the capture of names, and nothing else. Loaded at the first call and never at import,
 * since it costs some ten milliseconds that most commands need not pay.
 */
export function loadKoffi(): { koffi: Koffi } | { why: string } {
  if (loaded !== undefined) return loaded;
  if (process.env.CLAWWATCH_WITHOUT_KOFFI) {
    loaded = { why: 'CLAWWATCH_WITHOUT_KOFFI is set' };
    return loaded;
  }
  try {
    loaded = { koffi: createRequire(import.meta.url)('koffi') as Koffi };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    loaded = {
      why:
        code === 'MODULE_NOT_FOUND'
          ? 'the optional package koffi is not installed'
          : `koffi does not load on this system (${String((error as Error).message)
              .split('\n')[0]!
              .slice(0, 120)})`,
    };
  }
  return loaded;
}
