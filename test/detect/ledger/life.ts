import { createDetect } from '../../../src/detect/detect.ts';
import { createLedger } from '../../../src/detect/ledger/ledger.ts';
import type { DnsQuestion } from '../../../src/types/dns.ts';
import type { EgressVerdict } from '../../../src/types/egress.ts';
import type { Finding } from '../../../src/types/finding.ts';
import type { Indicators } from '../../../src/types/indicators.ts';
import type { History, Rule } from '../../../src/types/rule.ts';
import type { Connection, Role, Snapshot } from '../../../src/types/snapshot.ts';
import { connection, history, NOW, owner, process, snapshot } from '../builders.ts';

/** One end of a contact as a story tells it. */
export interface Flow {
  role?: Role;
  skill?: string;
  /** Name of the host; absent: it has none. */
  host?: string;
  address?: string;
  port?: number;
  verdict?: EgressVerdict;
  out?: number;
  in?: number;
  /** Known from events alone. */
  brief?: boolean;
  localPort?: number;
  pid?: number;
  more?: Partial<Connection>;
}

let port = 20_000;

/** An outbound connection of a family at that moment, judged unknown unless told otherwise. */
export function flow(at: number, told: Flow = {}): Connection {
  const { role = 'skill', skill = role === 'skill' ? 'stock-feed' : undefined, host, address = '198.51.100.80' } = told;
  const pid = told.pid ?? 3000;
  const fact = process(pid, { comm: 'python3', exe: '/usr/bin/python3', argv: ['python3', 'feed.py'] });
  port = port >= 60_000 ? 20_000 : port + 1;
  return connection(['192.168.50.10', told.localPort ?? port], [address, told.port ?? 443], {
    seenAt: at,
    direction: 'outbound',
    owner: owner(role, fact, skill === undefined ? {} : { skill }),
    gatewayId: 'default',
    verdict: told.verdict ?? 'unknown',
    since: { at, basis: 'observed' },
    ...(told.brief === false ? {} : { brief: true as const, state: 'CLOSE' as const, openedAt: at }),
    ...(told.out === undefined ? {} : { bytesOut: told.out, bytesIn: told.in ?? 0 }),
    ...(host === undefined
      ? {}
      : {
          destination: {
            name: host,
            source: 'dns' as const,
            confidence: 'certain' as const,
            domain: host.split('.').slice(-2).join('.'),
          },
        }),
    ...told.more,
  });
}

export const LEARNED_LONG_AGO = {
  learningSince: () => NOW - 30 * 86_400_000,
  learningUntil: () => NOW - 23 * 86_400_000,
};

export interface LifeOptions {
  history?: Partial<History>;
  indicators?: Indicators;
  /** What every look has. */
  base?: Partial<Snapshot>;
}

/** Looks one after the other through a ledger and these rules. */
export function createLife(rules: readonly Rule[], options: LifeOptions = {}) {
  const ledger = createLedger();
  const past = history({ ...LEARNED_LONG_AGO, ...options.history });
  const detect = createDetect({ rules });
  return {
    ledger,
    look(at: number, connections: Connection[] = [], more: Partial<Snapshot> = {}): Finding[] {
      const seen = snapshot({ at, telemetry: 'T2', ...options.base, connections, ...more });
      ledger.look(seen, past);
      const { indicators } = options;
      return detect(seen, past, { now: at, singleLook: false, ledger, ...(indicators && { indicators }) }).filter(
        ({ verdict }) => verdict === 'finding',
      );
    },
    /** Questions to the resolver in one look. */
    ask(at: number, questions: DnsQuestion[], more: Partial<Snapshot> = {}): Finding[] {
      return this.look(at, [], { questions, ...more });
    },
  };
}
