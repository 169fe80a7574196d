import type { DnsQuestion } from '../../types/dns.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { skillName } from '../subjects.ts';
import { KEEP_QUESTIONS_MS } from './limits.ts';

/** Programs that ask for everybody else: their pid says nothing about who wanted to know. */
const STUBS: ReadonlySet<string> = new Set([
  'systemd-resolve',
  'systemd-resolved',
  'dnsmasq',
  'unbound',
  'named',
  'nscd',
  'NetworkManager',
]);

/** Longest name that DNS can carry. */
const MAX_NAME = 255;

/** Questions of the family, and those of which nobody can say who asked; those of strangers are not ours to judge. */
export class QuestionLog {
  #questions: DnsQuestion[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#questions.length;
  }

  look(snapshot: Snapshot): void {
    const { questions = [] } = snapshot;
    if (questions.length > 0) {
      const askers = askersOf(snapshot);
      // A flood in one look: the newest are as good as any.
      for (const question of questions.slice(-this.#most)) {
        if (question.name.length > MAX_NAME) continue;
        const asker = question.pid === undefined ? 'hidden' : askers(question.pid);
        if (asker === 'stranger') continue;
        this.#questions.push(asker === 'hidden' ? question : { ...question, subject: asker.subject });
      }
      this.#questions.sort((a, b) => a.at - b.at);
    }
    const from = this.#questions.findIndex(({ at }) => at >= snapshot.at - KEEP_QUESTIONS_MS);
    const excess = Math.max(0, this.#questions.length - this.#most);
    const drop = Math.max(from < 0 ? this.#questions.length : from, excess);
    if (drop > 0) this.#questions = this.#questions.slice(drop);
  }

  since(sinceAt: number): DnsQuestion[] {
    return this.#questions.filter(({ at }) => at >= sinceAt);
  }

  forgetAfter(at: number): void {
    this.#questions = this.#questions.filter((question) => question.at <= at);
  }
}

/** Subject of a pid of the family. */
function askersOf(snapshot: Snapshot): (pid: number) => { subject: string } | 'hidden' | 'stranger' {
  const subjects = new Map<number, { subject: string }>();
  for (const { pid } of snapshot.family) subjects.set(pid, { subject: 'exec' });
  for (const process of snapshot.processes) {
    if (!subjects.has(process.pid)) continue;
    const skill = skillName(process);
    if (skill !== undefined) subjects.set(process.pid, { subject: `skill ${skill}` });
  }
  for (const { pid } of snapshot.gateways) if (pid !== undefined) subjects.set(pid, { subject: 'gateway' });
  for (const { owner } of snapshot.connections) {
    if (owner === undefined || owner.role === 'other') continue;
    subjects.set(owner.process.pid, { subject: owner.skill === undefined ? owner.role : `skill ${owner.skill}` });
  }
  const stubs = new Set(snapshot.processes.filter(({ comm }) => STUBS.has(comm)).map(({ pid }) => pid));
  return (pid) => subjects.get(pid) ?? (stubs.has(pid) ? 'hidden' : 'stranger');
}
