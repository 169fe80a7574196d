/**
 * `node gateway.ts <port> <children> <connections of each> <skill folder>`: plays a gateway. It listens, and its children
 * connect to the internet of the bench; half of them run from the folder of a skill. Lines on its input go to all
 * children; it answers `ready` when every child did.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [port, children, connections, skill] = process.argv.slice(2) as [string, string, string, string];
const server = createServer().listen(Number(port), '127.0.0.1');
await once(server, 'listening');

const client = join(import.meta.dirname, 'client.ts');
mkdirSync(skill, { recursive: true });
const ofSkill = join(skill, 'client.ts');
copyFileSync(client, ofSkill);
const started: ChildProcess[] = [];
for (let index = 0; index < Number(children); index += 1) {
  const program = index % 2 === 0 ? client : ofSkill;
  const stdio = ['pipe', 'pipe', 'inherit'] as const;
  started.push(spawn(process.execPath, [program, String(index * 31)], { stdio: [...stdio] }));
}

async function tellAll(line: string): Promise<void> {
  const answers = started.map((child) => once(child.stdout!, 'data'));
  for (const child of started) child.stdin!.write(`${line}\n`);
  await Promise.all(answers);
  process.stdout.write('ready\n');
}

await tellAll(`hold ${connections}`);
for await (const line of createInterface({ input: process.stdin })) await tellAll(line);
process.exit(0);
