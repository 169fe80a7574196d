export type { Candidates } from './candidates.ts';
export { createFamilyMemory, type FamilyMemory, type FamilyMemoryOptions, type FamilyRoot } from './family.ts';
export { familyRootOf } from './family-root.ts';
export { createFileView, type FileView, ownedBy } from './file-view.ts';
export { DEFAULT_GATEWAY_PORT, DEV_GATEWAY_PORT, defaultGatewayPort, parseGatewayPort } from './profile-port.ts';
export { createRecogniser, type Recogniser, type RecogniserOptions } from './recogniser.ts';
