/**
 * The control group that says most about a process, from `/proc/PID/cgroup`: lines `id:controllers:path`.
 *
 * Version 2 has one line with id 0. A hybrid system has that line too, often just `/`, and keeps the service in the
 * named hierarchy of systemd. Version 1 alone (old container hosts) repeats the path for each controller. So: the unified
 * path unless it is the root, then systemd's, then the first of the others that is not the root.
 */
export function parseCgroup(text: string): string | undefined {
  let unified: string | undefined;
  let systemd: string | undefined;
  let other: string | undefined;
  for (const line of text.split('\n')) {
    const first = line.indexOf(':');
    const second = line.indexOf(':', first + 1);
    if (first < 1 || second < 0 || line[second + 1] !== '/' || !/^\d+$/.test(line.slice(0, first))) continue;
    const controllers = line.slice(first + 1, second);
    const path = line.slice(second + 1);
    if (controllers === '') unified ??= path;
    else if (controllers === 'name=systemd') systemd ??= path;
    else if (path !== '/') other ??= path;
  }
  return [unified, systemd, other].find((path) => path !== undefined && path !== '/') ?? unified ?? systemd ?? other;
}
