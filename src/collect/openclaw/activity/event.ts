import { hostsIn } from './hosts.ts';

/** A tool call as the model asked for it. Only what attribution needs; the rest of the event is dropped at once. */
export interface ToolCall {
  id: string;
  tool: string;
  /** At most `MAX_COMMAND` characters. OpenClaw itself writes `***` in place of what looks like a secret. */
  command?: string;
  hosts: string[];
  /** Path of a SKILL.md that the call reads. */
  skillFile?: string;
}

/** What one transcript event says about tool calls. */
export interface ToolEvent {
  calls: ToolCall[];
  /** Id of the call that this event is the result of. */
  answered?: string;
}

/** A command is compared, shown and stored; nobody types more, and a longer one is compared by its beginning. */
export const MAX_COMMAND = 4_096;

/** Larger events are not parsed: then the call is known from the audit table alone, without its arguments. */
export const MAX_EVENT_BYTES = 262_144;

const MAX_CALLS = 64;
const MAX_NAME = 200;
const NOTHING: ToolEvent = { calls: [] };

/**
 * Reads one event of `transcript_events`. Source: rows that OpenClaw 2026.9.6 wrote, see
 * `test/fixtures/openclaw-state`. Never throws: what is not understood says nothing about tools.
 */
export function parseToolEvent(text: string): ToolEvent {
  if (text.length > MAX_EVENT_BYTES) return NOTHING;
  // Nine of ten events are neither, and a search is a tenth of the cost of a parse.
  if (!text.includes('"toolCall"') && !text.includes('"toolResult"')) return NOTHING;
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    return NOTHING;
  }
  const message = field(event, 'message');
  if (field(event, 'type') !== 'message') return NOTHING;
  const role = field(message, 'role');
  if (role === 'toolResult') {
    const id = shortText(field(message, 'toolCallId'));
    return id === undefined ? NOTHING : { calls: [], answered: id };
  }
  const content = field(message, 'content');
  if (role !== 'assistant' || !Array.isArray(content)) return NOTHING;
  const parts = content.filter((part) => field(part, 'type') === 'toolCall').slice(0, MAX_CALLS);
  return { calls: parts.flatMap((part) => toolCall(part) ?? []) };
}

function toolCall(part: unknown): ToolCall | undefined {
  const id = shortText(field(part, 'id'));
  const tool = shortText(field(part, 'name'));
  if (id === undefined || tool === undefined) return undefined;
  const given = field(part, 'arguments');
  const command = field(given, 'command');
  const path = field(given, 'path') ?? field(given, 'file_path');
  const isSkillRead =
    tool === 'read' && typeof path === 'string' && path.length <= 4_096 && /[\\/]SKILL\.md$/.test(path);
  return {
    id,
    tool,
    hosts: hostsIn(given),
    ...(typeof command === 'string' ? { command: command.slice(0, MAX_COMMAND) } : {}),
    ...(isSkillRead ? { skillFile: path } : {}),
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function shortText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= MAX_NAME ? value : undefined;
}
