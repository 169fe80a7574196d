import { coverageAnswer } from '../cli/coverage-text.ts';
import { gatewayVerdict, hostVerdict } from '../cli/verdict.ts';
import type { Config } from '../config/schema.ts';
import type { ContactRecord } from '../types/contact.ts';
import type { Gateway } from '../types/gateway.ts';
import type { LiveReader } from '../types/live.ts';
import type { CycleRecord } from '../types/store.ts';
import type { TableContent } from './frame.ts';
import type { HeaderFacts } from './header.ts';
import type { PaneId } from './keys.ts';
import type { LookOfScreen } from './look.ts';
import { CONNECTIONS, type ConnectionRow, connectionSource } from './panes/connections.ts';
import { EXPOSURE, listenerSource } from './panes/exposure.ts';
import { FINDINGS, type FindingRow, findingSource } from './panes/findings.ts';
import type { OverviewFacts } from './panes/overview.ts';
import type { TablePane } from './panes/pane.ts';
import { SKILLS, skillSource } from './panes/skills.ts';
import { type Day, dayLines, HOUR_MS, TIMELINE, timelineSource } from './panes/timeline.ts';
import { type Row, Rows } from './rows.ts';
import type { PlaceInPane, UiState } from './state.ts';
import { compareBy } from './table.ts';

export type TableId = Exclude<PaneId, 'overview'>;

/** What the model needs beside the record. */
export interface ModelWorld {
  config: Pick<Config, 'intervalMs'>;
  host: string;
  /** Unix ms. */
  now(): number;
  monotonic(): number;
  isAgentAlive(): boolean;
}

/** What is slow to ask, or changes seldom, is asked no more often than this, ms. */
const CALM_MS = 1_000;
const DAY_EVERY_MS = 60_000;
const MOST_FINDINGS = 20_000;

/** What the screen holds of the record. Reads no more than what changed and what is shown. */
export class Model {
  readonly reader: LiveReader;
  readonly #world: ModelWorld;
  readonly #rows: Record<TableId, Rows<Row>>;
  readonly #panes: Record<TableId, TablePane<Row>>;
  /** Version of the database that each part is of. */
  readonly #seen = new Map<string, number>();
  readonly #askedAt = new Map<string, number>();
  readonly #arranged = new Map<TableId, string>();
  #gateways: Gateway[] = [];
  #cycle: CycleRecord | undefined;
  #facts: Pick<HeaderFacts, 'counts' | 'coverage'> = { counts: [], coverage: null };
  #judged: Pick<HeaderFacts, 'gateways' | 'hostVerdict'> = { gateways: [], hostVerdict: 'UNKNOWN' };
  #day: Day | undefined;
  #version = Number.NaN;

  constructor(reader: LiveReader, world: ModelWorld) {
    this.reader = reader;
    this.#world = world;
    // Each pane knows its own kind of row; here they are rows alike.
    this.#rows = {
      exposure: new Rows(listenerSource(reader)),
      connections: new Rows(connectionSource(reader, () => world.now())),
      findings: new Rows(findingSource(reader, MOST_FINDINGS)),
      skills: new Rows(skillSource(reader)),
      timeline: new Rows(timelineSource(reader)),
    } as unknown as Record<TableId, Rows<Row>>;
    this.#panes = {
      exposure: EXPOSURE,
      connections: CONNECTIONS,
      findings: FINDINGS,
      skills: SKILLS,
      timeline: TIMELINE,
    } as unknown as Record<TableId, TablePane<Row>>;
  }

  /** Asks the database what changed. True when there is something new to draw. */
  refresh(state: UiState, visible: readonly number[]): boolean {
    this.#version = this.reader.version();
    let isNew = false;
    // Findings and listeners are part of the header, so they are in step on every pane.
    for (const id of ['findings', 'exposure'] as const) isNew = this.#refreshRows(id, state, visible, CALM_MS) || isNew;
    const shown = state.pane === 'overview' ? 'connections' : state.pane;
    const isCheap = shown === 'connections';
    if (shown !== 'findings' && shown !== 'exposure' && state.frozenAt === undefined) {
      isNew = this.#refreshRows(shown, state, visible, isCheap ? 0 : CALM_MS) || isNew;
    }
    if (this.#isDue('header', CALM_MS)) {
      this.#askHeader();
      isNew = true;
    }
    if (state.pane === 'overview' || state.pane === 'timeline') isNew = this.#askDay() || isNew;
    for (const rows of Object.values(this.#rows)) isNew = rows.fade(this.#world.monotonic()) || isNew;
    return isNew;
  }

  #refreshRows(id: TableId, state: UiState, visible: readonly number[], everyMs: number): boolean {
    const isVisible = state.pane === id || (state.pane === 'overview' && id === 'connections');
    if (state.frozenAt !== undefined && isVisible) return false;
    const rows = this.#rows[id];
    const now = this.#world.monotonic();
    if (rows.waiting > 0) rows.load(now);
    else if (this.#isDue(id, everyMs)) rows.refresh(isVisible ? visible : [], now);
    else return false;
    this.#arrange(id, state);
    return true;
  }

  /** True when the database has changed since this part was asked, and that was long enough ago. */
  #isDue(part: string, everyMs: number): boolean {
    const now = this.#world.monotonic();
    if (this.#seen.get(part) === this.#version || now - (this.#askedAt.get(part) ?? Number.NEGATIVE_INFINITY) < everyMs)
      return false;
    this.#seen.set(part, this.#version);
    this.#askedAt.set(part, now);
    return true;
  }

  /** Asks for everything anew at the next refresh. */
  forget(): void {
    this.#seen.clear();
    this.#askedAt.clear();
  }

  #askHeader(): void {
    const now = this.#world.now();
    this.#gateways = this.reader.gateways();
    this.#cycle = this.reader.lastCycle();
    this.#facts = {
      counts: this.reader.findingCounts(),
      coverage: coverageAnswer(this.reader.coverage(now - 24 * HOUR_MS)),
    };
    const findings = this.#all<FindingRow>('findings');
    const judged = { snapshot: { blindSpots: this.#cycle?.blindSpots ?? [], gateways: this.#gateways }, findings };
    const listeners = this.#all<Row & { listener: { key: string; local: { address: string; port: number } } }>(
      'exposure',
    );
    const isWhole = this.#rows.findings.waiting === 0 && this.#rows.findings.beyond === 0;
    this.#judged = {
      hostVerdict: hostVerdict(judged),
      gateways: this.#gateways.map((gateway) => {
        const verdict = gatewayVerdict(gateway, judged);
        return {
          gateway,
          // The worst are read first, and yet another gateway's may still be to come.
          verdict: verdict === 'OK' && !isWhole ? 'UNKNOWN' : verdict,
          listensAt: listeners
            .filter(({ listener }) => gateway.gatewayListeners.includes(listener.key))
            .map(({ listener }) => listener.local)
            .slice(0, 3),
        };
      }),
    };
  }

  #all<Each extends Row>(id: TableId): Each[] {
    return this.#rows[id].all() as unknown as Each[];
  }

  #askDay(): boolean {
    const now = this.#world.monotonic();
    if (now - (this.#askedAt.get('day') ?? Number.NEGATIVE_INFINITY) < DAY_EVERY_MS) return false;
    this.#askedAt.set('day', now);
    const fromAt = (Math.floor(this.#world.now() / HOUR_MS) - 23) * HOUR_MS;
    this.#day = {
      fromAt,
      connections: this.reader.opened(fromAt, HOUR_MS, 24),
      findings: this.reader.found(fromAt, HOUR_MS, 24),
    };
    return true;
  }

  header(isLooking: boolean, frozenAt: number | undefined): HeaderFacts {
    const cycle = this.#cycle;
    const age = cycle === undefined ? Number.POSITIVE_INFINITY : this.#world.now() - cycle.at;
    return {
      host: this.#world.host,
      lastLook: cycle,
      isAgentAlive: this.#world.isAgentAlive(),
      isRecent: age >= -2_000 && age <= Math.max(3 * this.#world.config.intervalMs, 15_000),
      ...this.#judged,
      ...this.#facts,
      blindSpots: cycle?.blindSpots ?? [],
      isLooking,
      frozenAt,
    };
  }

  /** Puts filter and order of a pane into force. Returns why a filter cannot be. */
  arrange(id: TableId, state: UiState): string | undefined {
    this.#arranged.delete(id);
    return this.#arrange(id, state);
  }

  #arrange(id: TableId, state: UiState): string | undefined {
    const { filter, sorting }: PlaceInPane = state.places[id];
    const key = JSON.stringify([filter, sorting, state.everybody]);
    if (this.#arranged.get(id) === key) return undefined;
    this.#arranged.set(id, key);
    const pane = this.#panes[id];
    const column = sorting && pane.columns.find((each) => each.id === sorting.column);
    const compare = column && sorting ? compareBy(column, sorting.descending) : pane.compare;
    const only = id === 'connections' && !state.everybody ? (row: Row) => (row as ConnectionRow).isFamily : undefined;
    return this.#rows[id].arrange(filter, only, compare);
  }

  /** What a table pane shows now. */
  table(id: TableId, look: LookOfScreen): TableContent<Row> {
    const rows = this.#rows[id];
    return {
      kind: 'table',
      pane: this.#panes[id],
      rows: rows.shown(),
      total: rows.total,
      waiting: rows.waiting,
      beyond: rows.beyond,
      lifeOf: (row) => rows.lifeOf(row, this.#world.monotonic()),
      above: id === 'timeline' ? dayLines(this.#day, look) : [],
    };
  }

  /** Rows that a table pane shows, in order. */
  shown(id: TableId): readonly Row[] {
    return this.#rows[id].shown();
  }

  /** True while rows are still to be read. */
  get isLoading(): boolean {
    return Object.values(this.#rows).some(({ waiting }) => waiting > 0);
  }

  /** The contact that a finding tells of. */
  contactOf(fingerprint: string): ContactRecord | undefined {
    return this.reader.contactOf(fingerprint);
  }

  columnsOf(id: TableId): TablePane<Row>['columns'] {
    return this.#panes[id].columns;
  }

  row(id: TableId, row: number): Row | undefined {
    return this.#rows[id].get(row);
  }

  overview(header: HeaderFacts): OverviewFacts {
    const connections = this.#all<ConnectionRow>('connections').filter(
      ({ direction, isFamily }) => direction === 'outbound' && isFamily,
    );
    const talking = topBy(connections, 60, (a, b) => weight(b) - weight(a) || b.firstAt - a.firstAt);
    const open = this.#all<FindingRow>('findings').filter(
      ({ status, verdict, severity }) => status === 'open' && verdict === 'finding' && severity !== 'info',
    );
    const lifeOf = (row: number) => this.#rows.connections.lifeOf(row, this.#world.monotonic());
    return {
      header,
      talking,
      talkingTotal: connections.length,
      needs: topBy(open, 60, FINDINGS.compare!),
      needsTotal: open.length,
      day: this.#day,
      lifeOf,
    };
  }
}

/** Unknown destinations first: they are what somebody looks for. */
function weight({ verdict, closedAt }: ConnectionRow): number {
  return (verdict === 'unknown' ? 2 : 0) + (closedAt === undefined ? 1 : 0);
}

/** The first `most` of an order, without putting ten thousand others in order for them. */
function topBy<Each extends Row>(values: readonly Each[], most: number, by: (a: Each, b: Each) => number): Each[] {
  // Equal ones stand in one order, whichever was read first.
  const compare = (a: Each, b: Each) => by(a, b) || b.row - a.row;
  const top: Each[] = [];
  for (const value of values) {
    if (top.length === most && compare(top.at(-1)!, value) <= 0) continue;
    let at = top.length;
    while (at > 0 && compare(top[at - 1]!, value) > 0) at--;
    top.splice(at, 0, value);
    if (top.length > most) top.pop();
  }
  return top;
}
