import { readlinkSync } from 'node:fs';
import type { FileView } from './file-view.ts';

/** Files that OpenClaw takes as proof of a container. Source: OpenClaw 2026.9.6, `container-environment.ts`. */
const SENTINELS = ['/.dockerenv', '/run/.containerenv', '/var/run/.containerenv'];

/** The same source's test of `/proc/1/cgroup`. */
const CONTAINER_CGROUP = /\/docker\/|cri-containerd-[0-9a-f]|containerd\/[0-9a-f]{64}|\/kubepods[/.]|\blxc\b/;

/**
 * Whether OpenClaw itself would say that it runs in a container, which moves its default bind from loopback to
 * 0.0.0.0. Asked in the file system of the gateway's own process: a chroot on a container host is none, and a
 * development machine with a forgotten `/.dockerenv` is one. `undefined` when that view cannot be read.
 *
 * @param sameCgroupView false when the process has its own cgroup namespace: the file then reads differently inside,
 *   and a match seen from outside is no match for it.
 */
export function isContainer(
  view: FileView,
  markers: Record<string, string>,
  sameCgroupView: boolean,
): boolean | undefined {
  if (markers.FLY_APP_NAME?.trim() && markers.FLY_MACHINE_ID?.trim()) return true;
  if (SENTINELS.some((path) => typeof view.stat(path) === 'object')) return true;
  if (view.stat('/') === 'denied') return undefined;
  const cgroup = view.read('/proc/1/cgroup', 65_536);
  if (cgroup.ok && sameCgroupView) return CONTAINER_CGROUP.test(cgroup.text);
  // No sentinel, and the last test not repeatable from here: its answer inside is nearly always "no match" (a private
  // cgroup namespace shows "/"), but nearly is not an answer that a default of 0.0.0.0 may rest on.
  return cgroup.ok || cgroup.reason === 'denied' ? undefined : false;
}

/** True when both processes see the same cgroup paths; unknown counts as different. */
export function hasSameCgroupView(procRoot: string, pid: number): boolean {
  const theirs = linkTarget(`${procRoot}/${pid}/ns/cgroup`);
  return theirs !== undefined && theirs === linkTarget(`${procRoot}/self/ns/cgroup`);
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
