import {
  type Evidence,
  type Finding,
  type Fix,
  fingerprint,
  type Severity,
  shiftSeverity,
} from '../../types/finding.ts';
import type { Gateway } from '../../types/gateway.ts';
import type { Rule } from '../../types/rule.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { valueAt } from '../config-value.ts';
import { openclawCommand, restart } from '../remedies.ts';
import { graver } from '../severity.ts';
import { finding, gatewayName, gatewaySubject, unknownFinding } from '../subjects.ts';
import { FLOORS_AS_OF, FLOORS_STALE_DAYS, floorsAbove, floorsAgeDays, type VersionFloor } from '../version-floors.ts';

interface Options {
  staleDays: number;
}

const ID = 'POS-03';

export const pos03: Rule<Options> = {
  id: ID,
  title: 'OpenClaw version below a security floor',
  what: 'A gateway whose running code is older than a release that closed holes which can be used over the network.',
  why: 'Several of those holes work against gateways that listen on loopback only: a link or a web page is enough.',
  falsePositives:
    'The code that runs decides, not the code on disk; after an update without a restart both are said. A version that cannot be read is UNKNOWN and never fine. The floors are data of a day and are said to be stale when they are old. Distributions that patch without changing the version are not known to exist.',
  whatToDo: 'Update OpenClaw and restart the gateway, so that the new code runs.',
  severity: 'critical',
  severityRange:
    'below 2026.1.29 critical, below 2026.3.12 high, below 2026.4.10 medium (high while a browser, noVNC or the sandbox is in use), below 2026.6.6 low; one step less while the gateway is not running; stale data info',
  needs: 'T0',
  attack: ['T1190', 'T1189'],
  defaults: { staleDays: FLOORS_STALE_DAYS },
  optionNotes: {
    staleDays: `Age in days of the floor data (drawn on ${FLOORS_AS_OF}) from which it is said to be stale: about four monthly releases.`,
  },
  judge(snapshot, context) {
    const findings = snapshot.gateways.flatMap((gateway) => judgeVersion(gateway, snapshot));
    const age = floorsAgeDays(context.now);
    return snapshot.gateways.length > 0 && age > context.options.staleDays ? [...findings, stale(age)] : findings;
  },
};

function judgeVersion(gateway: Gateway, snapshot: Snapshot): Finding[] {
  const version = gateway.version.running ?? gateway.version.installed;
  const floors = version === undefined ? undefined : floorsAbove(version);
  if (version === undefined || floors === undefined) {
    // What lies on disk after a crash and runs nowhere is no hole; the next start is judged anew.
    return gateway.running ? [unreadable(gateway, version)] : [];
  }
  return floors.length === 0 ? [] : [below(gateway, version, floors, snapshot)];
}

function below(gateway: Gateway, version: string, floors: VersionFloor[], snapshot: Snapshot): Finding {
  const grades = floors.map((floor) =>
    isBrowserFloor(floor) && usesBrowser(gateway, snapshot) ? 'high' : floor.severity,
  );
  const severity: Severity = shiftSeverity(grades.reduce(graver), gateway.running ? 0 : -1, 'info');
  const gravest = floors[0]!;
  const isGuess = gateway.version.running === undefined;
  return finding({
    ruleId: ID,
    severity,
    title: `${gatewayName(gateway)} runs OpenClaw ${version}, older than ${gravest.version}: ${gravest.what}`,
    subject: gatewaySubject(gateway),
    why: 'The holes are public and are being used. Several need no open port, only a web page.',
    evidence: [
      ...versionEvidence(gateway),
      ...floors.map((floor) => ({
        label: `fixed in ${floor.version}`,
        value: `${floor.what}: ${floor.advisories.join(', ')}`,
      })),
      { label: 'floor data of', value: FLOORS_AS_OF },
    ],
    fixes: fixes(gateway),
    confidence: isGuess ? 'likely' : 'certain',
    // By floor and not by version: an update that does not pass it is no new finding.
    fingerprint: fingerprint(ID, gateway.id, gravest.version),
    gatewayId: gateway.id,
  });
}

/** Its holes are in browser control, noVNC and the sandbox, and matter more where those are in use. */
function isBrowserFloor(floor: VersionFloor): boolean {
  return floor.version === '2026.4.10';
}

function usesBrowser(gateway: Gateway, snapshot: Snapshot): boolean {
  const services = new Set(['cdp', 'legacy-cdp', 'browser-control', 'extension-relay']);
  const isListening = snapshot.listeners.some(
    ({ owner, gatewayId, service }) =>
      (owner?.gatewayId ?? gatewayId) === gateway.id && (owner?.role === 'browser' || services.has(service)),
  );
  const sandbox = valueAt(gateway.config.value, 'agents.defaults.sandbox.mode');
  return isListening || (typeof sandbox === 'string' && sandbox !== 'off');
}

function versionEvidence(gateway: Gateway): Evidence[] {
  const { running, installed, packagePath } = gateway.version;
  return [
    { label: 'running', value: gateway.running ? (running ?? 'could not be read') : 'not running' },
    {
      label: 'installed',
      value: `${installed ?? 'could not be read'}${packagePath === undefined ? '' : ` in ${packagePath}`}`,
    },
  ];
}

function fixes(gateway: Gateway): Fix[] {
  const { running, installed } = gateway.version;
  const isInstalledNewer = running !== undefined && installed !== undefined && floorsAbove(installed)?.length === 0;
  if (isInstalledNewer) {
    return [{ text: `The update to ${installed} is on disk and does not run yet.` }, ...restart(gateway)];
  }
  return [{ text: 'Update OpenClaw.', command: openclawCommand(gateway, 'update') }, ...restart(gateway)];
}

function unreadable(gateway: Gateway, version: string | undefined): Finding {
  return unknownFinding({
    ruleId: ID,
    title: `${gatewayName(gateway)}: its OpenClaw version could not be ${version === undefined ? 'read' : 'understood'}`,
    subject: gatewaySubject(gateway),
    why: 'Without the version nobody can say whether known holes are closed.',
    evidence: [...(version === undefined ? [] : [{ label: 'version', value: version }]), ...versionEvidence(gateway)],
    fixes: [{ text: 'Ask OpenClaw itself.', command: openclawCommand(gateway, '--version') }],
    fingerprint: fingerprint(ID, gateway.id, 'unknown'),
    gatewayId: gateway.id,
  });
}

function stale(age: number): Finding {
  return finding({
    ruleId: ID,
    severity: 'info',
    title: `The list of OpenClaw versions with known holes is ${age} days old`,
    subject: 'version floors',
    why: 'Holes that were published since are not in it, so a version that passes may still be vulnerable.',
    evidence: [{ label: 'floor data of', value: FLOORS_AS_OF }],
    fixes: [{ text: 'Update ClawWatch.', command: 'npm install --global clawwatch@latest' }],
    confidence: 'certain',
    fingerprint: fingerprint(ID, 'stale floors'),
  });
}
