import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, UserError } from '../../types/error.ts';

/** Where mount(8) is. Never looked for in PATH: we are root, and whoever set PATH may not be. */
const MOUNT = ['/usr/bin/mount', '/bin/mount'] as const;

const HINT =
  'Start the sensor as root. Without the events ClawWatch sees what lives long enough to be found by polling.';

/** Makes sure that tracefs is at `root`, and mounts it there when it is not. Throws a `UserError` when that cannot be. */
export function requireTracefs(root: string): void {
  if (isMounted(root)) return;
  if (!existsSync(root)) throw unusable(`there is no ${root}: this kernel was built without tracing`);
  const mount = MOUNT.find((path) => existsSync(path));
  if (mount === undefined) throw unusable(`tracefs is not mounted, and there is no ${MOUNT[0]} to mount it with`);
  try {
    execFileSync(mount, ['-t', 'tracefs', '-o', 'nosuid,nodev,noexec', 'tracefs', root], {
      env: {},
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 10_000,
    });
  } catch (error) {
    throw unusable(`tracefs cannot be mounted at ${root}: ${oneLine(error)}`, error);
  }
  if (!isMounted(root)) throw unusable(`tracefs is mounted at ${root} and cannot be seen there`);
}

/** The error for a machine that cannot be traced at all. */
export function unusable(why: string, cause?: unknown): UserError {
  return new UserError(`The kernel's events cannot be read: ${why}`, { hint: HINT, exitCode: EXIT.environment, cause });
}

/** What went wrong, as one clause for a person. */
export function oneLine(error: unknown): string {
  const { code, stderr, message } = error as { code?: unknown; stderr?: unknown; message?: unknown };
  const said = String(stderr ?? '').trim();
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied (not root, or the kernel is locked down)';
  return (said || String(message ?? error)).split('\n')[0]!.slice(0, 160);
}

function isMounted(root: string): boolean {
  try {
    return statSync(join(root, 'instances')).isDirectory();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw unusable(oneLine(error), error);
  }
}
