import { type Finding, fingerprint, type Severity } from '../../types/finding.ts';
import type { Gateway } from '../../types/gateway.ts';
import { formatEndpoint, isLoopback } from '../../types/ip.ts';
import type { Rule, RuleContext } from '../../types/rule.ts';
import type { Connection, Owner, Snapshot } from '../../types/snapshot.ts';
import { openclawCommand } from '../remedies.ts';
import { finding, gatewayName, gatewaySubject, ownerEvidence, ownerSubject, programName } from '../subjects.ts';

interface Options {
  burst: number;
  burstMs: number;
  sustained: number;
  sustainedMs: number;
}

const ID = 'EXP-10';

export const exp10: Rule<Options> = {
  id: ID,
  title: 'Loopback hammering of the gateway',
  what: 'Many new connections from this host to the gateway port within seconds, counted from open sockets and from those that just closed.',
  why: 'Any web page can open a WebSocket to 127.0.0.1 and guess the password; in releases before 2026.2.25 loopback was exempt from rate limits ("ClawJacked").',
  falsePositives:
    'The Control UI backs off when it reconnects (about ten a minute) and command-line loops stay far below the numbers. Connections that were already open before the window are not new, and both ends of a loopback connection count once. A monitoring script may have to be slowed down.',
  whatToDo:
    'Close the program or the browser tab, update OpenClaw, use a long random token, and look for devices that were paired without you.',
  severity: 'high',
  severityRange:
    'high when a browser or an agent descendant connects, medium when the source is another program or could not be seen',
  needs: 'T0',
  attack: ['T1110.001', 'T1189', 'T1185'],
  defaults: { burst: 20, burstMs: 10_000, sustained: 60, sustainedMs: 60_000 },
  optionNotes: {
    burst: 'New connections within burstMs: several times what a reconnecting Control UI with a few tabs makes.',
    burstMs: 'Short window in ms.',
    sustained: 'New connections within sustainedMs: one a second, for guessing that stays under the burst.',
    sustainedMs: 'Long window in ms; Linux keeps closed connections visible for 60 s, so it cannot be longer.',
  },
  judge(snapshot, context) {
    return snapshot.gateways.flatMap((gateway) => {
      const recent = recentClients(snapshot, gateway, context);
      const moments = recent.map(({ at }) => at);
      const burst = mostWithin(moments, context.options.burstMs);
      const isHammering =
        burst >= context.options.burst || mostWithin(moments, context.options.sustainedMs) >= context.options.sustained;
      return isHammering ? [hammered(gateway, recent, burst, context)] : [];
    });
  },
};

interface Client {
  /** Unix ms at which it opened, or, for a closed one, closed: the kernel tells no more. */
  at: number;
  owner?: Owner;
  keys: string[];
}

/** One entry for each connection, whichever of its two ends was seen; the client's end is its name. */
function recentClients(snapshot: Snapshot, gateway: Gateway, context: RuleContext<Options>): Client[] {
  const clients = new Map<string, Client>();
  for (const connection of snapshot.connections) {
    const client = clientEnd(connection, gateway);
    const at = client === undefined ? undefined : momentOf(connection, context.now);
    if (client === undefined || at === undefined || context.now - at > context.options.sustainedMs) continue;
    const name = `${connection.netns} ${client.address} ${client.port}`;
    const known = clients.get(name);
    // Only the row of the client's side tells who connects; the other side belongs to the gateway.
    const owner = client === connection.local ? connection.owner : undefined;
    clients.set(name, {
      at: Math.min(at, known?.at ?? at),
      ...((owner ?? known?.owner) ? { owner: (owner ?? known?.owner)! } : {}),
      keys: [...(known?.keys ?? []), connection.key],
    });
  }
  return [...clients.values()];
}

function clientEnd(connection: Connection, gateway: Gateway) {
  const { local, remote, protocol, netns } = connection;
  const { port } = gateway.declared;
  // Ports first: they are cheap to compare, and of 50,000 connections hardly any goes on.
  if (remote === undefined || protocol !== 'tcp' || (local.port !== port && remote.port !== port)) return undefined;
  if (gateway.netns !== undefined && netns !== gateway.netns) return undefined;
  if (!isLoopback(local.address) || !isLoopback(remote.address)) return undefined;
  return local.port === port ? remote : local;
}

/**
 * When it was new, Unix ms; `undefined` when that cannot be said or was before we looked. A closed connection that was
 * seen open has its true beginning; one that came and went between two looks began close to its end.
 */
function momentOf({ state, closedAgoMs, since }: Connection, now: number): number | undefined {
  if (state !== 'TIME_WAIT' || closedAgoMs === undefined) return since.basis === 'observed' ? since.at : undefined;
  const closedAt = now - closedAgoMs;
  if (since.at >= closedAt) return closedAt;
  return since.basis === 'observed' ? since.at : undefined;
}

/** The largest number of moments that lie within any stretch of `windowMs`. */
function mostWithin(moments: readonly number[], windowMs: number): number {
  const sorted = [...moments].sort((a, b) => a - b);
  let most = 0;
  let from = 0;
  sorted.forEach((at, index) => {
    while (at - sorted[from]! > windowMs) from++;
    most = Math.max(most, index - from + 1);
  });
  return most;
}

// Program names of the browsers that people run; the agent's own browser is known by its role.
const BROWSER =
  /^(firefox|firefox-bin|firefox-esr|librewolf|chrome|google-chrome|chromium|chromium-browser|brave|brave-browser|msedge|microsoft-edge|opera|vivaldi|vivaldi-bin|safari|com\.apple\.webkit.*|arc|zen|zen-bin)(\.exe)?$/i;

function sourceSeverity(owner: Owner): Severity {
  const isFamily = owner.role !== 'other' && owner.role !== 'gateway';
  return isFamily || isBrowser(owner) ? 'high' : 'medium';
}

function isBrowser(owner: Owner): boolean {
  return owner.role === 'browser' || BROWSER.test(programName(owner.process)) || BROWSER.test(owner.process.comm);
}

function hammered(gateway: Gateway, recent: Client[], burst: number, context: RuleContext<Options>): Finding {
  const owners = recent.flatMap(({ owner }) => owner ?? []);
  const culprit = owners.find((owner) => sourceSeverity(owner) === 'high') ?? owners[0];
  const seconds = Math.round(context.options.burstMs / 1000);
  const who = culprit === undefined ? 'a program that could not be seen' : ownerSubject(culprit);
  return finding({
    ruleId: ID,
    severity: culprit === undefined ? 'medium' : sourceSeverity(culprit),
    title: `${gatewayName(gateway)} is hammered over loopback by ${who}: ${recent.length} new connections, up to ${burst} within ${seconds} s`,
    subject: gatewaySubject(gateway),
    why:
      culprit === undefined || isBrowser(culprit)
        ? 'A web page may be guessing your password: pages can open connections to this host.'
        : 'A local program connects again and again, as one does that guesses the token.',
    evidence: [
      { label: 'port', value: formatEndpoint('127.0.0.1', gateway.declared.port) },
      {
        label: 'new connections',
        value: `${recent.length} within ${Math.round(context.options.sustainedMs / 1000)} s`,
      },
      { label: 'connections with a known client', value: `${owners.length} of ${recent.length}` },
      ...(culprit === undefined ? [] : ownerEvidence(culprit)),
    ],
    fixes: [
      {
        text:
          culprit === undefined
            ? 'Close browser tabs that you do not trust; look again while it happens to see the program.'
            : `Close ${who}, or the tab in it.`,
        command: 'clawwatch connections',
      },
      {
        text: 'Update OpenClaw: since 2026.2.25 loopback is rate-limited as well.',
        command: openclawCommand(gateway, 'update'),
      },
      { text: 'Look for devices that were paired without you.', command: openclawCommand(gateway, 'devices', 'list') },
    ],
    confidence: culprit?.confidence ?? 'likely',
    fingerprint: fingerprint(ID, gateway.id),
    gatewayId: gateway.id,
    socketKeys: recent.flatMap(({ keys }) => keys).slice(0, 100),
  });
}
