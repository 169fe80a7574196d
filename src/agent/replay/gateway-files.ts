import { createConfigReader } from '../../collect/openclaw/config/read-config.ts';
import { workspacesOf } from '../../collect/openclaw/config/workspaces.ts';
import type { FileView } from '../../collect/openclaw/file-view.ts';
import type { GatewayFact } from '../../types/gateway.ts';
import { isFields } from './case.ts';
import { CONTAINER_NETNS, HOST_NETNS, labConfig } from './lab.ts';
import { HOME, type SimProcess, STATE_DIR } from './processes.ts';

const CONFIG_PATH = `${STATE_DIR}/openclaw.json`;
const GATEWAY_PORT = 18_789;

/** The gateway's files as a case changes them, read by the very reader of the collector. */
export interface GatewayFiles {
  /** Writes keys by their dotted path; `undefined` and null remove. */
  patch(keys: Readonly<Record<string, unknown>>, at: number): void;
  /** Writes the same configuration in another order. */
  reorder(at: number): void;
  /** Replaces the whole text. */
  write(text: string, at: number): void;
  version: string;
  factOf(process: SimProcess | undefined, inContainer: boolean): GatewayFact;
}

export function createGatewayFiles(): GatewayFiles {
  let config = labConfig();
  let text = JSON.stringify(config);
  let changedAt = 0;
  let state = 0;
  const reader = createConfigReader({ hashKey: 'a key of the replay', hashKeyLasts: true });

  function write(next: string, at: number): void {
    text = next;
    changedAt = at;
    state++;
  }

  const view = memoryView((path) => (path === CONFIG_PATH ? { text, state, changedAt } : undefined));
  const files: GatewayFiles = {
    version: '2026.9.6',
    patch(keys, at) {
      config = structuredClone(config);
      for (const [path, value] of Object.entries(keys)) setAt(config, path.split('.'), value);
      write(JSON.stringify(config), at);
    },
    reorder: (at) => write(JSON.stringify(reversed(config)), at),
    write,
    factOf(process, inContainer) {
      const markers = process?.markers ?? {};
      const fact = reader.read({ view, stateDir: STATE_DIR, path: CONFIG_PATH, home: HOME, environment: markers });
      return {
        id: 'default',
        profile: 'default',
        running: process !== undefined,
        confidence: 'certain',
        ...(process !== undefined && runningPart(process, inContainer)),
        stateDir: STATE_DIR,
        workspaces: workspacesOf(fact.value, { stateDir: STATE_DIR, home: HOME }),
        locks: process === undefined ? [] : [lockOf(process)],
        evidence: [{ kind: 'lock-file', detail: 'its lock names this process and its start' }],
        config: fact,
        markers,
        version: { installed: files.version, running: files.version },
        ...(inContainer ? {} : { unit: 'openclaw-gateway.service' }),
      };
    },
  };
  return files;
}

function runningPart(process: SimProcess, inContainer: boolean): Partial<GatewayFact> {
  const { pid, startTicks, startedAt, uid } = process;
  return {
    pid,
    startTicks,
    ...(startedAt !== undefined && { startedAt }),
    ...(uid !== undefined && { uid }),
    netns: inContainer ? CONTAINER_NETNS : HOST_NETNS,
    inContainer,
  };
}

function lockOf({ pid, startTicks, bornAt }: SimProcess): GatewayFact['locks'][number] {
  const path = `${STATE_DIR}/gateway.lock`;
  return { path, pid, port: GATEWAY_PORT, startTicks, createdAt: bornAt, configPath: CONFIG_PATH, status: 'live' };
}

function memoryView(find: (path: string) => { text: string; state: number; changedAt: number } | undefined): FileView {
  const stampOf = ({ state, changedAt }: { state: number; changedAt: number }) => ({
    key: String(state),
    kind: 'file' as const,
    uid: 1000,
    modifiedAt: changedAt,
    changedAt,
    identity: '1:1',
  });
  return {
    root: '',
    place: 'host',
    stat(path) {
      const file = find(path);
      return file === undefined ? 'missing' : stampOf(file);
    },
    read(path) {
      const file = find(path);
      if (file === undefined) return { ok: false, reason: 'missing', why: 'no such file' };
      return { ok: true, text: file.text, stamp: stampOf(file), validUtf8: true };
    },
    list: () => [],
  };
}

/** Writes a key by its path; `undefined` and null remove it. */
export function setAt(config: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let place = config;
  for (const key of path.slice(0, -1)) {
    const next = Object.hasOwn(place, key) ? place[key] : undefined;
    if (isFields(next)) place = next;
    else {
      const made: Record<string, unknown> = {};
      put(place, key, made);
      place = made;
    }
  }
  const last = path.at(-1)!;
  const before = Object.hasOwn(place, last) ? place[last] : undefined;
  if (value === undefined || value === null) delete place[last];
  else if (isFields(value) && isFields(before))
    for (const [key, each] of Object.entries(value)) setAt(before, [key], each);
  else put(place, last, value);
}

// `__proto__` is a key like any other in a configuration.
function put(place: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(place, key, { value, enumerable: true, configurable: true, writable: true });
}

function reversed(value: unknown): unknown {
  if (!isFields(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, each]) => [key, reversed(each)]),
  );
}
