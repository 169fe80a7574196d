import { type ParsedFilter, parseFilter, type Searchable } from './filter.ts';

/** A row of a pane: light, since ten thousand of them are held. */
export interface Row extends Searchable {
  /** Number in the database. */
  row: number;
}

/** Where rows come from. */
export interface RowSource<Each extends Row> {
  /** Numbers of the rows that are there now; cheap. */
  present(): readonly number[];
  /** What is there and what has gone since it was asked last, where that is cheaper to tell than all that is there. */
  changed?(): { fresh: readonly number[]; gone: readonly number[] };
  read(rows: readonly number[], before: (row: number) => Each | undefined): Each[];
}

/** How long a new row is marked, and a closed one stays, ms. */
export const FRESH_MS = 6_000;
export const GRACE_MS = 8_000;

/** Rows read at once. The first step is small: something is on the screen before the rest is read. */
const FIRST_STEP = 200;
const STEP = 500;
/** Rows beside the visible ones that are read again at each change, in turn: what is out of sight may be a little old. */
const TURN = 40;
/** Time that a filter may take for one row and one frame, ms. */
const SLOW_MS = 150;
/** How often all that is there is compared, where there is a cheaper question in between, ms. */
const WHOLE_EVERY_MS = 2_000;
/** Rows held. */
const MOST_ROWS = 20_000;

interface Held<Each> {
  value: Each;
  /** Monotonic ms at which it came or was seen to be gone. */
  cameAt: number;
  goneAt?: number;
  matches: boolean;
}

/**
 * Rows of one pane, kept in step with the database without reading all of them again: new ones and the visible ones are
 * read, the others in turn.
 */
export class Rows<Each extends Row> {
  readonly #source: RowSource<Each>;
  readonly #held = new Map<number, Held<Each>>();
  #waiting: number[] = [];
  #order: Held<Each>[] = [];
  #isStarted = false;
  #next = 0;
  #total = 0;
  #wholeAt = Number.NEGATIVE_INFINITY;
  #filter: Extract<ParsedFilter, { ok: true }> = { ok: true, isEmpty: true, test: () => true };
  #only: ((row: Each) => boolean) | undefined;
  #compare: ((a: Each, b: Each) => number) | undefined;
  #isSorted = false;

  constructor(source: RowSource<Each>) {
    this.#source = source;
  }

  /** Rows that there are: held, fading, or still to be read. */
  get total(): number {
    return Math.max(this.#total, this.#held.size);
  }

  /** Rows still to be read. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Rows that there are beyond those that are held. */
  get beyond(): number {
    return Math.max(0, this.#total - MOST_ROWS);
  }

  /** Takes in what changed in the database. `visible`: rows that must be fresh. */
  refresh(visible: readonly number[], now: number): void {
    const isWhole =
      this.#source.changed === undefined || this.#waiting.length > 0 || now - this.#wholeAt >= WHOLE_EVERY_MS;
    const gone = isWhole ? this.#compareAll(now) : this.#follow();
    const again = new Set([...visible.filter((row) => this.#held.has(row)), ...gone, ...this.#turn()]);
    this.#take(
      this.#source.read([...again], (row) => this.#held.get(row)?.value),
      now,
    );
    for (const row of gone) this.#held.get(row)!.goneAt ??= now;
    this.load(now);
  }

  /** Takes in what the source says has changed. Returns rows that have gone. */
  #follow(): number[] {
    const { fresh, gone } = this.#source.changed!();
    this.#waiting = fresh.filter((row) => !this.#held.has(row)).slice(0, MOST_ROWS);
    const lost = gone.filter((row) => this.#held.get(row)?.goneAt === undefined && this.#held.has(row));
    this.#total += this.#waiting.length - lost.length;
    return lost;
  }

  /** Compares all that is there with all that is held. Returns rows that have gone. */
  #compareAll(now: number): number[] {
    this.#wholeAt = now;
    // Asked first, so that nothing falls between the two questions.
    this.#source.changed?.();
    const present = this.#source.present();
    this.#total = present.length;
    const there = new Set(present.length > MOST_ROWS ? present.slice(0, MOST_ROWS) : present);
    const gone: number[] = [];
    for (const [row, held] of this.#held) {
      if (held.goneAt === undefined && !there.has(row)) gone.push(row);
      else if (held.goneAt !== undefined && there.has(row)) delete held.goneAt;
    }
    this.#waiting = [];
    for (const row of there) if (!this.#held.has(row)) this.#waiting.push(row);
    return gone;
  }

  /** Reads a part of the rows that wait. True when there are more. */
  load(now: number): boolean {
    if (this.#waiting.length === 0) return false;
    const step = this.#waiting.splice(0, this.#isStarted ? STEP : FIRST_STEP);
    this.#take(
      this.#source.read(step, () => undefined),
      now,
    );
    // What was there when the screen was opened is not new.
    if (!this.#isStarted || this.#waiting.length > 0) for (const row of step) this.#age(row);
    if (this.#waiting.length === 0) this.#isStarted = true;
    else this.#isStarted = this.#held.size >= FIRST_STEP;
    return this.#waiting.length > 0;
  }

  #age(row: number): void {
    const held = this.#held.get(row);
    if (held) held.cameAt = Number.NEGATIVE_INFINITY;
  }

  #turn(): number[] {
    const order = this.#order;
    if (order.length === 0) return [];
    const chosen: number[] = [];
    for (let index = 0; index < Math.min(TURN, order.length); index++) {
      const held = order[(this.#next + index) % order.length]!;
      if (held.goneAt === undefined) chosen.push(held.value.row);
    }
    this.#next = (this.#next + TURN) % order.length;
    return chosen;
  }

  #take(values: readonly Each[], now: number): void {
    for (const value of values) {
      const held = this.#held.get(value.row);
      if (held) {
        held.value = value;
        held.matches = this.#matches(value);
      } else {
        const fresh: Held<Each> = { value, cameAt: now, matches: this.#matches(value) };
        this.#held.set(value.row, fresh);
        this.#order.push(fresh);
        this.#isSorted = false;
      }
    }
    // By number alone no row that is held changes its place.
    if (values.length > 0 && this.#compare !== undefined) this.#isSorted = false;
  }

  /** Takes away what has faded. True when something did. */
  fade(now: number): boolean {
    let hasFaded = false;
    for (const [row, held] of this.#held) {
      if (held.goneAt === undefined || now - held.goneAt < GRACE_MS) continue;
      this.#held.delete(row);
      hasFaded = true;
    }
    if (hasFaded) this.#order = this.#order.filter(({ value }) => this.#held.has(value.row));
    return hasFaded;
  }

  /**
   * Sets filter, kind of rows and order.
   *
   * @returns why the filter cannot be used; the one before stays then.
   */
  arrange(
    filter: string,
    only: ((row: Each) => boolean) | undefined,
    compare: ((a: Each, b: Each) => number) | undefined,
  ): string | undefined {
    if (compare !== this.#compare) this.#isSorted = false;
    this.#compare = compare;
    this.#only = only;
    const parsed = parseFilter(filter);
    if (parsed.ok) this.#filter = parsed;
    const startedAt = performance.now();
    for (const held of this.#order) {
      held.matches = this.#matches(held.value);
      if (performance.now() - startedAt > SLOW_MS && !this.#filter.isEmpty) {
        this.#filter = { ok: true, isEmpty: true, test: () => true };
        this.arrange('', only, compare);
        return 'this filter takes too long; it was taken away';
      }
    }
    return parsed.ok ? undefined : parsed.problem;
  }

  #matches(value: Each): boolean {
    return (this.#only === undefined || this.#only(value)) && this.#filter.test(value);
  }

  /** Rows that are shown, in order. */
  shown(): Each[] {
    if (!this.#isSorted) {
      const compare = this.#compare ?? ((a: Each, b: Each) => b.row - a.row);
      // Kept between two frames and nearly in order, which is the case that this sort is quickest in.
      this.#order.sort((a, b) => compare(a.value, b.value) || b.value.row - a.value.row);
      this.#isSorted = true;
    }
    const rows: Each[] = [];
    for (const { matches, value } of this.#order) if (matches) rows.push(value);
    return rows;
  }

  /** Every row that is held and there, in no order. */
  all(): Each[] {
    const rows: Each[] = [];
    for (const { value, goneAt } of this.#held.values()) if (goneAt === undefined) rows.push(value);
    return rows;
  }

  /** Row by its number. */
  get(row: number): Each | undefined {
    return this.#held.get(row)?.value;
  }

  lifeOf(row: number, now: number): 'fresh' | 'closed' | undefined {
    const held = this.#held.get(row);
    if (held === undefined) return undefined;
    if (held.goneAt !== undefined) return 'closed';
    return now - held.cameAt < FRESH_MS ? 'fresh' : undefined;
  }
}
