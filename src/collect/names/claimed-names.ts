import type { AgentActivity, NameFact } from '../../types/egress.ts';
import type { ProcessFact } from '../../types/process.ts';
import { hostNamesIn } from './host-words.ts';

/** A far end of an outbound connection, with the process that holds it. */
export interface RemoteEnd {
  pid: number;
  /** Canonical. */
  address: string;
  port: number;
}

/** What claims are held against. */
export interface ClaimRequest {
  remotes: readonly RemoteEnd[];
  processes: ReadonlyMap<number, ProcessFact>;
  activities: readonly AgentActivity[];
  gateways: readonly { id: string; pid?: number | undefined }[];
  /** Unix ms. */
  now: number;
  /** True when that name is known to have that address. */
  resolvesTo(name: string, address: string): boolean;
  /** True when the far end needs no claim: a proven name or an expectation of its address. */
  isExplained(remote: RemoteEnd): boolean;
  /** True for names of which the addresses are known or can be asked for: those that do not fit are not candidates. */
  isKnown(name: string): boolean;
}

type ClaimSource = 'tool-call' | 'argv';

const MAX_ANCESTORS = 32;
const MAX_ARGV_CHARACTERS = 16_384;
// OpenClaw writes the end of a call when it is over; a connection may outlive it a little.
const AFTERGLOW_MS = 10_000;
const LONGEST_CALL_MS = 10 * 60_000;

/**
 * Names that processes and tool calls themselves give, without any look-up: one that is known to have the address is a
 * fact; an unknown one is a candidate, and only where there is nothing to choose: the process names exactly one unknown
 * host and has exactly one far end that nothing else explains.
 */
export function claimedNames(request: ClaimRequest): NameFact[] {
  const facts: NameFact[] = [];
  for (const [pid, remotes] of Map.groupBy(request.remotes, (remote) => remote.pid)) {
    const process = request.processes.get(pid);
    if (process === undefined) continue;
    const claims = claimsOf(process, request);
    if (claims.size === 0) continue;
    const addresses = [...new Set(remotes.map(({ address }) => address))];
    const fact = (address: string, name: string): NameFact => ({
      address,
      name,
      source: claims.get(name)!,
      seenAt: request.now,
      pid,
    });
    for (const name of claims.keys()) {
      for (const address of addresses) if (request.resolvesTo(name, address)) facts.push(fact(address, name));
    }
    const unknown = [...claims.keys()].filter((name) => !request.isKnown(name));
    const unexplained = new Set(remotes.filter((remote) => !request.isExplained(remote)).map(({ address }) => address));
    if (unknown.length === 1 && unexplained.size === 1) facts.push(fact([...unexplained][0]!, unknown[0]!));
  }
  return facts;
}

/** Names by the stronger of their sources. */
function claimsOf(process: ProcessFact, request: ClaimRequest): Map<string, ClaimSource> {
  const claims = new Map<string, ClaimSource>();
  const texts = argumentTexts(process, request.processes);
  for (const name of texts.flatMap(hostNamesIn)) claims.set(name, 'argv');
  for (const name of namesOfCalls(process, texts, request)) claims.set(name, 'tool-call');
  return claims;
}

/** Arguments of the process, and of its ancestors up to the shell of the exec tool when it runs below one. */
function argumentTexts(process: ProcessFact, processes: ReadonlyMap<number, ProcessFact>): string[] {
  const texts = [textOf(process)];
  let step = process;
  for (let depth = 0; depth < MAX_ANCESTORS; depth++) {
    if (isExecShell(step)) return texts;
    const parent = processes.get(step.ppid);
    // A parent that is younger took over the number of one that ended.
    if (parent === undefined || parent === step || parent.startTicks > step.startTicks) break;
    step = parent;
    texts.push(textOf(step));
  }
  return texts.slice(0, 1);
}

function textOf({ argv }: ProcessFact): string {
  let text = '';
  for (const argument of argv) {
    if (text.length >= MAX_ARGV_CHARACTERS) break;
    text += `${argument.slice(0, MAX_ARGV_CHARACTERS)} `;
  }
  return text;
}

// How the exec tool of OpenClaw 2026.9 starts a shell: `bash --noprofile --norc -c …`, or any other (`SHELL` is not set in
// many services) with `-c` and this before the command.
// biome-ignore lint/suspicious/noTemplateCurlyInString: text of a shell, not of this program
const SHELL_PREFIX = 'export PATH="${OPENCLAW_PREPEND_PATH}';

function isExecShell({ argv }: ProcessFact): boolean {
  if (argv[1] === '--noprofile') return argv[2] === '--norc' && argv[3] === '-c';
  return argv[1] === '-c' && argv[2]?.startsWith(SHELL_PREFIX) === true;
}

function namesOfCalls(process: ProcessFact, texts: readonly string[], request: ClaimRequest): string[] {
  const gateway = request.gateways.find(({ pid }) => pid === process.pid);
  return request.activities
    .filter((activity) => activity.kind === 'tool-call' && isOpen(activity, request.now))
    .filter(({ gatewayId, command }) => {
      // A call without a command runs inside the gateway; a command runs where its text is an argument.
      if (command === undefined) return gateway?.id === gatewayId;
      const written = command.slice(0, MAX_ARGV_CHARACTERS / 2).trim();
      return written !== '' && texts.slice(1).some((text) => text.includes(written));
    })
    .flatMap(({ hosts = [], command = '' }) => [...hosts.slice(0, 16).flatMap(hostNamesIn), ...hostNamesIn(command)]);
}

function isOpen({ startedAt, endedAt }: AgentActivity, now: number): boolean {
  return (
    startedAt <= now && (endedAt === undefined ? now - startedAt <= LONGEST_CALL_MS : now - endedAt <= AFTERGLOW_MS)
  );
}
