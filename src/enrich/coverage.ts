import type { Connection, ConnectionCoverage, Listener, Snapshot } from '../types/snapshot.ts';

/** What one look knows of the connections of one network namespace. */
export interface OpeningsReading {
  /** Unix ms. */
  at: number;
  netns: string;
  /** `Tcp: ActiveOpens`: opened since the namespace exists. */
  activeOpens: number;
  /** TCP connections whose opening end is in this namespace, also those that are only a TIME_WAIT remnant. */
  opened: readonly Connection[];
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
  return before && compareOpenings({ ...before, keys: keysOf(before) }, now);
}

/** A look that is over: its connections are not kept, only which they were. */
type PastOpenings = Omit<OpeningsReading, 'opened'> & { keys: ReadonlySet<string> };

function keysOf({ opened }: Pick<OpeningsReading, 'opened'>): Set<string> {
  const keys = new Set<string>();
  for (const { key } of opened) keys.add(key);
  return keys;
}

function compareOpenings(before: PastOpenings | undefined, now: OpeningsReading): ConnectionCoverage | undefined {
  if (before === undefined || before.netns !== now.netns) return undefined;
  const opened = now.activeOpens - before.activeOpens;
  const intervalMs = now.at - before.at;
  if (!Number.isSafeInteger(opened) || opened < 0 || !(intervalMs > 0)) return undefined;
  const fresh = now.opened.filter(({ key }) => !before.keys.has(key));
  const seen = Math.min(fresh.length, opened);
  // Counter and table are not read at one moment: what is opened in between is in one of them only.
  const clamped = fresh.length > opened;
  return {
    intervalMs,
    opened,
    seen,
    owned: Math.min(fresh.filter(({ owner }) => owner !== undefined).length, seen),
    named: Math.min(fresh.filter(hasName).length, seen),
    ...(clamped
      ? { reason: `${fresh.length} seen where ${opened} were counted: some were opened during the look` }
      : {}),
  };
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

/** Measures look after look; holds the look before and nothing else. */
export function createCoverageMeter(): (
  look: Pick<Snapshot, 'at' | 'connections' | 'listeners'>,
  ownNetns: string,
  activeOpens: readonly { netns: string; count: number }[] | undefined,
) => ConnectionCoverage | undefined {
  let before: PastOpenings | undefined;
  return (look, ownNetns, activeOpens) => {
    const count = activeOpens?.find(({ netns }) => netns === ownNetns)?.count;
    const now =
      count === undefined
        ? undefined
        : { at: look.at, netns: ownNetns, activeOpens: count, opened: openedIn(ownNetns, look) };
    const coverage = now === undefined ? undefined : compareOpenings(before, now);
    before = now && { at: now.at, netns: now.netns, activeOpens: now.activeOpens, keys: keysOf(now) };
    return coverage;
  };
}
