import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { CapturedPacket } from '../../native/packet-socket.ts';
import { PcapStream } from './pcap-stream.ts';
import { TCPDUMP_PATHS, tcpdumpArguments } from './tcpdump-arguments.ts';

/** The tool as a source of packets, for a system without koffi. */
export interface TcpdumpCapture {
  /** Gives every packet that came since the last call to `take`. */
  receive(take: (packet: CapturedPacket) => void): void;
  /** Packets lost since the last call: by the kernel, by the tool, or here. */
  dropped(): number;
  /** Spans in which no tool was running, since the last call. */
  gaps(): { fromAt: number; toAt: number; why: string }[];
  /** Why nothing is captured at this moment; absent while it is. */
  problem(): string | undefined;
  close(): void;
}

export interface TcpdumpOptions {
  now: () => number;
  /** Absolute; by default the first of `TCPDUMP_PATHS` that exists. */
  path?: string;
  netnsPath?: string;
  /** Wall time in ms for the tool to write its first bytes. */
  startMs?: number;
  /** First and longest pause in ms before it is started again. */
  backOffMs?: [number, number];
}

const START_MS = 10_000;
const BACK_OFF_MS: [number, number] = [1000, 60_000];
// A tool that ran this long had started well, so the next pause is a short one again.
const HEALTHY_MS = 60_000;
const STATISTICS_MS = 10_000;
const MAX_QUEUED = 8192;
const MAX_QUEUED_BYTES = 16 * 1024 * 1024;
const MAX_STDERR = 4096;
const NSENTER_PATHS = ['/usr/bin/nsenter', '/bin/nsenter', '/run/current-system/sw/bin/nsenter'];

/** Starts the tool, and again whenever it ends, with longer and longer pauses. One at a time. */
export function startTcpdump(options: TcpdumpOptions): TcpdumpCapture | { why: string; fix: string } {
  const path = options.path ?? TCPDUMP_PATHS.find((candidate) => existsSync(candidate));
  if (path === undefined || !existsSync(path)) {
    return { why: 'tcpdump is not installed either', fix: "install koffi (npm) or tcpdump (the system's package)" };
  }
  const command = inNamespace([path, ...tcpdumpArguments()], options.netnsPath);
  if (command === undefined) return { why: 'tcpdump needs nsenter here', fix: 'install util-linux' };
  return supervise(command, options);
}

function inNamespace(command: string[], netnsPath: string | undefined): string[] | undefined {
  if (netnsPath === undefined) return command;
  const nsenter = NSENTER_PATHS.find((candidate) => existsSync(candidate));
  return nsenter === undefined ? undefined : [nsenter, `--net=${netnsPath}`, ...command];
}

function supervise(command: string[], options: TcpdumpOptions): TcpdumpCapture {
  const { now } = options;
  const [shortest, longest] = options.backOffMs ?? BACK_OFF_MS;
  const queue = createQueue();
  let gaps: { fromAt: number; toAt: number; why: string }[] = [];
  let pauseMs = shortest;
  let blindSince = now();
  let problem: string | undefined = 'tcpdump has just been started';
  let run: ReturnType<typeof runOnce> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function begin(): void {
    const startedAt = now();
    run = runOnce(command, options.startMs ?? START_MS, queue, {
      began() {
        if (gaps.length < 100 && problem !== undefined) gaps.push({ fromAt: blindSince, toAt: now(), why: problem });
        problem = undefined;
      },
      ended(why) {
        run = undefined;
        if (problem === undefined) blindSince = now();
        problem = why;
        if (closed) return;
        if (now() - startedAt >= HEALTHY_MS) pauseMs = shortest;
        timer = setTimeout(begin, pauseMs);
        timer.unref();
        pauseMs = Math.min(longest, pauseMs * 2);
      },
    });
  }

  begin();
  return {
    receive: (take) => queue.empty(take),
    dropped: () => queue.dropped(),
    gaps() {
      const told = gaps;
      gaps = [];
      return told;
    },
    problem: () => problem,
    close() {
      closed = true;
      clearTimeout(timer);
      run?.stop();
    },
  };
}

type Queue = ReturnType<typeof createQueue>;

/** Packets between two calls of `receive`, bounded; a copy of each, because its buffer is the pipe's. */
function createQueue() {
  let packets: CapturedPacket[] = [];
  let bytes = 0;
  let dropped = 0;
  return {
    put(packet: CapturedPacket): void {
      if (packets.length >= MAX_QUEUED || bytes >= MAX_QUEUED_BYTES) {
        dropped++;
        return;
      }
      bytes += packet.data.length;
      packets.push({ ...packet, data: Uint8Array.from(packet.data) });
    },
    empty(take: (packet: CapturedPacket) => void): void {
      const taken = packets;
      packets = [];
      bytes = 0;
      for (const packet of taken) take(packet);
    },
    addDropped(count: number): void {
      dropped += count;
    },
    dropped(): number {
      const count = dropped;
      dropped = 0;
      return count;
    },
  };
}

/** One life of the tool. `ended` is called exactly once, also when it cannot be killed. */
function runOnce(
  [file, ...args]: string[],
  startMs: number,
  queue: Queue,
  events: { began(): void; ended(why: string): void },
): { stop(): void } {
  const stream = new PcapStream((packet) => queue.put(packet));
  // Nothing of our environment: it could tell the tool to load somebody's library.
  const child = spawn(file!, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { LC_ALL: 'C' }, windowsHide: true });
  let began = false;
  let over = false;
  const end = (why: string): void => {
    if (over) return;
    over = true;
    clearTimeout(starting);
    clearInterval(asking);
    child.kill('SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
    events.ended(why);
  };
  const starting = setTimeout(() => end('tcpdump did not start in time'), startMs);
  // At this signal the tool writes its counters. Not before it runs: then the signal would end it.
  const asking = setInterval(() => began && child.kill('SIGUSR1'), STATISTICS_MS);
  child.stdout.on('data', (chunk: Buffer) => {
    if (over) return;
    stream.push(chunk);
    if (stream.problem !== undefined) return end(stream.problem);
    if (began || !stream.hasBegun) return;
    began = true;
    clearTimeout(starting);
    events.began();
  });
  const complaint = readStatistics(child, queue);
  child.on('error', (error) => end(`tcpdump cannot be started (${(error as NodeJS.ErrnoException).code ?? 'error'})`));
  child.on('close', (code) => end(`tcpdump ended with ${code}${complaint()}`));
  child.unref();
  starting.unref();
  asking.unref();
  // Pipes of a child are sockets, which its type does not say.
  for (const pipe of [child.stdout, child.stderr]) (pipe as unknown as Socket).unref();
  return { stop: () => end('closed') };
}

/** Counts "N packets dropped by kernel", which is a sum since the start, and keeps the last line for the reason. */
function readStatistics(child: ChildProcess, queue: Queue): () => string {
  let text = '';
  let known = 0;
  let last = '';
  child.stderr!.setEncoding('latin1').on('data', (chunk: string) => {
    text = (text + chunk).slice(-MAX_STDERR);
    const lines = text.split('\n');
    text = lines.pop()!;
    for (const line of lines) {
      if (line.trim() !== '') last = line.trim();
      const dropped = Number(/(\d{1,15}) packets? dropped by kernel/.exec(line)?.[1] ?? 0);
      queue.addDropped(Math.max(0, dropped - known));
      known = Math.max(known, dropped);
    }
  });
  return () => (last === '' ? '' : `: ${last.replace(/^.*?tcpdump: /, '').slice(0, 120)}`);
}
