import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { CHECKOUT, MACHINE_NODE, type Machine } from './machine.ts';

export interface RunningSensor {
  child: ChildProcess;
  stderr(): string;
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Starts `clawwatch sensor run` as root in the machine and waits until it watches. */
export async function startSensor(machine: Machine, ...options: string[]): Promise<RunningSensor> {
  const child = machine.spawn([MACHINE_NODE, `${CHECKOUT}/bin/clawwatch.cjs`, 'sensor', 'run', ...options]);
  let stderr = '';
  const closed = once(child, 'close');
  await new Promise<void>((resolve, reject) => {
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (stderr.includes('watching ')) resolve();
    });
    void closed.then(() => reject(new Error(`the sensor ended: ${stderr}`)));
  });
  return {
    child,
    stderr: () => stderr,
    async end(signal) {
      child.kill(signal);
      await closed;
    },
  };
}
