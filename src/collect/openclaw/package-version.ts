import { posix } from 'node:path';
import type { VersionFact } from '../../types/gateway.ts';
import type { ProcessFact } from '../../types/process.ts';
import type { FileView } from './file-view.ts';
import { createFileMemo } from './memo.ts';

/** Workers that the gateway starts from its own package; their arguments survive where the gateway's own do not. */
const WORKER =
  /^(\/.{1,1000})\/dist\/(?:process|infra)\/[\w./-]{1,200}\.worker\.js$|^(\/.{1,1000})\/dist\/process\/spawn-broker\/worker\.js$/;
const ENTRY = /^(\/.{1,1000})\/(?:openclaw\.mjs|dist\/(?:entry|index)\.m?js)$/;

/** How long after its gateway a worker that tells the package can have started, in clock ticks (100 a second). */
const WORKER_DELAY_TICKS = 6_000;

export interface VersionRequest {
  view: FileView;
  /** Arguments of the gateway: of its unit, or its own where it has not overwritten them. */
  startArguments: readonly string[];
  gateway?: Pick<ProcessFact, 'pid' | 'startTicks' | 'startedAt'>;
  children: readonly Pick<ProcessFact, 'argv' | 'startTicks' | 'ppid'>[];
  uid?: number;
}

export interface PackageVersions {
  read(request: VersionRequest): VersionFact;
}

/**
 * Versions of OpenClaw packages. `installed` is what package.json says now; `running` is the same unless that file
 * came after the process (an update without a restart), and then it is what we had read before, or unknown.
 */
export function createPackageVersions(): PackageVersions {
  const versions = createFileMemo<string | undefined>();
  const running = new Map<string, string>();

  function installedIn(request: VersionRequest, packagePath: string): string | undefined {
    const path = `${packagePath}/package.json`;
    return versions.get(path, request.view, [path], () => {
      const reading = request.view.read(path, 1_048_576, request.uid);
      return reading.ok ? parseVersion(reading.text) : undefined;
    });
  }

  return {
    read(request) {
      for (const packagePath of packageCandidates(request)) {
        const installed = installedIn(request, packagePath);
        if (installed === undefined) continue;
        const fact: VersionFact = { installed, packagePath };
        const { gateway } = request;
        if (gateway === undefined) return fact;
        const key = `${gateway.pid}:${gateway.startTicks}`;
        const stamp = request.view.stat(`${packagePath}/package.json`);
        // The kernel's change time: the file's own modification time comes out of the archive and says nothing.
        const isOlder =
          typeof stamp === 'object' && gateway.startedAt !== undefined && stamp.changedAt <= gateway.startedAt;
        if (isOlder) {
          if (running.size >= 256) running.clear();
          running.set(key, installed);
        }
        const before = running.get(key);
        return before === undefined ? fact : { ...fact, running: before };
      }
      return {};
    },
  };
}

/**
 * Where the code may lie, most trusted first: the arguments the gateway was started with, then those of its earliest
 * child. A skill can start a process with any arguments and so pretend a newer version, but not before the gateway
 * started its own worker.
 */
export function packageCandidates(request: Pick<VersionRequest, 'startArguments' | 'gateway' | 'children'>): string[] {
  const roots = request.startArguments.slice(0, 8).flatMap((word) => packageOfScript(word));
  const gateway = request.gateway;
  const workers = request.children
    .filter((child) => gateway === undefined || child.startTicks - gateway.startTicks <= WORKER_DELAY_TICKS)
    .sort((a, b) => a.startTicks - b.startTicks)
    .slice(0, 8);
  for (const worker of workers) {
    const match = WORKER.exec(worker.argv[1] ?? '');
    if (match) roots.push(match[1] ?? match[2]!);
  }
  return [...new Set(roots.map((root) => posix.normalize(root)))];
}

/** `…/openclaw/openclaw.mjs`, `…/openclaw/dist/entry.js`, or the link `…/node_modules/.bin/openclaw` beside the package. */
function packageOfScript(word: string): string[] {
  const entry = ENTRY.exec(word)?.[1];
  if (entry !== undefined) return [entry];
  const bin = /^(\/.{0,1000})\/bin\/openclaw$/.exec(word)?.[1];
  if (bin !== undefined) return [`${bin}/lib/node_modules/openclaw`];
  const local = /^(\/.{1,1000}\/node_modules)\/\.bin\/openclaw$/.exec(word)?.[1];
  return local === undefined ? [] : [`${local}/openclaw`];
}

function parseVersion(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as { name?: unknown; version?: unknown } | null;
    const isOurs = ['openclaw', 'clawdbot', 'moltbot'].includes(String(value?.name));
    const version = isOurs && typeof value?.version === 'string' ? value.version : undefined;
    return version !== undefined && /^[0-9A-Za-z.+-]{1,64}$/.test(version) ? version : undefined;
  } catch {
    return undefined;
  }
}
