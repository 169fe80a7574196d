import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectEvent } from '../../src/types/sensor.ts';
import { firstLine, jsonLines, type Place, TRAFFIC } from './place.ts';

/** What `traffic.py` says that it did. */
export interface Done {
  kind: string;
  pid: number;
  protocol: 'tcp' | 'udp';
  address: string;
  port: number;
}

/** The same end, written as one word. */
export function endWord({ protocol, address, port }: Pick<Done, 'address' | 'port'> & { protocol: string }): string {
  return `${protocol} ${address} ${port}`;
}

/** Whether a connection can be one of this place's generator. */
export function isTraffic({ ports }: Place): (event: Pick<ConnectEvent, 'remote'>) => boolean {
  return ({ remote }) => remote.port === ports.tcp || remote.port === ports.udp;
}

/** Programs from the system's own folders, the same for every user. */
export const PYTHON = ['/usr/bin/python3', '-ESs', TRAFFIC] as const;

/** A busy machine takes longer than planned, and a far end that left before would look like a missed connection. */
const LATE_SECONDS = 120;

/** All kinds that the generator knows. */
export async function allKinds(place: Place): Promise<string[]> {
  const [{ kinds }] = (await jsonLines<{ kinds: string[] }>(place.spawn([...PYTHON, 'kinds']))) as [
    { kinds: string[] },
  ];
  return kinds;
}

/** Runs the kinds side by side, each `count` times over so many seconds. `refused`: kinds that this kernel does not allow. */
export async function runTraffic(
  place: Place,
  kinds: readonly string[],
  { count, seconds }: { count: number; seconds: number },
): Promise<{ done: Done[]; refused: string[] }> {
  const server = place.spawn([...PYTHON, 'serve', String(seconds + LATE_SECONDS)]);
  await firstLine(server);
  const lines = await Promise.all(
    kinds.map((kind) =>
      jsonLines<Done | { kind: string; refused: true }>(
        place.spawn([...PYTHON, 'kind', kind, String(count), String(seconds)], { alone: kind === 'other namespace' }),
      ),
    ),
  );
  // Ends of connections, and what the sensor holds back.
  await delay(1_000);
  server.kill('SIGTERM');
  const refused = lines.flat().flatMap((line) => ('refused' in line ? [line.kind] : []));
  return { done: lines.flat().filter((line): line is Done => 'pid' in line), refused };
}
