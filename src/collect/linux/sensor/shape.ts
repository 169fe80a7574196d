import type { SensorEvent, SensorStatus } from '../../../types/sensor.ts';

/** Longest texts, in characters: a path of the kernel, a process name, a host name with room, an address with its zone. */
const MAX_PATH = 4_096;
const MAX_COMM = 64;
const MAX_NAME = 256;
const MAX_ADDRESS = 64;
const MAX_WHY = 1_000;
/** `NXDOMAIN` and the like. */
const MAX_WORD = 16;
/** No spaces, no control characters, no other scripts. */
const DNS_NAME = /^[!-~]{1,253}$/;
/** A sensor lists at most 256 ports in one event. */
const MAX_PORTS = 1_024;
const MAX_MISSING = 64;
/** The largest moment of a `Date`. */
const MAX_MOMENT = 8.64e15;
const MAX_PID = 0x7fff_ffff;

type Fields = Record<string, unknown>;

/**
 * The events that are what they say, and the number of those that are not. By hand and not by schema: several thousand come
 * in a second. Events of a kind that we do not know yet are left out and not counted; the version would have risen if they
 * mattered to us.
 */
export function soundEvents(events: readonly unknown[]): { events: SensorEvent[]; malformed: number } {
  const sound: SensorEvent[] = [];
  let malformed = 0;
  for (const event of events) {
    const check = isFields(event) && typeof event.kind === 'string' ? CHECKS.get(event.kind) : isNoEvent;
    if (check?.(event as Fields)) sound.push(event as unknown as SensorEvent);
    else if (check !== undefined) malformed++;
  }
  return { events: sound, malformed };
}

/** @throws Error when it is no status of a sensor. */
export function soundStatus(value: unknown): SensorStatus {
  if (isFields(value) && isStatus(value)) return value as unknown as SensorStatus;
  throw new Error('a status of another shape');
}

const isNoEvent = () => false;

const CHECKS: ReadonlyMap<string, (event: Fields) => boolean> = new Map([
  ['fork', (event) => isMoment(event.at) && isPid(event.pid) && isParent(event.ppid) && isText(event.comm, MAX_COMM)],
  ['exec', (event) => isMoment(event.at) && isPid(event.pid) && isText(event.filename, MAX_PATH)],
  ['exit', (event) => isMoment(event.at) && isPid(event.pid)],
  ['connect', isConnect],
  ['listen', (event) => isMoment(event.at) && isPidOrNone(event.pid) && isFamily(event.family) && isEnd(event.local)],
  ['name', isName],
  ['question', isQuestion],
  ['loss', isLoss],
]);

function isConnect({ at, pid, protocol, family, remote, local, outcome, count, localPorts }: Fields): boolean {
  return (
    isMoment(at) &&
    isPidOrNone(pid) &&
    (protocol === 'tcp' || protocol === 'udp' || protocol === 'icmp') &&
    isFamily(family) &&
    isEnd(remote) &&
    (local === undefined || isEnd(local)) &&
    (outcome === undefined || outcome === 'established' || outcome === 'failed') &&
    (count === undefined || (isWhole(count, Number.MAX_SAFE_INTEGER) && count > 0)) &&
    (localPorts === undefined ||
      (Array.isArray(localPorts) && localPorts.length <= MAX_PORTS && localPorts.every(isPort)))
  );
}

function isName({ at, address, name, source, netns, ttlMs, server, local, remotePort }: Fields): boolean {
  return (
    isMoment(at) &&
    isText(address, MAX_ADDRESS) &&
    isText(name, MAX_NAME) &&
    (source === 'dns' || source === 'sni') &&
    (netns === undefined || isText(netns, MAX_COMM)) &&
    (ttlMs === undefined || isMoment(ttlMs)) &&
    (server === undefined || isText(server, MAX_ADDRESS)) &&
    (local === undefined || isEnd(local)) &&
    (remotePort === undefined || isPort(remotePort))
  );
}

function isQuestion({ at, name, type, rcode, server, local, netns }: Fields): boolean {
  return (
    isMoment(at) &&
    typeof name === 'string' &&
    DNS_NAME.test(name) &&
    isText(type, MAX_WORD) &&
    (rcode === undefined || isText(rcode, MAX_WORD)) &&
    isText(server, MAX_ADDRESS) &&
    isEnd(local) &&
    (netns === undefined || isText(netns, MAX_COMM))
  );
}

function isLoss({ fromAt, toAt, source, count, why }: Fields): boolean {
  return (
    isMoment(fromAt) &&
    isMoment(toAt) &&
    (source === 'kernel-events' || source === 'datagrams' || source === 'names' || source === 'queue') &&
    (count === undefined || isWhole(count, Number.MAX_SAFE_INTEGER)) &&
    isText(why, MAX_WHY)
  );
}

function isStatus({ pid, startedAt, sources, missing, nameBlindness, counts }: Fields): boolean {
  return (
    isPid(pid) &&
    isMoment(startedAt) &&
    Array.isArray(sources) &&
    sources.length <= MAX_MISSING &&
    sources.every((source) => isText(source, MAX_COMM)) &&
    Array.isArray(missing) &&
    missing.length <= MAX_MISSING &&
    missing.every(isMissing) &&
    (nameBlindness === undefined || hasCounts(nameBlindness, ['dot', 'doh', 'ech', 'malformed'])) &&
    hasCounts(counts, ['connects', 'listens', 'names', 'lost'])
  );
}

function isMissing(value: unknown): boolean {
  return (
    isFields(value) &&
    isText(value.source, MAX_WHY) &&
    isText(value.why, MAX_WHY) &&
    (value.fix === undefined || isText(value.fix, MAX_WHY))
  );
}

function hasCounts(value: unknown, names: readonly string[]): boolean {
  return isFields(value) && names.every((name) => isWhole(value[name], Number.MAX_SAFE_INTEGER));
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;
}

/** Also with a fraction: the kernel counts ns. */
function isMoment(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= MAX_MOMENT;
}

function isPid(value: unknown): boolean {
  return isWhole(value, MAX_PID) && value > 0;
}

/** 0 is the parent of those that the kernel made. */
function isParent(value: unknown): boolean {
  return isWhole(value, MAX_PID);
}

function isPidOrNone(value: unknown): boolean {
  return value === undefined || isPid(value);
}

function isFamily(value: unknown): boolean {
  return value === 4 || value === 6;
}

function isPort(value: unknown): boolean {
  return isWhole(value, 0xffff);
}

function isText(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length <= max;
}

function isEnd(value: unknown): boolean {
  return isFields(value) && isText(value.address, MAX_ADDRESS) && isPort(value.port);
}
