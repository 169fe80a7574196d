import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { openStoreReader } from '../../src/store/reader.ts';
import type { StoreReader } from '../../src/types/store.ts';
import { homeOf, makeFolder, OWNER } from './family.ts';
import { CHECKOUT, endChild, INTERNET, type Place } from './place.ts';

/** Where an agent finds packs in its home. */
const INTEL = '.local/share/clawwatch/intel';

/** A line of `clawwatch agent run --json`. */
export interface AgentLine {
  event: string;
  at: number;
  ruleId?: string;
  title?: string;
}

/** A `clawwatch agent run` of an ordinary user, with its record. */
export interface RunningAgent {
  pid: number;
  lines: AgentLine[];
  /** Asks the record. */
  ask<Answer>(question: (reader: StoreReader) => Answer): Answer;
  end(): Promise<void>;
}

/**
 * Resolves once it has looked for the first time, and learned the names of the hosts file.
 *
 * @param collectors names that a pack of indicators of the user's calls webhook collectors.
 */
export async function startAgent(
  place: Place,
  name: string,
  interval: string,
  collectors: readonly string[] = [],
): Promise<RunningAgent> {
  if (collectors.length > 0) putPack(place, collectors);
  const folder = makeFolder(place, name);
  const configPath = join(folder, 'config.json');
  // The bench contacts more unknown hosts than anybody should, and each must have a finding of its own.
  writeFileSync(configPath, JSON.stringify({ rules: { 'EGR-04': { perSubject: 1_000 } } }));
  const path = join(folder, 'clawwatch.db');
  const child = place.spawn(
    [place.node, `${CHECKOUT}/bin/clawwatch.cjs`, 'agent', 'run', '--json', '--interval', interval].concat(
      '--db',
      path,
      '--config',
      configPath,
    ),
    { uid: OWNER, env: { HOME: homeOf(place), CLAWWATCH_LAB_PUBLIC: INTERNET } },
  );
  const lines: AgentLine[] = [];
  let problem = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    problem += text;
  });
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      if (!line.startsWith('{"')) return;
      lines.push(JSON.parse(line) as AgentLine);
      if (lines.at(-1)!.event === 'watching') resolve();
    });
    child.once('close', (code) => reject(new Error(`the agent ended (${code}): ${problem}`)));
  });
  await delay(3_000);
  return {
    pid: child.pid!,
    lines,
    ask(question) {
      const reader = openStoreReader({ path });
      try {
        return question(reader);
      } finally {
        reader.close();
      }
    },
    end: () => endChild(child),
  };
}

function putPack(place: Place, collectors: readonly string[]): void {
  const file = join(makeFolder(place, INTEL), 'bench.json');
  const dated = new Date().toISOString().slice(0, 10);
  writeFileSync(file, JSON.stringify({ name: 'bench', dated, indicators: [], categories: { webhook: collectors } }), {
    mode: 0o600,
  });
  chownSync(file, OWNER, OWNER);
}
