import type { Ledger } from '../../types/ledger.ts';
import type { History } from '../../types/rule.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { sees } from '../partial-sight.ts';
import { AttemptLog } from './attempt-log.ts';
import { ContactBook } from './contact-book.ts';
import type { Tick } from './contact-state.ts';
import { GAP_MS, KEEP_ATTEMPTS_MS, KEEP_CONTACTS_MS, LEDGER_LIMITS, type LedgerLimits, SET_BACK_MS } from './limits.ts';
import { QuestionLog } from './question-log.ts';
import { MAX_RESTORED, restore } from './restore.ts';
import { FollowedSockets } from './sockets.ts';

/** A ledger that is told of each look before the rules are asked. */
export interface KeptLedger extends Ledger {
  /** Takes one look in. The first one also takes what the record knows of the time before. */
  look(snapshot: Snapshot, history: History): void;
  /** How much it holds, for measurements. */
  held(): { contacts: number; attempts: number; questions: number; sockets: number };
}

/** Tidying touches every contact, so it is not done in each look. */
const TIDY_EVERY_MS = 300_000;
/** Nor may a flood of new contacts wait for it. */
const TIDY_EVERY_LOOKS = 256;

/**
 * What the family did lately. Bounded in everything that somebody else decides: contacts, events, attempts, questions.
 * It holds no clock of its own: looks bring the time, so that a replay can drive it.
 */
export function createLedger(limits: LedgerLimits = LEDGER_LIMITS): KeptLedger {
  const tick: Tick = { now: 0 };
  let contacts = new ContactBook(limits, tick);
  let attempts = new AttemptLog(limits);
  let sockets = new FollowedSockets({ contacts, attempts, limits });
  const questions = new QuestionLog(limits.questions);
  let sinceAt: number | undefined;
  let namesSinceAt = Number.NEGATIVE_INFINITY;
  let lookAt = Number.NaN;
  let tidiedAt = 0;

  function begin(snapshot: Snapshot, history: History): void {
    const past = history.contactConnections?.(snapshot.at - KEEP_CONTACTS_MS, MAX_RESTORED) ?? [];
    restore(past, snapshot, { contacts, sockets, limits });
    const lastCycleAt = history.lastCycleAt();
    const isUnbroken = lastCycleAt !== undefined && Math.abs(snapshot.at - lastCycleAt) <= GAP_MS;
    const firstAt = past[0]?.firstAt ?? snapshot.at;
    sinceAt = isUnbroken ? Math.min(snapshot.at, Math.max(firstAt, snapshot.at - KEEP_CONTACTS_MS)) : snapshot.at;
  }

  /** A clock that was set back puts everything on record into the future: nothing of it can be compared any more. */
  function startAnew(at: number): void {
    contacts = new ContactBook(limits, tick);
    attempts = new AttemptLog(limits);
    sockets = new FollowedSockets({ contacts, attempts, limits });
    questions.forgetAfter(at);
    sinceAt = at;
  }

  function tidy(at: number): void {
    if (Math.abs(at - tidiedAt) < TIDY_EVERY_MS && tick.now % TIDY_EVERY_LOOKS !== 0) return;
    tidiedAt = at;
    contacts.tidy(at - KEEP_CONTACTS_MS);
    attempts.forgetBefore(at - KEEP_ATTEMPTS_MS);
  }

  return {
    look(snapshot, history) {
      const { at } = snapshot;
      tick.now++;
      if (sinceAt === undefined) begin(snapshot, history);
      else if (at < lookAt - SET_BACK_MS) startAnew(at);
      else if (at > lookAt + GAP_MS) sinceAt = at;
      lookAt = at;
      // What was asked for while nobody listened has no name until it is asked for again.
      if (!sees(snapshot, 'T2')) namesSinceAt = at;
      sockets.look(snapshot);
      questions.look(snapshot);
      tidy(at);
    },
    held: () => ({
      contacts: contacts.size,
      attempts: attempts.size,
      questions: questions.size,
      sockets: sockets.size,
    }),
    contacts: () => contacts.values(),
    attempts: (subject, since) => attempts.since(subject, since),
    subjects: () => attempts.subjects(),
    questions: (since) => questions.since(since),
    since: () => sinceAt ?? Number.POSITIVE_INFINITY,
    namesSince: () => Math.max(namesSinceAt, sinceAt ?? Number.POSITIVE_INFINITY),
  };
}
