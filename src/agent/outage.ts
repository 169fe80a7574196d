import type { BlindPeriod } from '../types/store.ts';
import type { Recorder } from './recorder.ts';

// An agent that fails for a month must not fill the database with its own failures.
const WRITE_EVERY_MS = 60_000;

/**
 * Turns looks that failed, or that could not be written, into blind periods: at once, then once a minute while it lasts,
 * and up to the moment of recovery. What cannot be written (a full disk) is kept and written at recovery.
 */
export class Outage {
  readonly #recorder: Recorder;
  /** Unix ms of the last look in the record or the end of the last blind period written. */
  #coveredUntil: number | undefined;
  #cause: string | undefined;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** True between the first failure and the next success. */
  get lasts(): boolean {
    return this.#cause !== undefined;
  }

  /** @param at Unix ms of the look that failed. */
  failed(cause: string, at: number): void {
    const started = this.#cause === undefined;
    this.#cause = cause;
    const from = this.#coveredUntil ?? at;
    if (started || at - from >= WRITE_EVERY_MS || at < from)
      this.#write({ fromAt: Math.min(from, at), toAt: at, cause });
  }

  /** @param at Unix ms of a look that was recorded. */
  succeeded(at: number): void {
    const from = this.#coveredUntil;
    if (this.#cause !== undefined && from !== undefined && from < at) {
      this.#recorder.recordBlindPeriod({ fromAt: from, toAt: at, cause: this.#cause });
    }
    this.#cause = undefined;
    this.#coveredUntil = at;
  }

  #write(period: BlindPeriod): void {
    if (this.#recorder.recordBlindPeriod(period)) this.#coveredUntil = period.toAt;
    else this.#coveredUntil ??= period.fromAt;
  }
}
