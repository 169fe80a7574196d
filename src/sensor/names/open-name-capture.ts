import { type CapturedPacket, openPacketSocket } from '../../native/packet-socket.ts';
import type { LossEvent, NameBlindness, NameEvent, QuestionEvent } from '../../types/sensor.ts';
import { createNameWatch } from './name-watch.ts';
import { startTcpdump } from './tcpdump-capture.ts';

export interface NameCaptureOptions {
  /** Unix ms. */
  now?: () => number;
  /** Another network namespace, as a file. */
  netnsPath?: string;
  /** Room in the kernel for packets between two calls of `drain`. */
  receiveBytes?: number;
  /** Absolute path of the tool for systems without koffi. */
  tcpdumpPath?: string;
  /** For tests: go straight to the tool. */
  withoutSocket?: boolean;
}

export interface NameCapture {
  /** Names, questions and losses, since the last call. To be called ten times a second or so; never throws, never blocks. */
  drain(): (NameEvent | QuestionEvent | LossEvent)[];
  /** `['names']` while packets can be seen. */
  readonly sources: 'names'[];
  /** Why they cannot, in one clause, and what would help. */
  readonly missing: { source: string; why: string; fix?: string }[];
  blindness(): NameBlindness;
  close(): void;
}

/** Where packets come from, whichever way. */
interface PacketSource {
  receive(take: (packet: CapturedPacket) => void): void;
  dropped(): number;
  gaps(): { fromAt: number; toAt: number; why: string }[];
  problem(): { why: string; fix?: string } | undefined;
  close(): void;
}

/**
 * Packets in one call of `drain`. A host with more than this between two calls is flooded: the rest waits in the kernel,
 * which counts what it has no room for.
 */
const MAX_PACKETS_PER_DRAIN = 16_384;

/** Opens the capture of names: a packet socket, else the tool, else nothing but the reason. Needs root only here. */
export function openNameCapture(options: NameCaptureOptions = {}): NameCapture {
  const now = options.now ?? Date.now;
  const watch = createNameWatch({ now });
  const source = openSource(options, now);
  let lastAt = now();
  let closed = false;

  function losses(at: number): LossEvent[] {
    const told: LossEvent[] = [];
    const loss = { kind: 'loss', fromAt: lastAt, toAt: at, source: 'names' } as const;
    const dropped = source.dropped();
    if (dropped > 0) told.push({ ...loss, count: dropped, why: 'more packets with names came than were fetched' });
    const overflow = watch.overflow();
    if (overflow > 0)
      told.push({ ...loss, count: overflow, why: 'more names, questions and hellos came than are told' });
    for (const gap of source.gaps()) told.push({ ...loss, ...gap });
    return told;
  }

  return {
    drain() {
      if (closed) return [];
      source.receive(watch.packet);
      const names = watch.drain();
      const at = now();
      const told = [...names, ...watch.questions(), ...losses(at)];
      lastAt = at;
      return told;
    },
    get sources(): 'names'[] {
      return closed || source.problem() !== undefined ? [] : ['names'];
    },
    get missing() {
      const problem = source.problem();
      return problem === undefined ? [] : [{ source: 'names', ...problem }];
    },
    blindness: () => ({ ...watch.blindness }),
    close() {
      closed = true;
      source.close();
    },
  };
}

function openSource(options: NameCaptureOptions, now: () => number): PacketSource {
  const { netnsPath, receiveBytes, tcpdumpPath } = options;
  const inNamespace = netnsPath === undefined ? {} : { netnsPath };
  const socket = options.withoutSocket
    ? { why: 'no packet socket is wanted' }
    : openPacketSocket({ now, ...inNamespace, ...(receiveBytes !== undefined && { receiveBytes }) });
  if (!('why' in socket)) {
    return {
      receive: (take) => void socket.receive(take, MAX_PACKETS_PER_DRAIN),
      dropped: () => socket.dropped(),
      gaps: () => [],
      problem: () => undefined,
      close: () => socket.close(),
    };
  }
  const refused = /\((EPERM|EACCES)\)/.test(socket.why);
  const tool = refused
    ? { why: '', fix: 'run the sensor as root, or with CAP_NET_RAW' }
    : startTcpdump({ now, ...inNamespace, ...(tcpdumpPath !== undefined && { path: tcpdumpPath }) });
  if ('why' in tool) {
    const why = tool.why === '' ? socket.why : `${socket.why}; ${tool.why}`;
    return { ...NOTHING, problem: () => ({ why, fix: tool.fix }) };
  }
  return {
    receive: (take) => tool.receive(take),
    dropped: () => tool.dropped(),
    gaps: () => tool.gaps(),
    problem() {
      const why = tool.problem();
      return why === undefined ? undefined : { why: `${socket.why}; ${why}` };
    },
    close: () => tool.close(),
  };
}

const NOTHING: PacketSource = {
  receive() {},
  dropped: () => 0,
  gaps: () => [],
  problem: () => undefined,
  close() {},
};
