import type { AddressReader } from './addresses.ts';
import { type EventFormat, type PageLayout, parseEventFormat, parsePageLayout } from './format.ts';
import type { Instance } from './instance.ts';
import { createDecoder, type Decoders, EVENTS, type EventName, IN_INTERRUPT } from './records.ts';
import type { Stream } from './timeline.ts';

/** A part of the sensor that is not open. */
export interface Missing {
  source: string;
  why: string;
  fix?: string;
}

/** Events that only together make a source. */
export interface WantedEvents {
  source: 'tcp' | 'processes' | 'datagrams';
  events: readonly EventName[];
}

export const TCP_EVENTS: WantedEvents = { source: 'tcp', events: ['tcp'] };
export const PROCESS_EVENTS: WantedEvents = { source: 'processes', events: ['fork', 'exec', 'exit'] };
export const DATAGRAM_EVENTS: WantedEvents = { source: 'datagrams', events: ['lookup4', 'lookup6'] };

/**
 * Only what is read later may cost room in the buffer.
 *
 * TCP: the first step of a connect, its answer, and listeners. A Multipath TCP socket needs no word of its own: its changes
 * carry no address, while each of its paths is a TCP socket, made by the thread that connects.
 *
 * Lookups: of this host's own senders (for them the kernel says that the packet came in by the loopback device, number 1),
 * outside of interrupts, and of everything but TCP, which has its own event. Raw sockets may use any protocol number, so no
 * list of them would be complete.
 */
export const FILTERS: Partial<Record<EventName, string>> = {
  tcp: 'protocol == 6 && (newstate == 2 || newstate == 10 || oldstate == 2)',
  lookup4: `iif == 1 && proto != 6 && proto != 0 && !(common_flags & ${IN_INTERRUPT})`,
  lookup6: `iif == 1 && proto != 6 && proto != 0 && !(common_flags & ${IN_INTERRUPT})`,
};

export interface OpenedStreams {
  /** In the order of the instance's readers. */
  streams: Stream[];
  sources: WantedEvents['source'][];
  missing: Missing[];
}

/** Reads the formats, then switches the events on: none comes before it can be understood. */
export function openStreams(
  instance: Instance,
  source: Stream['source'],
  wanted: readonly WantedEvents[],
  addresses: AddressReader,
): OpenedStreams {
  const layout = parsePageLayout(instance.read('events/header_page') ?? '', instance.read('events/header_event') ?? '');
  if (layout === undefined) {
    const why = "the kernel's trace buffer has a layout that is not known";
    return { streams: [], sources: [], missing: wanted.map((group) => ({ source: group.source, why })) };
  }
  const decoders: DecoderMap = new Map();
  const sources: WantedEvents['source'][] = [];
  const missing: Missing[] = [];
  for (const group of wanted) {
    // IPv6 may be absent from a kernel; then nobody sends datagrams over it.
    const problems = group.events.flatMap((event) => openEvent(instance, event, addresses, decoders) ?? []);
    const isOpen = problems.length === 0 || (group.source === 'datagrams' && problems.length < group.events.length);
    if (isOpen) sources.push(group.source);
    for (const why of problems) missing.push({ source: group.source, why });
  }
  return { streams: streamsOf(instance, source, layout, decoders), sources, missing };
}

type DecoderMap = Map<number, Decoders extends ReadonlyMap<number, infer Decode> ? Decode : never>;

/** Why the event is not on, or `undefined`. */
function openEvent(instance: Instance, event: EventName, addresses: AddressReader, decoders: DecoderMap) {
  const text = instance.read(`events/${EVENTS[event]}/format`);
  if (text === undefined) return `this kernel has no event ${EVENTS[event]}`;
  const format: EventFormat | undefined = parseEventFormat(text);
  if (format === undefined) return `the format of ${EVENTS[event]} cannot be read`;
  const made = createDecoder(event, format, addresses);
  if (!('decode' in made) || made.decode === undefined) return made.why;
  decoders.set(format.id, made.decode);
  return instance.enable(EVENTS[event], FILTERS[event])?.why;
}

function streamsOf(instance: Instance, source: Stream['source'], layout: PageLayout, decoders: Decoders): Stream[] {
  return instance.readers.map(({ lost }) => ({ source, layout, decoders, lastNs: 0, lost, told: 0 }));
}
