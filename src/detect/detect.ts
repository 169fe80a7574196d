import { type Finding, fingerprint } from '../types/finding.ts';
import type { Indicators } from '../types/indicators.ts';
import type { Ledger } from '../types/ledger.ts';
import type { History, Rule } from '../types/rule.ts';
import type { Snapshot, TelemetryLevel } from '../types/snapshot.ts';
import { withBlinding } from './blinding.ts';
import { withoutFlood } from './flood.ts';
import { createForwarders } from './forwarders.ts';
import { withGrace } from './grace.ts';
import { noteFindings, withConsequences, withIncidents } from './incidents.ts';
import type { KeptLedger } from './ledger/ledger.ts';
import { createMemory, type Memory } from './memory.ts';
import { rememberedLists } from './remembered-lists.ts';
import { mergeRuleOptions, type RuleOptions } from './rule-options.ts';
import { ALL_RULES } from './rules/index.ts';
import { byGravity, mergeSameFindings } from './severity.ts';
import { unknownFinding } from './subjects.ts';

export interface DetectSettings {
  /** Every rule when left out. */
  rules?: readonly Rule[];
  /** Values over the defaults, by rule id. */
  options?: Readonly<Record<string, object>>;
  /** Lists in force; a look may bring its own. */
  indicators?: Indicators;
  /** Kept from look to look for the rules that speak of windows; a look may bring its own. */
  ledger?: KeptLedger;
  /** Told of a rule that threw, with the stack that a finding has no room for. */
  onRuleError?: (ruleId: string, error: unknown) => void;
}

/** When a look is judged. `singleLook`: there will be no second one to confirm in. */
export interface When {
  /** Unix ms. */
  now: number;
  singleLook: boolean;
  ledger?: Ledger;
  indicators?: Indicators;
}

export type Detect = (snapshot: Snapshot, history: History, when: When) => Finding[];

/**
 * Puts the rules together into one judgement.
 *
 * Rules are pure. What needs more than one look is the engine's: incidents, what comes and goes, and programs that were
 * seen to forward to a gateway. It keeps that for some ten minutes (a forwarder as long as it runs), bounded and in memory
 * only. A single look remembers nothing and leaves nothing behind.
 *
 * A rule that throws costs its own answer and not the cycle: it becomes an UNKNOWN finding of that rule. A rule whose
 * telemetry is missing is not asked; the level that is missing is said once for all rules that need it.
 *
 * @throws UserError for options of rules or settings that do not exist.
 */
export function createDetect(settings: DetectSettings = {}): Detect {
  const rules = settings.rules ?? ALL_RULES;
  const options = mergeRuleOptions(rules, settings.options);
  const lasting = { memory: createMemory(), withForwarders: createForwarders() };
  return (look, history, asked) => {
    const lists = asked.indicators ?? settings.indicators;
    const indicators = lists && rememberedLists(lists);
    const failures = asked.ledger === undefined ? feedLedger(look, history, settings) : [];
    const ledger = asked.ledger ?? settings.ledger;
    const when: When = { ...asked, ...(indicators && { indicators }), ...(ledger && { ledger }) };
    const { memory, withForwarders } = when.singleLook
      ? { memory: createMemory(), withForwarders: createForwarders() }
      : lasting;
    const snapshot = withForwarders(look);
    const able = rules.filter((rule) => hasTelemetry(snapshot.telemetry, rule.needs));
    const unable = rules.filter((rule) => !hasTelemetry(snapshot.telemetry, rule.needs));
    const findings = able.flatMap((rule) => judge(rule, snapshot, history, when, options, settings.onRuleError));
    const all = mergeSameFindings([...failures, ...findings, ...missingTelemetry(unable, snapshot.telemetry)]);
    return together(all, snapshot, when, memory);
  };
}

/** Takes the look into the ledger. A bug there costs the rules of windows their input, and not the look. */
function feedLedger(look: Snapshot, history: History, { ledger, onRuleError }: DetectSettings): Finding[] {
  try {
    ledger?.look(look, history);
    return [];
  } catch (error) {
    onRuleError?.('ledger', error);
    return [ruleFailed({ id: 'POS-08', title: 'what the family did lately' }, error)];
  }
}

/** From what each rule says alone to what is told. */
function together(said: readonly Finding[], snapshot: Snapshot, when: When, memory: Memory): Finding[] {
  const { now, singleLook } = when;
  const bounded = withoutFlood(said, (id) => memory.get(id)?.firstAt ?? now);
  // A single look has no later one in which a grace could end.
  const graced = withGrace(bounded, singleLook ? undefined : when.ledger, now);
  const noted = noteFindings(graced, snapshot, now, memory);
  return withBlinding(withIncidents(withConsequences(noted), memory, now), memory)
    .map(({ hints: _, ...finding }) => finding)
    .sort(byGravity);
}

function judge(
  rule: Rule,
  snapshot: Snapshot,
  history: History,
  when: When,
  options: RuleOptions,
  onRuleError: DetectSettings['onRuleError'],
): Finding[] {
  try {
    return rule.judge(snapshot, { history, options: options.get(rule.id)!, ...when });
  } catch (error) {
    onRuleError?.(rule.id, error);
    return [ruleFailed(rule, error)];
  }
}

function ruleFailed(rule: Pick<Rule, 'id' | 'title'>, error: unknown): Finding {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return unknownFinding({
    ruleId: rule.id,
    title: `Rule ${rule.id} ("${rule.title}") failed and judged nothing in this look`,
    subject: `rule ${rule.id}`,
    why: 'This is a bug in ClawWatch. What the rule looks for may be there and would not be told.',
    evidence: [{ label: 'error', value: stack.split('\n').slice(0, 6).join(' | ').slice(0, 600) }],
    fixes: [{ text: 'Report it with this evidence.', command: 'clawwatch doctor --json' }],
    fingerprint: fingerprint(rule.id, 'failed'),
  });
}

const LEVELS: readonly TelemetryLevel[] = ['T0', 'T1', 'T2', 'T3'];

const LEVEL_WORDS: Readonly<Record<TelemetryLevel, string>> = {
  T0: 'polling of the system tables',
  T1: 'kernel events, which need rights',
  T2: 'names of hosts from DNS or TLS',
  T3: 'kernel probes',
};

function hasTelemetry(have: TelemetryLevel, needs: TelemetryLevel): boolean {
  return LEVELS.indexOf(have) >= LEVELS.indexOf(needs);
}

/** One UNKNOWN for each missing level, whatever the number of rules that wait for it. */
function missingTelemetry(unable: readonly Rule[], have: TelemetryLevel): Finding[] {
  return [...Map.groupBy(unable, (rule) => rule.needs)].map(([needs, rules]) => {
    const ids = rules.map(({ id }) => id).join(', ');
    return unknownFinding({
      ruleId: 'POS-08',
      severity: 'info',
      title: `${ids} could not judge: ${LEVEL_WORDS[needs]} missing`,
      subject: `telemetry ${needs}`,
      why: `These rules need telemetry ${needs} and this look had ${have}. Their silence means nothing.`,
      evidence: rules.map(({ id, title }) => ({ label: id, value: title })),
      fixes: [{ text: 'See what can be read here and how to change that.', command: 'clawwatch doctor' }],
      fingerprint: fingerprint('POS-08', 'telemetry', needs),
    });
  });
}
