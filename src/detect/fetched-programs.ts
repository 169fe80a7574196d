import { posix } from 'node:path';
import type { ProcessFact } from '../types/process.ts';
import type { RuleContext } from '../types/rule.ts';
import type { Connection, Owner, Snapshot } from '../types/snapshot.ts';
import { AGENT_ROLES, type AgentFamily } from './agent-family.ts';
import { outputFiles, urlsIn } from './command-urls.ts';
import { isDecoder, isDownloader, isInterpreter, programOf, readsItsProgram } from './programs.ts';

/** A program that runs, and where it came from a moment before. */
export interface FetchedProgram {
  process: ProcessFact;
  owner: Owner;
  how: string;
  urls: URL[];
  /** The same hands fetched and ran; not proved that it is the same file. */
  isGuess: boolean;
  connection?: Connection;
}

/** Folders that anybody may write to and that nothing is installed in. */
const DROP_FOLDER =
  /^(?:\/tmp|\/var\/tmp|\/dev\/shm|\/private\/tmp|\/run\/user\/\d+)\/|\/(?:Downloads|\.cache|Library\/Caches)\//;
// Compilers, package builders and self-mounting programs run what they have just made themselves.
const BUILT_HERE =
  /\/(?:go-build\d*|pip-[\w-]+|\.mount_[\w.-]+|cargo-install\w*|rustc\w*|npm-[\w-]+|_npx|uv|deno|node-gyp|ms-playwright|puppeteer|electron)(?:\/|$)/;

/** A downloader whose output is the input of a shell, as their pipes tell while both live; a decoder may stand between. */
export function pipedPrograms(family: AgentFamily): FetchedProgram[] {
  const writers = new Map<string, ProcessFact>();
  for (const { process } of family.members) {
    const output = process.stdio?.[1];
    if (output?.startsWith('pipe:[')) writers.set(output, process);
  }
  return family.members.flatMap(({ process }) => {
    const input = process.stdio?.[0];
    if (input === undefined || !readsItsProgram(process.argv)) return [];
    const first = writers.get(input);
    const source = first === undefined || isDownloader(programOf(first)) ? first : writers.get(first.stdio?.[0] ?? '');
    if (source === undefined || source === process || !isDownloader(programOf(source))) return [];
    const owner = family.ownerOf(process);
    const connection = family.connectionsOf(source.pid)[0];
    const decoded = source !== first && isDecoder(first!.argv) ? ', decoded' : '';
    const how = `${programOf(source)} is piped into ${programOf(process)}${decoded}`;
    return [
      {
        process,
        owner,
        how,
        urls: urlsIn(source.argv),
        isGuess: false,
        ...(connection === undefined ? {} : { connection }),
      },
    ];
  });
}

/**
 * Programs of the family that run from a folder for passing things, soon after the same hands fetched something. Certain
 * where the downloader is still to be seen and names the file; else the contact alone speaks, and only one that nothing
 * expects.
 */
export function droppedPrograms(
  snapshot: Snapshot,
  family: AgentFamily,
  context: Pick<RuleContext, 'ledger' | 'now'>,
  windowMs: number,
): FetchedProgram[] {
  const saved = new Map<string, ProcessFact>();
  for (const { process } of family.members) {
    if (!isDownloader(programOf(process))) continue;
    for (const file of outputFiles(process.argv)) saved.set(posix.resolve(process.cwd ?? '/', file), process);
  }
  return family.members.flatMap(({ process }): FetchedProgram[] => {
    const path = droppedFile(process);
    if (path === undefined) return [];
    const owner = family.ownerOf(process);
    if (!AGENT_ROLES.has(owner.role)) return [];
    const source = saved.get(path);
    const how = `runs ${path}`;
    if (source !== undefined) return [{ process, owner, how, urls: urlsIn(source.argv), isGuess: false }];
    const startedAt = process.startedAt ?? context.now;
    return fetchesBefore(snapshot, context, owner, startedAt, windowMs).map(({ url, connection }) => ({
      process,
      owner,
      how,
      urls: [url],
      isGuess: true,
      ...(connection === undefined ? {} : { connection }),
    }));
  });
}

/** The dropped file that a process is, or makes a program of. */
function droppedFile(process: ProcessFact): string | undefined {
  const [name = '', ...rest] = process.argv;
  const makesProgram =
    (posix.basename(name) === 'chmod' && /^(?:[ugoa]*\+[rwst]*x[rwst]*|[0-7]?[1357][0-7]{2})$/.test(rest[0] ?? '')) ||
    (posix.basename(name) === 'xattr' && /^-[a-z]*[cd]/.test(rest[0] ?? ''));
  const program = process.exe?.replace(/ \(deleted\)$/, '') ?? name;
  const file = makesProgram ? rest.at(-1)! : isInterpreter(programOf(process)) ? undefined : program;
  if (file === undefined || file.length > 4096) return undefined;
  const path = posix.resolve(process.cwd ?? '/', file);
  return DROP_FOLDER.test(path) && !BUILT_HERE.test(path) ? path : undefined;
}

/** Ends that nothing expects and that the same subject talked to in the time before; the latest first, three at most. */
function fetchesBefore(
  snapshot: Snapshot,
  { ledger }: Pick<RuleContext, 'ledger'>,
  owner: Owner,
  at: number,
  windowMs: number,
): { url: URL; connection?: Connection }[] {
  const subject = owner.skill === undefined ? owner.role : `skill ${owner.skill}`;
  const isNear = (moment: number) => moment <= at + 1_000 && moment >= at - windowMs;
  const found: { url: URL; connection?: Connection; at: number }[] = [];
  for (const contact of ledger?.contacts() ?? []) {
    if (contact.subject !== subject || (contact.verdict ?? 'unknown') !== 'unknown') continue;
    const moment = contact.activity.findLast(isNear);
    const url = endUrl(contact.name ?? contact.addresses.at(-1), contact.remoteClass, contact.port);
    if (moment !== undefined && url !== undefined) found.push({ url, at: moment });
  }
  for (const connection of snapshot.connections) {
    const { owner: other, direction, verdict = 'unknown', remote, since, openedAt } = connection;
    if (direction !== 'outbound' || verdict !== 'unknown' || other === undefined || remote === undefined) continue;
    if (other.role !== owner.role || other.skill !== owner.skill || !isNear(openedAt ?? since.at)) continue;
    const url = endUrl(connection.destination?.name ?? remote.address, connection.remoteClass, remote.port);
    if (url !== undefined) found.push({ url, connection, at: openedAt ?? since.at });
  }
  return found.sort((a, b) => b.at - a.at).slice(0, 3);
}

function endUrl(host: string | undefined, remoteClass: string | undefined, port: number): URL | undefined {
  if (host === undefined || remoteClass === 'loopback') return undefined;
  const text = `https://${host.includes(':') ? `[${host}]` : host}:${port}/`;
  return URL.canParse(text) ? new URL(text) : undefined;
}
