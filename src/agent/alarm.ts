/** Lets somebody ask for a look before the next one is due. */
export interface Alarm {
  /** Asks for a look. Cheap, and as often as anybody likes. */
  ring(): void;
  /** Resolves with `true` when a look was asked for, with `false` after `ms` or when `signal` aborts. */
  wait(ms: number, signal: AbortSignal): Promise<boolean>;
}

/**
 * Looks beyond the regular ones are dealt out like this: so many at once, then so many a second. A skill that contacts
 * hosts without end must not make us look without end; its later contacts wait for the next regular look.
 */
const BURST = 8;
const PER_SECOND = 4;

/** @param monotonic ms of a clock that is never set. */
export function createAlarm(monotonic: () => number): Alarm {
  let rung = false;
  let tokens = BURST;
  let filledAt = monotonic();
  let wake: (() => void) | undefined;

  /** Ms until a look may be had. */
  function untilAllowed(): number {
    const now = monotonic();
    tokens = Math.min(BURST, tokens + ((now - filledAt) / 1000) * PER_SECOND);
    filledAt = now;
    return tokens >= 1 ? 0 : ((1 - tokens) / PER_SECOND) * 1000;
  }

  return {
    ring() {
      rung = true;
      wake?.();
    },
    wait(ms, signal) {
      return new Promise((resolve) => {
        if (signal.aborted || ms <= 0) {
          rung = false;
          return resolve(false);
        }
        const due = setTimeout(() => end(false), ms);
        let allowed: NodeJS.Timeout | undefined;
        const onAbort = () => end(false);
        signal.addEventListener('abort', onAbort);
        wake = () => {
          allowed ??= setTimeout(() => end(true), untilAllowed());
        };
        if (rung) wake();

        function end(isUrgent: boolean): void {
          clearTimeout(due);
          clearTimeout(allowed);
          signal.removeEventListener('abort', onAbort);
          wake = undefined;
          // Whatever was asked for is answered by the look that comes now, of either kind.
          rung = false;
          if (isUrgent) tokens -= 1;
          resolve(isUrgent);
        }
      });
    },
  };
}
