import { posix } from 'node:path';
import { type AgentActivity, hashOfCall } from '../../../types/egress.ts';
import type { ToolCall } from './event.ts';

/** How long an activity is remembered after it ended. */
export const WINDOW_MS = 15 * 60_000;

/** A call without a recorded end: its gateway was killed, or it runs. After this long nobody believes the latter. */
const MAX_OPEN_MS = 6 * 3_600_000;
/** Oldest go first; a busy agent makes some hundred calls in a quarter of an hour. */
const MAX_ENTRIES = 2_000;
/** Transcript and audit table tell of the same call within some hundred milliseconds. */
const SAME_CALL_MS = 30_000;
const SAME_READ_MS = 10_000;

/** A line of the audit table: a call started or ended. `hash` is `"sha256:" + sha256(call id)`. */
export interface AuditLine {
  session: string;
  hash: string;
  tool: string;
  at: number;
}

/** Puts together what several tables of one gateway tell about the same calls, and forgets what is old. */
export interface Ledger {
  called(session: string, call: ToolCall, at: number): void;
  answered(session: string, id: string, at: number): void;
  auditStarted(line: AuditLine): void;
  auditFinished(line: AuditLine): void;
  /** A row of `skill_usage`: a SKILL.md was read at this moment, in a session that the table does not name. */
  skillUsed(file: string, at: number): void;
  /** @param gatewayStartedAt calls left open before it died with the process before. */
  activities(gatewayId: string, now: number, gatewayStartedAt: number | undefined): AgentActivity[];
}

interface Entry {
  session: string;
  tool: string;
  /** As the transcript names it; the hash until then. */
  id: string;
  calledAt?: number;
  answeredAt?: number;
  auditStartedAt?: number;
  auditFinishedAt?: number;
  command?: string;
  hosts?: string[];
  skillFile?: string;
}

export function createLedger(): Ledger {
  // Providers number their calls from zero in every answer, so one key can have several calls.
  const entries = new Map<string, Entry[]>();
  const used = new Map<string, number>();
  let size = 0;

  /** @param seenAt when this side told of the entry; the same moment again is the same row, read once more. */
  function entryFor(
    session: string,
    hash: string,
    at: number,
    seenAt: (entry: Entry) => number | undefined,
    tool: string,
  ): Entry {
    const key = `${session}\0${hash}`;
    const same = entries.get(key) ?? [];
    const isFree = (entry: Entry) => (seenAt(entry) ?? at) === at;
    const near = same.findLast((entry) => isFree(entry) && Math.abs(startOf(entry) - at) <= SAME_CALL_MS);
    if (near !== undefined) return near;
    const entry: Entry = { session, tool, id: hash };
    if (size >= MAX_ENTRIES) dropOldest();
    size++;
    entries.set(key, [...(entries.get(key) ?? []), entry]);
    return entry;
  }

  function dropOldest(): void {
    const key = entries.keys().next().value;
    if (key === undefined) return;
    size -= entries.get(key)!.length;
    entries.delete(key);
  }

  /** The newest call of that name which lacks this end. */
  function toEnd(session: string, hash: string, at: number, lacks: (entry: Entry) => boolean): Entry | undefined {
    return entries.get(`${session}\0${hash}`)?.findLast((entry) => lacks(entry) && startOf(entry) <= at + SAME_READ_MS);
  }

  function prune(now: number): void {
    for (const [key, list] of entries) {
      const kept = list.filter((entry) => {
        const end = endOf(entry);
        return end === undefined ? startOf(entry) > now - MAX_OPEN_MS : end > now - WINDOW_MS;
      });
      size -= list.length - kept.length;
      if (kept.length === 0) entries.delete(key);
      else if (kept.length < list.length) entries.set(key, kept);
    }
    for (const [file, at] of used) if (at <= now - WINDOW_MS) used.delete(file);
  }

  return {
    called(session, call, at) {
      const entry = entryFor(session, hashOfCall(call.id), at, (one) => one.calledAt, call.tool);
      entry.calledAt = at;
      entry.id = call.id;
      entry.tool = call.tool;
      if (call.command !== undefined) entry.command = call.command;
      if (call.hosts.length > 0) entry.hosts = call.hosts;
      if (call.skillFile !== undefined) entry.skillFile = call.skillFile;
    },
    answered(session, id, at) {
      const entry = toEnd(session, hashOfCall(id), at, (one) => one.answeredAt === undefined);
      if (entry !== undefined) entry.answeredAt = at;
    },
    auditStarted({ session, hash, tool, at }) {
      entryFor(session, hash, at, (one) => one.auditStartedAt, tool).auditStartedAt = at;
    },
    auditFinished({ session, hash, at }) {
      const entry = toEnd(session, hash, at, (one) => one.auditFinishedAt === undefined);
      if (entry !== undefined) entry.auditFinishedAt = at;
    },
    skillUsed(file, at) {
      used.set(file, at);
    },
    activities(gatewayId, now, gatewayStartedAt) {
      prune(now);
      const all = [...entries.values()].flat();
      const calls = all.map((entry) => toolActivity(entry, gatewayId, gatewayStartedAt));
      const reads = all.flatMap((entry) => readActivity(entry, gatewayId, now) ?? []);
      const readAt = Map.groupBy(reads, (read) => read.skill);
      const alone = [...used].flatMap(([file, at]): AgentActivity[] => {
        // The call may name the file by another path than the table: from the home, or relative to the workspace.
        const skill = skillOf(file);
        const isTold = readAt.get(skill)?.some((read) => Math.abs(read.startedAt - at) <= SAME_READ_MS);
        return isTold ? [] : [{ kind: 'skill-read', gatewayId, startedAt: at, skill }];
      });
      return [...calls, ...reads, ...alone].sort((a, b) => a.startedAt - b.startedAt);
    },
  };
}

function startOf(entry: Entry): number {
  return Math.min(entry.calledAt ?? Number.POSITIVE_INFINITY, entry.auditStartedAt ?? Number.POSITIVE_INFINITY);
}

/** The audit table stamps the end itself; the transcript gets its result a moment later. */
function endOf(entry: Entry): number | undefined {
  return entry.auditFinishedAt ?? entry.answeredAt;
}

function toolActivity(entry: Entry, gatewayId: string, gatewayStartedAt: number | undefined): AgentActivity {
  const startedAt = startOf(entry);
  const died = gatewayStartedAt !== undefined && startedAt < gatewayStartedAt ? gatewayStartedAt : undefined;
  const endedAt = endOf(entry) ?? died;
  return {
    kind: 'tool-call',
    gatewayId,
    startedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    tool: entry.tool,
    toolCallId: entry.id,
    sessionId: entry.session,
    ...(entry.command === undefined ? {} : { command: entry.command }),
    ...(entry.hosts === undefined ? {} : { hosts: [...entry.hosts] }),
  };
}

function readActivity(entry: Entry, gatewayId: string, now: number): AgentActivity | undefined {
  const startedAt = startOf(entry);
  if (entry.skillFile === undefined || startedAt <= now - WINDOW_MS) return undefined;
  return {
    kind: 'skill-read',
    gatewayId,
    startedAt,
    toolCallId: entry.id,
    sessionId: entry.session,
    skill: skillOf(entry.skillFile),
  };
}

/** A skill is called like the directory of its SKILL.md, here as in the inventory. */
function skillOf(file: string): string {
  return posix.basename(posix.dirname(file.replaceAll('\\', '/')));
}
