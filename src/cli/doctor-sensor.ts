import type { askSensor } from '../agent/ask-sensor.ts';
import type { SelfTest, SelfTestCount, SelfTestSource } from '../agent/self-test.ts';
import { blindnessText } from './commands/sensor-status.ts';
import type { Check } from './doctor-check.ts';
import { age, count } from './format.ts';

/** What the sensor says of itself: whether it is heard, what it watches and lost, and what hides from it. */
export function sensorChecks(state: Awaited<ReturnType<typeof askSensor>>, now: number): Check[] {
  if (!state.heard) {
    const text = `none is heard (${state.why}): connections shorter than the time between two looks are missed`;
    return [{ name: 'sensor', state: 'NOTE', text, ...(state.fix !== undefined && { fix: state.fix }) }];
  }
  const { pid, startedAt, sources, missing, nameBlindness, counts } = state.status;
  const { connects, listens, names, lost } = counts;
  const told = `${count(connects, 'connection')}, ${count(listens, 'listener')}, ${count(names, 'name')}; ${count(lost, 'event')} lost`;
  const hidden = nameBlindness === undefined ? '' : `; ${blindnessText(nameBlindness)}`;
  return [
    {
      name: 'sensor',
      state: lost > 0 ? 'NOTE' : 'OK',
      text: `heard, pid ${pid} since ${age(now - startedAt)}, watches ${sources.join(', ')}; told of ${told}${hidden}`,
    },
    ...missing.map(
      ({ source, why, fix }): Check => ({
        name: 'sensor',
        state: 'NOTE',
        text: `not watched: ${source}: ${why}`,
        ...(fix !== undefined && { fix }),
      }),
    ),
  ];
}

/** One line for each source. The sensor has to see everything; polling is bound to miss what is short. */
export function selfTestChecks({ made, heldMs, intervalMs, sources }: SelfTest): Check[] {
  const what = `${made.connections} connections of ${heldMs} ms and ${made.datagrams} datagrams of our own`;
  const names = 'names were not tested';
  return sources.map((one) => {
    const name = `selftest ${one.source}`;
    if (one.connections === undefined || one.datagrams === undefined) {
      return { name, state: 'NOTE', text: `not tested: ${one.why ?? 'it was not there'}` };
    }
    const every = one.source === 'polling' ? `, looking every ${intervalMs} ms` : '';
    const text = `of ${what} it saw ${seenText(one.connections)} and ${seenText(one.datagrams)}${every}; ${names}`;
    if (one.source === 'polling') return { name, state: 'OK', text };
    const isWhole = sawAll(one, made);
    const fix = 'clawwatch sensor status says what it does not watch';
    return { name, state: isWhole ? 'OK' : 'UNKNOWN', text, ...(!isWhole && { fix }) };
  });
}

function seenText({ seen, owned }: SelfTestCount): string {
  return `${seen} (${owned} with owner)`;
}

function sawAll({ connections, datagrams }: SelfTestSource, made: SelfTest['made']): boolean {
  return (connections?.owned ?? 0) >= made.connections && (datagrams?.owned ?? 0) >= made.datagrams;
}
