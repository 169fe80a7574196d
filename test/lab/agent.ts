import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import type { findingAnswer } from '../../src/cli/answers.ts';
import { clawwatch } from './clawwatch.ts';
import { CHECKOUT, MACHINE_NODE, type Machine } from './machine.ts';
import { LAB_PUBLIC } from './namespaces.ts';

/** A line that `clawwatch agent run --json` prints. */
export interface AgentEvent {
  event: string;
  ruleId?: string;
  id?: string;
  at: number;
}

export interface Agent {
  child: ChildProcess;
  /** The first event, past or coming, that fits; rejects after 60 s or at the end of the agent. */
  event(fits: (event: AgentEvent) => boolean): Promise<AgentEvent>;
  end(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string }>;
}

/** Starts `clawwatch agent run` in the machine and waits until it watches. */
export async function startAgent(machine: Machine, home: string, db: string, interval = '500ms'): Promise<Agent> {
  const child = machine.spawn(
    [MACHINE_NODE, `${CHECKOUT}/bin/clawwatch.cjs`, 'agent', 'run', '--json', '--interval', interval, '--db', db],
    { env: { HOME: home, CLAWWATCH_LAB_PUBLIC: LAB_PUBLIC } },
  );
  const events: AgentEvent[] = [];
  const waiting = new Set<() => void>();
  let stderr = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  createInterface({ input: child.stdout! }).on('line', (line) => {
    // A refusal is an answer of several lines and no event.
    if (!line.startsWith('{"')) return;
    events.push(JSON.parse(line) as AgentEvent);
    for (const wake of waiting) wake();
  });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const agent: Agent = {
    child,
    event: (fits) =>
      new Promise((resolve, reject) => {
        const stop = () => {
          clearTimeout(timer);
          waiting.delete(look);
        };
        const look = () => {
          const found = events.find(fits);
          if (!found) return;
          stop();
          resolve(found);
        };
        const fail = (why: string) => {
          stop();
          reject(new Error(`${why}; events: ${JSON.stringify(events)}\n${stderr}`));
        };
        const timer = setTimeout(() => fail('no such event'), 60_000);
        waiting.add(look);
        void closed.then(() => fail('the agent ended'));
        look();
      }),
    async end(signal) {
      child.kill(signal);
      const [code, by] = await closed;
      return { code, signal: by, stderr };
    },
  };
  await agent.event(({ event }) => event === 'watching');
  return agent;
}

/** Every finding on record, whatever its status. */
export async function recorded(machine: Machine, db: string): Promise<ReturnType<typeof findingAnswer>[]> {
  const output = await clawwatch(machine, ['findings', '--status', 'all', '--json', '--db', db]);
  expect(output.code, output.stderr).toBe(0);
  return (JSON.parse(output.stdout) as { findings: ReturnType<typeof findingAnswer>[] }).findings;
}
