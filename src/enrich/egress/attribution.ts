import { type AgentActivity, hashOfCall } from '../../types/egress.ts';
import type { Confidence, GatewayFact } from '../../types/gateway.ts';
import type { ProcessFact } from '../../types/process.ts';
import type { Owner } from '../../types/snapshot.ts';
import { isRecord, valueAt } from '../config-value.ts';
import { isConfiguredMcpServer, isRelay, isWorker } from '../process-shape.ts';
import {
  type AgentRecord,
  type Call,
  createAgentRecord,
  createAgentRecords,
  isCalled,
  isOpen,
  SLACK_MS,
} from './activity-record.ts';
import { type CommandMatch, commandOfShell } from './shell-command.ts';

/** What a connection belongs to, as far as the evidence goes. Names are raw: print them through `safeText`. */
export interface Attribution {
  skill?: { name: string; confidence: Confidence; basis: 'path' | 'skill-read' };
  toolCall?: {
    tool: string;
    /** Absent when several calls fit. */
    id?: string;
    confidence: Confidence;
    basis: 'environ' | 'command' | 'time' | 'mcp' | 'host';
  };
}

export interface AttributionRequest {
  processes: readonly ProcessFact[];
  gateways: readonly GatewayFact[];
  activities: readonly AgentActivity[];
}

/** Attributes the connections of one look; what depends on the process alone is worked out once for each process. */
export interface Attributions {
  /**
   * @param startedAt when the connection was opened, Unix ms, as near as that is known.
   * @param names names of the far end, lower case.
   */
  of(owner: Owner, startedAt: number, names: readonly string[]): Attribution;
}

/** Catalogue 1.3: a process that starts later than this after its SKILL.md was read is not counted to it. */
const SKILL_READ_MS = 120_000;

const NO_RECORD = createAgentRecord([]);

type CallEvidence = NonNullable<Attribution['toolCall']> & { sessionId?: string };

/**
 * Only what belongs to a gateway's family is attributed: whoever merely looks like it (the same command, the same
 * environment) is not. The record can be forged by a skill that writes its user's files, and a process can put any tag
 * in its own environment. So a forgery can move a connection between the family's own calls, which is why no verdict
 * gets milder by a tool call.
 */
export function createAttributions(request: AttributionRequest): Attributions {
  const byPid = new Map(request.processes.map((process) => [process.pid, process]));
  const facts = new Map(request.gateways.map((fact) => [fact.id, fact]));
  const records = createAgentRecords(request.activities);
  // In one look a process is one object, and to spell its key for each of its connections is not free.
  const known = new Map<ProcessFact, Attribution>();
  const serverCalls = new Map<ProcessFact, Call[]>();

  function callsOfServer(owner: Owner, calls: readonly Call[]): Call[] {
    const key = owner.process;
    const old = serverCalls.get(key);
    if (old !== undefined) return old;
    const server = serverOf(lineOf(owner, byPid), facts.get(owner.gatewayId!));
    const prefix = server === undefined ? undefined : `${toolWord(server)}__`;
    const own = prefix === undefined ? [] : calls.filter((call) => toolWord(call.tool).startsWith(prefix));
    serverCalls.set(key, own);
    return own;
  }

  function ofProcess(owner: Owner, startedAt: number): Attribution {
    const key = owner.process;
    // Without a start of the process its connections stand for it, and each has its own.
    const isCacheable = owner.process.startedAt !== undefined;
    const old = isCacheable ? known.get(key) : undefined;
    if (old !== undefined) return old;
    const record = records.get(owner.gatewayId!) ?? NO_RECORD;
    const line = lineOf(owner, byPid);
    const call = callOfProcess(line, owner, facts.get(owner.gatewayId!), record, startedAt);
    const skill = skillOfOwner(owner) ?? skillRead(owner, record.reads, call?.sessionId, startedAt);
    const attribution: Attribution = { ...(skill === undefined ? {} : { skill }), ...withCall(call) };
    if (isCacheable) known.set(key, attribution);
    return attribution;
  }

  return {
    of(owner, startedAt, names) {
      const { gatewayId, role } = owner;
      if (gatewayId === undefined || role === 'other') return {};
      const record = records.get(gatewayId) ?? NO_RECORD;
      if (role === 'gateway') return withCall(ownFetch(record, startedAt, names));
      if (role === 'helper' || role === 'browser') return {};
      if (role === 'mcp') return withCall(mcpCall(callsOfServer(owner, record.calls), startedAt));
      return ofProcess(owner, startedAt);
    },
  };
}

function withCall(call: CallEvidence | undefined): Attribution {
  if (call === undefined) return {};
  const { sessionId: _, ...toolCall } = call;
  return { toolCall };
}

function skillOfOwner(owner: Owner): Attribution['skill'] {
  return owner.skill === undefined ? undefined : { name: owner.skill, confidence: owner.confidence, basis: 'path' };
}

/** The process and its living ancestors, nearest first; `undefined` stands for one that ended or is unknown. */
function lineOf(owner: Owner, byPid: ReadonlyMap<number, ProcessFact>): (ProcessFact | undefined)[] {
  return owner.lineage.map(({ pid, comm }, index) => {
    const process = index === 0 ? owner.process : byPid.get(pid);
    // A pid whose process ended may be another's by now; the lineage says so by its name.
    return process !== undefined && (index === 0 || process.comm === comm) ? process : undefined;
  });
}

function callOfProcess(
  line: readonly (ProcessFact | undefined)[],
  owner: Owner,
  fact: GatewayFact | undefined,
  record: AgentRecord,
  startedAt: number,
): CallEvidence | undefined {
  const top = topOf(line, fact);
  const byTag = taggedCall(line, top, record.calls, startedAt);
  const shown = top && commandOfShell(top.argv);
  const byCommand = shown === undefined ? undefined : commandCall(shown, top?.startedAt, record, startedAt);
  // A shell that shows its command contradicts every call that is recorded with another one.
  const others = shown === undefined ? record.calls : record.calls.filter((call) => call.command === undefined);
  const call = agreed(byTag, byCommand) ?? onlyOpenExec(others, owner.process.startedAt ?? startedAt);
  // Membership that rests on the environment alone proves nothing: anybody can export it.
  const limit = owner.member?.basis === 'environ' ? 'possible' : undefined;
  return call === undefined || limit === undefined ? call : { ...call, confidence: limit };
}

/**
 * The process that the gateway's own part of the tree started: the shell of the exec tool, where the line from there
 * up is unbroken. Shells further down are the skill's, and it gives them any command it likes.
 */
function topOf(line: readonly (ProcessFact | undefined)[], fact: GatewayFact | undefined): ProcessFact | undefined {
  for (let index = line.length - 1; index >= 0; index--) {
    const process = line[index];
    if (process === undefined) return undefined;
    if (index === line.length - 1) {
      if (process.pid !== fact?.pid || (fact.startTicks ?? process.startTicks) !== process.startTicks) return undefined;
    } else if (!isWorker(process) && !isRelay(process)) return process;
  }
  return undefined;
}

/** (a) The tag that a plugin in the gateway stamps on the environment of every exec child. */
function taggedCall(
  line: readonly (ProcessFact | undefined)[],
  top: ProcessFact | undefined,
  calls: readonly Call[],
  startedAt: number,
): CallEvidence | undefined {
  const tags = line.flatMap((process) => process?.markers.CLAWWATCH_CALL ?? []);
  // The highest was set first; what is below can have been overwritten by the skill.
  const tag = tags.at(-1);
  if (tag === undefined || tag === '') return undefined;
  const agree = tags.every((other) => other === tag);
  const fromShell = top?.markers.CLAWWATCH_CALL === tag;
  const start = line.findLast((process) => process?.markers.CLAWWATCH_CALL === tag)?.startedAt ?? startedAt;
  const recorded = calls.filter((call) => isCalled(call, tag));
  const fitting = recorded.filter((call) => call.startedAt - SLACK_MS <= start);
  const call = fitting.at(-1);
  // The record may lag behind; a record that contradicts it is another matter.
  const confidence =
    recorded.length > 0 && call === undefined ? 'possible' : fromShell && agree && call ? 'certain' : 'likely';
  return { tool: call?.tool ?? 'exec', id: tag, confidence, basis: 'environ', ...sessionOf(call) };
}

/** (b) The shell's command is the one that the model asked for, and it started while that call was open. */
function commandCall(
  command: string,
  shellStartedAt: number | undefined,
  record: AgentRecord,
  startedAt: number,
): CallEvidence | undefined {
  const found = record.withCommand(command, shellStartedAt ?? startedAt);
  const exact = found.filter(({ match }) => match === 'exact');
  const candidates = exact.length > 0 ? exact : found;
  if (candidates.length === 0) return undefined;
  const confidence = confidenceOfMatch(candidates[0]!.match, candidates.length, shellStartedAt !== undefined);
  return oneOf(
    candidates.map(({ call }) => call),
    confidence,
    'command',
  );
}

function confidenceOfMatch(match: CommandMatch, count: number, isTimed: boolean): Confidence {
  if (match !== 'exact') return count === 1 ? 'likely' : 'possible';
  return count === 1 && isTimed ? 'certain' : 'likely';
}

/** Two witnesses: together they are worth the stronger, against each other less than either. */
function agreed(byTag: CallEvidence | undefined, byCommand: CallEvidence | undefined): CallEvidence | undefined {
  if (byTag === undefined || byCommand === undefined) return byTag ?? byCommand;
  const isSame = byCommand.id === undefined || byCommand.id === byTag.id || hashOfCall(byTag.id!) === byCommand.id;
  return isSame
    ? weaker(byTag.confidence, byCommand.confidence)
      ? byCommand
      : byTag
    : { ...byTag, confidence: 'possible' };
}

function weaker(a: Confidence, b: Confidence): boolean {
  const order: readonly Confidence[] = ['possible', 'likely', 'certain'];
  return order.indexOf(a) < order.indexOf(b);
}

/** The shell is gone, or the call is recorded without its command: the one exec call that was open when the process started, if it was one. */
function onlyOpenExec(calls: readonly Call[], startedAt: number): CallEvidence | undefined {
  const open = calls.filter((call) => isExec(call) && isOpen(call, startedAt, 0));
  return open.length === 1 ? oneOf(open, 'possible', 'time') : undefined;
}

/** (c) An MCP server acts while one of its own tools is called. It may also act by itself, so this is never certain. */
function mcpCall(calls: readonly Call[], startedAt: number): CallEvidence | undefined {
  const open = calls.filter((call) => isOpen(call, startedAt, SLACK_MS));
  return oneOf(open, open.length === 1 ? 'likely' : 'possible', 'mcp');
}

/** The configured server that one of these processes runs; two servers with one command line are none. */
function serverOf(line: readonly (ProcessFact | undefined)[], fact: GatewayFact | undefined): string | undefined {
  if (fact === undefined) return undefined;
  const servers = valueAt(fact.config.value, 'mcp', 'servers');
  if (!isRecord(servers)) return undefined;
  const names = Object.entries(servers).flatMap(([name, server]) => {
    const alone = { ...fact, config: { ...fact.config, value: { mcp: { servers: { [name]: server } } } } };
    return line.some((process) => process !== undefined && isConfiguredMcpServer(process, alone)) ? [name] : [];
  });
  return names.length === 1 ? names[0] : undefined;
}

/** OpenClaw makes a tool name of a server name by replacing what providers do not accept. */
function toolWord(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_').toLowerCase();
}

/** (d) The gateway fetches for the agent. It talks to many hosts for itself, so a name alone is never certain. */
function ownFetch(record: AgentRecord, startedAt: number, names: readonly string[]): CallEvidence | undefined {
  const open = record.fetchesOf(names, startedAt);
  return oneOf(open, open.length === 1 ? 'likely' : 'possible', 'host');
}

/**
 * (e) The agent read exactly one SKILL.md shortly before. In the session of the call where that is known; the table of
 * uses names no session, and then it must be the only skill that anybody read.
 */
function skillRead(
  owner: Owner,
  reads: readonly AgentActivity[],
  sessionId: string | undefined,
  startedAt: number,
): Attribution['skill'] {
  const start = owner.process.startedAt ?? startedAt;
  const recent = reads.filter(
    (read) => read.skill !== undefined && read.startedAt <= start && read.startedAt >= start - SKILL_READ_MS,
  );
  const isOurs = (read: AgentActivity) => sessionId !== undefined && read.sessionId === sessionId;
  const own = recent.filter(isOurs);
  // A read of another session is another matter; one without a session might be ours.
  const counted =
    own.length > 0 ? own : recent.filter((read) => sessionId === undefined || read.sessionId === undefined);
  const skills = new Set(counted.map((read) => read.skill!));
  return skills.size === 1 ? { name: [...skills][0]!, confidence: 'possible', basis: 'skill-read' } : undefined;
}

function oneOf(calls: readonly Call[], confidence: Confidence, basis: CallEvidence['basis']): CallEvidence | undefined {
  const first = calls[0];
  if (first === undefined || calls.some((call) => call.tool !== first.tool)) return undefined;
  const id = calls.length === 1 ? first.toolCallId : undefined;
  const sameSession = calls.every((call) => call.sessionId === first.sessionId);
  return {
    tool: first.tool,
    ...(id === undefined ? {} : { id }),
    confidence,
    basis,
    ...(sameSession ? sessionOf(first) : {}),
  };
}

function sessionOf(call: Call | undefined): { sessionId?: string } {
  return call?.sessionId === undefined ? {} : { sessionId: call.sessionId };
}

function isExec(call: Call): boolean {
  return call.tool === 'exec' || call.tool === 'bash';
}
