import { lengthMarker } from '../../types/process.ts';
import { createFileMemo } from './memo.ts';
import { parseEnvironmentFile } from './service-unit.ts';
import type { StateDir } from './state-dirs.ts';

/**
 * Variables that OpenClaw takes from `<stateDir>/.env` and that move a port or a neighbour. Where the gateway itself
 * lives cannot come from there: it has been found by then.
 */
const USED: ReadonlySet<string> = new Set([
  'OPENCLAW_GATEWAY_PORT',
  'OPENCLAW_DISABLE_BONJOUR',
  'OPENCLAW_INCLUDE_ROOTS',
  lengthMarker('OPENCLAW_GATEWAY_TOKEN'),
  lengthMarker('OPENCLAW_GATEWAY_PASSWORD'),
]);

/** Reads the state directory's `.env`, weakest of all sources of environment; of the gateway's token only the length. */
export function createDotenv(): { read(stateDir: StateDir): Record<string, string> } {
  const files = createFileMemo<Record<string, string>>();
  return {
    read({ view, path, uid }) {
      const file = `${path}/.env`;
      return files.get(file, view, [file], () => {
        const reading = view.read(file, 262_144, uid);
        const markers = reading.ok ? parseEnvironmentFile(reading.text) : {};
        return Object.fromEntries(Object.entries(markers).filter(([name]) => USED.has(name)));
      });
    },
  };
}
