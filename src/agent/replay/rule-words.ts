import { ALL_RULES } from '../../detect/rules/index.ts';

/** Ids and numbers of all rules, for commands that try them: the command line does not know the rules themselves. */
export function ruleWords(): { id: string; defaults: object }[] {
  return ALL_RULES.map(({ id, defaults }) => ({ id, defaults }));
}
