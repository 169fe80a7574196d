import ipaddr from 'ipaddr.js';
import { formatEndpoint } from '../types/ip.ts';
import type { Owner, ReachableAddress, ReachOrUnknown, Since } from '../types/snapshot.ts';
import type { Endpoint } from '../types/socket.ts';
import type { Paint } from './paint.ts';

const two = (value: number) => String(value).padStart(2, '0');

/** `2026-11-20 14:02:31` in local time. */
export function dateTime(at: number): string {
  const date = new Date(at);
  return `${day(date)} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `14:02` for today, `2026-11-18 14:02` for another day. */
export function shortTime(at: number, now: number): string {
  const date = new Date(at);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return day(date) === day(new Date(now)) ? time : `${day(date)} ${time}`;
}

function day(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** How long ago, in the largest whole unit: `8 s`, `22 min`, `3 h`, `5 days`. */
export function age(ms: number): string {
  if (ms < 0) return 'in the future';
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 172_800_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} days`;
}

/** A start that we only know a limit for says so: a first look is not a beginning. */
export function since(value: Since, now: number): string {
  const time = shortTime(value.at, now);
  if (value.basis === 'observed') return `since ${time}`;
  return value.basis === 'process-start' ? `since ${time} (process start)` : `since ${time} or earlier`;
}

/** `812 B`, `40 KiB`, `1.8 MiB`. */
export function bytes(number: number): string {
  if (number < 1024) return `${number} B`;
  if (number < 1024 * 1024) return `${Math.round(number / 1024)} KiB`;
  return `${(number / (1024 * 1024)).toFixed(1)} MiB`;
}

/** `1 look`, `1,204 looks`. By hand: loading Intl for one comma costs 24 ms of every start. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${String(number).replace(/\B(?=(\d{3})+$)/g, ',')} ${number === 1 ? one : many}`;
}

/** `192.0.2.7:443`, `[fe80::1%eth0]:443`; `*` for an address that stands for all. */
export function endpoint(value: Endpoint, paint: Paint): string {
  return formatEndpoint(value.zone ? `${value.address}%${paint.text(value.zone, 16)}` : value.address, value.port);
}

const REACH_WORDS: Readonly<Record<ReachOrUnknown, string>> = {
  loopback: 'this host',
  container: 'container',
  tailnet: 'tailnet',
  lan: 'LAN',
  public: 'INTERNET',
  unknown: 'unknown',
};

/** One word for a table. */
export function reachWord(reach: ReachOrUnknown): string {
  return REACH_WORDS[reach];
}

/** `LAN 192.168.50.0/24 (eth0), the internet at 203.0.113.5 (eth1)`; each place once, the widest first. */
export function reachPlaces(addresses: readonly ReachableAddress[], paint: Paint): string {
  const order = ['public', 'lan', 'tailnet', 'container', 'loopback'];
  const beyond = addresses.filter((address) => address.reach !== 'loopback');
  const shown = beyond.length > 0 ? beyond : addresses;
  const places = shown
    .toSorted((a, b) => order.indexOf(a.reach) - order.indexOf(b.reach))
    .map((address) => {
      const place = reachPlace(address);
      const through =
        address.interface && address.reach !== 'loopback' ? ` (${paint.text(address.interface, 16)})` : '';
      return place + through + (address.confidence === 'certain' ? '' : `, ${address.confidence}`);
    });
  const unique = [...new Set(places)];
  return unique.length > 6 ? `${unique.slice(0, 6).join('; ')}; and ${unique.length - 6} more` : unique.join('; ');
}

function reachPlace(address: ReachableAddress): string {
  switch (address.reach) {
    case 'public':
      return `the internet at ${address.address}`;
    case 'lan':
      return `LAN ${network(address)}`;
    case 'tailnet':
      return `the tailnet at ${address.address}`;
    case 'container':
      return `its container network ${network(address)}`;
    case 'loopback':
      return 'this host only';
  }
}

function network({ address, prefix }: ReachableAddress): string {
  if (prefix === undefined || !ipaddr.isValid(address)) return address;
  try {
    const kind = ipaddr.parse(address).kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
    return `${kind.networkAddressFromCIDR(`${address}/${prefix}`).toString()}/${prefix}`;
  } catch {
    return `${address}/${prefix}`;
  }
}

/** `node w.js (2291)`: what a person recognises a process by, inert. */
export function ownerText(owner: Owner | undefined, paint: Paint): string {
  if (!owner) return '-';
  const { comm, argv, pid } = owner.process;
  const name = argv.length > 0 ? argv.join(' ') : comm;
  return `${pid} ${paint.text(name, 80)}`;
}
