/** Sources that read `/proc` of Linux: no subprocess, no native code, no rights beyond those of the user. */
export { createProcfsInterfaces, type InterfaceReading, type ProcfsInterfaces } from './interfaces.ts';
export { createProcfsProcesses, type ProcfsProcesses } from './processes.ts';
export { createSocketOwners, type OwnerRequest, type SocketOwners } from './socket-owners.ts';
export { createProcfsSockets } from './sockets.ts';
