import type { ProcessFact } from '../types/process.ts';
import type { AgentFamily } from './agent-family.ts';
import { baseName } from './programs.ts';

/** A script that a package brought along and that runs by itself while it is installed. */
export interface InstallScript {
  /** What runs it: `npm postinstall`, `Python build`, … */
  kind: string;
  /** The command that installs, as far as it still lives. */
  install?: ProcessFact;
}

// npm sets the variable for `npm start` and `npm test` as well; these four run without anybody asking for them.
const LIFE_CYCLE: ReadonlySet<string> = new Set(['preinstall', 'install', 'postinstall', 'prepare']);
const MAX_CLIMB = 12;

/** Whether a process runs on behalf of an installation, by its own marker or by who started it. */
export function installScriptOf(process: ProcessFact, family: AgentFamily): InstallScript | undefined {
  const event = process.markers.npm_lifecycle_event;
  let kind = event !== undefined && LIFE_CYCLE.has(event) ? `npm ${event}` : undefined;
  let install: ProcessFact | undefined;
  let step: ProcessFact | undefined = process;
  for (let depth = 0; step !== undefined && depth < MAX_CLIMB; depth += 1) {
    kind ??= buildStep(step);
    if (install === undefined && isInstall(step.argv)) install = step;
    step = family.parent(step);
  }
  return kind === undefined ? undefined : { kind, ...(install === undefined ? {} : { install }) };
}

function buildStep({ argv, exe }: ProcessFact): string | undefined {
  const words = argv.slice(0, 6);
  if (words.some((word) => /(?:_in_process\.py|\/pyproject_hooks\/)/.test(word))) return 'Python build';
  if (words.some((word) => baseName(word) === 'setup.py')) return 'Python setup.py';
  if (/\/build\/[^/]+\/build-script-[\w-]+$/.test(exe ?? argv[0] ?? '')) return 'Cargo build script';
  return words.some((word) => baseName(word) === 'extconf.rb') ? 'Ruby extension' : undefined;
}

/** `npm install x`, `npx x`, `pip install x`, `uv pip install x`, behind an interpreter or not. */
function isInstall(argv: readonly string[]): boolean {
  const words = argv.slice(0, 5).map((word) => baseName(word.slice(0, 300)).replace(/(?:-cli)?\.c?js$/, ''));
  const at = words.findIndex((word) => /^(?:npm|pnpm|yarn|bun|npx|pip[\d.]*|uv|cargo|gem)$/.test(word));
  return (
    at >= 0 && (words[at] === 'npx' || /^(?:i|install|add|ci|exec|build)$/.test(argv.slice(at + 1).find(isPlain) ?? ''))
  );
}

function isPlain(word: string): boolean {
  return !word.startsWith('-') && word !== 'pip';
}

/** Packages that call themselves after OpenClaw, outside of its own scope: what the campaigns of 2026 were named like. */
export function installsLookAlike({ argv }: ProcessFact): string | undefined {
  return argv
    .slice(1, 24)
    .map((word) => word.slice(0, 214))
    .find(
      (word) =>
        /openclaw|clawdbot|moltbot|clawhub|claw/i.test(word) &&
        !isGenuine(word) &&
        /^[@\w]/.test(word) &&
        !word.includes('/bin/'),
    );
}

function isGenuine(word: string): boolean {
  return /^(?:openclaw|clawhub)(?:@[\w.^~-]*)?$/.test(word) || word.startsWith('@openclaw/') || word.startsWith('/');
}

/** Registries, source hosts and stores of ready-made binaries that install scripts fetch from. Reviewed 2026-11-20. */
const EXPECTED: readonly string[] = [
  '*.npmjs.org',
  '*.yarnpkg.com',
  'pypi.org',
  'files.pythonhosted.org',
  'static.crates.io',
  'index.crates.io',
  'crates.io',
  'rubygems.org',
  'github.com',
  'api.github.com',
  'codeload.github.com',
  'objects.githubusercontent.com',
  'release-assets.githubusercontent.com',
  'raw.githubusercontent.com',
  'nodejs.org',
  'cdn.playwright.dev',
  'playwright.azureedge.net',
  'storage.googleapis.com',
  'binaries.prisma.sh',
  '*.npmmirror.com',
];

/** Exact names, and whole labels below those with a star. */
export function isInstallHost(name: string): boolean {
  return EXPECTED.some((host) => (host.startsWith('*.') ? name.endsWith(host.slice(1)) : name === host));
}
