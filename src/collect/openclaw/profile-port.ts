/** Port of the default profile. Source: OpenClaw 2026.9.6, `resolveGatewayPort`. */
export const DEFAULT_GATEWAY_PORT = 18789;

/** Port of the profile `dev`, which `--dev` and `--profile dev` both choose. Source: OpenClaw 2026.9.6, `applyCliProfileEnv`. */
export const DEV_GATEWAY_PORT = 19001;

/** Names OpenClaw accepts after `--profile`. */
const PROFILE_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/i;

/** A profile name as OpenClaw reads it: trimmed, `undefined` for the default profile and for an invalid name. */
export function normalizeProfile(raw: string | undefined): string | undefined {
  const name = raw?.trim();
  if (!name || name.toLowerCase() === 'default' || !PROFILE_NAME.test(name)) return undefined;
  return name;
}

/**
 * The port of a gateway when neither flag, environment nor configuration names one: 18789, or for a named profile
 * 20000 + FNV-1a(name) % 40000, so that profiles rarely meet. A monitor that knows 18789 only misses them all.
 */
export function defaultGatewayPort(profile?: string): number {
  const name = normalizeProfile(profile);
  if (name === undefined) return DEFAULT_GATEWAY_PORT;
  return name === 'dev' ? DEV_GATEWAY_PORT : 20_000 + (fnv1a32(name) % 40_000);
}

/** 32-bit FNV-1a over the UTF-8 bytes. */
function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/**
 * A port as OpenClaw reads it from `OPENCLAW_GATEWAY_PORT`: "18789", "host:18789" or "[::1]:18789". Anything else is
 * `undefined`, and OpenClaw then goes on to the configuration file.
 */
export function parseGatewayPort(raw: string | undefined): number | undefined {
  const digits = /^(?:\[[^\]]+\]:|[^:]+:)?(\d{1,5})$/.exec(raw?.trim() ?? '')?.[1];
  const port = Number(digits ?? Number.NaN);
  return port >= 1 && port <= 65_535 ? port : undefined;
}
