import type { BlindSpot } from '../../types/blind-spot.ts';
import type { SocketReading, SocketRequest, SocketSource } from '../../types/collector.ts';
import type { Observation } from '../../types/socket.ts';
import { type CommandOutput, type RunCommand, toolPath } from './command.ts';
import type { LineParser, ParsedSocket } from './endpoint.ts';
import { createDarwinParser, DARWIN_ARGS } from './netstat-darwin.ts';
import { createLinuxParser, LINUX_ARGS } from './netstat-linux.ts';
import { createNetstatRunner } from './netstat-runner.ts';
import { createWindowsParser, WINDOWS_ARGS } from './netstat-windows.ts';
import { foreignNetnsBlindSpot, readOwnNetns } from './own-netns.ts';
import { count, ownerlessBlindSpots, type Tool, toolBlindSpots } from './tool-blindness.ts';

export type NetstatPlatform = 'linux' | 'darwin' | 'win32';

export interface NetstatOptions {
  /** Whose netstat it is. Never guessed: a guess inside WSL would show the sockets of the Windows host. */
  platform: NetstatPlatform;
  /** Default: node-netstat with a timeout of 10 s. */
  run?: RunCommand;
  /** Our own network namespace, so that sockets meet their processes. Default: as the system says. */
  ownNetns?: string;
}

const DIALECTS: Record<NetstatPlatform, { args: readonly string[]; parser: () => LineParser; install: string }> = {
  linux: {
    args: LINUX_ARGS,
    parser: createLinuxParser,
    install: 'install the package net-tools (apt install net-tools), or leave out --collector to read /proc',
  },
  darwin: { args: DARWIN_ARGS, parser: createDarwinParser, install: 'restore /usr/sbin/netstat; it is part of macOS' },
  win32: {
    args: WINDOWS_ARGS,
    parser: createWindowsParser,
    install: 'restore netstat.exe in System32; it is part of Windows',
  },
};

// net-tools tells everybody but root; the gap is counted from the rows instead.
const NOT_ROOT =
  /^.*(Not all processes could be identified|No info could be read for "-p"|you would have to be root).*$/gm;

/** Everything read from one output of netstat. */
export interface NetstatReading {
  sockets: ParsedSocket[];
  /** Rows that should be sockets and could not be understood. */
  unreadable: number;
  /** Lines that belong to nothing. */
  stray: number;
  sawHeader: boolean;
}

/** Reads recorded lines of netstat; pure. */
export function readNetstatLines(platform: NetstatPlatform, lines: Iterable<string>): NetstatReading {
  const parse = DIALECTS[platform].parser();
  const reading: NetstatReading = { sockets: [], unreadable: 0, stray: 0, sawHeader: false };
  for (const line of lines) {
    const parsed = parse(line);
    if (parsed.kind === 'socket') reading.sockets.push(parsed.socket);
    else if (parsed.kind === 'unreadable') reading.unreadable++;
    else if (parsed.kind === 'stray') reading.stray++;
    else if (parsed.kind === 'header') reading.sawHeader = true;
  }
  return reading;
}

/** Sockets of our own network namespace by `netstat`: the fallback where there is no `/proc` to read. */
export function createNetstatSockets(options: NetstatOptions): SocketSource {
  const { platform } = options;
  const dialect = DIALECTS[platform];
  const run = options.run ?? createNetstatRunner();
  const tool: Tool = {
    source: 'netstat',
    name: 'netstat',
    what: 'all sockets of this host',
    install: dialect.install,
    ordinaryComplaint: NOT_ROOT,
  };
  return {
    id: 'netstat',
    isSupported: () => true,
    async read(request: SocketRequest, signal: AbortSignal): Promise<SocketReading> {
      const command = toolPath('netstat', platform, process.env.SystemRoot);
      const output = await run(command, dialect.args, signal);
      const netns = options.ownNetns ?? readOwnNetns(platform);
      const reading = readNetstatLines(platform, output.lines);
      const observations: Observation[] = reading.sockets.map((socket) => ({
        source: 'netstat',
        seenAt: request.now,
        netns,
        ...socket,
      }));
      const blindSpots = toolBlindSpots(tool, output);
      // Without the tool there is one thing to say, and not seven.
      if (output.problem === undefined || observations.length > 0) {
        blindSpots.push(
          ...lineBlindSpots(platform, reading, output),
          ...foreignNetnsBlindSpot('netstat', request.netns, netns),
          ...weaknesses(platform, observations),
        );
      }
      return { observations, blindSpots };
    },
  };
}

function lineBlindSpots(platform: NetstatPlatform, reading: NetstatReading, output: CommandOutput): BlindSpot[] {
  const spots: BlindSpot[] = [];
  if (reading.unreadable > 0) {
    spots.push({
      id: 'netstat.unreadable',
      source: 'netstat',
      what: `${count(reading.unreadable, 'socket')} in lines of netstat that could not be understood`,
      why: 'this version prints a format that is not known, or a process name imitates a line',
      essential: true,
    });
  }
  if (reading.stray > 0) {
    spots.push({
      id: 'netstat.stray',
      source: 'netstat',
      what: `the meaning of ${count(reading.stray, 'line')} of netstat`,
      why: 'they are no sockets, most likely the rest of a process name with a line feed in it',
      essential: false,
    });
  }
  // Windows always has sockets open, and its headers are translated, so there they prove nothing.
  const empty = reading.sockets.length === 0 && (platform === 'win32' || !reading.sawHeader);
  if (empty && output.problem === undefined && output.exitCode === 0) {
    spots.push({
      id: 'netstat.empty',
      source: 'netstat',
      what: 'all sockets of this host',
      why: 'netstat ended well and printed no table',
      essential: true,
    });
  }
  return spots;
}

/** What netstat can never tell, said on every look, so that nobody takes its silence for an answer. */
function weaknesses(platform: NetstatPlatform, observations: readonly Observation[]): BlindSpot[] {
  const spot = (id: string, what: string, why: string, fix?: string): BlindSpot => ({
    id: `netstat.${id}`,
    source: 'netstat',
    what,
    why,
    ...(fix !== undefined && { fix }),
    essential: false,
  });
  const spots = [
    spot('short-lived', 'connections that open and close between two looks', 'netstat shows one moment'),
    spot('time-wait-owner', 'who closed a connection that is in TIME_WAIT', 'the system keeps no owner for it'),
  ];
  if (observations.every((socket) => socket.inode === undefined)) {
    const what = platform === 'linux' ? 'inode and user of sockets' : 'user of sockets, and which sockets are one';
    spots.push(spot('identity', what, 'netstat does not print them here'));
  }
  if (platform === 'linux') {
    spots.push(
      spot('netns', 'sockets inside containers', 'netstat reads only the network namespace it runs in'),
      spot('dual-stack', 'whether a listener on :: takes IPv4 as well', 'netstat does not print it'),
    );
  }
  if (platform === 'win32') {
    spots.push(spot('dual-stack', 'whether a listener on [::] takes IPv4 as well', 'netstat does not print it'));
  }
  const fix = platform === 'win32' ? 'run it in a terminal as administrator' : 'run it as root: sudo clawwatch scan';
  return [...spots, ...ownerlessBlindSpots('netstat', observations, fix)];
}
