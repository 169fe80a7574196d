import type { Severity } from '../types/finding.ts';

/** A release below which known holes can be used over the network. */
export interface VersionFloor {
  /** First release without the holes. */
  version: string;
  severity: Severity;
  /** What an attacker does with the gravest of them, as a clause after "below it". */
  what: string;
  advisories: string[];
}

/** Day of the advisory data that the floors were drawn from; they cannot know what was published later. */
export const FLOORS_AS_OF = '2026-08-21';

/** After so many days the floors are said to be stale: about four of OpenClaw's monthly releases. */
export const FLOORS_STALE_DAYS = 120;

/**
 * Lowest first. Drawn from GitHub advisories and the version ranges in Tencent AI-Infra-Guard's data (657 OpenClaw
 * entries at that day); only identifiers that were read in full are listed.
 */
export const VERSION_FLOORS: readonly VersionFloor[] = [
  {
    version: '2026.1.29',
    severity: 'critical',
    what: 'a link or a web page takes over even a loopback gateway (token sent to an address in the query, unauthenticated config.apply)',
    advisories: ['CVE-2026-25253', 'GHSA-g8p2-7wf7-98mq', 'CVE-2026-25593'],
  },
  {
    version: '2026.2.25',
    severity: 'high',
    what: 'any web page may guess the gateway password over loopback without a limit ("ClawJacked")',
    advisories: [
      'GHSA-jmmg-jqc7-5qf4',
      'CVE-2026-28472',
      'CVE-2026-28395',
      'CVE-2026-26317',
      'CVE-2026-26327',
      'CVE-2026-32045',
      'CVE-2026-32064',
      'CVE-2026-22174',
    ],
  },
  {
    version: '2026.3.12',
    severity: 'high',
    what: 'shared authentication lets a client give itself every scope (CVSS 10)',
    advisories: ['CVE-2026-22172', 'CVE-2026-32302'],
  },
  {
    version: '2026.4.10',
    severity: 'medium',
    what: 'browser control and noVNC of the sandbox can be reached without authentication, and discovery can be spoofed',
    advisories: [
      'CVE-2026-43581',
      'CVE-2026-43575',
      'CVE-2026-41342',
      'CVE-2026-41361',
      'CVE-2026-41347',
      'CVE-2026-40045',
      'CVE-2026-41372',
    ],
  },
  {
    version: '2026.5.26',
    severity: 'low',
    what: 'rate limits of the WebSocket can be passed by, and requests can be steered into the private network',
    advisories: [
      'CVE-2026-62220',
      'CVE-2026-62227',
      'CVE-2026-53821',
      'CVE-2026-44118',
      'CVE-2026-43527',
      'CVE-2026-45000',
    ],
  },
  {
    version: '2026.6.6',
    severity: 'low',
    what: 'local programs can use the MCP loopback service without the right to',
    advisories: ['CVE-2026-62195'],
  },
];

/** Numbers that compare in order: year, month, patch, pre-release (-1) or release (0), suffix. */
export type ParsedVersion = readonly [number, number, number, number, number];

// Hotfixes are `2026.1.14-1` and come after `2026.1.14`; pre-releases are `2026.2.0-beta.3` and come before it.
const VERSION = /^v?(\d{4})\.(\d{1,4})\.(\d{1,6})(?:-(?:(\d{1,6})|(?:alpha|beta|rc)(?:[.-]?(\d{1,6}))?))?$/;

/** `undefined` for anything that is not a version of OpenClaw's calendar scheme: unknown, and never "new enough". */
export function parseVersion(text: string): ParsedVersion | undefined {
  const match = VERSION.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, patch, hotfix, preRelease] = match;
  const isPreRelease = hotfix === undefined && text.includes('-');
  return [Number(year), Number(month), Number(patch), isPreRelease ? -1 : 0, Number(hotfix ?? preRelease ?? 0)];
}

/** Negative when `a` is older. */
export function compareVersions(a: ParsedVersion, b: ParsedVersion): number {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return 0;
}

/** Floors that a version is below, lowest first; `undefined` when the version cannot be read. */
export function floorsAbove(version: string): VersionFloor[] | undefined {
  const parsed = parseVersion(version);
  if (parsed === undefined) return undefined;
  return VERSION_FLOORS.filter((floor) => compareVersions(parsed, parseVersion(floor.version)!) < 0);
}

/** Below the release in which authentication could be walked around. An unreadable version is not known to be. */
export function isBelowCriticalFloor(version: string): boolean {
  return floorsAbove(version)?.some((floor) => floor.severity === 'critical') ?? false;
}

/** Whole days between the data and now; negative when the clock is wrong. */
export function floorsAgeDays(now: number): number {
  return Math.floor((now - Date.parse(FLOORS_AS_OF)) / 86_400_000);
}
