import { readFileSync } from 'node:fs';
import { type SensorOptions, startSensor } from '../sensor/start.ts';
import { UserError } from '../types/error.ts';
import { SENSOR_FOLDER } from '../types/sensor-wire.ts';

/** The sensor with users by name. */
export async function startSensorProcess(
  options: Omit<SensorOptions, 'readers' | 'folder'> & { readers: readonly string[]; folder?: string },
): Promise<void> {
  if (process.platform !== 'linux') {
    throw new UserError('the sensor reads the kernel of Linux', { hint: 'go without: the agent polls' });
  }
  const folder = options.folder ?? SENSOR_FOLDER;
  await startSensor({ ...options, folder, readers: readerUids(options.readers, readFileSync('/etc/passwd', 'utf8')) });
}

/**
 * Uids of users by name or number.
 *
 * @throws UserError for a name that nobody has.
 */
export function readerUids(readers: readonly string[], passwd: string): number[] {
  return readers.map((reader) => {
    if (/^\d{1,9}$/.test(reader)) return Number(reader);
    const line = passwd.split('\n').find((each) => each.startsWith(`${reader}:`));
    const uid = Number(line?.split(':')[2]);
    if (line !== undefined && Number.isInteger(uid)) return uid;
    throw new UserError(`there is no user ${reader.slice(0, 80)}`, {
      hint: 'give --reader a name of /etc/passwd, or a uid',
    });
  });
}
