import type { BlindSpot } from '../../types/blind-spot.ts';
import type { GatewayFact } from '../../types/gateway.ts';
import { safeText } from '../../types/text.ts';
import type { Home } from './homes.ts';

const SOURCE = 'openclaw';

/** One blind spot for all homes that we may not look into; `/root` is among them on nearly every machine. */
export function blindSpotsOfHomes(homes: readonly Home[]): BlindSpot[] {
  const closed = homes.filter((home) => !home.readable);
  if (closed.length === 0) return [];
  const names = closed.slice(0, 3).map((home) => safeText(home.path, 60));
  const more = closed.length > names.length ? `, ${closed.length - names.length} more` : '';
  return [
    {
      id: 'openclaw.homes.denied',
      source: SOURCE,
      what: `OpenClaw installations in ${closed.length} other home director${closed.length === 1 ? 'y' : 'ies'} (${names.join(', ')}${more})`,
      why: 'they may not be read by this user',
      fix: 'sudo clawwatch scan',
      // Gateways there are still seen as listeners; what is missing is their name and configuration.
      essential: false,
    },
  ];
}

/** What is missing about one gateway. */
export function blindSpotsOfGateway(gateway: GatewayFact, socketsUnseen: boolean): BlindSpot[] {
  const spots: BlindSpot[] = [];
  if (gateway.running && socketsUnseen) {
    spots.push({
      id: 'openclaw.gateway.sockets-unseen',
      source: SOURCE,
      what: `sockets of process ${gateway.pid}, which is titled as a gateway`,
      why: 'it belongs to another user',
      fix: 'sudo clawwatch scan',
      essential: true,
      gatewayId: gateway.id,
    });
  }
  if (gateway.running && gateway.config.status === 'unreadable') {
    spots.push({
      id: 'openclaw.config.unreadable',
      source: SOURCE,
      what: `configuration of gateway ${safeText(gateway.id, 80)}`,
      why: safeText(gateway.config.problems[0] ?? 'it may not be read by this user', 200),
      fix: 'run ClawWatch as the user of the gateway, or as root',
      essential: false,
      gatewayId: gateway.id,
    });
  }
  return spots;
}
