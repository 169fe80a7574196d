import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Indicators } from '../types/indicators.ts';
import { agesOf, type Intel, type IntelOptions, loadIntel } from './intel.ts';

/** Lists that follow what is installed. */
export interface IntelWatch {
  /** The lists in force. Asked once for the rules of a look, so that all of them judge by the same. */
  inForce(): Indicators;
  /** What could not be used at the start, one sentence each; raw. */
  problems: readonly string[];
}

/** What changed while we ran, for a log. */
export interface IntelChange {
  packs: string[];
  /** Indicators that still count. */
  indicators: number;
  problems: readonly string[];
}

export interface IntelWatchOptions extends IntelOptions {
  onChange?: (change: IntelChange) => void;
}

/** A look every two seconds asks the disk no more often than this; some ten system calls each time. */
export const CHECK_EVERY_MS = 10_000;

/**
 * Loads the lists and takes over what is installed, rolled back or removed later. A pack that is there and went bad stays
 * as it was, and is told once: a half-written file must not switch the lists off.
 */
export function createIntelWatch({ onChange, ...options }: IntelWatchOptions): IntelWatch {
  let mark = markOf(options.folder);
  let intel: Intel = loadIntel(options);
  let checkedAt = options.now();
  return {
    problems: intel.problems,
    inForce() {
      const at = options.now();
      // Also when the clock was set back: it must not be waited for.
      if (Math.abs(at - checkedAt) < CHECK_EVERY_MS) return intel.indicators;
      checkedAt = at;
      const seen = markOf(options.folder);
      if (seen === mark) return intel.indicators;
      mark = seen;
      intel = loadIntel(options, intel);
      onChange?.({
        packs: intel.packs.map(({ name }) => name),
        indicators: intel.packs.reduce((sum, pack) => sum + pack.indicators.length - agesOf(pack, at).expired, 0),
        problems: intel.problems,
      });
      return intel.indicators;
    },
  };
}

/** What of the folder would be different after a change: a rename gives another inode, a hand another time or size. */
function markOf(folder: string | undefined): string {
  if (folder === undefined) return '';
  try {
    const about = (path: string) => {
      const { ino, size, mtimeMs, ctimeMs } = lstatSync(path);
      return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
    };
    const names = readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .slice(0, 32);
    return [about(folder), ...names.map((name) => `${name} ${about(join(folder, name))}`)].join('\n');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'error';
  }
}
