import type { GatewayLock } from '../../types/gateway.ts';
import type { FileView } from './file-view.ts';

/** Lock files are some hundred bytes and padding. */
const MAX_LOCK_BYTES = 65_536;

/** Names of the lock files in a lock directory: one for the state directory, one for each configuration file. */
export const LOCK_FILE_NAME = /^gateway\.(?:state|[0-9a-f]{8,64})\.lock$/;

/** What a lock file says, before anybody looked whether it is true. */
export interface LockReading extends Omit<GatewayLock, 'status'> {
  status: 'parsed' | 'unreadable' | 'invalid';
  /** Owner of the file: a lock speaks for its owner's processes and for nobody else's. */
  fileUid?: number;
}

/** Reads one lock file. `undefined` when there is none. */
export function readLockFile(view: FileView, path: string): LockReading | undefined {
  const reading = view.read(path, MAX_LOCK_BYTES);
  if (reading.ok) return { ...parseLock(reading.text), path, fileUid: reading.stamp.uid };
  if (reading.reason === 'missing') return undefined;
  return { path, status: reading.reason === 'denied' ? 'unreadable' : 'invalid' };
}

/**
 * Parses a lock: one JSON object, padded with white space because OpenClaw overwrites it in place. Fields of a wrong
 * type count as absent; without a usable pid the lock is invalid. Source: OpenClaw 2026.9.6, `gateway-lock-payload.ts`.
 */
export function parseLock(text: string): Omit<LockReading, 'path' | 'fileUid'> {
  let value: unknown;
  try {
    value = JSON.parse(withoutPadding(text));
  } catch {
    return { status: 'invalid' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { status: 'invalid' };
  const lock = value as Record<string, unknown>;
  const pid = wholeNumber(lock.pid, 1, 4_194_304);
  if (pid === undefined) return { status: 'invalid' };
  return {
    status: 'parsed',
    pid,
    ...defined('port', wholeNumber(lock.port, 1, 65_535)),
    ...defined('startTicks', wholeNumber(lock.startTime, 1, Number.MAX_SAFE_INTEGER)),
    ...defined('createdAt', unixMs(lock.createdAt)),
    ...defined('configPath', absolutePath(lock.configPath)),
    ...defined('stateDir', absolutePath(lock.stateDir)),
    ...defined('role', typeof lock.role === 'string' ? lock.role.slice(0, 64) : undefined),
  };
}

/** True when the lock, if it is live, means a gateway. A role of a later OpenClaw that we do not know means none. */
export function isGatewayRole(role: string | undefined): boolean {
  return role === undefined || role === 'gateway';
}

/** The process that a lock names, as the machine shows it now. */
export interface LockHolder {
  startTicks: number;
  startedAt?: number;
  uid?: number;
}

/**
 * Compares a lock with the process that has its pid now. The start time decides: after a crash the file stays and the
 * pid goes to somebody else. Builds that wrote no start time are judged by "the process is older than the lock".
 * A lock in another user's file proves nothing, or anybody could declare sshd a gateway.
 */
export function judgeLock(lock: LockReading, holder: LockHolder | undefined): GatewayLock {
  const { status, fileUid, ...facts } = lock;
  if (status !== 'parsed') return { ...facts, status };
  if (holder === undefined) return { ...facts, status: 'stale' };
  const foreign = fileUid !== undefined && fileUid !== 0 && holder.uid !== undefined && fileUid !== holder.uid;
  if (foreign) return { ...facts, status: 'invalid' };
  return { ...facts, status: isSameProcess(lock, holder) ? 'live' : 'reused' };
}

/** Clock of the lock and clock of the process table may differ by rounding and by a step of the clock. */
const CLOCK_SLACK_MS = 5_000;

function isSameProcess(lock: LockReading, holder: LockHolder): boolean {
  if (lock.startTicks !== undefined && holder.startTicks > 0) return lock.startTicks === holder.startTicks;
  if (lock.createdAt === undefined || holder.startedAt === undefined) return false;
  return holder.startedAt <= lock.createdAt + CLOCK_SLACK_MS;
}

/** Not by a pattern: one that looks for white space at the end takes quadratic time where an attacker put a letter there. */
function withoutPadding(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\0' || text[end - 1]!.trim() === '')) end--;
  return text.slice(0, end);
}

function wholeNumber(value: unknown, min: number, max: number): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined;
}

function unixMs(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length > 64) return undefined;
  const at = Date.parse(value);
  return Number.isFinite(at) ? at : undefined;
}

function absolutePath(value: unknown): string | undefined {
  return typeof value === 'string' && value.startsWith('/') && value.length < 4_096 && !value.includes('\0')
    ? value
    : undefined;
}

function defined<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, V>);
}
