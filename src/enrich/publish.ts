import { posix } from 'node:path';
import { canonicalAddress } from '../types/ip.ts';
import type { ProcessFact } from '../types/process.ts';
import type { Owner } from '../types/snapshot.ts';
import type { Protocol } from '../types/socket.ts';
import type { AddressView } from './addresses.ts';
import { toPort } from './config-value.ts';
import { flagValue } from './start-arguments.ts';

/** A container port that Docker's proxy process opens on the host. */
export interface Publish {
  pid: number;
  protocol: Protocol;
  hostAddress: string;
  hostPort: number;
  containerAddress: string;
  containerPort: number;
}

// Where package managers put it. A skill can name any process docker-proxy, but cannot write here.
const SYSTEM_PATH = /^\/(?:usr|bin|sbin|opt|snap|nix\/store)\//;

/** True for Docker's own proxy: by its executable, or, where that is unreadable, by root's process of that name. */
export function isDockerProxy(owner: Pick<Owner, 'process' | 'gatewayId'>): boolean {
  const { process } = owner;
  if (owner.gatewayId !== undefined || process.argv.length === 0) return false;
  if (process.exe !== undefined) {
    const path = process.exe.replace(/ \(deleted\)$/, '');
    return posix.basename(path) === 'docker-proxy' && SYSTEM_PATH.test(posix.normalize(path));
  }
  return process.uid === 0 && process.comm === 'docker-proxy';
}

/** What a `docker-proxy` forwards, from its arguments; `undefined` when they do not say. */
export function parsePublish(process: ProcessFact): Publish | undefined {
  const argument = (name: string) => flagValue(process.argv, name);
  const hostAddress = canonicalAddress(argument('-host-ip') ?? '');
  const containerAddress = canonicalAddress(argument('-container-ip') ?? '');
  const hostPort = toPort(argument('-host-port'));
  const containerPort = toPort(argument('-container-port'));
  const protocol = argument('-proto') ?? 'tcp';
  if (hostAddress === undefined || containerAddress === undefined || hostPort === undefined) return undefined;
  if (containerPort === undefined || (protocol !== 'tcp' && protocol !== 'udp')) return undefined;
  return { pid: process.pid, protocol, hostAddress, hostPort, containerAddress, containerPort };
}

/** True when the forwarding ends at that port of that namespace; unread interfaces leave only the port to compare. */
export function leadsTo(
  publish: Publish,
  target: { netns: string; protocol: Protocol; port: number },
  view: AddressView,
): boolean {
  if (publish.protocol !== target.protocol || publish.containerPort !== target.port) return false;
  return view.of(target.netns) === undefined || view.find(target.netns, publish.containerAddress) !== undefined;
}
