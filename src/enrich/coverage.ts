import type { Connection, ConnectionCoverage, Listener, Snapshot } from '../types/snapshot.ts';
import type { SensorShare } from '../types/witness.ts';

/** What one look knows of the connections of one network namespace. */
export interface OpeningsReading {
  /** Unix ms. */
  at: number;
  netns: string;
  /** `Tcp: ActiveOpens`: opened since the namespace exists. */
  activeOpens: number;
  /** TCP connections whose opening end is in this namespace, also those that are only a TIME_WAIT remnant. */
  opened: readonly Connection[];
  /** Connections of this namespace that a sensor told of since the look before, and those with a process. */
  witnessed?: { opened: number; owned: number };
}

/**
 * How many of the connections opened between two looks were seen. `undefined` for the first look, for another namespace,
 * and where the counter or the clock went backwards (restart, wrap, a restored checkpoint): then nothing can be said.
 *
 * A connection refused at once counts as opened and leaves no row, so the figure errs towards "missed".
 */
export function connectionCoverage(
  before: OpeningsReading | undefined,
  now: OpeningsReading,
): ConnectionCoverage | undefined {
  if (before === undefined) return undefined;
  const keys = new Set(before.opened.map(({ key }) => key));
  return compareOpenings(
    { ...before, missing: 0 },
    now,
    freshIn(now, (key) => keys.has(key)),
  );
}

/** A look that is over: its connections are not kept. */
type PastOpenings = Omit<OpeningsReading, 'opened' | 'witnessed'> & {
  /** Opened in it and not seen by its end. */
  missing: number;
};

/** Those that were not there in the look before. Brief ones are told once: the same key again is the same end, contacted anew. */
function freshIn({ opened }: Pick<OpeningsReading, 'opened'>, wasThere: (key: string) => boolean): Connection[] {
  return opened.filter(({ key, brief }) => brief || !wasThere(key));
}

function compareOpenings(
  before: PastOpenings | undefined,
  now: OpeningsReading,
  fresh: readonly Connection[],
): ConnectionCoverage | undefined {
  if (before === undefined || before.netns !== now.netns) return undefined;
  const opened = now.activeOpens - before.activeOpens;
  const intervalMs = now.at - before.at;
  if (!Number.isSafeInteger(opened) || opened < 0 || !(intervalMs > 0)) return undefined;
  const listed = sum(fresh);
  const owned = sum(fresh.filter(({ owner }) => owner !== undefined));
  // A sensor tells of everybody's connections, the record lists the family's: whichever knows of more has seen more.
  const found = Math.max(listed, now.witnessed?.opened ?? 0);
  // Its word comes a moment after the kernel has counted, so what was missing a look ago may arrive in this one.
  const seen = Math.min(found, opened + (now.witnessed === undefined ? 0 : before.missing));
  return {
    intervalMs,
    opened,
    seen,
    owned: Math.min(Math.max(owned, now.witnessed?.owned ?? 0), seen),
    named: Math.min(sum(fresh.filter(hasName)), seen),
    // Counter and table are not read at one moment: what is opened in between is in one of them only.
    ...(found > opened && { reason: `${found} seen where ${opened} were counted: some were opened during the look` }),
  };
}

function sum(connections: readonly Connection[]): number {
  return connections.reduce((total, { attempts = 1 }) => total + attempts, 0);
}

/** An end on this host needs no name. */
function hasName({ direction, destination }: Connection): boolean {
  return direction === 'internal' || destination?.name !== undefined;
}

/**
 * The opening ends of TCP connections in one namespace. On loopback both ends are in the table; the one at the port of a
 * listener was accepted and not opened.
 */
export function openedIn(
  netns: string,
  { connections, listeners }: Pick<Snapshot, 'connections' | 'listeners'>,
): Connection[] {
  const ports = new Set(listeners.filter(isTcpIn(netns)).map(({ local }) => local.port));
  return connections.filter(
    (connection) =>
      connection.netns === netns &&
      connection.protocol === 'tcp' &&
      (connection.direction === 'outbound' ||
        (connection.direction === 'internal' && !ports.has(connection.local.port))),
  );
}

function isTcpIn(netns: string): (socket: Pick<Connection | Listener, 'netns' | 'protocol'>) => boolean {
  return (socket) => socket.netns === netns && socket.protocol === 'tcp';
}

/** Keys of the look before: to keep them costs less than to put ten thousand texts into a new set in each look. */
function createKeyMemory() {
  const seenIn = new Map<string, number>();
  let look = 0;
  return {
    wasThere: (key: string) => seenIn.get(key) === look,
    replace(connections: readonly Connection[]): void {
      look += 1;
      for (const { key } of connections) seenIn.set(key, look);
      if (seenIn.size <= connections.length) return;
      for (const [key, last] of seenIn) if (last !== look) seenIn.delete(key);
    },
  };
}

/** Measures look after look; holds the look before and nothing else. */
export function createCoverageMeter(): (
  look: Pick<Snapshot, 'at' | 'connections' | 'listeners'>,
  ownNetns: string,
  activeOpens: readonly { netns: string; count: number }[] | undefined,
  sensor?: Pick<SensorShare, 'opens'>,
) => ConnectionCoverage | undefined {
  let before: PastOpenings | undefined;
  const keys = createKeyMemory();
  let past: ConnectionCoverage[] = [];
  return (look, ownNetns, activeOpens, sensor) => {
    const count = activeOpens?.find(({ netns }) => netns === ownNetns)?.count;
    if (count === undefined) {
      before = undefined;
      keys.replace([]);
      past = [];
      return undefined;
    }
    const now: OpeningsReading = { at: look.at, netns: ownNetns, activeOpens: count, opened: openedIn(ownNetns, look) };
    if (sensor !== undefined) now.witnessed = witnessedIn(ownNetns, sensor);
    const coverage = compareOpenings(before, now, freshIn(now, keys.wasThere));
    keys.replace(now.opened);
    // Late ones of the look before and those of this one look alike: at the most all of this one are still to come.
    const missing =
      coverage === undefined ? 0 : Math.min(coverage.opened, (before?.missing ?? 0) + coverage.opened - coverage.seen);
    before = { at: now.at, netns: now.netns, activeOpens: now.activeOpens, missing };
    past = coverage === undefined ? [] : withLook(past, coverage);
    return coverage && { ...coverage, lately: totalOf(past) };
  };
}

const LATELY_MS = 600_000;
const MINUTE_MS = 60_000;

/** Looks of one minute are put together, and those that ten minutes do not reach any more are dropped. */
function withLook(past: readonly ConnectionCoverage[], look: ConnectionCoverage): ConnectionCoverage[] {
  const last = past.at(-1);
  const isFull = last === undefined || last.intervalMs + look.intervalMs > MINUTE_MS;
  const next = isFull ? [...past, look] : [...past.slice(0, -1), added(last, look)];
  while (next.length > 1 && totalOf(next.slice(1)).spanMs >= LATELY_MS) next.shift();
  return next;
}

function added(a: ConnectionCoverage, b: ConnectionCoverage): ConnectionCoverage {
  return { ...b, intervalMs: a.intervalMs + b.intervalMs, opened: a.opened + b.opened, seen: a.seen + b.seen };
}

function totalOf(looks: readonly ConnectionCoverage[]): NonNullable<ConnectionCoverage['lately']> {
  const total = { spanMs: 0, opened: 0, seen: 0 };
  for (const { intervalMs, opened, seen } of looks) {
    total.spanMs += intervalMs;
    total.opened += opened;
    total.seen += seen;
  }
  return total;
}

function witnessedIn(netns: string, { opens }: Pick<SensorShare, 'opens'>): { opened: number; owned: number } {
  const sum = { opened: 0, owned: 0 };
  for (const each of opens) {
    if (each.netns !== netns) continue;
    sum.opened += each.opened;
    sum.owned += each.owned;
  }
  return sum;
}
