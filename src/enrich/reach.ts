import type { Confidence } from '../types/gateway.ts';
import { type AddressClass, addressFamily, isWildcard } from '../types/ip.ts';
import type { InterfaceAddress, Reach, ReachableAddress } from '../types/snapshot.ts';
import type { Observation } from '../types/socket.ts';
import type { AddressView } from './addresses.ts';

/** Narrowest first. */
const SCALE: readonly Reach[] = ['loopback', 'container', 'tailnet', 'lan', 'public'];

/** Negative when `a` is narrower than `b`. */
export function compareReach(a: Reach, b: Reach): number {
  return SCALE.indexOf(a) - SCALE.indexOf(b);
}

export function widestReach(addresses: readonly Pick<ReachableAddress, 'reach'>[]): Reach {
  return addresses.reduce<Reach>((widest, { reach }) => (compareReach(reach, widest) > 0 ? reach : widest), 'loopback');
}

/** What of a socket decides who can reach it. */
export type Bound = Pick<Observation, 'netns' | 'family' | 'dualStack' | 'local'>;

/**
 * Every address at which a socket answers, widest first. A wildcard counts over all interfaces that are up. Where the
 * interfaces of its namespace are unread the answer is `lan` at confidence `possible`: a gap never makes a socket safe.
 *
 * @param bridged true inside a container: its private addresses are the container's network and not the LAN.
 */
export function reachableAt(socket: Bound, view: AddressView, bridged: boolean): ReachableAddress[] {
  const { address } = socket.local;
  const answers = isWildcard(address) ? wildcardAnswers(socket, view) : [specificAnswer(socket.netns, address, view)];
  const placed = bridged ? answers.map((answer) => behindBridge(answer)) : answers;
  return placed.sort((a, b) => compareReach(b.reach, a.reach) || (a.address < b.address ? -1 : 1));
}

/** How widely an address of this host can be reached, from its class alone. */
export function reachOfClass(addressClass: AddressClass): Reach {
  switch (addressClass) {
    case 'loopback':
      return 'loopback';
    case 'tailnet':
      return 'tailnet';
    case 'public':
      return 'public';
    default:
      // Private, link-local, a carrier's network, documentation blocks in use: strangers on the same wire.
      return 'lan';
  }
}

function wildcardAnswers(socket: Bound, view: AddressView): ReachableAddress[] {
  const interfaces = view.of(socket.netns);
  if (interfaces === undefined) {
    return [{ address: socket.local.address, class: 'unspecified', reach: 'lan', confidence: 'possible' }];
  }
  const answers: ReachableAddress[] = [];
  for (const entry of interfaces) {
    const confidence = entry.up ? familyConfidence(socket, entry.family) : undefined;
    if (confidence !== undefined) answers.push(answerOf(entry, view, confidence));
  }
  return answers;
}

/** Whether a wildcard socket serves a family: `undefined` is no, `likely` is the dual-stack guess. */
function familyConfidence(socket: Bound, family: 4 | 6): Confidence | undefined {
  if (addressFamily(socket.local.address) === family) return 'certain';
  if (family === 6 || socket.dualStack === 'no') return undefined;
  return socket.dualStack === 'yes' ? 'certain' : 'likely';
}

function specificAnswer(netns: string, address: string, view: AddressView): ReachableAddress {
  const entry = view.find(netns, address);
  if (entry?.up) return answerOf(entry, view, 'certain');
  const addressClass = view.classifyLocal(netns, address);
  // 127.0.0.2 is on no interface and answers all the same. Any other address may come back with its interface, and
  // the socket still waits for it.
  const confidence = addressClass === 'loopback' ? 'certain' : 'possible';
  return { address, class: addressClass, reach: reachOfClass(addressClass), confidence };
}

function answerOf(entry: InterfaceAddress, view: AddressView, confidence: Confidence): ReachableAddress {
  const addressClass = view.classifyLocal(entry.netns, entry.address);
  return {
    address: entry.address,
    ...(entry.interface !== undefined && { interface: entry.interface }),
    ...(entry.prefix !== undefined && { prefix: entry.prefix }),
    class: addressClass,
    reach: reachOfClass(addressClass),
    confidence,
  };
}

// A container on a macvlan has a LAN address that looks the same; only Docker's own view would tell, so "likely".
function behindBridge(answer: ReachableAddress): ReachableAddress {
  if (answer.reach !== 'lan' || answer.class === 'unspecified') return answer;
  return { ...answer, reach: 'container', confidence: answer.confidence === 'certain' ? 'likely' : answer.confidence };
}
