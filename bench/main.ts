/**
 * `npm run bench [-- [suite…] [--quick] [--json]]`: costs of ClawWatch beside its peers, measured in one run.
 *
 * As root everything happens in a network and a pid namespace of its own, so that all methods see the same machine and
 * nobody else's; otherwise on loopback in place, where the sockets and processes of others count too. A suite that makes its
 * own place (`sensor`) runs when it is named, and alone. Exit 1 when a bar is missed.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { printResult } from './print.ts';
import type { Suite, SuiteResult } from './suite.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    'in-namespace': { type: 'boolean', default: false },
  },
});

const suites = await loadSuites();
if (suites === undefined) {
  process.exitCode = 2;
} else if (
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  !values['in-namespace'] &&
  !hasOwnPlace(suites)
) {
  process.exitCode = runInNamespace();
} else {
  process.exitCode = await runSuites(suites);
}

function hasOwnPlace(some: ReadonlyMap<string, Suite>): boolean {
  return [...some.values()].some(({ place }) => place === 'own');
}

/** Those that were asked for, by name; `undefined` when that cannot be, with a line that says why. */
async function loadSuites(): Promise<Map<string, Suite> | undefined> {
  const names = readdirSync(`${import.meta.dirname}/suites`).map((file) => file.replace(/\.ts$/, ''));
  const unknown = positionals.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    console.error(`no suite ${unknown.join(', ')}; there are: ${names.join(', ')}`);
    return undefined;
  }
  const found = new Map<string, Suite>();
  for (const name of positionals.length > 0 ? positionals : names) {
    const suite = (await import(`./suites/${name}.ts`)) as Suite;
    if (positionals.length > 0 || suite.place !== 'own') found.set(name, suite);
  }
  if (found.size === 1 || !hasOwnPlace(found)) return found;
  console.error('a suite with a place of its own runs alone: npm run bench -- sensor');
  return undefined;
}

/** The pid namespace ends with this process and takes everything in it along: there is nothing to remove afterwards. */
function runInNamespace(): number {
  const script = 'ip link set lo up && exec "$0" "$@"';
  const self = [process.execPath, import.meta.filename, '--in-namespace', ...process.argv.slice(2)];
  const result = spawnSync(
    'unshare',
    ['--net', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', script, ...self],
    { stdio: 'inherit' },
  );
  if (result.error) throw result.error;
  return result.status ?? 1;
}

async function runSuites(wanted: ReadonlyMap<string, Suite>): Promise<number> {
  const results: Record<string, SuiteResult | SuiteResult[]> = {};
  for (const [name, suite] of wanted) {
    const result = await suite.run({ quick: values.quick, log: (line) => console.error(`${name}: ${line}`) });
    results[name] = result;
    if (!values.json) for (const each of [result].flat()) printResult(each);
  }
  if (values.json) console.log(JSON.stringify({ schemaVersion: 1, node: process.version, results }, undefined, 2));
  const bars = Object.values(results)
    .flat()
    .flatMap((result) => result.bars);
  return bars.every((bar) => bar.value <= bar.limit) ? 0 : 1;
}
