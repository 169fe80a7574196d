import type { BlindSpot } from '../types/blind-spot.ts';
import type { Collected, ProcessTable } from '../types/collector.ts';
import type { GatewayFact } from '../types/gateway.ts';
import { createProcfsActiveOpens } from './linux/snmp.ts';
import { createActivityReader } from './openclaw/activity/reader.ts';
import { createSkillInventory } from './openclaw/skills/inventory.ts';

/** What explains a connection besides its process: installed skills, what the agent did, how much was opened at all. */
export interface AgentFacts {
  read(
    look: { gateways: readonly GatewayFact[]; table: ProcessTable; netns: readonly { netns: string; pid: number }[] },
    signal: AbortSignal,
  ): Pick<Collected, 'skills' | 'activities' | 'activeOpens' | 'blindSpots'>;
}

export function createAgentFacts(options: {
  platform: NodeJS.Platform;
  now: () => number;
  procRoot?: string;
}): AgentFacts {
  const { now } = options;
  const procRoot = options.procRoot === undefined ? {} : { procRoot: options.procRoot };
  const skills = createSkillInventory({ now, ...procRoot });
  const activity = createActivityReader({ now, ...procRoot });
  const opens = options.platform === 'linux' ? createProcfsActiveOpens(procRoot) : undefined;
  return {
    read({ gateways, table, netns }, signal) {
      const installed = skills.read(gateways);
      const done = activity.read(gateways, table, signal);
      // Our own namespace first: the figure is about it even when no gateway lives here.
      const counted = opens?.read([{ netns: table.ownNetns, pid: process.pid }, ...netns]);
      const blindSpots: BlindSpot[] = [...installed.blindSpots, ...done.blindSpots, ...(counted?.blindSpots ?? [])];
      return {
        skills: installed.skills,
        activities: done.activities,
        ...(counted && { activeOpens: counted.activeOpens }),
        blindSpots,
      };
    },
  };
}
