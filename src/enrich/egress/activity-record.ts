import { type AgentActivity, hashOfCall } from '../../types/egress.ts';
import { type CommandMatch, isLoose, matchCommand } from './shell-command.ts';

/** A tool call whose tool is known. */
export type Call = AgentActivity & { tool: string };

/** Clocks: a process start is known to 10 ms plus the error of the boot time, a record is written after the fact. */
export const SLACK_MS = 2_000;

/** What one gateway's agents did, indexed by what is asked for: there may be thousands of calls and of connections. */
export interface AgentRecord {
  calls: readonly Call[];
  reads: readonly AgentActivity[];
  /** Calls that were open then and whose command fits. */
  withCommand(command: string, at: number): { call: Call; match: CommandMatch }[];
  /** `web_fetch` calls that were open then and name one of these hosts. */
  fetchesOf(hosts: readonly string[], at: number): Call[];
}

/** Records by gateway id. */
export function createAgentRecords(activities: readonly AgentActivity[]): Map<string, AgentRecord> {
  const byGateway = Map.groupBy(activities, (activity) => activity.gatewayId);
  return new Map([...byGateway].map(([id, own]) => [id, createAgentRecord(own)]));
}

export function createAgentRecord(activities: readonly AgentActivity[]): AgentRecord {
  const calls = activities.filter(
    (activity): activity is Call => activity.kind === 'tool-call' && activity.tool !== undefined,
  );
  const byCommand = new Map<string, Call[]>();
  const loose: Call[] = [];
  const byHost = new Map<string, Call[]>();
  for (const call of calls) {
    if (call.command !== undefined) {
      add(byCommand, call.command.trimEnd(), call);
      if (isLoose(call.command)) loose.push(call);
    }
    if (call.tool === 'web_fetch') for (const host of call.hosts ?? []) add(byHost, host, call);
  }
  return {
    calls,
    reads: activities.filter((activity) => activity.kind === 'skill-read'),
    withCommand(command, at) {
      return [...(byCommand.get(command.trimEnd()) ?? []), ...loose].flatMap((call) => {
        const match = isOpen(call, at, SLACK_MS) ? matchCommand(command, call.command!) : undefined;
        return match === undefined ? [] : [{ call, match }];
      });
    },
    fetchesOf(hosts, at) {
      const found = hosts.flatMap((host) => byHost.get(host) ?? []).filter((call) => isOpen(call, at, SLACK_MS));
      return [...new Set(found)];
    },
  };
}

export function isOpen(call: Call, at: number, slackMs: number): boolean {
  return call.startedAt - slackMs <= at && at <= (call.endedAt ?? Number.POSITIVE_INFINITY) + slackMs;
}

/** The record names a call by its id, or by the hash of it where the transcript was not read. */
export function isCalled(call: Call, id: string): boolean {
  return call.toolCallId === id || call.toolCallId === hashOfCall(id);
}

function add(index: Map<string, Call[]>, key: string, call: Call): void {
  const list = index.get(key);
  if (list === undefined) index.set(key, [call]);
  else list.push(call);
}
