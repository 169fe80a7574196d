import type { DnsQuestion } from '../../../types/dns.ts';
import type { ConnectEvent, QuestionEvent } from '../../../types/sensor.ts';

/** Puts questions to name servers together with who asked them. */
export interface Questions {
  /** Any connect or datagram of a known process; those to name servers are remembered. */
  note(event: ConnectEvent): void;
  take(event: QuestionEvent): void;
  /** Since the last call, oldest first, and how many of them were too many to keep. */
  drain(): { questions: DnsQuestion[]; left: number };
}

const DNS_PORT = 53;
/** Questions kept between two looks. The sensor tells some hundred in a second. */
const MAX_QUESTIONS = 5_000;
/** Senders to name servers. The sensor tells of a question up to 15 s after it was sent. */
const MAX_SENDERS = 8_192;
const SENDER_MS = 20_000;

/**
 * The packet of a question names no process, and the kernel's event of its sending no name: they meet at the own port. Where a
 * stub resolver asks for everybody it is found as the asker. Where nobody is found, none is said.
 */
export function createQuestions(): Questions {
  const senders = new Map<string, { pid: number; at: number }>();
  let asked: QuestionEvent[] = [];
  let left = 0;

  function askerOf({ at, server, local }: QuestionEvent): number | undefined {
    const sender = senders.get(`${server} ${local.port}`);
    return sender !== undefined && Math.abs(at - sender.at) < SENDER_MS ? sender.pid : undefined;
  }

  return {
    note({ at, pid, remote, local, localPorts }) {
      if (remote.port !== DNS_PORT || pid === undefined) return;
      for (const port of localPorts ?? (local === undefined ? [] : [local.port])) {
        const key = `${remote.address} ${port}`;
        senders.delete(key);
        senders.set(key, { pid, at });
        if (senders.size > MAX_SENDERS) senders.delete(senders.keys().next().value!);
      }
    },
    take(event) {
      if (asked.length < MAX_QUESTIONS) asked.push(event);
      else left += 1;
    },
    drain() {
      const questions = asked
        .map((event): DnsQuestion => {
          const { kind: _kind, local: _local, ...question } = event;
          const pid = askerOf(event);
          return pid === undefined ? question : { ...question, pid };
        })
        .sort((a, b) => a.at - b.at);
      const result = { questions, left };
      asked = [];
      left = 0;
      return result;
    },
  };
}
