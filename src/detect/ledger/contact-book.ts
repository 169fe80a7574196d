import type { Contact } from '../../types/contact.ts';
import type { Role } from '../../types/snapshot.ts';
import { ContactState, type Tick } from './contact-state.ts';
import type { LedgerLimits } from './limits.ts';

/** Share that is cut at once when a limit is reached, so that the work is not done for each new entry. */
const CUT = 0.05;
/** More events than these make no contact worth keeping longer. */
const WORTH = 12;

/** All contacts by subject, destination and port, within their limits. */
export class ContactBook {
  readonly #contacts = new Map<string, ContactState>();
  readonly #limits: LedgerLimits;
  readonly #tick: Tick;
  #removals = 0;

  constructor(limits: LedgerLimits, tick: Tick) {
    this.#limits = limits;
    this.#tick = tick;
  }

  get size(): number {
    return this.#contacts.size;
  }

  /** Grows whenever a contact is dropped: whoever remembers contacts has to forget them then. */
  get removals(): number {
    return this.#removals;
  }

  values(): Iterable<ContactState> {
    return this.#contacts.values();
  }

  /** The contact, made where it is new. */
  of(contact: Contact, port: number, role: Role, at: number): ContactState {
    const key = keyOf(contact.subject, contact.destination, port);
    const known = this.#contacts.get(key);
    if (known !== undefined) return known;
    if (this.#contacts.size >= this.#limits.contacts) this.#makeRoom();
    const made = new ContactState({ ...contact, port }, role, at, this.#tick);
    this.#contacts.set(key, made);
    return made;
  }

  delete(contact: ContactState): void {
    this.#removals++;
    this.#contacts.delete(keyOf(contact.subject, contact.destination, contact.port));
  }

  /** Drops what is too old for every window, and cuts the largest when all together are too many. */
  tidy(beforeAt: number): void {
    let entries = 0;
    for (const contact of this.#contacts.values()) {
      if (contact.lastAt < beforeAt) this.delete(contact);
      else {
        contact.forgetBefore(beforeAt);
        entries += contact.entries;
      }
    }
    if (entries > this.#limits.entries) this.#cut(entries);
  }

  /** Largest first: the history of a quiet contact is not paid for a loud one. */
  #cut(entries: number): void {
    const bySize = [...this.#contacts.values()].sort((a, b) => b.entries - a.entries);
    let left = entries;
    for (let round = 0; round < 12 && left > this.#limits.entries * (1 - CUT); round++) {
      const fair = this.#limits.entries / bySize.length;
      for (const contact of bySize) {
        if (left <= this.#limits.entries * (1 - CUT)) return;
        const before = contact.entries;
        if (before <= fair) continue;
        contact.halve();
        left -= before - contact.entries;
      }
    }
  }

  /**
   * Takes from the subject that has the most: whoever makes up names to fill the memory pushes out his own. Those with
   * few events go first, so that a check-in outlives a flood of single contacts around it.
   */
  #makeRoom(): void {
    const bySubject = Map.groupBy(this.#contacts.values(), ({ subject }) => subject);
    const [largest = []] = [...bySubject.values()].sort((a, b) => b.length - a.length);
    const worth = ({ activity }: ContactState) => Math.min(WORTH, activity.length);
    const order = largest.sort((a, b) => worth(a) - worth(b) || a.lastAt - b.lastAt);
    for (const contact of order.slice(0, Math.ceil(this.#limits.contacts * CUT))) this.delete(contact);
  }
}

// With its length, since a skill may put anything into its name.
function keyOf(subject: string, destination: string, port: number): string {
  return `${subject.length} ${subject}${port} ${destination}`;
}
