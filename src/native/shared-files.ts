import { loadKoffi } from './koffi.ts';

/** True when two threads share one table of descriptors, false when not, `undefined` when that cannot be known. */
export type ShareFiles = (one: number, other: number) => boolean | undefined;

/** Number of the call `kcmp`, by the kernel's own table for each architecture. */
const CALL_NUMBER: Readonly<Record<string, number>> = { x64: 312, arm64: 272, riscv64: 272, loong64: 272 };
const KCMP_FILES = 2;

let loaded: ShareFiles | undefined;

/**
 * Asks the kernel (`kcmp`) whether threads share their descriptors, a microsecond each, where reading them all would
 * take one for each descriptor. Needs the right that reading them needs. Loaded at the first call.
 */
export function loadShareFiles(): ShareFiles {
  loaded ??= load();
  return loaded;
}

function load(): ShareFiles {
  const unknown = () => undefined;
  const call = process.platform === 'linux' ? CALL_NUMBER[process.arch] : undefined;
  if (call === undefined) return unknown;
  const library = loadKoffi();
  if ('why' in library) return unknown;
  try {
    const syscall = library.koffi.load(null).func('long syscall(long, long, long, long, long, long)');
    return (one, other) => {
      const answer = Number(syscall(call, one, other, KCMP_FILES, 0, 0));
      // 1 and 2 say which of two different tables comes first; 3 that they differ and nothing more.
      return answer < 0 ? undefined : answer === 0;
    };
  } catch {
    return unknown;
  }
}
