import type { QuestionEvent } from '../../types/sensor.ts';
import { RecentKeys } from './recent-keys.ts';

/** What is known of a question when it leaves. */
export type Asked = Pick<QuestionEvent, 'name' | 'type' | 'server' | 'local'>;

/** Questions that wait for their answer. Resolvers of systems give up after 5 to 15 s. */
const MAX_WAITING = 4_096;
const WAIT_MS = 15_000;
/** The same question with the same answer again within this time is told once: programs ask for one name again and again. */
const REPEAT_MS = 10_000;
const MAX_REPEATS = 8_192;
/**
 * So many at once, then so many a second. A tunnel shows in tens of them; a host that answers for a network asks without end,
 * and what is beyond is counted.
 */
const BURST = 2_000;
const PER_SECOND = 100;

/** Puts questions and their answers together. Names only: of what an answer says, whether there is such a name. */
export class AskedQuestions {
  /** Oldest first. */
  readonly #waiting = new Map<string, QuestionEvent>();
  readonly #told = new RecentKeys(MAX_REPEATS, REPEAT_MS);
  #ready: QuestionEvent[] = [];
  #left = 0;
  #tokens = BURST;
  #filledAt: number | undefined;

  /** @param key what the answer will be known by. */
  ask(key: string, asked: Asked, at: number): void {
    // The root is no name, and a repeated question is the same one.
    if (asked.name === '' || this.#waiting.has(key)) return;
    if (this.#waiting.size >= MAX_WAITING) this.#tell(this.#waiting.entries().next().value!);
    this.#waiting.set(key, { kind: 'question', at, ...asked });
  }

  answer(key: string, rcode: string): void {
    const question = this.#waiting.get(key);
    if (question !== undefined) this.#tell([key, { ...question, rcode }]);
  }

  /** What is settled at this moment. Empties itself. */
  drain(at: number): QuestionEvent[] {
    for (const entry of this.#waiting) {
      // A clock that was set back makes a question old, not eternal.
      if (Math.abs(at - entry[1].at) < WAIT_MS) break;
      this.#tell(entry);
    }
    const elapsedMs = Math.max(0, at - (this.#filledAt ?? at));
    this.#filledAt = at;
    this.#tokens = Math.min(BURST, this.#tokens + (elapsedMs / 1000) * PER_SECOND);
    const allowed = Math.min(this.#ready.length, Math.floor(this.#tokens));
    this.#tokens -= allowed;
    this.#left += this.#ready.length - allowed;
    const told = this.#ready.slice(0, allowed);
    this.#ready = [];
    return told;
  }

  /** Questions that were not told because there were too many, since the last call. */
  untold(): number {
    const left = this.#left;
    this.#left = 0;
    return left;
  }

  get size(): number {
    return this.#waiting.size;
  }

  #tell([key, question]: [string, QuestionEvent]): void {
    this.#waiting.delete(key);
    const { at, name, type, rcode, server, local } = question;
    // With the port of who asks only where nobody answered: then it is all that tells who it was.
    const same = `${name} ${type} ${rcode ?? local.port} ${server}`;
    if (this.#told.has(same, at)) return;
    this.#told.add(same, at);
    if (this.#ready.length < 2 * BURST) this.#ready.push(question);
    else this.#left += 1;
  }
}
