import type { DeclaredBind, Gateway } from '../types/gateway.ts';
import { formatEndpoint } from '../types/ip.ts';
import type { Snapshot } from '../types/snapshot.ts';
import { labelled } from './block.ts';
import { reachPlaces, shortTime, since } from './format.ts';
import { type Paint, VERDICT_STYLE } from './paint.ts';
import type { Verdict } from './verdict.ts';

/** One gateway: who it is, where it really listens, what was declared, and why the two differ. */
export function gatewayLines(gateway: Gateway, verdict: Verdict, snapshot: Snapshot, paint: Paint): string[] {
  return [
    ...labelled(verdict, identity(gateway, snapshot.at, paint), paint, VERDICT_STYLE[verdict]),
    ...labelled('', listensOn(gateway, snapshot, paint), paint),
    ...labelled('', `${declared(gateway, paint)}   ${auth(gateway, paint)}`, paint),
    ...gateway.differences.flatMap((sentence) => labelled('', paint.text(sentence, 500), paint)),
    ...configLines(gateway, paint),
    ...companions(gateway, snapshot, paint),
  ];
}

function identity(gateway: Gateway, now: number, paint: Paint): string {
  const parts = [`gateway "${paint.text(gateway.profile || gateway.id, 60)}"`];
  if (gateway.running) {
    const { running, installed } = gateway.version;
    const version = running ?? installed;
    parts.push(`pid ${gateway.pid ?? 'unknown'}${version ? ` (OpenClaw ${paint.text(version, 30)})` : ''}`);
    if (running && installed && running !== installed) parts.push(`on disk ${paint.text(installed, 30)}`);
    if (gateway.startedAt !== undefined) parts.push(`started ${shortTime(gateway.startedAt, now)}`);
  } else parts.push('not running');
  if (gateway.confidence !== 'certain') parts.push(`${gateway.confidence} a gateway`);
  return parts.join('  ');
}

function listensOn(gateway: Gateway, snapshot: Snapshot, paint: Paint): string {
  if (!gateway.running) return 'listens on nothing';
  const sockets = snapshot.listeners.filter((listener) => gateway.gatewayListeners.includes(listener.key));
  if (sockets.length === 0) {
    return gateway.reach === 'unknown' ? 'its sockets could not be read' : 'listens on nothing yet';
  }
  const where = sockets.map((socket) => formatEndpoint(socket.local.address, socket.local.port)).join(', ');
  const started = gateway.since ? `   ${since(gateway.since, snapshot.at)}` : '';
  const reach = gateway.reach === 'unknown' ? 'unknown' : reachPlaces(gateway.reachableAt, paint) || 'this host only';
  return `listens on ${where}   reachable from ${reach}${started}`;
}

const FROM: Readonly<Record<DeclaredBind['modeBy'], string>> = {
  flag: 'by flag',
  environment: 'by environment',
  config: 'in openclaw.json',
  'container default': 'by default in a container',
  'profile default': 'by default of the profile',
  default: 'by default',
};

function declared({ declared: { mode, modeBy, raw, port, portBy, configMode } }: Gateway, paint: Paint): string {
  const word = mode === 'invalid' ? `${paint.text(raw ?? '', 40)} (no mode of OpenClaw)` : mode;
  const file = modeBy === 'flag' || modeBy === 'environment' ? `, openclaw.json ${configMode}` : '';
  return `declared bind ${word} ${FROM[modeBy]}${file}, port ${port} ${portBy === 'default' ? 'by default' : `from ${portBy}`}`;
}

function auth({ auth: { mode, strength, reasons } }: Gateway, paint: Paint): string {
  const why = strength === 'sound' ? '' : reasons.map((reason) => paint.text(reason, 120)).join('; ');
  return `auth ${mode} (${strength === 'none' ? 'as good as none' : strength}${why ? `: ${why}` : ''})`;
}

function configLines({ config }: Gateway, paint: Paint): string[] {
  const lines: string[] = [];
  if (config.status === 'unreadable' || config.status === 'invalid') {
    lines.push(`${paint.text(config.path ?? 'openclaw.json', 200)} is ${config.status}`);
  }
  for (const { key, hint } of config.unknownKeys) {
    lines.push(`OpenClaw does not know the key ${paint.text(key, 80)}: ${paint.text(hint, 200)}`);
  }
  for (const problem of config.problems.slice(0, 3)) lines.push(paint.text(problem, 200));
  return lines.flatMap((line) => labelled('', line, paint));
}

/** Its other listeners that can be reached from outside; those on loopback are for `clawwatch listeners`. */
function companions(gateway: Gateway, snapshot: Snapshot, paint: Paint): string[] {
  const beyond = snapshot.listeners.filter(
    (listener) => gateway.otherListeners.includes(listener.key) && listener.reach !== 'loopback',
  );
  return beyond.slice(0, 5).flatMap((listener) => {
    const where = `${listener.protocol} ${formatEndpoint(listener.local.address, listener.local.port)}`;
    return labelled(
      '',
      `also ${listener.service} on ${where}   reachable from ${reachPlaces(listener.reachableAt, paint)}`,
      paint,
    );
  });
}
