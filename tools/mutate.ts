import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { ReplayCase } from '../src/agent/replay/case.ts';
import { replayParts } from '../src/agent/replay/parts.ts';
import { type CaseReport, judgeCase } from '../src/agent/replay/verdict.ts';
import type { Rule } from '../src/types/rule.ts';

/** Time that the stories of one rule may take. */
const STORY_MS = 120_000;

/**
 * Rules whose absence nobody notices: every case that passes with all rules passes without this one, and its own stories
 * do as well (or there are none). Only cases that speak of a rule can notice, so only they are run again.
 */
export function unnoticedRules(
  cases: readonly ReplayCase[],
  reports: readonly CaseReport[],
  rules: readonly Rule[],
): string[] {
  const tookMs = new Map(reports.filter(({ outcome }) => outcome === 'pass').map((each) => [each.id, each.durationMs]));
  // One that notices is enough, so the quick ones come first.
  const quickFirst = cases.filter(({ id }) => tookMs.has(id)).sort((a, b) => tookMs.get(a.id)! - tookMs.get(b.id)!);
  return rules.map(({ id }) => id).filter((id) => !isNoticed(id, quickFirst, rules));
}

function isNoticed(id: string, cases: readonly ReplayCase[], rules: readonly Rule[]): boolean {
  const without = rules.filter((rule) => rule.id !== id);
  const speaking = cases.filter(({ expect }) => expect.some(({ rule }) => rule === id));
  const isCaseBroken = speaking.some(
    (each) => judgeCase(each, replayParts({ rules: without }), () => performance.now()).outcome === 'fail',
  );
  return isCaseBroken || isStoryBroken(id);
}

/** Runs the rule's own stories with the rule switched off; see `silent-rule.config.ts`. */
function isStoryBroken(id: string): boolean {
  const story = `test/detect/rules/${id.toLowerCase()}.test.ts`;
  if (!existsSync(story)) return false;
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'tools/silent-rule.config.ts', story];
  const run = spawnSync(process.execPath, vitest, {
    env: { ...process.env, CLAWWATCH_SILENT_RULE: id },
    timeout: STORY_MS,
    stdio: 'ignore',
  });
  return run.status !== 0;
}

/** Lines for the report. */
export function mutationLines(unnoticed: readonly string[], rules: readonly Rule[]): string[] {
  const noticed = rules.length - unnoticed.length;
  return [
    `mutation: ${noticed} of ${rules.length} rules are missed when they are switched off`,
    ...unnoticed.map((id) => `  nobody notices when ${id} is switched off`),
  ];
}
