/** Random numbers from 0 to 1 that are the same for the same seed everywhere (mulberry32). */
export function seededRandom(seed: number): () => number {
  let a = seed | 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const ALPHABETS: Readonly<Record<string, string>> = {
  base32: 'abcdefghijklmnopqrstuvwxyz234567',
  base36: '0123456789abcdefghijklmnopqrstuvwxyz',
  hex: '0123456789abcdef',
};

/** Longest random text that a case may ask for. */
const MAX_RANDOM = 65_536;

/**
 * Fills in what a step leaves open for its `i`-th repetition: `{i}`, `{40+i}`, `<i>`, `<base32:48:seed=5>`, `<32 chars>`.
 * Random parts differ with `i` and are the same in every run.
 */
export function fillIn<T>(value: T, i: number): T {
  if (typeof value === 'string') return fillText(value, i) as T;
  if (Array.isArray(value)) return value.map((each) => fillIn(each, i)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fillIn(each, i)])) as T;
}

function fillText(text: string, i: number): string {
  if (!text.includes('{') && !text.includes('<')) return text;
  return text
    .replace(
      /<(base32|base36|hex):(\d{1,6})(?::seed=(-?\d{1,9}))?>/g,
      (_, kind: string, length: string, seed?: string) =>
        randomText(ALPHABETS[kind]!, Number(length), Number(seed ?? 0) * 100_003 + i),
    )
    .replace(/<(\d{1,6}) chars>/g, (_, length: string) => randomText(ALPHABETS.base36!, Number(length), 77 + i))
    .replace(/<i>/g, String(i))
    .replace(/\{(\d{1,9})\s*([+*-])\s*i\}/g, (_, left: string, sign: string) => arithmetic(Number(left), sign, i))
    .replace(/\{i\s*([+*%-])\s*(\d{1,9})\}/g, (_, sign: string, right: string) => arithmetic(i, sign, Number(right)))
    .replace(/\{i\}/g, String(i));
}

function arithmetic(left: number, sign: string, right: number): string {
  if (sign === '+') return String(left + right);
  if (sign === '-') return String(left - right);
  return String(sign === '*' ? left * right : left % right);
}

function randomText(alphabet: string, length: number, seed: number): string {
  const random = seededRandom(seed);
  const wanted = Math.min(length, MAX_RANDOM);
  return Array.from({ length: wanted }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
}

/** Seconds at which a repeated step happens: `n` times from `t` on, each interval `every` seconds give or take `jitter`. */
export function repetitions(at: { t: number; n: number; every: number; jitter?: number; seed?: number }): number[] {
  const { n, every, jitter = 0, seed = 0 } = at;
  const random = seededRandom(seed);
  const times: number[] = [];
  for (let i = 0, t = at.t; i < n; i++) {
    times.push(t);
    t += every * (1 + jitter * (2 * random() - 1));
  }
  return times;
}
