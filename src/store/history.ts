import { isFamiliar, isLearned } from '../types/contact.ts';
import type { History } from '../types/rule.ts';
import { createListContactConnections } from './contact-connections.ts';
import { createFindDestination, createListUnknown } from './destinations.ts';
import { parsePayload } from './errors.ts';
import { DAY_MS, learningSince } from './learning.ts';
import type { Memory } from './memory.ts';
import type { Database } from './open.ts';

/** How long a changed configuration stays a change; see `History.settledConfig`. */
export const CONFIG_SETTLES_MS = 86_400_000;

/** Answers the rules' questions about the past; those that come once per socket cost no query. */
export function createHistory(
  database: Database,
  memory: { current(): Memory; refresh(): void },
  path: string,
  learnDays: number,
): History {
  // The newest of those that were current a day ago; the oldest of all where none is that old.
  const config = database.prepare<{ hash: string; subset: string; at: number }>(
    `SELECT hash, subset, recorded_at AS at FROM config_history WHERE gateway_id = ?
     ORDER BY recorded_at <= ? DESC, CASE WHEN recorded_at <= ? THEN -id ELSE id END LIMIT 1`,
  );
  const peers = database.prepare<{ address: string; firstAt: number; lastAt: number }>(
    `SELECT c.remote_address AS address, min(c.first_at) AS firstAt,
       max(coalesce(c.last_at, max(c.first_at, v.last_at))) AS lastAt
     FROM connections AS c JOIN coverage AS v ON v.id = c.coverage_id
     WHERE c.direction = 'inbound' AND c.gateway_id = ? AND c.remote_address IS NOT NULL
       AND (c.last_at IS NULL OR c.last_at >= ?)
     GROUP BY c.remote_address ORDER BY firstAt, address`,
  );
  const listened = database.prepare(
    'SELECT 1 FROM listeners WHERE key = ? AND (last_at IS NULL OR last_at >= ?) LIMIT 1',
  );
  const findDestination = createFindDestination(database);
  const openSocket = (key: string) => {
    const { listeners, connections } = memory.current().sockets;
    return listeners.get(key) ?? connections.get(key);
  };
  return {
    firstSeenAt: (key) => openSocket(key)?.firstAt,
    sinceOf: (key) => openSocket(key)?.since,
    lastCycleAt() {
      // Here and not for each socket: another process may have recorded a cycle since ours.
      memory.refresh();
      return memory.current().lastCycle?.at;
    },
    settledConfig(gatewayId) {
      const before = (memory.current().lastCycle?.at ?? 0) - CONFIG_SETTLES_MS;
      const row = config.get(gatewayId, before, before);
      if (row === undefined) return undefined;
      return { gatewayId, hash: row.hash, subset: parsePayload(row.subset, path), recordedAt: row.at };
    },
    inboundPeers: (gatewayId, sinceAt) => peers.all(gatewayId, sinceAt),
    wasListening: (key, sinceAt) => listened.get(key, sinceAt) !== undefined,
    destinationFirstSeenAt: (subject, destination) => findDestination(subject, destination)?.firstAt,
    destinationDays: (subject, destination) => findDestination(subject, destination)?.days ?? 0,
    isLearned: createIsLearned(memory, findDestination),
    isFamiliar(subject, destination) {
      const contact = findDestination(subject, destination);
      return contact !== undefined && isFamiliar(contact);
    },
    unknownContacts: createListUnknown(database),
    contactConnections: createListContactConnections(database),
    learningSince: () => learningSince(database),
    learningUntil() {
      const since = learningSince(database);
      return since === undefined ? undefined : since + learnDays * DAY_MS;
    },
  };
}

/** Answers kept at once; a flood of names must not fill the memory. */
const MAX_ANSWERS = 20_000;

/** Asked for each far end of a look, so an answer is kept until something is recorded that may change it. */
function createIsLearned(
  memory: { current(): Memory },
  find: ReturnType<typeof createFindDestination>,
): History['isLearned'] {
  return (subject, destination) => {
    const { learned } = memory.current();
    const key = `${subject.length} ${subject}${destination}`;
    let answer = learned.get(key);
    if (answer === undefined) {
      const contact = find(subject, destination);
      answer = contact !== undefined && isLearned(contact);
      if (learned.size >= MAX_ANSWERS) learned.clear();
      learned.set(key, answer);
    }
    return answer;
  };
}
