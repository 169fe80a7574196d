/** Sources that work where there is no `/proc`: tools of the system, read with suspicion. */
export type { CommandOutput, RunCommand } from './command.ts';
export { createDarwinSockets, type DarwinOptions } from './darwin.ts';
export { createOsInterfaces, type OsInterfacesOptions } from './interfaces.ts';
export { createLsofSockets, type LsofOptions } from './lsof.ts';
export { createNetstatSockets, type NetstatOptions, type NetstatPlatform } from './netstat.ts';
export { createPsProcesses, type PsOptions } from './ps.ts';
export { createTasklistProcesses, type TasklistOptions } from './tasklist.ts';
