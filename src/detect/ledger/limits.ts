/** How much the ledger may hold. What an attacker can make grow, he pays for with his own entries first. */
export interface LedgerLimits {
  contacts: number;
  /** Activity events and byte sums of all contacts together, some 24 bytes each. */
  entries: number;
  /** Activity events of one contact. */
  eventsPerContact: number;
  /** Ends on record for attempts: of one subject and kind (own networks, public), and of all together. */
  attemptsPerSubject: number;
  attempts: number;
  questions: number;
  /** Connections followed between looks. */
  sockets: number;
}

export const LEDGER_LIMITS: LedgerLimits = {
  // A busy agent meets a few hundred in a week.
  contacts: 20_000,
  // Ten megabytes.
  entries: 400_000,
  // A check-in each minute for 34 hours; slower ones fit a week.
  eventsPerContact: 2_048,
  // The slowest scan that a rule looks for has 60 ends in a day.
  attemptsPerSubject: 1_500,
  attempts: 30_000,
  // Two thousand a minute: nobody but a tunnel asks so much, and it is found with the first hundred.
  questions: 20_000,
  sockets: 100_000,
};

/** Contacts that were silent for so long are forgotten; the longest window of a rule is seven days. */
export const KEEP_CONTACTS_MS = 8 * 86_400_000;
/** The slow scan is looked for over a day. */
export const KEEP_ATTEMPTS_MS = 25 * 3_600_000;
export const KEEP_QUESTIONS_MS = 3_600_000;
/** Looks further apart than this have a gap between them. */
export const GAP_MS = 600_000;
/** A clock set back by more than this makes what is on record lie in the future. */
export const SET_BACK_MS = 60_000;
