import { type Finding, fingerprint, type Severity } from '../../types/finding.ts';
import type { Gateway } from '../../types/gateway.ts';
import { canonicalAddress, classifyAddress, formatEndpoint } from '../../types/ip.ts';
import type { Rule } from '../../types/rule.ts';
import type { Owner, Snapshot } from '../../types/snapshot.ts';
import { agentFamilyOf } from '../agent-family.ts';
import { allowEnd, disableSkill, inspect } from '../agent-fixes.ts';
import { hostOf, urlsIn } from '../command-urls.ts';
import { valueAt } from '../config-value.ts';
import { isDownloader, programOf } from '../programs.ts';
import { finding, ownerEvidence, ownerName, ownerSubject } from '../subjects.ts';

const ID = 'EGR-11';

export const egr11: Rule = {
  id: ID,
  title: 'Cloud metadata service contact',
  what: 'A process of the family sends anything to the metadata service of a cloud, answered or not, in any spelling of its address; or asks a name server for its name; or has its address in the arguments of a downloader.',
  why: 'That service gives the credentials of the whole machine to everybody who asks from it. Skills that steal them, and requests that a page tricks the gateway into, both go there.',
  falsePositives:
    "Cloud SDKs ask it by themselves when they find no keys, so a skill with such an SDK is to be approved once; what is approved or suppressed is left out. The name and time service at the same addresses do not count. The gateway is only info where a provider that works with the machine's role is configured.",
  whatToDo:
    "If the skill has no business with the cloud, stop it and replace the credentials of the machine's role. Allow only version 2 of the service, with a hop limit of 1, and block its address for the user of OpenClaw.",
  severity: 'high',
  severityRange:
    'high for skills, commands, MCP servers, browsers and detached processes; medium for the gateway and its helpers, info where a cloud provider is configured',
  needs: 'T0',
  attack: ['T1552.005'],
  defaults: {},
  optionNotes: {},
  judge(snapshot) {
    return [...contacts(snapshot), ...questions(snapshot), ...spelledOut(snapshot)];
  },
};

/** Name and time service live at some of these addresses, and everybody asks them. */
const SERVICE_PORTS: ReadonlySet<number> = new Set([53, 123, 853]);
const NAMES = /(?:^|\.)metadata\.google\.internal$|^instance-data(?:\.ec2\.internal)?$|^metadata\.azure\.internal$/;

function contacts(snapshot: Snapshot): Finding[] {
  return snapshot.connections.flatMap((connection) => {
    const { owner, remote, remoteClass, direction, verdict, key, state, outcome } = connection;
    if (remoteClass !== 'metadata' || remote === undefined || owner === undefined || owner.role === 'other') return [];
    if (direction === 'inbound' || SERVICE_PORTS.has(remote.port)) return [];
    if (verdict === 'approved' || verdict === 'suppressed') return [];
    const fate = outcome ?? (state === 'SYN_SENT' ? 'not answered yet' : state.toLowerCase());
    const end = formatEndpoint(remote.address, remote.port);
    return [
      told(owner, `${end}, ${fate}`, snapshot, { keys: [key], expected: verdict === 'expected', end: connection }),
    ];
  });
}

function questions(snapshot: Snapshot): Finding[] {
  const asked = (snapshot.questions ?? []).filter(
    ({ pid, name }) => pid !== undefined && NAMES.test(name.slice(0, 300)),
  );
  if (asked.length === 0) return [];
  const family = agentFamilyOf(snapshot);
  return asked.slice(0, 100).flatMap(({ pid, name }) => {
    const process = family.process(pid!);
    const owner = process && family.ownerOf(process);
    return owner === undefined || owner.role === 'other' ? [] : [told(owner, `${name}, by its name`, snapshot, {})];
  });
}

/** `curl http://2852039166/` is over before a look sees its socket, but rarely before the process is seen. */
function spelledOut(snapshot: Snapshot): Finding[] {
  const family = agentFamilyOf(snapshot);
  return family.members.flatMap(({ process }) => {
    if (!isDownloader(programOf(process))) return [];
    const host = urlsIn(process.argv).map(hostOf).find(isMetadata);
    if (host === undefined) return [];
    const owner = family.ownerOf(process);
    const isApproved = family.connectionsOf(process.pid).some(({ verdict }) => verdict === 'approved');
    return isApproved ? [] : [told(owner, `${host}, in its arguments`, snapshot, {})];
  });
}

function isMetadata(host: string): boolean {
  return NAMES.test(host) || (canonicalAddress(host) !== undefined && classifyAddress(host) === 'metadata');
}

/** Providers that take the role of the machine for their key; their client asks the service. */
const CLOUD_PROVIDER = /bedrock|vertex/i;

function usesMachineRole(gateway: Gateway | undefined): boolean {
  const value = gateway?.config.value;
  if (value === undefined) return false;
  const providers = valueAt(value, 'models.providers');
  const names = typeof providers === 'object' && providers !== null ? Object.keys(providers) : [];
  const model = valueAt(value, 'agents.defaults.model.primary');
  return [...names, typeof model === 'string' ? model.split('/')[0]! : ''].some((name) => CLOUD_PROVIDER.test(name));
}

function severityOf(owner: Owner, { gateways }: Snapshot, expected: boolean): Severity {
  if (owner.role !== 'gateway' && owner.role !== 'helper') return 'high';
  const gateway = gateways.find(({ id }) => id === owner.gatewayId);
  return expected || usesMachineRole(gateway) ? 'info' : 'medium';
}

function told(
  owner: Owner,
  contact: string,
  snapshot: Snapshot,
  { keys = [], expected = false, end }: { keys?: string[]; expected?: boolean; end?: Parameters<typeof allowEnd>[1] },
): Finding {
  const { gatewayId } = owner;
  return finding({
    ruleId: ID,
    severity: severityOf(owner, snapshot, expected),
    title: `${ownerName(owner)} contacts the metadata service of the cloud`,
    subject: ownerSubject(owner),
    why: 'The service hands the credentials of this machine to whoever asks from it.',
    evidence: [{ label: 'destination', value: contact }, ...ownerEvidence(owner)],
    fixes: [inspect(owner.process), ...disableSkill(owner), ...(end === undefined ? [] : allowEnd(owner, end))],
    confidence: owner.confidence,
    fingerprint: fingerprint(ID, gatewayId ?? '', ownerSubject(owner)),
    ...(gatewayId === undefined ? {} : { gatewayId }),
    socketKeys: keys,
    hints: { pids: [owner.process.pid] },
  });
}
