import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { CHECKOUT, endChild, type Place } from './place.ts';

/** An ordinary user, who owns the gateway and runs the agent. */
export const OWNER = 5001;
const PORT = 18789;
const SKILLS = '.openclaw/workspace/skills';
/** One subject that does too much is told of in one finding, so many samples need several. */
export const SKILL_COUNT = 5;

/** A stand-in for a gateway, recognised by its lock and socket, with skills that make traffic. */
export interface Family {
  /** Runs `traffic.py` as one of the skills; each line that it prints, in the order of their arrival. */
  run(argv: readonly (string | number)[], onLine: (line: unknown) => void, skill?: number): void;
  end(): Promise<void>;
}

export const homeOf = ({ folder }: Place) => join(folder, 'home');

export async function startFamily(place: Place): Promise<Family> {
  const gateway = place.spawn([place.node, `${CHECKOUT}/bench/sensor/gateway.ts`, String(PORT)], {
    uid: OWNER,
    env: { HOME: homeOf(place) },
    input: 'pipe',
  });
  const lines = createInterface({ input: gateway.stdout! });
  await new Promise((resolve) => lines.once('line', resolve));
  furnish(place, gateway.pid!);
  let listener: (line: unknown) => void = () => {};
  lines.on('line', (line) => listener(JSON.parse(line)));
  return {
    run(argv, onLine, skill = 0) {
      listener = onLine;
      gateway.stdin!.write(
        `${JSON.stringify(['/usr/bin/python3', join(homeOf(place), SKILLS, nameOf(skill), 'traffic.py'), ...argv.map(String)])}\n`,
      );
    },
    end: () => endChild(gateway),
  };
}

const nameOf = (skill: number) => `metrics-${skill}`;

/** The home of the owner, with the lock that names the process of the gateway. */
function furnish(place: Place, pid: number): void {
  const put = (path: string, text: string) => {
    makeFolder(place, dirname(path));
    const file = join(homeOf(place), path);
    writeFileSync(file, text);
    chownSync(file, OWNER, OWNER);
  };
  const stateDir = join(homeOf(place), '.openclaw');
  const configPath = join(stateDir, 'openclaw.json');
  put('.openclaw/openclaw.json', JSON.stringify(CONFIG));
  for (let skill = 0; skill < SKILL_COUNT; skill += 1) {
    put(`${SKILLS}/${nameOf(skill)}/SKILL.md`, `---\nname: ${nameOf(skill)}\ndescription: sends figures\n---\n`);
    put(`${SKILLS}/${nameOf(skill)}/traffic.py`, readFileSync(`${import.meta.dirname}/traffic.py`, 'utf8'));
  }
  const lock = { pid, createdAt: new Date(), configPath, stateDir, port: PORT, startTime: startTicks(pid) };
  put(`.openclaw/tmp/openclaw-${OWNER}/gateway.state.lock`, JSON.stringify(lock));
}

/** A folder in the owner's home, with the folders above it; `.` is the home itself. */
export function makeFolder(place: Place, path: string): string {
  if (path !== '.') makeFolder(place, dirname(path));
  const folder = join(homeOf(place), path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chownSync(folder, OWNER, OWNER);
  return folder;
}

const CONFIG = {
  gateway: { port: PORT, bind: 'loopback', auth: { mode: 'token', token: 'a-token-of-the-bench-0123456789abcdef' } },
};

function startTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
}
