import { type Finding, fingerprint, type Severity } from '../../types/finding.ts';
import { canonicalAddress } from '../../types/ip.ts';
import type { ProcessFact } from '../../types/process.ts';
import type { Rule, RuleContext } from '../../types/rule.ts';
import type { Owner, Snapshot } from '../../types/snapshot.ts';
import { type AgentFamily, agentFamilyOf } from '../agent-family.ts';
import { disableSkill, freeze, inspect, muteRule } from '../agent-fixes.ts';
import { downloadExecutes } from '../download-execute.ts';
import { type DownloadSource, sourceOfDownload } from '../download-source.ts';
import { droppedPrograms, type FetchedProgram, pipedPrograms } from '../fetched-programs.ts';
import { partialSight, sees } from '../partial-sight.ts';
import { graver } from '../severity.ts';
import { finding, ownerEvidence, ownerName, ownerSubject } from '../subjects.ts';

interface Options {
  windowMs: number;
  perSubject: number;
}

const ID = 'EGR-09';
/** Command lines read in one look; a busy build host has some hundred. */
const MAX_COMMANDS = 4_000;
const TITLE = 'Download and execute';

export const egr09: Rule<Options> = {
  id: ID,
  title: TITLE,
  what: 'Something is fetched or decoded and then run: a downloader piped into a shell or interpreter, a substitution that runs what it fetched, a file that is saved and run, a program that starts from a folder for passing things soon after a download. From agents always; from everybody where it comes from a bare address or an indicator, or is decoded on the way.',
  why: 'The campaigns against OpenClaw of early 2026 began with one such line, mostly pasted by the user from the text of a skill. Nobody has read what is run.',
  falsePositives:
    'Known installers are info, by host and path. Text that is quoted, searched for or written into a file is no command: the line is read as a shell reads it. A download that is piped into `python -c` or `-m` is data and does not count. Programs that compilers and package builders make in temporary folders are left out. Where a contact and a start merely follow each other, the confidence is "possible", and a command after an unknown host is low unless the name of the file hides it.',
  whatToDo:
    'Do not run it again. Look at what was fetched before it is gone, scan the machine, and replace secrets if it ran.',
  severity: 'high',
  severityRange:
    'high from a bare address, a paste or file drop, an indicator, or decoded; medium from other hosts and for agents only; low where a command merely followed a contact; info for known installers',
  needs: 'T0',
  attack: ['T1105', 'T1204.004', 'T1059.004', 'T1204.002'],
  defaults: { windowMs: 120_000, perSubject: 10 },
  optionNotes: {
    windowMs: 'Time in ms between a download and the start of a program from a folder for passing things.',
    perSubject: 'Findings for one skill or command; a generator of command lines cannot flood the record.',
  },
  judge(snapshot, context) {
    const family = agentFamilyOf(snapshot);
    const found = [
      ...commandLines(snapshot, family),
      ...pipedPrograms(family),
      ...droppedPrograms(snapshot, family, context, context.options.windowMs),
    ].flatMap((one) => tell(one, snapshot, context));
    const kept = [...Map.groupBy(found, ({ subject }) => subject).values()].flatMap((all) =>
      all.slice(0, context.options.perSubject),
    );
    const unseen = sees(snapshot, 'T1') ? undefined : 'only what lives at the moment of a look was seen';
    return [...kept, ...partialSight(egr09, snapshot, unseen)];
  },
};

function commandLines({ processes }: Snapshot, family: AgentFamily): FetchedProgram[] {
  const found: FetchedProgram[] = [];
  let left = MAX_COMMANDS;
  for (const process of processes) {
    if (process.argv.length < 3 || left <= 0) continue;
    left -= 1;
    for (const { how, urls, isDecoded } of downloadExecutes(process.argv)) {
      const owner = family.ownerOf(process);
      found.push({ process, owner, how: isDecoded ? `${how}, decoded` : how, urls, isGuess: false });
    }
  }
  return found;
}

function tell(found: FetchedProgram, snapshot: Snapshot, { indicators }: RuleContext<Options>): Finding[] {
  const { process, owner, how, urls, isGuess, connection } = found;
  if (owner.role === 'gateway' || owner.role === 'browser') return [];
  const judged = sourceOfDownload(urls, how.endsWith(', decoded'), { indicators, addresses: snapshot.addressContext });
  const source = isGuess && !sees(snapshot, 'T2') ? withoutNames(judged) : judged;
  if (owner.role === 'other' && !source.isHostWide && source.severity !== 'info') return [];
  const severity = severityOf(source.severity, owner, found);
  if (severity === undefined) return [];
  const { gatewayId } = owner;
  const from = source.host === undefined ? '' : ` from ${source.host}`;
  const subject = ownerSubject(owner);
  return [
    finding({
      ruleId: ID,
      severity,
      title: isGuess
        ? `${ownerName(owner)} ${how} soon after contact with ${source.host ?? 'an unknown host'}`
        : `${ownerName(owner)} fetches${from} and runs it`,
      subject,
      why: 'What is run was never on this machine before, and nobody has read it.',
      evidence: [
        { label: 'how', value: how },
        { label: 'judged', value: source.reason },
        ...urls.slice(0, 4).map((url) => ({ label: 'source', value: withoutSecrets(url) })),
        ...(isGuess ? [{ label: 'not seen', value: 'whether the file that runs is the one that was fetched' }] : []),
        ...ownerEvidence(owner),
      ],
      fixes: fixes(process, owner),
      confidence: isGuess ? 'possible' : owner.confidence,
      fingerprint: fingerprint(ID, gatewayId ?? '', subject, source.host ?? ''),
      ...(gatewayId === undefined ? {} : { gatewayId }),
      socketKeys: connection === undefined ? [] : [connection.key],
      hints: { pids: [process.pid, process.ppid] },
    }),
  ];
}

/** Two events in a row are no proof: of a command after an unknown host they are worth a line, unless the file hides. */
function severityOf(severity: Severity, { role }: Owner, { isGuess, how }: FetchedProgram): Severity | undefined {
  if (!isGuess) return severity;
  if (severity === 'info') return undefined;
  if (/\/\.[^/]+$/.test(how)) return 'high';
  return role === 'exec' && severity === 'medium' ? 'low' : graver(severity, 'low');
}

/** Where names are not seen, a contact without one is an ordinary contact. */
function withoutNames(source: DownloadSource): DownloadSource {
  if (source.host === undefined || canonicalAddress(source.host) === undefined) return source;
  return { ...source, severity: 'medium', reason: 'the name of the host was not seen' };
}

/** User names, passwords and queries may hold secrets of the person whose command it is. */
function withoutSecrets({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`.slice(0, 300);
}

function fixes(process: ProcessFact, owner: Owner) {
  return [
    inspect(process),
    freeze(process),
    ...disableSkill(owner),
    ...(owner.role === 'other' ? [] : [muteRule(ID, owner)]),
  ];
}
