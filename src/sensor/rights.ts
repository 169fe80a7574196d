import { readFileSync } from 'node:fs';
import { EXIT, UserError } from '../types/error.ts';

/** User that the sensor becomes once its sources are open. Made by `clawwatch sensor install`. */
export const SENSOR_USER = 'clawwatch-sensor';

/**
 * Stands in where that user does not exist: below the range that systemd hands out (61184 to 65519) and above that of
 * people. Not `nobody`, whose processes could end us.
 */
export const SPARE_UID = 61_111;

/** What dropping rights needs of a process; tests hand in another one. */
export interface Identity {
  getuid(): number;
  setgroups(groups: number[]): void;
  setgid(gid: number): void;
  setuid(uid: number): void;
  umask(mask: number): number;
  chdir(folder: string): void;
}

/**
 * The uid and gid to become.
 *
 * @param passwd text of /etc/passwd.
 * @throws UserError when it would be root, or somebody who lives here.
 */
export function sensorIdentity(wish: string | undefined, passwd: string): { uid: number; gid: number } {
  const users = passwd.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && /^\d+$/.test(uid ?? '') && /^\d+$/.test(gid ?? '')
      ? [{ name, uid: Number(uid), gid: Number(gid) }]
      : [];
  });
  const name = wish ?? SENSOR_USER;
  const named = users.find((user) => user.name === name);
  const found = named ?? (wish === undefined ? { uid: SPARE_UID, gid: SPARE_UID } : numeric(wish));
  if (found === undefined) {
    throw new UserError(`there is no user ${name.slice(0, 80)}`, {
      hint: 'make one with useradd --system, or give a number',
    });
  }
  // The group of root opens files too.
  if (found.uid === 0 || found.gid === 0)
    throw new UserError('the sensor must not stay root', { hint: 'give --user another user' });
  const other = users.find((user) => user.uid === found.uid && user !== named);
  if (named === undefined && other !== undefined) {
    throw new UserError(`uid ${found.uid} belongs to somebody on this machine`, {
      hint: `make a user for the sensor: useradd --system --no-create-home --shell /usr/sbin/nologin ${SENSOR_USER}`,
    });
  }
  return { uid: found.uid, gid: found.gid };
}

function numeric(text: string): { uid: number; gid: number } | undefined {
  return /^\d{1,9}$/.test(text) ? { uid: Number(text), gid: Number(text) } : undefined;
}

/**
 * Becomes another user for good: no group, no capability, no way back. What is open stays open; that is the point.
 *
 * @throws Error when anything of root is left; the caller must end then.
 */
export function dropRights(
  to: { uid: number; gid: number },
  identity: Identity = process as unknown as Identity,
  readStatus: () => string = () => readFileSync('/proc/self/status', 'utf8'),
): void {
  identity.chdir('/');
  identity.umask(0o077);
  identity.setgroups([]);
  identity.setgid(to.gid);
  identity.setuid(to.uid);
  const left = leftOfRoot(readStatus(), to);
  if (left.length > 0) throw new Error(`rights of root are left after becoming uid ${to.uid}: ${left.join(', ')}`);
  try {
    identity.setuid(0);
  } catch {
    return;
  }
  throw new Error('the way back to root is open');
}

/** What the kernel says (`/proc/self/status`) that is not as it must be; a line that is missing proves nothing. */
function leftOfRoot(status: string, { uid, gid }: { uid: number; gid: number }): string[] {
  const wanted: [string, RegExp][] = [
    ...['CapEff', 'CapPrm', 'CapInh', 'CapAmb'].map((name): [string, RegExp] => [name, /^0+$/]),
    ['Uid', new RegExp(`^${uid}(\\s+${uid}){3}$`)],
    ['Gid', new RegExp(`^${gid}(\\s+${gid}){3}$`)],
    ['Groups', /^$/],
  ];
  return wanted.flatMap(([name, pattern]) => {
    const value = new RegExp(`^${name}:(.*)$`, 'm').exec(status)?.[1]?.trim();
    return value !== undefined && pattern.test(value) ? [] : [`${name} ${value ?? 'is not told'}`];
  });
}

/** @throws UserError for everybody but root. */
export function requireRoot(identity: Pick<Identity, 'getuid'> = process as unknown as Identity): void {
  if (identity.getuid() === 0) return;
  throw new UserError('the sensor starts as root: kernel events and packets are not for ordinary users', {
    hint: 'sudo clawwatch sensor install (it becomes a user without rights at once), or go without: the agent polls',
    exitCode: EXIT.usage,
  });
}
