import type { EgressVerdict } from '../../types/egress.ts';
import type { AddressClass } from '../../types/ip.ts';
import type { ContactWindow } from '../../types/ledger.ts';
import type { Role } from '../../types/snapshot.ts';
import { ByteSums } from './byte-sums.ts';

const MAX_ADDRESSES = 32;
const MAX_PIDS = 16;
const MAX_KEYS = 64;
const MAX_TEXT = 255;
/** An event whose bytes still grow is one of the last. */
const SEARCH_BACK = 64;
const NONE: readonly string[] = [];

/** What is told of a contact at a sight of one of its connections. */
export interface Sight {
  role: Role;
  skill?: string | undefined;
  gatewayId?: string | undefined;
  name?: string | undefined;
  program?: string | undefined;
  address?: string | undefined;
  remoteClass?: AddressClass | undefined;
  verdict?: EgressVerdict | undefined;
  verdictReason?: string | undefined;
  pid?: number | undefined;
}

/** The number of the look, shared by all contacts so that none has to be touched when a look begins. */
export interface Tick {
  now: number;
}

/** One contact and port, as it is kept. The same object lives as long as the contact, so rules may remember by it. */
export class ContactState implements ContactWindow {
  readonly subject: string;
  readonly destination: string;
  readonly port: number;
  role: Role;
  skill?: string;
  gatewayId?: string;
  name?: string;
  program?: string;
  remoteClass?: AddressClass;
  verdict?: EgressVerdict;
  verdictReason?: string;
  firstAt: number;
  lastAt: number;
  readonly addresses: string[] = [];
  readonly pids: number[] = [];
  readonly activity: number[] = [];
  readonly #out: number[] = [];
  readonly #in: number[] = [];
  readonly #sums = new ByteSums();
  readonly #tick: Tick;
  #keys: string[] = [];
  #keysTick = -1;
  #gap = { events: 0, ms: 0 };

  constructor(contact: { subject: string; destination: string; port: number }, role: Role, at: number, tick: Tick) {
    this.subject = contact.subject;
    this.destination = contact.destination;
    this.port = contact.port;
    this.role = role;
    this.firstAt = at;
    this.lastAt = at;
    this.#tick = tick;
  }

  get activityBytes(): readonly { bytesOut: number; bytesIn: number }[] {
    return this.#out.map((bytesOut, index) => ({ bytesOut, bytesIn: this.#in[index]! }));
  }

  /** Bytes sent with each event, without making an object for each. */
  get activityOut(): readonly number[] {
    return this.#out;
  }

  get socketKeys(): readonly string[] {
    return this.#keysTick === this.#tick.now ? this.#keys : NONE;
  }

  /** What it costs: events and byte sums. */
  get entries(): number {
    return this.activity.length + this.#sums.entries;
  }

  bytesSince(sinceAt: number): { bytesOut: number; bytesIn: number } {
    return this.lastAt < sinceAt ? { bytesOut: 0, bytesIn: 0 } : this.#sums.since(sinceAt);
  }

  see(sight: Sight): void {
    this.role = sight.role;
    if (sight.skill !== undefined) this.skill = sight.skill;
    if (sight.gatewayId !== undefined) this.gatewayId = sight.gatewayId;
    if (sight.name !== undefined) this.name = sight.name.slice(0, MAX_TEXT);
    if (sight.program !== undefined) this.program = sight.program.slice(0, MAX_TEXT);
    if (sight.remoteClass !== undefined) this.remoteClass = sight.remoteClass;
    if (sight.verdict !== undefined) this.verdict = sight.verdict;
    if (sight.verdictReason !== undefined) this.verdictReason = sight.verdictReason;
    if (sight.address !== undefined) moveToEnd(this.addresses, sight.address, MAX_ADDRESSES);
    if (sight.pid !== undefined) moveToEnd(this.pids, sight.pid, MAX_PIDS);
  }

  holdsSocket(key: string): void {
    if (this.#keysTick !== this.#tick.now) {
      this.#keys = [];
      this.#keysTick = this.#tick.now;
    }
    if (this.#keys.length < MAX_KEYS) this.#keys.push(key);
  }

  /** An activity event. It may come late, and then takes its place among the others. */
  event(at: number, maxEvents: number): void {
    let index = this.activity.length;
    while (index > 0 && this.activity[index - 1]! > at) index--;
    if (index === this.activity.length) {
      this.activity.push(at);
      this.#out.push(0);
      this.#in.push(0);
    } else {
      this.activity.splice(index, 0, at);
      this.#out.splice(index, 0, 0);
      this.#in.splice(index, 0, 0);
    }
    this.firstAt = Math.min(this.firstAt, at);
    this.lastAt = Math.max(this.lastAt, at);
    // An eighth at once, so that a full list is not moved at each event.
    if (this.activity.length > maxEvents) this.#dropOldest(Math.max(1, maxEvents >> 3));
  }

  /** Bytes that belong to the event at `eventAt`, or else to the latest. */
  addBytes(at: number, eventAt: number, bytesOut: number, bytesIn: number): void {
    this.#sums.add(at, bytesOut, bytesIn);
    this.lastAt = Math.max(this.lastAt, at);
    const index = this.#indexOf(eventAt);
    if (index < 0) return;
    this.#out[index]! += bytesOut;
    this.#in[index]! += bytesIn;
  }

  /** Bytes for the sums alone, where it is not known which event they belong to. */
  addPastBytes(at: number, bytesOut: number, bytesIn: number): void {
    this.#sums.add(at, bytesOut, bytesIn);
  }

  /** Takes an event back that belongs to another contact, as became known. Gives its bytes. */
  takeBack(eventAt: number): { bytesOut: number; bytesIn: number } {
    const index = this.activity.lastIndexOf(eventAt);
    if (index < 0) return { bytesOut: 0, bytesIn: 0 };
    const [bytesOut, bytesIn] = [this.#out[index]!, this.#in[index]!];
    for (const list of [this.activity, this.#out, this.#in]) list.splice(index, 1);
    this.#sums.add(eventAt, -bytesOut, -bytesIn);
    return { bytesOut, bytesIn };
  }

  /** Middle time between the latest events, ms; 0 while there are none. Worked out anew with each eighth event. */
  medianGapMs(): number {
    if (this.activity.length - this.#gap.events >= 8 || this.activity.length < this.#gap.events) {
      const recent = this.activity.slice(-33);
      const gaps = recent
        .slice(1)
        .map((at, index) => at - recent[index]!)
        .sort((a, b) => a - b);
      this.#gap = { events: this.activity.length, ms: gaps[gaps.length >> 1] ?? 0 };
    }
    return this.#gap.ms;
  }

  /** Half of what it costs, the older half. */
  halve(): void {
    this.#dropOldest(this.activity.length >> 1);
    this.#sums.compact(0);
  }

  forgetBefore(at: number): void {
    let count = 0;
    while (count < this.activity.length && this.activity[count]! < at) count++;
    this.#dropOldest(count);
  }

  #dropOldest(count: number): void {
    if (count === 0) return;
    for (const list of [this.activity, this.#out, this.#in]) list.splice(0, count);
    this.#gap.events = 0;
  }

  #indexOf(eventAt: number): number {
    const last = this.activity.length - 1;
    for (let index = last; index >= Math.max(0, last - SEARCH_BACK); index--) {
      if (this.activity[index] === eventAt) return index;
    }
    return last;
  }
}

/** Newest last, each once, the oldest dropped. */
function moveToEnd<Item>(list: Item[], item: Item, most: number): void {
  if (list.at(-1) === item) return;
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
  list.push(item);
  if (list.length > most) list.shift();
}
