import type { ProposedRule } from '../agent/policy-change.ts';
import type { Paint } from '../cli/paint.ts';
import type { PolicyRule } from '../types/egress.ts';
import { UserError } from '../types/error.ts';
import type { LiveReader } from '../types/live.ts';
import { type Actions, createActions } from './actions.ts';
import { drawFrame, type Frame, type PaneContent } from './frame.ts';
import type { HeaderFacts } from './header.ts';
import { createInput } from './input.ts';
import { lookOfScreen, toTerminal } from './look.ts';
import { Model, type ModelWorld, type TableId } from './model.ts';
import { overviewLines } from './panes/overview.ts';
import type { Screen } from './screen.ts';
import { initialState, type Remembered, rememberedOf, type UiState } from './state.ts';

/** Everything that the screen works with. */
export interface AppWorld extends ModelWorld {
  screen: Screen;
  /** A paint for a width: the window changes. */
  paintOf(columns: number): Paint;
  color: boolean;
  /** The record, or `undefined` while there is none. */
  openReader(): Promise<LiveReader | undefined>;
  /** Another number when the database is another file than before. */
  fileId(): number | undefined;
  /** One look at the machine with the real stages, put on record. */
  lookNow(): Promise<void>;
  addRule(rule: ProposedRule): Promise<{ rule: PolicyRule; contacts: number }>;
  /** Folder for bundles. */
  exportFolder: string;
  remembered: Partial<Remembered>;
  stop: AbortSignal;
}

/** Time between two questions whether the database has changed: four frames a second are live enough for an eye. */
const FRAME_MS = 250;
/** While rows are still being read. */
const LOADING_MS = 15;
const MESSAGE_MS = 6_000;
const FILE_EVERY_MS = 2_000;

/** The screen while it is open. */
export class App {
  state: UiState;
  model: Model | undefined;
  frame: Frame | undefined;
  readonly world: AppWorld;
  readonly actions: Actions;
  #isLooking = false;
  #problem: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #drawnSecond = 0;
  #fileId: number | undefined;
  #fileAskedAt = Number.NEGATIVE_INFINITY;
  readonly #ended = Promise.withResolvers<void>();

  constructor(world: AppWorld) {
    this.world = world;
    this.state = initialState(world.remembered);
    this.actions = createActions(this);
  }

  /** Draws until somebody leaves. Rejects with what went wrong. */
  async run(): Promise<Remembered> {
    const { screen, stop } = this.world;
    const input = createInput(this);
    const onFailure = (error: unknown) => this.fail(error);
    // Before blessed's own, which would print the stack into a terminal that is still ours.
    process.on('uncaughtException', onFailure).on('unhandledRejection', onFailure);
    const leave = () => this.quit();
    stop.addEventListener('abort', leave);
    try {
      screen.onKey(this.#guarded(input.key));
      screen.onMouse(this.#guarded(input.mouse));
      screen.onResize(this.#guarded(() => this.draw()));
      if (stop.aborted) this.quit();
      await this.#tick();
      await this.#ended.promise;
      return rememberedOf(this.state);
    } finally {
      clearTimeout(this.#timer);
      stop.removeEventListener('abort', leave);
      screen.close();
      process.off('uncaughtException', onFailure).off('unhandledRejection', onFailure);
      this.model?.reader.close();
    }
  }

  quit(): void {
    this.#ended.resolve();
  }

  fail(error: unknown): void {
    this.#ended.reject(error);
  }

  #guarded<Arguments extends unknown[]>(handle: (...given: Arguments) => void): (...given: Arguments) => void {
    return (...given) => {
      try {
        handle(...given);
      } catch (error) {
        this.fail(error);
      }
    };
  }

  say(text: string, isBad = false): void {
    this.state.message = { text, isBad, until: this.world.now() + MESSAGE_MS };
  }

  /** Runs what a key asked for; what a person can mend is said in the last line. */
  async attempt(work: () => Promise<void> | void): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof UserError)) {
        this.fail(error);
        return;
      }
      this.say(`${error.message}; ${error.hint}`, true);
    }
    this.draw();
  }

  async look(): Promise<void> {
    if (this.#isLooking) return;
    if (this.world.isAgentAlive()) {
      this.say('an agent runs and looks by itself');
      return;
    }
    this.#isLooking = true;
    this.draw();
    try {
      await this.world.lookNow();
      this.say('looked');
    } finally {
      this.#isLooking = false;
    }
  }

  async #tick(): Promise<void> {
    try {
      await this.#open();
      const isNew = this.refresh();
      const second = Math.floor(this.world.now() / 1000);
      // Ages are shown in seconds.
      if (isNew || second !== this.#drawnSecond) this.draw();
      this.#drawnSecond = second;
    } catch (error) {
      this.fail(error);
      return;
    }
    const isLoading = this.model?.isLoading === true;
    this.#timer = setTimeout(() => void this.#tick(), isLoading ? LOADING_MS : FRAME_MS);
  }

  /** Opens the record when there is one, and again when it is another file. */
  async #open(): Promise<void> {
    const now = this.world.monotonic();
    if (now - this.#fileAskedAt < FILE_EVERY_MS) return;
    this.#fileAskedAt = now;
    const fileId = this.world.fileId();
    if (this.model !== undefined && fileId === this.#fileId) return;
    this.#fileId = fileId;
    this.model?.reader.close();
    this.model = undefined;
    try {
      const reader = await this.world.openReader();
      this.#problem = undefined;
      if (reader) this.model = new Model(reader, this.world);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#problem = `${error.message} (${error.hint})`;
    }
  }

  /** Takes in what changed. A record that cannot be read for a moment is said and asked again. */
  refresh(): boolean {
    try {
      const isNew = this.model?.refresh(this.state, this.frame?.body.rows ?? []) ?? false;
      const was = this.#problem;
      if (this.model) this.#problem = undefined;
      return isNew || was !== this.#problem;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const isNew = this.#problem !== error.message;
      this.#problem = error.message;
      return isNew;
    }
  }

  /** The table that is shown, where the pane is one. */
  get tableId(): TableId | undefined {
    return this.state.pane === 'overview' ? undefined : this.state.pane;
  }

  draw(): void {
    const { screen, now } = this.world;
    const size = screen.size();
    const look = lookOfScreen(this.world.paintOf(size.columns), this.world.color);
    const header: HeaderFacts = {
      ...(this.model?.header(this.#isLooking, this.state.frozenAt) ?? nothing(this.world, this.#isLooking)),
      problem: this.#problem,
    };
    const model = this.model;
    const id = this.tableId;
    let content: PaneContent;
    if (model && id !== undefined) content = model.table(id, look);
    else if (model) {
      const facts = model.overview(header);
      content = { kind: 'lines', draw: (width, height) => overviewLines(facts, look, width, height, now()) };
    } else content = { kind: 'lines', draw: () => [] };
    this.frame = drawFrame(this.state, header, content, size, look, now());
    if (id !== undefined && this.frame.body.rows.length > 0) this.state.places[id].top = this.frame.body.top;
    screen.draw(this.frame.lines.map((line) => toTerminal(line, look.color)));
  }
}

function nothing({ host, isAgentAlive }: AppWorld, isLooking: boolean): HeaderFacts {
  return {
    host,
    isAgentAlive: isAgentAlive(),
    isRecent: false,
    gateways: [],
    hostVerdict: 'UNKNOWN',
    counts: [],
    coverage: null,
    blindSpots: [],
    isLooking,
  };
}
