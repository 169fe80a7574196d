import { type Finding, type Severity, shiftSeverity } from '../../types/finding.ts';
import type { Rule } from '../../types/rule.ts';
import type { Role, Snapshot } from '../../types/snapshot.ts';
import { entriesOf, isRecord, valueAt } from '../config-value.ts';
import { contactFinding, isSettled, namesMissing, subjectName } from '../contact-finding.ts';
import { type HostContact, hostContacts } from '../host-contacts.ts';

interface Options {
  rememberHours: number;
}

const ID = 'EGR-07';
const HOUR_MS = 3_600_000;

export const egr07: Rule<Options> = {
  id: ID,
  title: 'Chat or bot API used by something that is not the gateway',
  what: 'A skill, command, MCP server or detached process contacts the API of a messenger (Telegram, Discord, Slack, Feishu, DingTalk, ntfy and others), or the gateway contacts one whose channel is not configured.',
  why: 'A bot token of the attacker turns a messenger into a mailbox that no firewall closes, and from outside its traffic looks like the own channel. So it matters who talks to it.',
  falsePositives:
    'Skills that are meant to notify: allow the host for that skill. The gateway may talk to each channel that openclaw.json has on, and `openclaw message send` goes through the gateway. Servers of Telegram are known by their addresses too; without a name a call or a proxy there looks the same. graph.microsoft.com is left out, because mail and files are behind the same name, and so is the agent browser.',
  whatToDo:
    'Look for a second bot token in the files of the skill, revoke it, and allow the host only for who needs it.',
  severity: 'high',
  severityRange:
    'high for skills and detached processes; medium for commands, helpers, and the gateway without that channel; low for MCP servers, which are often made for it; one less when no connection was seen or only the address tells',
  needs: 'T0',
  attack: ['T1102.002', 'T1102.003', 'T1567.004'],
  defaults: { rememberHours: 24 },
  optionNotes: { rememberHours: 'Hours for which a contact that ended stays a finding.' },
  judge(snapshot, context): Finding[] {
    const { indicators, options } = context;
    if (indicators === undefined) return [];
    const rememberMs = options.rememberHours * HOUR_MS;
    const contacts = hostContacts(snapshot, context, {
      rememberMs,
      bytesMs: rememberMs,
      ofLists: true,
      // With a name, the name alone decides: one address can be many services.
      isWanted: (end) => indicators.categoriesOf(end.name === undefined ? end : { name: end.name }).includes('chat'),
    });
    const told = contacts.filter(
      (contact) => contact.role !== 'browser' && !isSettled(contact) && !isOwnChannel(contact, snapshot),
    );
    return [...told.map(chat), ...namesMissing(egr07, snapshot)];
  },
};

/** Channels of OpenClaw and what their hosts end in. */
const CHANNEL_HOSTS: readonly (readonly [channel: string, hosts: RegExp])[] = [
  ['telegram', /^api\.telegram\.org$/],
  ['discord', /(?:^|\.)discord(?:app)?\.(?:com|gg)$/],
  ['slack', /(?:^|\.)slack\.com$/],
  ['feishu', /^open\.(?:feishu\.cn|larksuite\.com)$/],
  ['line', /^api\.line\.me$/],
  ['dingtalk', /(?:^|\.)dingtalk\.com$/],
  ['wecom', /^qyapi\.weixin\.qq\.com$/],
  ['whatsapp', /^graph\.facebook\.com$/],
];

/**
 * The gateway and its helpers on a channel that is on. Where the configuration could not be read nothing can be said
 * about the gateway, which its own blind spot tells.
 */
function isOwnChannel({ role, gatewayId, name }: HostContact, { gateways }: Snapshot): boolean {
  if (role !== 'gateway' && role !== 'helper') return false;
  const own = gateways.filter(({ id }) => gatewayId === undefined || id === gatewayId);
  if (own.some(({ config }) => config.status === 'unreadable' || config.status === 'invalid')) return true;
  // Without a name it is an address of Telegram's.
  const channels = CHANNEL_HOSTS.filter(([channel, hosts]) =>
    name === undefined ? channel === 'telegram' : hosts.test(name),
  ).map(([channel]) => channel);
  return own.some(({ config }) =>
    entriesOf(valueAt(config.value, 'channels')).some(
      ([id, channel]) => channels.includes(id) && isRecord(channel) && channel.enabled !== false,
    ),
  );
}

const SEVERITIES_BY_ROLE: Readonly<Partial<Record<Role, Severity>>> = { skill: 'high', detached: 'high', mcp: 'low' };

function chat(contact: HostContact): Finding {
  const isSure = contact.basis === 'connection' && contact.name !== undefined;
  const severity = SEVERITIES_BY_ROLE[contact.role] ?? 'medium';
  const host = contact.name ?? `${contact.endpoints[0] ?? contact.addresses[0]}, a server of Telegram`;
  const isGateway = contact.role === 'gateway';
  return contactFinding({
    ruleId: ID,
    contact,
    severity: isSure || severity === 'low' ? severity : shiftSeverity(severity, -1),
    title: isGateway
      ? `The gateway contacts ${host}, and no such channel is configured`
      : `${subjectName(contact)} contacts the messenger API ${host} by itself`,
    why: isGateway
      ? 'Somebody may have made the agent talk over a channel that you never set up.'
      : 'Your own channels go through the gateway. A program with a bot of its own reports to somebody else, or notifies you in a way that you should know of.',
    evidence: isGateway ? [] : [{ label: 'channel', value: 'the gateway is the one that speaks for you there' }],
    fixes: [
      {
        text: 'Look for a bot token that is not yours in its files, and revoke it at the messenger.',
        ...(isGateway ? { command: 'openclaw config get channels' } : { command: 'clawwatch skills' }),
      },
    ],
  });
}
