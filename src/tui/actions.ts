import { UserError } from '../types/error.ts';
import type { App } from './app.ts';
import { explainChange, explainConnection, explainFinding, explainListener, explainSkill } from './explain.ts';
import { openForm, type Proposal } from './form.ts';
import { helpLines } from './frame.ts';
import type { ConnectionRow } from './panes/connections.ts';
import type { ListenerRow } from './panes/exposure.ts';
import type { FindingRow } from './panes/findings.ts';
import type { SkillRow } from './panes/skills.ts';
import type { ChangeRow } from './panes/timeline.ts';
import type { Row } from './rows.ts';
import { type Form, type Reading, windowOf } from './state.ts';

/** What keys set off, beyond moving about. */
export interface Actions {
  open(): void;
  copy(): void;
  form(action: Form['action']): void;
  preview(form: Form): Promise<void>;
  confirm(form: Form): Promise<void>;
  evidence(): Promise<void>;
  flight(): Promise<void>;
  help(): void;
}

/** Longest text for the clipboard; terminals drop longer ones. */
const MOST_COPIED = 8_000;

export function createActions(app: App): Actions {
  const paint = () => app.world.paintOf(app.world.screen.size().columns - 2);
  const selected = () => selectedRow(app);
  const now = () => app.world.now();

  function explain(): Reading | undefined {
    const row = selected();
    const { model } = app;
    if (model === undefined || row === undefined) return undefined;
    switch (app.state.pane) {
      case 'overview':
      case 'findings':
        return explainFinding(row as FindingRow, model.reader, paint(), now());
      case 'connections':
        return explainConnection(row as ConnectionRow, model.reader, paint());
      case 'exposure':
        return explainListener(row as ListenerRow, paint(), now());
      case 'skills':
        return explainSkill(row as SkillRow, model.reader, paint());
      case 'timeline':
        return explainChange(row as ChangeRow, paint());
    }
  }

  return {
    open() {
      const reading = explain();
      if (reading) app.state.over = reading;
      else app.say('there is nothing to explain here', true);
    },
    copy() {
      const command = (app.state.over?.kind === 'reading' ? app.state.over : explain())?.command;
      if (command === undefined) return app.say('there is no command to copy here', true);
      app.world.screen.send(`\u001b]52;c;${Buffer.from(command.slice(0, MOST_COPIED)).toString('base64')}\u0007`);
      app.say(`sent to the clipboard, where the terminal takes it: ${command}`);
    },
    form(action) {
      app.state.over = openForm(action, proposalOf(app, action));
    },
    // The rules of the detector come along with these modules: loaded when asked for, they cost the start nothing.
    preview: (form) =>
      app.attempt(async () => {
        const { previewLines, ruleOf } = await import('./proposed-rule.ts');
        const { model } = app;
        if (model === undefined) throw new UserError('nothing is on record', { hint: 'look first: l' });
        try {
          const rule = ruleOf(form, model.reader, now());
          app.state.over = { ...form, problem: undefined, preview: previewLines(rule, model.reader, paint()) };
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          app.state.over = { ...form, problem: `${error.message}; ${error.hint}` };
        }
      }),
    confirm: (form) =>
      app.attempt(async () => {
        if (app.model === undefined) return;
        const { ruleOf } = await import('./proposed-rule.ts');
        const { rule, contacts } = await app.world.addRule(ruleOf(form, app.model.reader, now()));
        app.state.over = undefined;
        app.model.forget();
        app.say(`rule ${rule.id} is in force: ${rule.action} ${rule.pattern}; ${contacts} contacts on record`);
      }),
    evidence: () =>
      app.attempt(async () => {
        const { writeEvidence } = await import('./export.ts');
        const row = selected();
        const isFinding = app.state.pane === 'findings' || app.state.pane === 'overview';
        if (!isFinding || row === undefined || app.model === undefined) {
          throw new UserError('no finding is selected', { hint: 'choose one in pane 4' });
        }
        app.say(`written: ${writeEvidence(app.model.reader, (row as FindingRow).id, app.world.exportFolder, now())}`);
      }),
    flight: () =>
      app.attempt(async () => {
        if (app.model === undefined) throw new UserError('nothing is on record', { hint: 'look first: l' });
        app.state.frozenAt ??= now();
        const { writeFlight } = await import('./export.ts');
        app.say(`written: ${writeFlight(app.model.reader, app.world.exportFolder, now())}`);
      }),
    help() {
      app.state.over = { kind: 'reading', title: 'Keys', lines: helpLines(), top: 0 };
    },
  };
}

/** The row that the cursor is on; on the overview the worst finding. */
export function selectedRow(app: App): Row | undefined {
  const { model, tableId, state } = app;
  if (model === undefined) return undefined;
  if (tableId === undefined) return model.overview(model.header(false, undefined)).needs[0];
  const rows = model.shown(tableId);
  return rows[windowOf(rows, state.places[tableId], app.frame?.body.height ?? 1).at];
}

/** What `a` and `s` begin with. */
function proposalOf(app: App, action: Form['action']): Proposal {
  const row = selectedRow(app);
  const { pane } = app.state;
  if (row === undefined) return { pattern: '', scope: '' };
  if (pane === 'connections') {
    const { name, address, skill, role } = row as ConnectionRow;
    return { pattern: name ?? address, scope: skill === undefined ? `role ${role || 'exec'}` : `skill ${skill}` };
  }
  if (pane === 'skills') return { pattern: '', scope: `skill ${(row as SkillRow).skill.name}` };
  if (pane !== 'findings' && pane !== 'overview') return { pattern: '', scope: '' };
  const { id, fingerprint, subject } = row as FindingRow;
  if (action === 'suppress') return { pattern: id, scope: 'everywhere' };
  const contact = app.model?.contactOf(fingerprint);
  const scope = contact ? contact.subject : subject;
  return {
    pattern: contact?.name ?? contact?.address ?? '',
    scope: scope.startsWith('skill ') ? scope : contact ? `role ${contact.role}` : '',
  };
}
