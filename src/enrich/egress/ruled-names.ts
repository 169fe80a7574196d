import type { PolicyRule } from '../../types/egress.ts';
import { parseHostPattern } from './host-pattern.ts';

/**
 * Names that the user's rules in force spell out. A rule says nothing about an address without a name, so below the
 * telemetry that sees names they must be asked for as the expected ones are; a wildcard names nobody to ask for.
 */
export function ruledNames(policy: readonly PolicyRule[], now: number): string[] {
  const names = new Set<string>();
  for (const { pattern, removedAt, expiresAt } of policy) {
    if (removedAt !== undefined || (expiresAt !== undefined && expiresAt <= now)) continue;
    const parsed = parseHostPattern(pattern);
    if (parsed.ok && parsed.pattern.kind === 'name') names.add(parsed.pattern.name);
  }
  return [...names];
}
