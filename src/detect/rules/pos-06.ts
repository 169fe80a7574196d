import { type Evidence, type Finding, fingerprint } from '../../types/finding.ts';
import type { Gateway } from '../../types/gateway.ts';
import type { ConfigRecord, Rule } from '../../types/rule.ts';
import { type ConfigChange, changeSeverity, configChanges, safeValue } from '../config-drift.ts';
import { canonicalJson } from '../config-value.ts';
import { openclawCommand } from '../remedies.ts';
import { graver } from '../severity.ts';
import { finding, gatewayName, gatewaySubject, momentWords } from '../subjects.ts';

interface Options {
  listed: number;
}

const ID = 'POS-06';

export const pos06: Rule<Options> = {
  id: ID,
  title: 'Network-relevant configuration drift',
  what: 'A change of what a gateway may connect to or be reached by: channels and accounts, MCP servers, model addresses, proxies, allow lists, bind, port, Tailscale, trusted proxies, origins, hooks, plugins and schedules.',
  why: "An injected document can make the agent add an attacker's chat account or MCP server to its own configuration, and the way in stays after the conversation.",
  falsePositives:
    'Order of keys and of words in lists is nothing, and secrets are compared by hash. The first sight of a configuration is silent, and a change that nobody took back counts as settled after a day. Who wrote cannot be seen yet, so your own changes are told as well: acknowledge them. A bind that goes back to loopback is low.',
  whatToDo:
    'If it was not you: take the change back, make new tokens for what it touched, and look at the conversation of that moment.',
  severity: 'high',
  severityRange:
    'high for a new channel or account, MCP server, model address, proxy or an allow list that admits everybody; medium for the rest and for removals; low for a bind that goes back to loopback',
  needs: 'T0',
  attack: ['T1565', 'T1543', 'T1053.003'],
  defaults: { listed: 12 },
  optionNotes: { listed: 'How many changed keys are listed as evidence; the rest is counted.' },
  judge(snapshot, context) {
    return snapshot.gateways.flatMap((gateway) => {
      const earlier = context.history.settledConfig(gateway.id);
      const { config } = gateway;
      if (earlier === undefined) return [];
      // A file that cannot be read is POS-04's UNKNOWN: one cause is said once.
      if (config.status === 'unreadable' || config.status === 'invalid') return [];
      if (config.networkHash !== undefined && config.networkHash === earlier.hash) return [];
      const changes = configChanges(earlier.subset, config.networkSubset);
      return changes.length === 0 ? [] : [drifted(gateway, earlier, changes, context.options.listed)];
    });
  },
};

function drifted(gateway: Gateway, earlier: ConfigRecord, changes: ConfigChange[], listed: number): Finding {
  const ranked = [...changes].sort((a, b) =>
    graver(changeSeverity(a), changeSeverity(b)) === changeSeverity(a) ? -1 : 1,
  );
  const keys = changes.map(({ path }) => path.join('.')).sort();
  const more = changes.length > 1 ? ` and ${changes.length - 1} more` : '';
  const hash = gateway.config.networkHash ?? canonicalJson(gateway.config.networkSubset);
  return finding({
    ruleId: ID,
    severity: changes.map(changeSeverity).reduce(graver),
    title: `${gatewayName(gateway)}: its network configuration changed: ${ranked[0]!.path.join('.')}${more}`,
    subject: gatewaySubject(gateway),
    why: 'It decides who may speak to the agent and where its requests go. A change that you did not make is a way in or out for somebody else.',
    evidence: [
      ...ranked.slice(0, listed).map(changeEvidence),
      ...(changes.length > listed ? [{ label: 'further keys', value: String(changes.length - listed) }] : []),
      { label: 'writer', value: 'unknown: seeing who writes a file needs more rights' },
      { label: 'before', value: `as recorded ${momentWords(earlier.recordedAt)}` },
      ...(gateway.config.modifiedAt === undefined
        ? []
        : [{ label: 'file changed', value: momentWords(gateway.config.modifiedAt) }]),
      { label: 'configuration', value: `${gateway.config.path ?? 'no path known'} (${gateway.config.status})` },
    ],
    fixes: undo(gateway, ranked),
    confidence: 'certain',
    fingerprint: fingerprint(ID, gateway.id, hash, ...keys),
    gatewayId: gateway.id,
  });
}

function changeEvidence({ path, before, after }: ConfigChange): Evidence {
  const [old, now] = [safeValue(path, before), safeValue(path, after)];
  return { label: path.join('.'), value: old === now ? `${now} changed` : `${old} → ${now}` };
}

function undo(gateway: Gateway, ranked: ConfigChange[]) {
  const added = ranked.filter(({ before }) => before === undefined).slice(0, 3);
  return [
    ...added.map(({ path }) => ({
      text: `If it was not you, remove ${path.join('.')}.`,
      command: openclawCommand(gateway, 'config', 'unset', path.join('.')),
    })),
    { text: 'OpenClaw keeps its last good configuration beside the file (openclaw.json.last-good); compare the two.' },
    { text: 'Make new tokens for every account and server that the change names.' },
  ];
}
