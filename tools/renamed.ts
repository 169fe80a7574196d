import type { CaseStep, ReplayCase } from '../src/agent/replay/case.ts';
import { seededRandom } from '../src/agent/replay/patterns.ts';

/** Names that mean something by themselves: a look-alike, and what the lists of the laboratory hold. */
const MEANT = /^(?:clawhud\.test|malbuzz\.test|fakeskills\.test|pool\.minexmr-like\.test|api-anthropic\.test)$/;
/** Likewise addresses. */
const MEANT_ADDRESSES: ReadonlySet<string> = new Set(['198.51.100.66']);
/** Latest shift of a whole case in time, seconds. */
const MAX_SHIFT_S = 40;

/**
 * The same case with other names of skills, strangers and stand-ins, other addresses in the same blocks, and a later
 * beginning. A verdict that changes with them rests on a name and not on what happens.
 */
export function renamedCase(original: ReplayCase, seed: number): ReplayCase {
  const random = seededRandom(seed);
  const text = JSON.stringify([original.run, original.delta, original.names, original.indicators]);
  const changes = new Map<string, string>();
  const number = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  const word = () => Array.from({ length: number(4, 9) }, () => String.fromCharCode(number(97, 122))).join('');
  for (const [, skill] of text.matchAll(/skill:([\w-]+)/g)) {
    if (!changes.has(skill!)) changes.set(skill!, `${word()}-${word()}`);
  }
  const names: Record<string, string> = {};
  for (const [name] of text.matchAll(/\b[a-z0-9-]+\.test\b/g)) {
    if (MEANT.test(name) || changes.has(name) || text.includes(`.${name}`)) continue;
    const renamed = `${word()}-${word()}.test`;
    changes.set(name, renamed);
    names[renamed] = `198.51.100.${number(120, 127)}`;
  }
  const taken = new Set<string>(Object.values(names));
  for (const [address] of text.matchAll(/\b(?:198\.51\.100|192\.168\.50)\.(?!10\b)\d{1,3}\b/g)) {
    if (changes.has(address) || MEANT_ADDRESSES.has(address)) continue;
    const isLan = address.startsWith('192');
    let other: string;
    do other = isLan ? `192.168.50.${number(20, 39)}` : `198.51.100.${number(90, 119)}`;
    while (taken.has(other));
    taken.add(other);
    changes.set(address, other);
  }
  const pattern = new RegExp(
    [...changes.keys()]
      .sort((a, b) => b.length - a.length)
      .map(quoted)
      .join('|'),
    'g',
  );
  const change = <T>(value: T): T =>
    changes.size === 0 ? value : JSON.parse(JSON.stringify(value).replace(pattern, (found) => changes.get(found)!));
  const shift = number(0, MAX_SHIFT_S);
  const later = (step: CaseStep): CaseStep => ({ ...step, t: step.t + shift });
  return {
    ...original,
    id: `${original.id} seed ${seed}`,
    run: change(original.run).map(later),
    delta: change(original.delta),
    indicators: change(original.indicators),
    names: { ...change(original.names), ...names },
  };
}

/** Whole words only: the skill "geo" is part of other words. */
function quoted(text: string): string {
  return String.raw`(?<![\w-])${text.replace(/[.-]/g, String.raw`\$&`)}(?![\w-])`;
}
