import { describe } from 'vitest';
import { missing } from './namespaces.ts';

/**
 * `describe` for the lab. Where the lab cannot be built the stories are skipped with the reason in their title, except in
 * continuous integration: there it is a failure, because a lab that never runs proves nothing.
 */
export function lab(title: string, stories: () => void): void {
  const reason = missing();
  if (reason === undefined) return void describe(title, stories);
  if (process.env.CI) throw new Error(`${title}: ${reason}`);
  describe.skip(`${title} (skipped: ${reason})`, stories);
}
