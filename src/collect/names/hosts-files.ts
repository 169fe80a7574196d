import { readlinkSync } from 'node:fs';
import type { BlindSpot } from '../../types/blind-spot.ts';
import { createFileView, type FileView } from '../openclaw/file-view.ts';
import { type HostsTable, parseHostsFile, parseNameServers } from './hosts-file.ts';

/** The hosts file and the name servers that one process lives by. */
export interface NameFiles {
  hosts: HostsTable;
  resolvers: readonly string[];
  /** True when they are another mount namespace's: then they speak for that namespace's processes only. */
  foreign: boolean;
}

export interface NameFileReading {
  own: NameFiles;
  /** By pid, for processes in our mount namespace and in that of a gateway; for others `own` has to do. */
  byPid: ReadonlyMap<number, NameFiles>;
  blindSpots: BlindSpot[];
}

export interface NameFileOptions {
  /** Directory that holds the host's `/etc`; `''` is the real root. */
  fsRoot?: string;
  procRoot?: string;
}

// Block lists of five megabytes are ordinary.
const MAX_HOSTS_BYTES = 8 * 1024 * 1024;
const MAX_RESOLV_BYTES = 64 * 1024;
const MAX_NAMESPACES = 16;
/**
 * `/etc/resolv.conf` of a machine with systemd-resolved names its stub only; the second file names whom the stub asks, and
 * their answers are all that is on the wire when a program asks it over its own socket instead of DNS.
 */
const RESOLV_FILES = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];

/**
 * Reads `/etc/hosts` and `/etc/resolv.conf` of our own mount namespace and of those that gateways are in. A file is read
 * again when it changed. What another namespace's file says is never taken for processes outside of it, and namespaces
 * without a gateway are not read at all: every user can make one and put a hosts file of his own into it, by which a
 * skill would give its far end any name.
 */
export function createNameFiles({ fsRoot = '', procRoot = '/proc' }: NameFileOptions = {}) {
  const parsed = new Map<string, { key: string; hosts: HostsTable; resolvers: string[]; problem?: string }>();
  const hostView = createFileView(fsRoot);

  function readFrom(view: FileView, namespace: string) {
    const stamps = ['/etc/hosts', ...RESOLV_FILES].map((path) => view.stat(path));
    const key = stamps.map((stamp) => (typeof stamp === 'string' ? stamp : stamp.key)).join(' ');
    const known = parsed.get(namespace);
    if (known?.key === key) return known;
    const hosts = view.read('/etc/hosts', MAX_HOSTS_BYTES);
    const resolvers = RESOLV_FILES.flatMap((path) => {
      const resolv = view.read(path, MAX_RESOLV_BYTES);
      return resolv.ok ? parseNameServers(resolv.text) : [];
    });
    const entry = {
      key,
      hosts: parseHostsFile(hosts.ok ? hosts.text : ''),
      resolvers: [...new Set(resolvers)],
      // A machine or container without a hosts file is ordinary.
      ...(!hosts.ok && hosts.reason !== 'missing' && { problem: hosts.why }),
    };
    parsed.set(namespace, entry);
    return entry;
  }

  function read(gatewayPids: readonly number[], otherPids: readonly number[]): NameFileReading {
    const self = namespaceOf(`${procRoot}/self`);
    const ownNamespace = typeof self === 'string' ? self : 'own';
    const ownFiles = readFrom(hostView, ownNamespace);
    const own: NameFiles = { hosts: ownFiles.hosts, resolvers: ownFiles.resolvers, foreign: false };
    const byPid = new Map<number, NameFiles>();
    const problems = new Map<string, string>(ownFiles.problem === undefined ? [] : [[ownNamespace, ownFiles.problem]]);
    const foreign = new Map<string, NameFiles>();
    let denied = 0;
    for (const pid of new Set([...gatewayPids, ...otherPids])) {
      const namespace = namespaceOf(`${procRoot}/${pid}`);
      const isGateway = gatewayPids.includes(pid);
      if (typeof namespace !== 'string') denied += isGateway && namespace.denied ? 1 : 0;
      else if (namespace === ownNamespace) byPid.set(pid, own);
      else if (foreign.has(namespace)) byPid.set(pid, foreign.get(namespace)!);
      else if (isGateway && foreign.size < MAX_NAMESPACES) {
        const files = readFrom(createFileView(`${procRoot}/${pid}/root`, 'container'), namespace);
        if (files.problem !== undefined) problems.set(namespace, files.problem);
        const entry: NameFiles = { hosts: files.hosts, resolvers: files.resolvers, foreign: true };
        foreign.set(namespace, entry);
        byPid.set(pid, entry);
      }
    }
    // Namespaces come and go with containers.
    for (const namespace of parsed.keys()) {
      if (namespace !== ownNamespace && !foreign.has(namespace)) parsed.delete(namespace);
    }
    return { own, byPid, blindSpots: blindSpotsOf(problems, denied) };
  }

  return { read };
}

function namespaceOf(processDirectory: string): string | { denied: boolean } {
  try {
    return readlinkSync(`${processDirectory}/ns/mnt`);
  } catch (error) {
    // Else it ended meanwhile, or the system has no namespaces.
    return { denied: ['EACCES', 'EPERM'].includes(String((error as NodeJS.ErrnoException).code)) };
  }
}

function blindSpotsOf(problems: ReadonlyMap<string, string>, denied: number): BlindSpot[] {
  const spots: BlindSpot[] = [];
  if (problems.size > 0) {
    const whys = [...new Set(problems.values())].sort();
    spots.push({
      id: 'names.hosts.unread',
      source: 'names',
      what: 'names that a hosts file gives to addresses',
      why: `${problems.size} hosts file(s) not read: ${whys.join(', ')}`,
      essential: false,
    });
  }
  if (denied > 0) {
    spots.push({
      id: 'names.hosts.denied',
      source: 'names',
      what: `which hosts file ${denied} gateway(s) live by`,
      why: 'the mount namespace cannot be read without more rights',
      fix: 'sudo clawwatch scan',
      essential: false,
    });
  }
  return spots;
}
