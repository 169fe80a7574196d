import type { App } from './app.ts';
import { typeInForm } from './form.ts';
import { type Action, actionOf, PANES, type PaneId } from './keys.ts';
import type { Clicked, Pressed } from './screen.ts';
import { type Typing, windowOf } from './state.ts';
import { nextSorting, placeColumns } from './table.ts';

const WHEEL = 3;
const LONGEST_FILTER = 200;

/** What keys and mouse do. What lies over the pane gets them first. */
export function createInput(app: App): { key(pressed: Pressed): void; mouse(click: Clicked): void } {
  return {
    key(pressed) {
      const { over } = app.state;
      if (pressed.name === 'C-c') return app.quit();
      if (over?.kind === 'filter') typeFilter(app, over, pressed);
      else if (over?.kind === 'form') keyInForm(app, pressed);
      else {
        const action = actionOf(pressed.name);
        if (action === undefined) return;
        if (over?.kind === 'reading' && keyInReading(app, action)) app.draw();
        else act(app, action, pressed.name);
      }
      app.draw();
    },
    mouse(click) {
      if (click.kind === 'press') press(app, click);
      else if (app.state.over?.kind === 'reading') scroll(app, click.kind === 'wheel-up' ? -WHEEL : WHEEL);
      else if (app.state.over === undefined) move(app, click.kind === 'wheel-up' ? -WHEEL : WHEEL);
      app.draw();
    },
  };
}

function act(app: App, action: Action, name: string): void {
  const page = Math.max(1, (app.frame?.body.height ?? 10) - 1);
  const turns: Partial<Record<Action, () => void>> = {
    pane: () => goTo(app, PANES[Number(name) - 1] ?? 'overview'),
    'next-pane': () => goTo(app, paneBeside(app.state.pane, 1)),
    'previous-pane': () => goTo(app, paneBeside(app.state.pane, -1)),
    up: () => move(app, -1),
    down: () => move(app, 1),
    'page-up': () => move(app, -page),
    'page-down': () => move(app, page),
    first: () => move(app, Number.NEGATIVE_INFINITY),
    last: () => move(app, Number.POSITIVE_INFINITY),
    open: () => app.actions.open(),
    close: () => closeWhatLiesOver(app),
    filter: () => beginFilter(app),
    'clear-filter': () => setFilter(app, ''),
    'sort-next': () => sort(app, 1),
    'sort-previous': () => sort(app, -1),
    'sort-turn': () => turnOrder(app),
    freeze: () => freeze(app),
    everybody: () => everybody(app),
    copy: () => app.actions.copy(),
    allow: () => app.actions.form('allow'),
    suppress: () => app.actions.form('suppress'),
    evidence: () => void app.actions.evidence(),
    flight: () => void app.actions.flight(),
    look: () => void app.attempt(() => app.look()),
    redraw: () => app.world.screen.redraw(),
    help: () => app.actions.help(),
    quit: () => app.quit(),
  };
  turns[action]?.();
}

/** True when the text that lies over the pane used the key up. */
function keyInReading(app: App, action: Action): boolean {
  const page = Math.max(1, (app.frame?.body.height ?? 10) - 3);
  const steps: Partial<Record<Action, number>> = {
    up: -1,
    down: 1,
    'page-up': -page,
    'page-down': page,
    first: Number.NEGATIVE_INFINITY,
    last: Number.POSITIVE_INFINITY,
  };
  const step = steps[action];
  if (step !== undefined) scroll(app, step);
  else if (action === 'close' || action === 'open' || action === 'help') closeWhatLiesOver(app);
  else if (action === 'quit') closeWhatLiesOver(app);
  else return false;
  return true;
}

function scroll(app: App, step: number): void {
  const { over } = app.state;
  if (over?.kind !== 'reading') return;
  const room = Math.max(1, (app.frame?.body.height ?? 10) - 2);
  over.top = Math.max(0, Math.min(over.lines.length - room, over.top + step));
}

function closeWhatLiesOver(app: App): void {
  app.state.over = undefined;
}

function goTo(app: App, pane: PaneId): void {
  closeWhatLiesOver(app);
  app.state.pane = pane;
  app.state.frozenAt = undefined;
  app.refresh();
}

function paneBeside(pane: PaneId, step: 1 | -1): PaneId {
  return PANES[(PANES.indexOf(pane) + step + PANES.length) % PANES.length]!;
}

/** Moves the cursor by rows; infinity is the end. */
function move(app: App, step: number): void {
  const { model, tableId, state } = app;
  if (model === undefined || tableId === undefined) return;
  const rows = model.shown(tableId);
  const place = state.places[tableId];
  const { at } = windowOf(rows, place, app.frame?.body.height ?? 1);
  place.selected = rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.row;
}

function beginFilter(app: App): void {
  if (app.tableId === undefined) {
    app.say('the overview has no filter: choose a pane, 2 to 6', true);
    return;
  }
  app.state.over = { kind: 'filter', text: app.state.places[app.tableId].filter };
}

function typeFilter(app: App, over: Typing, { name, text }: Pressed): void {
  if (name === 'escape') {
    closeWhatLiesOver(app);
    return;
  }
  if (name === 'enter') {
    const problem = setFilter(app, over.text.trim());
    app.state.over = problem === undefined ? undefined : { ...over, problem };
    return;
  }
  if (name === 'backspace') app.state.over = { kind: 'filter', text: over.text.slice(0, -1) };
  else if (name === 'C-u') app.state.over = { kind: 'filter', text: '' };
  else if (text !== undefined) app.state.over = { kind: 'filter', text: (over.text + text).slice(0, LONGEST_FILTER) };
}

/** Returns why the filter cannot be used. */
function setFilter(app: App, filter: string): string | undefined {
  const { model, tableId, state } = app;
  if (tableId === undefined || model === undefined) return undefined;
  const place = state.places[tableId];
  const before = place.filter;
  place.filter = filter;
  const problem = model.arrange(tableId, state);
  if (problem !== undefined) {
    place.filter = before;
    model.arrange(tableId, state);
  }
  return problem;
}

function sort(app: App, step: 1 | -1): void {
  const { model, tableId, state } = app;
  if (model === undefined || tableId === undefined) return;
  const placed = placeColumns(model.columnsOf(tableId), app.world.screen.size().columns);
  state.places[tableId].sorting = nextSorting(placed, state.places[tableId].sorting, step);
  model.arrange(tableId, state);
}

function turnOrder(app: App): void {
  const { model, tableId, state } = app;
  const sorting = tableId && state.places[tableId].sorting;
  if (model === undefined || tableId === undefined || !sorting) {
    app.say('choose a column first: < or >', true);
    return;
  }
  state.places[tableId].sorting = { ...sorting, descending: !sorting.descending };
  model.arrange(tableId, state);
}

function freeze(app: App): void {
  app.state.frozenAt = app.state.frozenAt === undefined ? app.world.now() : undefined;
  app.refresh();
}

function everybody(app: App): void {
  app.state.everybody = !app.state.everybody;
  app.model?.arrange('connections', app.state);
  app.say(app.state.everybody ? 'connections of the whole machine' : 'connections of OpenClaw only');
}

function keyInForm(app: App, pressed: Pressed): void {
  const { over } = app.state;
  if (over?.kind !== 'form') return;
  if (pressed.name === 'escape') {
    if (over.preview === undefined) {
      closeWhatLiesOver(app);
      return;
    }
    app.state.over = { ...over, preview: undefined };
  } else if (pressed.name === 'enter') {
    void (over.preview === undefined ? app.actions.preview(over) : app.actions.confirm(over));
  } else if (over.preview === undefined) app.state.over = typeInForm(over, pressed);
}

function press(app: App, { column, line }: Clicked): void {
  const { frame, model, tableId, state } = app;
  const tab = frame?.tabs.find((each) => each.line === line && column >= each.from && column <= each.to);
  if (tab) {
    goTo(app, tab.pane);
    return;
  }
  if (!frame || state.over !== undefined || tableId === undefined || model === undefined) return;
  if (frame.head?.line === line) {
    sortAt(app, column);
    return;
  }
  const row = frame.body.rows[line - frame.body.line];
  if (row === undefined) return;
  // The second press on a row opens it.
  if (state.places[tableId].selected === row) app.actions.open();
  else state.places[tableId].selected = row;
}

function sortAt(app: App, at: number): void {
  const { frame, model, tableId, state } = app;
  let from = 2;
  for (const { column, width } of frame?.head?.placed ?? []) {
    if (at >= from && at < from + width && tableId !== undefined) {
      const before = state.places[tableId].sorting;
      const descending = before?.column === column.id ? !before.descending : true;
      state.places[tableId].sorting = { column: column.id, descending };
      model?.arrange(tableId, state);
    }
    from += width + 1;
  }
}
