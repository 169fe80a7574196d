import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { BASELINE, LAB_PUBLIC } from '../../../src/agent/replay/lab.ts';
import { openDatabase } from '../../../src/store/open.ts';
import { openStoreReader } from '../../../src/store/reader.ts';
import { openStore } from '../../../src/store/store.ts';
import { contactFingerprint } from '../../../src/types/contact.ts';
import type { PolicyRule } from '../../../src/types/egress.ts';
import type { FindingRecord, StoreReader } from '../../../src/types/store.ts';
import { CHECKOUT, MACHINE_NODE, type Machine } from '../machine.ts';

/** The real agent beside a live case. */
export interface Watch {
  /** What is on record of this case at the moment, whatever its status. */
  findings(): FindingRecord[];
  /** The number of looks so far; a look that was not recorded is none. */
  looks(): number;
  /** @throws Error when silence would prove nothing: it does not know the gateway of the case, or it does not hear its sensor. */
  assertSees(): void;
  /** Rejects with what it said when the agent ends before it is told to. */
  ended: Promise<never>;
  close(): void;
}

export interface WatchSetup {
  machine: Machine;
  /** State directory of the gateway of the case: others may run on the same machine. */
  stateDir: string;
  /** Text of the pack of indicators. */
  pack: string;
  policy: readonly PolicyRule[];
  hasSensor: boolean;
  skills: readonly string[];
}

const DAY_MS = 86_400_000;
const ROLES = ['gateway', 'helper', 'exec', 'mcp', 'browser', 'detached'];
const READY_MS = 60_000;

/** Makes a record that has done learning, starts `clawwatch agent run` on it as root and waits for its first look. */
export async function startWatch(setup: WatchSetup): Promise<Watch> {
  const { machine } = setup;
  const db = join(machine.folder, 'record', 'clawwatch.db');
  prepareRecord(db, setup);
  const home = join(machine.folder, 'root-home');
  const pack = join(home, '.local', 'share', 'clawwatch', 'intel', 'lab.json');
  mkdirSync(dirname(pack), { recursive: true, mode: 0o700 });
  writeFileSync(pack, setup.pack, { mode: 0o600 });
  const child = machine.spawn([MACHINE_NODE, `${CHECKOUT}/bin/clawwatch.cjs`, 'agent', 'run', '--json', '--db', db], {
    env: { HOME: home, CLAWWATCH_LAB_PUBLIC: LAB_PUBLIC.join(',') },
  });
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  let isWanted = true;
  const ended = new Promise<never>((_, reject) => {
    child.once('close', () => isWanted && reject(new Error(`the agent ended: ${said}`)));
  });
  ended.catch(() => {});
  const watching = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the agent did not look: ${said}`)), READY_MS);
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (!line.includes('"event":"watching"')) return;
      clearTimeout(timer);
      resolve();
    });
  });
  const stop = () => {
    isWanted = false;
    child.kill('SIGKILL');
  };
  try {
    await Promise.race([watching, ended]);
  } catch (error) {
    stop();
    throw error;
  }
  const reader = openStoreReader({ path: db });
  return {
    findings: () => ownFindings(reader, setup),
    assertSees() {
      if (ownGateway(reader, setup)?.confidence !== 'certain') throw new Error('the agent does not know the gateway');
      const lacking = reader.findings({ status: ['open'] }).find(isLackOfTelemetry);
      if (setup.hasSensor && lacking !== undefined) throw new Error(`the agent lacks its sensor: ${lacking.title}`);
    },
    looks: () => reader.lastCycle()?.id ?? 0,
    ended,
    close() {
      stop();
      reader.close();
    },
  };
}

/**
 * Findings of the case. Where the agent sees the processes of the whole machine it also sees the gateways of other labs
 * that run at the same time: their findings name another gateway or sockets of another namespace.
 */
function ownFindings(reader: StoreReader, setup: WatchSetup): FindingRecord[] {
  const own = ownGateway(reader, setup)?.id;
  return reader.findings({ limit: 5000 }).filter(({ gatewayId, socketKeys }) => {
    if (gatewayId !== undefined) return gatewayId === own;
    return socketKeys.length === 0 || socketKeys.some((key) => key.includes(setup.machine.netns));
  });
}

/** What a look says when it is below the telemetry of some rule. */
function isLackOfTelemetry({ ruleId, verdict, title }: FindingRecord): boolean {
  return ruleId === 'POS-08' && verdict === 'unknown' && title.startsWith('Rules that need');
}

function ownGateway(reader: StoreReader, { machine, stateDir }: WatchSetup) {
  return reader.gateways().find((each) => each.running && each.stateDir === stateDir && each.netns === machine.netns);
}

/** A record as after a week: learning is over, and whom the profile has known since then is known to everybody of it. */
function prepareRecord(db: string, { policy, skills }: WatchSetup): void {
  mkdirSync(dirname(db), { mode: 0o700 });
  const now = Date.now();
  const store = openStore({ path: db });
  try {
    store.restartLearning(now - 8 * DAY_MS);
    for (const { id: _, ...rule } of policy) store.addPolicyRule(rule);
  } finally {
    store.close();
  }
  const database = openDatabase(db);
  try {
    const insert = database.prepare(
      `INSERT INTO destinations (subject, destination, fingerprint, role, skill, address, port, first_at, last_at, last_day,
         days, learning_days, last_learning_day, connections, bytes_out, bytes_in)
       VALUES (?, ?, ?, ?, ?, '203.0.113.1', 443, ?, ?, ?, 7, 7, ?, 100, 100000, 100000)`,
    );
    const at = now - 2 * DAY_MS;
    const day = Math.floor(at / DAY_MS);
    const subjects = [
      ...ROLES.map((role) => ({ subject: role, role, skill: null })),
      ...skills.map((skill) => ({ subject: `skill ${skill}`, role: 'skill', skill })),
    ];
    for (const { subject, role, skill } of subjects) {
      for (const destination of BASELINE) {
        const print = contactFingerprint({ subject, destination });
        insert.run(subject, destination, print, role, skill, at - 6 * DAY_MS, at, day, day);
      }
    }
  } finally {
    database.close();
  }
}
