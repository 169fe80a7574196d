import { type Finding, fingerprint, type Severity } from '../../types/finding.ts';
import type { HostCategory } from '../../types/indicators.ts';
import type { ProcessFact } from '../../types/process.ts';
import type { Rule, RuleContext } from '../../types/rule.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { type AgentContact, bySubject, destinationOf, endEvidence, endWords, isNameless } from '../agent-contacts.ts';
import { AGENT_ROLES, type AgentFamily, agentFamilyOf } from '../agent-family.ts';
import { allowEnd, inspect } from '../agent-fixes.ts';
import { type InstallScript, installScriptOf, installsLookAlike, isInstallHost } from '../install-scripts.ts';
import { partialSight, sees } from '../partial-sight.ts';
import { finding, ownerEvidence, ownerName } from '../subjects.ts';

const ID = 'EGR-10';

export const egr10: Rule = {
  id: ID,
  title: 'Package life-cycle script talks to an unexpected host',
  what: 'A script that a package runs while it is installed (npm install scripts, Python and Ruby builds, Cargo build scripts) contacts a host that is no registry, source host or store of ready-made binaries. From agents always; from others where the package calls itself after OpenClaw.',
  why: 'Whoever installs a package runs its scripts unread. The npm worms of 2025 and 2026 and the false OpenClaw packages stole tokens this way.',
  falsePositives:
    'Registries and the usual stores of headers and binaries are left out, and so is what is configured, approved or learned. A registry of your own is to be allowed once. Without names from the wire an address without a name accuses nobody.',
  whatToDo:
    'Remove the package, forbid scripts (npm config set ignore-scripts true), and replace the tokens of npm and source hosts.',
  severity: 'high',
  severityRange:
    'medium; high for a bare address, for pastes, file drops, webhooks, chats and tunnels, and where the script has outlived its installation',
  needs: 'T0',
  attack: ['T1195.001', 'T1059.007', 'T1204.005'],
  defaults: {},
  optionNotes: {},
  judge(snapshot, context) {
    const scriptOf = createScriptOf(agentFamilyOf(snapshot));
    const scripts = new Map<AgentContact, InstallScript>();
    for (const connection of snapshot.connections) {
      const script = unexpected(connection, snapshot, scriptOf);
      if (script !== undefined) scripts.set(connection as AgentContact, script);
    }
    const found = bySubject([...scripts.keys()], destinationOf).flatMap(({ subject, groups }) =>
      groups.slice(0, 20).map((group) => told(subject, group, scripts.get(group[0]!)!, context)),
    );
    const unseen = sees(snapshot, 'T2')
      ? undefined
      : 'of install scripts only contacts whose hosts are known by name count';
    return [...found, ...partialSight(egr10, snapshot, unseen)];
  },
};

/** Of thousands of connections few processes are the owners. */
function createScriptOf(family: AgentFamily): (process: ProcessFact) => InstallScript | undefined {
  const known = new Map<ProcessFact, { script: InstallScript | undefined }>();
  return (process) => {
    let answer = known.get(process);
    if (answer === undefined) {
      answer = { script: installScriptOf(process, family) };
      known.set(process, answer);
    }
    return answer.script;
  };
}

function unexpected(
  connection: Snapshot['connections'][number],
  snapshot: Snapshot,
  scriptOf: (process: ProcessFact) => InstallScript | undefined,
): InstallScript | undefined {
  const { owner, remote, direction, remoteClass, verdict, destination } = connection;
  if (direction !== 'outbound' || remoteClass !== 'public' || remote === undefined || owner === undefined)
    return undefined;
  if (remote.port === 53 || (verdict ?? 'unknown') !== 'unknown') return undefined;
  if (!AGENT_ROLES.has(owner.role) && owner.role !== 'other') return undefined;
  const script = scriptOf(owner.process);
  if (script === undefined) return undefined;
  if (destination?.name !== undefined && !destination.claimed && isInstallHost(destination.name)) return undefined;
  if (destination?.name === undefined && !sees(snapshot, 'T2')) return undefined;
  const isOurs =
    owner.role !== 'other' || (script.install !== undefined && installsLookAlike(script.install) !== undefined);
  return isOurs ? script : undefined;
}

const GRAVE: ReadonlySet<HostCategory> = new Set<HostCategory>([
  'paste',
  'filedrop',
  'webhook',
  'chat',
  'tunnel',
  'tunnel-control',
  'dyndns',
]);

function reasonToRise(contact: AgentContact, { indicators }: RuleContext): string | undefined {
  const { destination, owner } = contact;
  if (isNameless(contact)) return 'it is a bare address';
  const category = indicators?.categoriesOf({ name: destination!.name! }).find((one) => GRAVE.has(one));
  if (category !== undefined) return `the host is of the kind ${category}`;
  return owner.member?.detached ? 'the script has outlived the installation' : undefined;
}

function told(
  subject: string,
  group: readonly AgentContact[],
  { kind, install }: InstallScript,
  context: RuleContext,
): Finding {
  const first = group[0]!;
  const { owner } = first;
  const { gatewayId } = owner;
  const rise = reasonToRise(first, context);
  const severity: Severity = rise === undefined ? 'medium' : 'high';
  return finding({
    ruleId: ID,
    severity,
    title: `${ownerName(owner)} contacts ${endWords(first)} while a package is installed`,
    subject,
    why: 'Scripts of packages run unread, with all rights of whoever installs, and have no reason to talk to other hosts than those that packages come from.',
    evidence: [
      ...endEvidence(group),
      { label: 'script', value: kind },
      ...(install === undefined ? [] : [{ label: 'installation', value: install.argv.join(' ').slice(0, 200) }]),
      ...(rise === undefined ? [] : [{ label: 'sign', value: rise }]),
      ...ownerEvidence(owner),
    ],
    fixes: [
      inspect(owner.process),
      { text: 'Let no package run scripts by itself.', command: 'npm config set ignore-scripts true' },
      ...allowEnd(owner, first),
    ],
    confidence: owner.confidence,
    fingerprint: fingerprint(ID, gatewayId ?? '', subject, destinationOf(first)),
    ...(gatewayId === undefined ? {} : { gatewayId }),
    socketKeys: group.map(({ key }) => key).slice(0, 50),
    hints: isNameless(first) ? { restsOn: ['absent name'] } : {},
  });
}
