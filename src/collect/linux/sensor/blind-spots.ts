import type { BlindSpot } from '../../../types/blind-spot.ts';
import type { NameBlindness } from '../../../types/sensor.ts';
import type { Loss } from '../../../types/witness.ts';
import type { SensorState } from './client.ts';

/** Whoever never had a sensor is told of it by `doctor` and not at each look; one that went away is a gap. */
export function absence(state: SensorState): BlindSpot[] {
  if (state.heard) {
    const parts = state.status.missing.map(({ source, why, fix }) => ({
      id: 'sensor.part',
      source: 'sensor',
      what: `${source} from the kernel`,
      why,
      ...(fix !== undefined && { fix }),
      essential: false,
    }));
    return [...parts, ...hiddenNames(state.status.nameBlindness)];
  }
  if (!state.lost) return [];
  return [
    {
      id: 'sensor.gone',
      source: 'sensor',
      what: 'connections and processes shorter than a look, and names from the wire',
      why: state.why,
      fix: state.fix ?? 'sudo systemctl restart clawwatch-sensor',
      essential: false,
    },
  ];
}

const HIDDEN = { dot: 'DNS over TLS', doh: 'DNS over HTTPS', ech: 'encrypted hellos' } as const;

/** In powers of ten: a spot that says another number in each look would be another spot each time. */
function hiddenNames(blindness: NameBlindness | undefined): BlindSpot[] {
  if (blindness === undefined) return [];
  const ways = (['dot', 'doh', 'ech'] as const)
    .filter((way) => blindness[way] > 0)
    .map((way) => `at least ${10 ** Math.floor(Math.log10(blindness[way]))} by ${HIDDEN[way]}`);
  if (ways.length === 0) return [];
  return [
    {
      id: 'sensor.names-hidden',
      source: 'sensor',
      what: 'names of destinations that programs of this machine hide',
      why: `${ways.join(', ')}, since the sensor started`,
      fix: 'clawwatch sensor status',
      essential: false,
    },
  ];
}

/** Events that are counted as lost, in one sentence. */
export function lossSpots(losses: readonly Loss[]): BlindSpot[] {
  const counted = losses.filter(({ count }) => count !== undefined);
  if (counted.length === 0) return [];
  const sum = counted.reduce((total, { count = 0 }) => total + count, 0);
  return [
    {
      id: 'sensor.lost',
      source: 'sensor',
      what: `${sum} events of the kernel`,
      why: counted[0]!.why,
      essential: false,
    },
  ];
}

/** Connections whose process cannot be put together any more. */
export function unfollowedSpots(count: number): BlindSpot[] {
  if (count === 0) return [];
  return [
    {
      id: 'sensor.unfollowed',
      source: 'sensor',
      what: `the process of ${count} short connection${count === 1 ? '' : 's'} of the family`,
      why: 'too many processes came and went at once',
      essential: false,
    },
  ];
}

/** Connections that are in the sums and not in the list. */
export function unlisted(count: number): BlindSpot[] {
  if (count === 0) return [];
  return [
    {
      id: 'sensor.unlisted',
      source: 'sensor',
      what: `${count} short connection${count === 1 ? '' : 's'}, one by one`,
      why: 'there were too many different ones at once, so these were counted only',
      essential: false,
    },
  ];
}
