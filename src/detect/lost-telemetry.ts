import { type Evidence, type Finding, fingerprint } from '../types/finding.ts';
import type { ProcessFact } from '../types/process.ts';
import type { Snapshot, TelemetryLoss } from '../types/snapshot.ts';
import { sees } from './partial-sight.ts';
import { finding, momentWords, programName, skillName } from './subjects.ts';

const ID = 'POS-08';

const WORDS: Readonly<Record<TelemetryLoss['source'], { what: string; meanwhile: string }>> = {
  names: {
    what: 'Names of hosts',
    meanwhile: 'Rules that live of names (unknown domains, look-alikes, DNS tunnels, bare addresses) judge nothing.',
  },
  'kernel-events': {
    what: 'Connections and processes between two looks',
    meanwhile: 'What is shorter than a look is missed.',
  },
  datagrams: { what: 'Datagrams between two looks', meanwhile: 'Short UDP and ICMP traffic is missed.' },
};

/** A source that was there and is gone. Whoever of the family did it did not want to be seen. */
export function lostSource({ source, sinceAt, why, by }: TelemetryLoss): Finding {
  const { what, meanwhile } = WORDS[source];
  const who = by === undefined ? undefined : whoWords(by);
  return finding({
    ruleId: ID,
    severity: who === undefined ? 'info' : 'high',
    title:
      who === undefined
        ? `${what} are not seen any more: ${why}`
        : `${who.name} made ClawWatch blind: ${what.toLowerCase()} are not seen any more (${why})`,
    subject: who?.subject ?? `telemetry ${source}`,
    why: `${meanwhile} To blind the watcher is what an intruder does first.`,
    evidence: [
      { label: 'lost', value: source },
      { label: 'last had', value: momentWords(sinceAt) },
      { label: 'cause', value: why },
      ...(by === undefined ? [] : processEvidence(by)),
    ],
    fixes: [
      { text: 'Start the sensor again.', command: 'sudo systemctl restart clawwatch-sensor' },
      { text: 'See what can be read here now.', command: 'clawwatch doctor' },
    ],
    confidence: who === undefined ? 'certain' : 'likely',
    fingerprint: fingerprint(ID, 'lost', source),
    hints: { blindSince: sinceAt, ...(by !== undefined && { pids: by.slice(0, 4).map(({ pid }) => pid) }) },
  });
}

function whoWords(by: readonly ProcessFact[]): { name: string; subject: string } {
  const skill = by.map(skillName).find((name) => name !== undefined);
  if (skill !== undefined) return { name: `Skill "${skill}"`, subject: `skill ${skill}` };
  const program = programName(by[0]!);
  return { name: `Agent command "${program}"`, subject: `agent command ${program}` };
}

function processEvidence(by: readonly ProcessFact[]): Evidence[] {
  const [process, ...parents] = by;
  return [
    { label: 'process', value: `${process!.comm} (pid ${process!.pid})` },
    { label: 'arguments', value: process!.argv.join(' ').slice(0, 400) },
    {
      label: 'started by',
      value: parents
        .slice(0, 12)
        .map(({ comm, pid }) => `${comm} ${pid}`)
        .join(' ‹ '),
    },
  ];
}

/** From when, and from how many connections, a share of missed ones is believed. */
export interface MissOptions {
  missedShare: number;
  missedMs: number;
  missedSample: number;
}

/** Many connections were opened that nobody saw: by the kernel's own count, which nobody hides from. */
export function missedConnections(snapshot: Snapshot, options: MissOptions): Finding[] {
  const { spanMs = 0, opened = 0, seen = 0 } = snapshot.coverage?.lately ?? {};
  const missed = opened - seen;
  if (spanMs < options.missedMs || opened < options.missedSample || missed / opened <= options.missedShare) return [];
  // To miss what is short is what polling does; where everything is told, it is a hole.
  const isHole = sees(snapshot, 'T1') || (snapshot.telemetryLost ?? []).length > 0;
  const tens = Math.floor((missed / opened) * 10) * 10;
  return [
    finding({
      ruleId: ID,
      severity: isHole ? 'medium' : 'info',
      title: `At least ${tens} % of the connections that ${snapshot.host} opened lately were not seen`,
      subject: 'connections opened and seen',
      why: isHole
        ? 'The kernel counted them, and the sources that should have told of them did not.'
        : 'Polling misses connections that begin and end between two looks. What went there is not judged.',
      evidence: [
        { label: 'opened', value: `${opened} in ${Math.round(spanMs / 60_000)} min, by the kernel's count` },
        { label: 'seen', value: String(seen) },
      ],
      fixes: [
        isHole
          ? { text: 'See whether the sensor keeps up, and what it lost.', command: 'clawwatch sensor status' }
          : { text: 'Install the sensor, which is told of each connection.', command: 'sudo clawwatch sensor install' },
      ],
      confidence: 'certain',
      fingerprint: fingerprint(ID, 'missed'),
    }),
  ];
}
