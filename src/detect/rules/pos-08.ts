import type { BlindSpot } from '../../types/blind-spot.ts';
import { type Finding, fingerprint } from '../../types/finding.ts';
import type { Rule, RuleContext } from '../../types/rule.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { lostSource, type MissOptions, missedConnections } from '../lost-telemetry.ts';
import { finding, momentWords, unknownFinding } from '../subjects.ts';

interface Options extends MissOptions {
  gapMs: number;
  listed: number;
}

const ID = 'POS-08';

export const pos08: Rule<Options> = {
  id: ID,
  title: 'Coverage gap or degraded collector',
  what: 'Everything that this look could not see, grouped by cause and gateway (the published ports of a container among it); a source of facts that was there and is gone; connections that the kernel counted and nobody saw; and a stretch of time in which nobody looked.',
  why: 'Silence must mean something. Blinding the watcher is also what an intruder does first.',
  falsePositives:
    'A suspended machine leaves a gap as a killed agent does, and the two look alike; two minutes are allowed for. Gaps that do not touch the exposure verdict are info. One cause is one finding, however often it occurs. Without a sensor short connections are always missed, so their share is info there. Who stopped the sensor is told only where a process of the family was seen to do it by name or number.',
  whatToDo: 'Run the command that the finding names; it restores the source or says which right is missing.',
  severity: 'high',
  severityRange:
    'essential gaps: UNKNOWN, medium; a lost source high while a finding of medium or graver was open or where a process of the family ended it, else info; missed connections medium while a sensor is heard or was lost, else info; a stretch without a look low; others info',
  needs: 'T0',
  attack: ['T1562.001'],
  defaults: { gapMs: 120_000, missedShare: 0.2, missedMs: 540_000, missedSample: 50, listed: 5 },
  optionNotes: {
    gapMs:
      'Time in ms between two looks of the agent from which it counts as a gap: well above a minute of load, and the grace for a machine that wakes up.',
    missedShare: 'Share of the connections opened lately from which it counts that they were not seen.',
    missedMs: 'Time in ms over which they must have been counted: nearly ten minutes.',
    missedSample: 'Connections from which that share is believed.',
    listed: 'How many occurrences of one cause are listed as evidence; the rest is counted.',
  },
  judge(snapshot, context) {
    // A sensor that went away is told as the sources that went with it.
    const isLost = (snapshot.telemetryLost ?? []).length > 0;
    const spots = snapshot.blindSpots.filter(({ id }) => !(isLost && id === 'sensor.gone'));
    const groups = Map.groupBy(spots, ({ id, gatewayId }) => `${id}\u0000${gatewayId ?? ''}`);
    return [
      ...[...groups.values()].map((spots) => notSeen(spots, context.options.listed)),
      ...(snapshot.telemetryLost ?? []).map(lostSource),
      ...missedConnections(snapshot, context.options),
      ...gap(snapshot, context),
    ];
  },
};

function notSeen(spots: BlindSpot[], listed: number): Finding {
  // The same cause may be essential for one thing and not for another; the graver one speaks.
  const lead = spots.find(({ essential }) => essential) ?? spots[0]!;
  const more = spots.length > 1 ? ` (and ${spots.length - 1} more of the same cause)` : '';
  const parts = {
    ruleId: ID,
    title: `Not seen: ${lead.what}${more}`,
    subject:
      lead.gatewayId === undefined ? `blind spot ${lead.id}` : `gateway ${lead.gatewayId}, blind spot ${lead.id}`,
    why: lead.essential
      ? 'The exposure verdict depends on it, so "nothing found" would not mean "safe".'
      : 'The exposure verdict does not depend on it; other answers are less complete.',
    evidence: [
      ...spots.slice(0, listed).map(({ what, why }) => ({ label: 'not seen', value: `${what}: ${why}` })),
      { label: 'source', value: [...new Set(spots.map(({ source }) => source))].join(', ') },
    ],
    fixes: [...new Set(spots.flatMap(({ fix }) => fix ?? []))].slice(0, listed).map((text) => ({ text })),
    fingerprint: fingerprint(ID, lead.id, lead.gatewayId ?? ''),
    ...(lead.gatewayId === undefined ? {} : { gatewayId: lead.gatewayId }),
  };
  return lead.essential ? unknownFinding(parts) : finding({ ...parts, severity: 'info', confidence: 'certain' });
}

function gap(snapshot: Snapshot, context: RuleContext<Options>): Finding[] {
  const last = context.history.lastCycleAt();
  if (context.singleLook || last === undefined || Math.abs(context.now - last) <= context.options.gapMs) return [];
  const isBack = context.now < last;
  const minutes = Math.round(Math.abs(context.now - last) / 60_000);
  return [
    finding({
      ruleId: ID,
      severity: 'low',
      title: isBack
        ? `The clock of ${snapshot.host} went back by ${minutes} min since the last look`
        : `Nobody looked at ${snapshot.host} for ${minutes} min`,
      subject: 'time without a look',
      why: isBack
        ? 'Ages and windows that cross the jump are wrong.'
        : 'What opened and closed in that time was not seen. The machine may have slept, or somebody stopped the agent.',
      evidence: [
        { label: 'last look', value: momentWords(last) },
        { label: 'this look', value: momentWords(context.now) },
      ],
      fixes: [{ text: 'See whether the agent was stopped, and by what.', command: 'clawwatch doctor' }],
      confidence: 'certain',
      fingerprint: fingerprint(ID, isBack ? 'clock back' : 'gap'),
    }),
  ];
}
