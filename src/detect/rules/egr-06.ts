import { type Finding, type Severity, shiftSeverity } from '../../types/finding.ts';
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

const ID = 'EGR-06';
const HOUR_MS = 3_600_000;
/** Raw gists: a paste site to a skill, an ordinary source of code to a command. */
const GISTS: ReadonlySet<string> = new Set(['gist.githubusercontent.com', 'gist.github.com']);

type Kind = 'paste site' | 'anonymous file drop';

export const egr06: Rule<Options> = {
  id: ID,
  title: 'Paste site, anonymous file drop or dead drop',
  what: 'A skill, command, MCP server or the gateway contacts a paste site, a file drop without accounts, or pages in Telegram that everybody can read. Raw gists count for skills only.',
  why: 'The first stage of ClawHavoc lay on a paste site, where it can be changed after every review; stolen archives went to file drops.',
  falsePositives:
    'People ask the agent to share a text: when the call of the agent names the host, it is low without an upload. A host that openclaw.json names is expected. The agent browser is left out.',
  whatToDo: 'See what was fetched or sent. Run nothing that came from there, and take what was uploaded for published.',
  severity: 'high',
  severityRange:
    'medium; high from 8 KiB sent to one of them within a day; low when the call names the host; one less when no connection was seen. A program that came from there and runs is EGR-09, and both make one incident',
  needs: 'T0',
  attack: ['T1102.001', 'T1567.003', 'T1567.002', 'T1105'],
  defaults: { uploadBytes: 8192, rememberHours: 24 },
  optionNotes: {
    uploadBytes:
      'Bytes sent by one skill or role to one service within the hours below from which it is an upload; an environment file has some 2 to 64 KiB.',
    rememberHours: 'Hours for which a contact that ended stays a finding, and over which what was sent is added up.',
  },
  judge(snapshot, context): Finding[] {
    const { indicators, options } = context;
    if (indicators === undefined) return [];
    const kindOf = (name: string | undefined): Kind | undefined => {
      if (name === undefined) return undefined;
      const categories = indicators.categoriesOf({ name });
      if (categories.includes('filedrop')) return 'anonymous file drop';
      return categories.includes('paste') || GISTS.has(name) ? 'paste site' : undefined;
    };
    const rememberMs = options.rememberHours * HOUR_MS;
    const contacts = hostContacts(snapshot, context, {
      rememberMs,
      bytesMs: rememberMs,
      ofLists: true,
      isWanted: ({ name }) => kindOf(name) !== undefined,
    });
    const told = contacts.filter(
      (contact) =>
        contact.role !== 'browser' &&
        !isSettled(contact) &&
        (!GISTS.has(contact.name ?? '') || PROGRAM_ROLES.has(contact.role)),
    );
    return [
      ...told.map((contact) => drop(contact, kindOf(contact.name) ?? 'paste site', isUpload(contact, options))),
      ...namesMissing(egr06, snapshot),
    ];
  },
};

function isUpload({ bytesOut }: HostContact, { uploadBytes }: Options): boolean {
  return bytesOut >= uploadBytes;
}

function severityOf({ basis, declared, role }: HostContact, uploaded: boolean): Severity {
  if (uploaded) return 'high';
  // Only the model's own commands are declared by its calls; a skill that the call runs declares nothing.
  if (declared && !PROGRAM_ROLES.has(role)) return 'low';
  return basis === 'connection' ? 'medium' : shiftSeverity('medium', -1);
}

function drop(contact: HostContact, kind: Kind, uploaded: boolean): Finding {
  const doing = uploaded ? 'sends data to' : 'contacts';
  return contactFinding({
    ruleId: ID,
    contact,
    severity: severityOf(contact, uploaded),
    title: `${subjectName(contact)} ${doing} ${contact.name}, ${kind === 'paste site' ? 'a' : 'an'} ${kind}`,
    why: uploaded
      ? 'What lies there can be fetched by whoever has the link, and nothing says who left it.'
      : 'What lies there can change at any time and belongs to nobody: a handy place for a first stage, and for loot.',
    fixes: uploaded ? [rotateSecrets()] : [],
  });
}
