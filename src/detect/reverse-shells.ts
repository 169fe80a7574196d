import { posix } from 'node:path';
import type { Severity } from '../types/finding.ts';
import type { Ledger } from '../types/ledger.ts';
import type { ProcessFact } from '../types/process.ts';
import type { Connection, Owner } from '../types/snapshot.ts';
import { type AgentFamily, isOpenToOthers, socketInodeOf } from './agent-family.ts';
import { isInterpreter, isShell, programOf, readsItsProgram } from './programs.ts';

/** A shell that somebody else types into. */
export interface ReverseShell {
  shape: 'socket' | 'relay' | 'terminal' | 'child';
  severity: Severity;
  /** The program that does what is typed, and the one that carries it; the same for `socket`. */
  shell: ProcessFact;
  carrier: ProcessFact;
  owner: Owner;
  connection: Connection;
  /** What was not seen, where something was not. */
  doubt?: string;
}

export interface ReverseShellOptions {
  terminalMs: number;
  burstBytes: number;
  bursts: number;
}

interface Look {
  family: AgentFamily;
  ledger: Ledger | undefined;
  options: ReverseShellOptions;
  /** Unix ms. */
  now: number;
}

/** OpenClaw's own parts hold terminals, pipes and TLS connections all day. */
const OWN_PARTS: ReadonlySet<string> = new Set(['gateway', 'helper', 'browser', 'other']);

/** Programs that give people terminals over connections, where the system's own file runs. */
const TERMINAL_SERVERS = /^(?:sshd|sshd-session|mosh-server|tmux|screen|dtach|abduco)$/;
const SYSTEM_FOLDER = /^\/(?:usr|bin|sbin|opt\/homebrew|nix\/store|snap)\//;

/** Every shell of the family that hangs on a connection, by the four shapes of the catalogue; each process once. */
export function reverseShells(look: Look): ReverseShell[] {
  const { family } = look;
  const found = new Map<ProcessFact, ReverseShell>();
  const withStdio = family.members.map(({ process }) => process).filter(({ stdio }) => stdio !== undefined);
  const channels = createChannels(withStdio);
  for (const process of withStdio) {
    const shell =
      onSocket(process, family) ??
      (isInterpreter(programOf(process))
        ? (behindRelay(process, channels, family) ?? onTerminal(process, look) ?? belowInterpreter(process, look))
        : undefined);
    if (shell !== undefined) found.set(process, shell);
  }
  return [...found.values()];
}

/** A: input and output are one and the same connection. Node's children have local pairs there, which are none. */
function onSocket(process: ProcessFact, family: AgentFamily): ReverseShell | undefined {
  const [input, output, errors] = process.stdio ?? [];
  const inode = socketInodeOf(input);
  if (inode === 0 || (output !== input && errors !== input)) return undefined;
  const connection = family.remoteSocket(inode);
  const owner = family.ownerOf(process);
  if (connection === undefined || OWN_PARTS.has(owner.role)) return undefined;
  // A shell under another name is as good; a server that inetd would start looks the same, so the word is milder.
  const severity = isInterpreter(programOf(process)) ? 'critical' : 'high';
  return { shape: 'socket', severity, shell: process, carrier: process, owner, connection };
}

/** B: another program carries what comes over its connection into the shell, and what the shell says back. */
function behindRelay(shell: ProcessFact, channels: Channels, family: AgentFamily): ReverseShell | undefined {
  for (const carrier of channels.loopsThrough(shell)) {
    const connection = family.connectionsOf(carrier.pid).find(isOpenToOthers);
    const owner = family.ownerOf(carrier);
    if (connection === undefined || OWN_PARTS.has(owner.role)) continue;
    // One with a script may be the far end's own protocol.
    const severity = readsItsProgram(shell.argv) ? 'critical' : 'high';
    return { shape: 'relay', severity, shell, carrier, owner, connection };
  }
  return undefined;
}

/** C: a program with a connection holds the terminal on which an interactive shell sits. */
function onTerminal(shell: ProcessFact, { family, options, now }: Look): ReverseShell | undefined {
  if (!shell.stdio?.[0]?.startsWith('/dev/pts/') || !isShell(programOf(shell)) || !isTypedInto(shell)) return undefined;
  if (!hasLasted(shell, options.terminalMs, now)) return undefined;
  let carrier = family.parent(shell);
  for (let step = 0; carrier !== undefined && step < 8 && carrier.holdsTerminal !== true; step += 1) {
    carrier = family.parent(carrier);
  }
  if (carrier?.holdsTerminal !== true || isTerminalServer(carrier)) return undefined;
  const owner = family.ownerOf(carrier);
  const connection = family.connectionsOf(carrier.pid).find(isUnknownPeer);
  if (connection === undefined || OWN_PARTS.has(owner.role)) return undefined;
  return { shape: 'terminal', severity: 'high', shell, carrier, owner, connection };
}

/** D: an interpreter with a connection feeds an interactive shell of its own, in small turns. */
function belowInterpreter(shell: ProcessFact, { family, ledger, options, now }: Look): ReverseShell | undefined {
  const carrier = family.parent(shell);
  if (carrier === undefined || !isShell(programOf(shell)) || !isTypedInto(shell)) return undefined;
  const isInherited = shell.stdio?.[0] === carrier.stdio?.[0];
  if (isInherited || !isPipe(shell.stdio?.[0]) || !isPipe(shell.stdio?.[1])) return undefined;
  const owner = family.ownerOf(carrier);
  if (!isInterpreter(programOf(carrier)) || (owner.role !== 'skill' && owner.role !== 'detached')) return undefined;
  if (!hasLasted(shell, options.terminalMs, now)) return undefined;
  const connection = family.connectionsOf(carrier.pid).find(isUnknownPeer);
  if (connection === undefined) return undefined;
  const found = { shape: 'child' as const, shell, carrier, owner, connection };
  const turns = ledger === undefined ? undefined : smallTurns(ledger, connection, options);
  if (turns === undefined) return { ...found, severity: 'medium', doubt: 'the rhythm of the traffic was not seen' };
  return turns >= options.bursts ? { ...found, severity: 'high' } : undefined;
}

function smallTurns(ledger: Ledger, { key }: Connection, { burstBytes }: ReverseShellOptions): number | undefined {
  for (const contact of ledger.contacts()) {
    if (!contact.socketKeys.includes(key)) continue;
    return contact.activityBytes.filter(
      ({ bytesIn, bytesOut }) => bytesIn > 0 && bytesOut > 0 && bytesIn < burstBytes && bytesOut < burstBytes,
    ).length;
  }
  return undefined;
}

/** No command and no script, and its arguments were seen: without them nothing is known. */
function isTypedInto({ argv }: ProcessFact): boolean {
  return argv.length > 0 && readsItsProgram([argv[0]!.replace(/^-/, ''), ...argv.slice(1)]);
}

function isUnknownPeer(connection: Connection): boolean {
  return isOpenToOthers(connection) && (connection.verdict === undefined || connection.verdict === 'unknown');
}

function isTerminalServer(process: ProcessFact): boolean {
  return process.exe !== undefined && SYSTEM_FOLDER.test(process.exe) && TERMINAL_SERVERS.test(programOf(process));
}

/** A start in the future, by a clock that jumped, proves no age. */
function hasLasted({ startedAt }: ProcessFact, ms: number, now: number): boolean {
  return startedAt !== undefined && now - startedAt >= ms;
}

function isPipe(target: string | undefined): boolean {
  return target !== undefined && /^(?:pipe|socket):\[/.test(target);
}

interface Channels {
  /** Programs to whom the shell's output comes and from whom its input is, directly or through one filter. */
  loopsThrough(shell: ProcessFact): ProcessFact[];
}

/** More programs than these between two pipes are nobody's shell. */
const MAX_READERS = 64;

/**
 * Who writes what another reads: pipes, and files by name, since a FIFO is what such a loop is mostly closed with. A
 * filter that is given the FIFO as an argument (`cat /tmp/f | sh`) reads it too.
 */
function createChannels(processes: readonly ProcessFact[]): Channels {
  const readers = new Map<string, ProcessFact[]>();
  const note = (channel: string | undefined, process: ProcessFact) => {
    if (!isChannel(channel)) return;
    const list = readers.get(channel) ?? [];
    if (list.length < MAX_READERS && !list.includes(process)) list.push(process);
    readers.set(channel, list);
  };
  for (const process of processes) {
    note(process.stdio?.[0], process);
    // Of a shell an argument is a script or a command, and that is no channel.
    if (isShell(programOf(process))) continue;
    for (const word of process.argv.slice(1, 4)) {
      if (word.length < 4096 && !word.startsWith('-')) note(posix.resolve(process.cwd ?? '/', word), process);
    }
  }
  const next = (process: ProcessFact): ProcessFact[] =>
    [process.stdio?.[1], process.stdio?.[2]].flatMap((channel) =>
      isChannel(channel)
        ? [channel, channel.replace(/ \(deleted\)$/, '')].flatMap((name) => readers.get(name) ?? [])
        : [],
    );
  const reached = (process: ProcessFact): Set<ProcessFact> => {
    const direct = next(process);
    return new Set([...direct, ...direct.slice(0, MAX_READERS).flatMap(next)]);
  };
  return {
    loopsThrough(shell) {
      return [...reached(shell)].filter((carrier) => carrier !== shell && reached(carrier).has(shell));
    },
  };
}

function isChannel(target: string | undefined): target is string {
  if (target === undefined) return false;
  return target.startsWith('pipe:[') || (target.startsWith('/') && !target.startsWith('/dev/'));
}
