import { type ContactRecord, isLearned, LEARNED_DAYS } from '../types/contact.ts';
import type { PolicyRule, PolicyScope } from '../types/egress.ts';
import { UserError } from '../types/error.ts';
import { formatEndpoint } from '../types/ip.ts';
import type { Store } from '../types/store.ts';
import { addRule } from './policy-change.ts';

/** What learning says of a contact. */
export type LearningState = 'learned' | 'seen once' | 'not learned' | 'refused' | 'accepted';

export function learningState(contact: ContactRecord): LearningState {
  if (contact.verdict === 'approved') return 'accepted';
  if (contact.rejectedAt !== undefined) return 'refused';
  if (isLearned(contact)) return 'learned';
  return contact.grave || contact.learningDays >= LEARNED_DAYS ? 'not learned' : 'seen once';
}

/** Contacts that a review is about: what the configuration expects needs none. Learned ones first, then the newest. */
export function reviewable(contacts: readonly ContactRecord[]): ContactRecord[] {
  return contacts
    .filter(({ verdict }) => verdict !== 'expected' && verdict !== 'suppressed')
    .toSorted((a, b) => Number(isLearned(b)) - Number(isLearned(a)) || b.lastAt - a.lastAt || a.id - b.id);
}

/** The contacts that ids (or `all`, which means all that are learned) name. @throws UserError for an id that names none. */
export function pickContacts(contacts: readonly ContactRecord[], ids: readonly string[]): ContactRecord[] {
  const open = reviewable(contacts).filter(({ verdict }) => verdict !== 'approved');
  if (ids.length === 1 && ids[0] === 'all') return open.filter(isLearned);
  return [...new Set(ids)].map((id) => {
    const contact = open.find((each) => String(each.id) === id);
    if (contact !== undefined) return contact;
    throw new UserError(`there is nothing to review with number ${id.slice(0, 80)}`, {
      hint: 'see the numbers: clawwatch learn review',
    });
  });
}

/**
 * Makes rules of contacts, so that they stay known when learning starts anew.
 *
 * @throws UserError for a contact on which a finding of medium or graver rests: that is a decision of its own.
 */
export function acceptContacts(
  store: Store,
  contacts: readonly ContactRecord[],
  at: number,
  reason: string | undefined,
): PolicyRule[] {
  const grave = contacts.find((contact) => contact.grave);
  if (grave !== undefined) {
    throw new UserError(
      `a finding of medium or graver rests on ${grave.destination}, so it is not accepted in passing`,
      {
        hint: 'look at it (clawwatch findings), then decide with: clawwatch allow',
      },
    );
  }
  return contacts.map((contact) => {
    const why = reason ?? `seen on ${contact.days} ${contact.days === 1 ? 'day' : 'days'} and reviewed`;
    const rule = { scope: scopeOf(contact), pattern: patternOf(contact), reason: why, createdAt: at };
    return addRule(store, { action: 'allow', origin: 'learned', ...rule }).rule;
  });
}

function scopeOf({ skill, role }: ContactRecord): PolicyScope {
  return skill === undefined ? { kind: 'role', name: role } : { kind: 'skill', name: skill };
}

/** A contact is a registrable domain; nothing rests on a name that only the process gave, so there it is the address. */
function patternOf({ destination, name, nameSource, address, port }: ContactRecord): string {
  const isClaimed = nameSource === 'argv' || nameSource === 'tool-call';
  if (name === undefined || isClaimed) return formatEndpoint(address, port);
  return name === destination ? name : `*.${destination}`;
}
