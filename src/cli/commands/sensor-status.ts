import type { SensorState } from '../../agent/ask-sensor.ts';
import { EXIT } from '../../types/error.ts';
import type { NameBlindness } from '../../types/sensor.ts';
import { labelled } from '../block.ts';
import type { Context, Run } from '../context.ts';
import { age, count } from '../format.ts';

/** `clawwatch sensor status`: UNKNOWN (exit 3) when nobody is heard, since then short connections are missed. */
export const sensorStatus: Run<{ socketFolder?: string }> = async (context, { socketFolder }) => {
  const state = await context.io.askSensor(socketFolder);
  const exitCode = state.heard ? EXIT.ok : EXIT.blind;
  context.answer({
    text: () => screen(state, context),
    json: () => ({ command: 'sensor status', verdict: state.heard ? 'OK' : 'UNKNOWN', exitCode, ...state }),
  });
  return exitCode;
};

function screen(state: SensorState, { paint, io }: Context): string[] {
  if (!state.heard) {
    return [
      ...labelled('UNKNOWN', `no sensor is heard: ${paint.text(state.why, 300)}`, paint, 'yellow'),
      ...(state.fix ? labelled('', `fix: ${paint.text(state.fix, 300)}`, paint) : []),
    ];
  }
  const { status } = state;
  const { connects, listens, names, lost } = status.counts;
  const told = `${count(connects, 'connection')}, ${count(listens, 'listener')}, ${count(names, 'name')}; ${count(lost, 'event')} lost`;
  return [
    ...labelled(
      'OK',
      `pid ${status.pid}, since ${age(io.now() - status.startedAt)}: ${status.sources.join(', ')}`,
      paint,
      'green',
    ),
    ...labelled(lost > 0 ? 'NOTE' : '', told, paint, 'cyan'),
    ...(status.nameBlindness ? labelled('', blindnessText(status.nameBlindness), paint) : []),
    ...status.missing.flatMap(({ source, why, fix }) => [
      ...labelled('NOTE', `not watched: ${paint.text(source, 200)}: ${paint.text(why, 300)}`, paint, 'cyan'),
      ...(fix ? labelled('', `fix: ${paint.text(fix, 300)}`, paint) : []),
    ]),
  ];
}

/** Traffic that hides its names, in numbers. */
export function blindnessText({ dot, doh, ech, malformed }: NameBlindness): string {
  return `names hidden: ${dot} by DNS over TLS, ${doh} by DNS over HTTPS, ${ech} by encrypted hellos; ${malformed} not readable`;
}
