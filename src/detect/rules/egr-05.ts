import type { Finding, Severity } from '../../types/finding.ts';
import { shiftSeverity } from '../../types/finding.ts';
import type { Rule } from '../../types/rule.ts';
import {
  contactFinding,
  isSettled,
  namesMissing,
  PROGRAM_ROLES,
  rotateSecrets,
  subjectName,
} from '../contact-finding.ts';
import { type HostContact, hostContacts } from '../host-contacts.ts';

interface Options {
  uploadBytes: number;
  rememberHours: number;
}

const ID = 'EGR-05';
const HOUR_MS = 3_600_000;

export const egr05: Rule<Options> = {
  id: ID,
  title: 'Request bin, webhook collector or out-of-band test host',
  what: 'A skill, command, MCP server or the gateway contacts a service that shows whatever is sent to it to whoever made the address: webhook.site, request bins, out-of-band test hosts. Hooks of automation services count less.',
  why: 'It costs nothing to make such an address and nothing points back to its owner, so it is where environment files are posted to.',
  falsePositives:
    'People who develop webhooks use them: allow the host for commands for a day. A host that openclaw.json names is expected. The agent browser is left out, since it goes where it is told to.',
  whatToDo: 'Stop the skill, find out what it read, and make new keys for everything in its reach.',
  severity: 'high',
  severityRange:
    'high for skills, MCP servers and detached processes, and for everybody who uploads; medium for commands and fetches of the gateway; automation hooks medium and low; one less when no connection was seen',
  needs: 'T0',
  attack: ['T1567.004', 'T1048.003'],
  defaults: { uploadBytes: 4096, rememberHours: 24 },
  optionNotes: {
    uploadBytes: 'Bytes sent from which a contact is an upload: a TLS handshake and a plain request need some 2 KiB.',
    rememberHours: 'Hours for which a contact that ended stays a finding, and over which what was sent is added up.',
  },
  judge(snapshot, context): Finding[] {
    const { indicators, options } = context;
    if (indicators === undefined) return [];
    const rememberMs = options.rememberHours * HOUR_MS;
    const kindOf = (name: string | undefined) => {
      const categories = name === undefined ? [] : indicators.categoriesOf({ name });
      return categories.includes('webhook') ? 'webhook' : categories.includes('automation') ? 'automation' : undefined;
    };
    const contacts = hostContacts(snapshot, context, {
      rememberMs,
      bytesMs: rememberMs,
      ofLists: true,
      isWanted: ({ name }) => kindOf(name) !== undefined,
    });
    const told = contacts.filter((contact) => contact.role !== 'browser' && !isSettled(contact));
    return [
      ...told.map((contact) => bin(contact, kindOf(contact.name) === 'webhook', options)),
      ...namesMissing(egr05, snapshot),
    ];
  },
};

function severityOf(contact: HostContact, isBin: boolean, { uploadBytes }: Options): Severity {
  const isProgram = PROGRAM_ROLES.has(contact.role);
  if (!isBin) return isProgram ? 'medium' : 'low';
  const severity = isProgram || contact.bytesOut >= uploadBytes ? 'high' : 'medium';
  return contact.basis === 'connection' ? severity : shiftSeverity(severity, -1);
}

function bin(contact: HostContact, isBin: boolean, options: Options): Finding {
  const kind = isBin ? 'a service that collects whatever is sent to it' : 'a hook of an automation service';
  return contactFinding({
    ruleId: ID,
    contact,
    severity: severityOf(contact, isBin, options),
    title: `${subjectName(contact)} contacts ${contact.name}, ${kind}`,
    why: isBin
      ? 'Anybody can have such an address within a second and read there what was posted. Skills sent environment files with keys that way.'
      : 'Whoever made the hook gets what is posted and passes it on to anywhere.',
    fixes: isBin ? [rotateSecrets()] : [],
  });
}
