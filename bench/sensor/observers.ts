import { setTimeout as delay } from 'node:timers/promises';
import { firstLine, type Place } from './place.ts';
import { endWord } from './traffic.ts';

/** Somebody who watches the place while the generator runs. */
export interface Observer {
  name: string;
  /** Resolves with the pids seen at each far end, once the time is over. */
  seen: Promise<Map<string, Set<number>>>;
}

/** `ss` and `lsof` as the guides run them, and our own polling. All start at once. */
export function startObservers(place: Place, seconds: number): Observer[] {
  const command = (name: string, argv: string[], parse: (text: string) => [string, number][]) =>
    [5, 1].map((every) => ({
      name: `${name} every ${every} s`,
      seen: repeat(place, argv, parse, { every, seconds }),
    }));
  return [
    { name: 'our polling every 1 s', seen: poll(place, seconds) },
    ...command('lsof -nP -i', ['lsof', '-nP', '-i'], parseLsof),
    ...command('ss -tunapH', ['ss', '-tunapH'], parseSs),
  ];
}

async function poll(place: Place, seconds: number): Promise<Map<string, Set<number>>> {
  const script = '/run/checkout/bench/sensor/poller.ts';
  const child = place.spawn([place.node, script, String(seconds), '1000']);
  let text = '';
  let problem = '';
  child.stdout!.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  child.stderr!.setEncoding('utf8').on('data', (piece: string) => {
    problem += piece;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await firstLine(child);
  if ((await ended) !== 0) throw new Error(`the poller ended: ${problem}`);
  const pairs = text.split('\n').filter((line) => line.startsWith('['));
  return collected(pairs.map((line) => JSON.parse(line) as [string, number]));
}

async function repeat(
  place: Place,
  argv: string[],
  parse: (text: string) => [string, number][],
  { every, seconds }: { every: number; seconds: number },
): Promise<Map<string, Set<number>>> {
  const startedAt = performance.now();
  const found: [string, number][] = [];
  for (let turn = 0; turn * every < seconds; turn += 1) {
    await delay(Math.max(0, startedAt + turn * every * 1000 - performance.now()));
    const child = place.spawn(argv);
    let text = '';
    child.stdout!.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    await new Promise((resolve) => child.once('close', resolve));
    found.push(...parse(text));
  }
  return collected(found);
}

function collected(pairs: readonly [string, number][]): Map<string, Set<number>> {
  const seen = new Map<string, Set<number>>();
  for (const [end, pid] of pairs) seen.set(end, (seen.get(end) ?? new Set()).add(pid));
  return seen;
}

/** `127.0.0.1:80`, `[::1]:80`, `[::ffff:127.0.0.1]:80`. */
function endFrom(protocol: string, text: string): string | undefined {
  const colon = text.lastIndexOf(':');
  const address = text
    .slice(0, colon)
    .replace(/^\[|\]$/g, '')
    .replace(/^::ffff:/, '')
    .replace(/%.*$/, '');
  return colon < 0 ? undefined : endWord({ protocol, address, port: Number(text.slice(colon + 1)) });
}

export function parseSs(text: string): [string, number][] {
  return text.split('\n').flatMap((line) => {
    const [protocol = '', , , , , remote = '', ...users] = line.split(/\s+/);
    const end = endFrom(protocol, remote);
    const pids = [...users.join(' ').matchAll(/pid=(\d+)/g)].map((hit) => Number(hit[1]));
    return end === undefined ? [] : pids.map((pid): [string, number] => [end, pid]);
  });
}

export function parseLsof(text: string): [string, number][] {
  return text.split('\n').flatMap((line) => {
    const words = line.split(/\s+/);
    const ends = words.find((word) => word.includes('->'));
    const protocol = words.includes('UDP') ? 'udp' : 'tcp';
    const end = endFrom(protocol, ends?.split('->')[1] ?? '');
    return end === undefined ? [] : [[end, Number(words[1])] as [string, number]];
  });
}
