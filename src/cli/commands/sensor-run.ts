import { startSensorProcess } from '../../agent/sensor-process.ts';
import { EXIT } from '../../types/error.ts';
import type { Run } from '../context.ts';
import { dateTime } from '../format.ts';

export interface SensorRunOptions {
  reader: string[];
  user?: string;
  socketFolder?: string;
  names: boolean;
  datagrams: boolean;
}

/** `clawwatch sensor run`: the privileged sensor in the foreground. */
export const sensorRun: Run<SensorRunOptions> = async ({ io, paint }, options) => {
  const stop = io.untilStopped();
  try {
    await startSensorProcess({
      readers: options.reader,
      names: options.names,
      datagrams: options.datagrams,
      now: io.now,
      stop: stop.signal,
      say: (line) => void io.stderr.write(`${dateTime(io.now())}  ${paint.text(line, 400)}\n`),
      ...(options.user !== undefined && { user: options.user }),
      ...(options.socketFolder !== undefined && { folder: options.socketFolder }),
    });
    return EXIT.ok;
  } finally {
    stop.dispose();
  }
};
