const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** What a duration may look like, for messages. */
export const DURATION_FORM = 'a number with ms, s, m, h, d or w, such as 2s, 24h or 7d';

/**
 * `2s`, `500ms`, `1.5h`, `7d` in milliseconds; `undefined` for everything else. A bare number is refused rather than
 * guessed: people mean seconds, programs mean milliseconds.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d|w)$/.exec(text.trim());
  return match ? Math.round(Number(match[1]) * UNIT_MS[match[2]!]!) : undefined;
}

/** The shortest exact spelling of a duration: 2000 is `2s`, 1500 is `1500ms`. */
export function formatDuration(ms: number): string {
  for (const unit of ['w', 'd', 'h', 'm', 's'] as const) {
    if (ms > 0 && ms % UNIT_MS[unit]! === 0) return `${ms / UNIT_MS[unit]!}${unit}`;
  }
  return `${ms}ms`;
}
