import type { Severity } from '../types/finding.ts';
import type { Gateway } from '../types/gateway.ts';
import type { Connection, Role } from '../types/snapshot.ts';

/** A service in reach of this machine alone that should not be everybody's. */
export interface NearService {
  name: string;
  severity: Severity;
}

/** Ports of administration and of data, on machines of the local networks. */
const ADMINISTRATION: ReadonlyMap<number, string> = new Map([
  [22, 'SSH'],
  [23, 'Telnet'],
  [88, 'Kerberos'],
  [135, 'Windows RPC'],
  [139, 'Windows file sharing'],
  [389, 'LDAP'],
  [445, 'Windows file sharing'],
  [636, 'LDAP'],
  [1433, 'SQL Server'],
  [1521, 'Oracle'],
  [2049, 'NFS'],
  [2375, 'Docker without authentication'],
  [2376, 'Docker'],
  [2379, 'etcd'],
  [3306, 'MySQL'],
  [3389, 'remote desktop'],
  [5432, 'PostgreSQL'],
  [5601, 'Kibana'],
  [5900, 'VNC'],
  [5985, 'Windows remote management'],
  [6379, 'Redis'],
  [6443, 'Kubernetes'],
  [8006, 'Proxmox'],
  [8123, 'Home Assistant'],
  [8443, 'an administration page'],
  [9000, 'an administration page'],
  [9090, 'an administration page'],
  [9200, 'Elasticsearch'],
  [10_250, 'Kubernetes node'],
  [11_211, 'memcached'],
  [27_017, 'MongoDB'],
]);

/** What gives a foothold on the next machine, when a skill or a leftover of one talks to it. */
const FOOTHOLD: ReadonlySet<number> = new Set([22, 139, 445]);
const DOCKER: ReadonlySet<number> = new Set([2375]);
const PRINTING: ReadonlySet<number> = new Set([515, 631, 9100]);

/** What contact with a machine of the local networks is worth; `undefined` for what every program does. */
export function serviceOfNetwork(
  { port, protocol }: { port: number; protocol: Connection['protocol'] },
  role: Role,
): NearService | undefined {
  if (protocol === 'udp' && [53, 67, 68, 123, 1900, 5353, 5355].includes(port)) return undefined;
  if (PRINTING.has(port)) return undefined;
  const name = protocol === 'tcp' ? ADMINISTRATION.get(port) : undefined;
  if (name === undefined) return { name: 'a service of another machine', severity: 'low' };
  const isSkill = role === 'skill' || role === 'detached';
  const isGrave = DOCKER.has(port) || (isSkill && FOOTHOLD.has(port));
  return { name, severity: isGrave ? 'high' : 'medium' };
}

/** Data bases on loopback; a command of the agent may well be told to look into one. */
const DATA: ReadonlyMap<number, string> = new Map([
  [3306, 'MySQL'],
  [5432, 'PostgreSQL'],
  [6379, 'Redis'],
  [27_017, 'MongoDB'],
]);

/**
 * What contact with a port of this host's loopback is worth. The browser's debugging port is every session of its user,
 * Docker's is the machine, and Node's inspector the program.
 */
export function serviceOfLoopback(port: number, role: Role, gateway: Gateway | undefined): NearService | undefined {
  const base = gateway?.declared.port;
  if (base !== undefined && port === base + 2)
    return { name: 'the browser control of the gateway', severity: 'medium' };
  if (base !== undefined && port >= base + 11 && port <= base + 110) {
    return { name: 'the debugging port of the agent browser', severity: 'medium' };
  }
  if (port === 9222) return { name: 'the debugging port of a browser', severity: 'medium' };
  if (port === 9229) return { name: 'the inspector of a Node program', severity: 'medium' };
  if (port === 2375) return { name: 'Docker without authentication', severity: 'high' };
  const data = DATA.get(port);
  return data === undefined ? undefined : { name: data, severity: role === 'exec' ? 'low' : 'medium' };
}
