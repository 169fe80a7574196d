import { type Finding, fingerprint } from '../../types/finding.ts';
import type { Rule } from '../../types/rule.ts';
import type { World } from './world.ts';

const SUBJECT = 'a finding from before the case';

/**
 * Findings that a case says are open when it begins. They stand beside what the rules tell, so that the engine sees them
 * as its own, and the verdict leaves them out.
 */
export function openAlerts(world: Pick<World, 'openBefore'>): Rule {
  return {
    id: 'open before',
    title: 'Findings that are open when a case begins',
    what: '',
    why: '',
    falsePositives: '',
    severity: 'critical',
    severityRange: '',
    needs: 'T0',
    attack: [],
    defaults: {},
    optionNotes: {},
    judge: ({ gateways }) =>
      world.openBefore.map(({ ruleId, severity }): Finding => {
        const gatewayId = gateways[0]?.id;
        return {
          ruleId,
          verdict: 'finding',
          severity,
          title: `${ruleId} is open from before`,
          subject: SUBJECT,
          why: '',
          evidence: [],
          fixes: [],
          confidence: 'certain',
          fingerprint: fingerprint(ruleId, SUBJECT),
          socketKeys: [],
          ...(gatewayId !== undefined && { gatewayId }),
        };
      }),
  };
}

export function isOpenBefore({ subject }: Pick<Finding, 'subject'>): boolean {
  return subject === SUBJECT;
}
