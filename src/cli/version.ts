import { readFileSync } from 'node:fs';

/** Our own version, from package.json: two levels up in a checkout (src/cli) and in the package (dist/cli) alike. */
export function ownVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
