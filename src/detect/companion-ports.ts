import type { Severity } from '../types/finding.ts';
import type { Gateway } from '../types/gateway.ts';
import type { Listener, Role } from '../types/snapshot.ts';

/** What a listener beside the gateway port gives to whoever reaches it. `control`: the logged-in browser, the desktop or the code. */
export type CompanionKind =
  | 'control'
  | 'sandbox-host'
  | 'portal'
  | 'webhook'
  | 'mcp'
  | 'model'
  | 'tunnel-console'
  | 'canvas'
  | 'unclassified';

/** Severity by who can reach it. `sandbox-host` shares the gateway's addresses and is graded by its exposure. */
export const COMPANION_SEVERITY: Readonly<
  Record<Exclude<CompanionKind, 'sandbox-host'>, Record<'tailnet' | 'lan' | 'public', Severity>>
> = {
  control: { tailnet: 'medium', lan: 'high', public: 'critical' },
  portal: { tailnet: 'low', lan: 'medium', public: 'high' },
  // Webhooks check signatures, and a public one is often wanted.
  webhook: { tailnet: 'info', lan: 'low', public: 'medium' },
  mcp: { tailnet: 'medium', lan: 'high', public: 'high' },
  model: { tailnet: 'low', lan: 'medium', public: 'high' },
  'tunnel-console': { tailnet: 'low', lan: 'medium', public: 'high' },
  canvas: { tailnet: 'low', lan: 'medium', public: 'high' },
  unclassified: { tailnet: 'low', lan: 'medium', public: 'high' },
};

/** What it is, for a person, and the kind that grades it. */
export interface Companion {
  kind: CompanionKind;
  name: string;
}

// Ports that mean the same on every host. 8080, 3000 and the like mean nothing by themselves and are left out.
const FIXED: ReadonlyMap<number, Companion> = new Map<number, Companion>([
  [9222, { kind: 'control', name: 'Chrome remote debugging' }],
  [9223, { kind: 'control', name: 'Chrome remote debugging' }],
  [6080, { kind: 'control', name: 'noVNC' }],
  [9229, { kind: 'control', name: 'Node inspector' }],
  [8787, { kind: 'webhook', name: 'Telegram webhook' }],
  [8788, { kind: 'webhook', name: 'Nextcloud Talk webhook' }],
  [3978, { kind: 'webhook', name: 'Teams webhook' }],
  [11434, { kind: 'model', name: 'Ollama' }],
  [4040, { kind: 'tunnel-console', name: 'ngrok console' }],
  [18793, { kind: 'canvas', name: 'canvas host of old releases' }],
]);

/** Roles whose every listener belongs to OpenClaw; commands and skills listen on their own account (EXP-09). */
const TRUSTED_ROLES: ReadonlySet<Role> = new Set<Role>(['gateway', 'helper', 'browser', 'mcp']);

/**
 * What a family listener beyond the gateway port is; `undefined` when it is none of EXP-03's business. Owner first and
 * port second: a port number alone accuses nobody.
 */
export function companionOf(listener: Listener, gateway: Gateway | undefined): Companion | undefined {
  const role = listener.owner?.role;
  const ofFamily =
    listener.owner?.gatewayId !== undefined || (listener.owner === undefined && listener.gatewayId !== undefined);
  if (listener.protocol !== 'tcp' || !ofFamily) return undefined;
  if (
    listener.service === 'gateway' ||
    listener.service === 'docker-proxy' ||
    gateway?.gatewayListeners.includes(listener.key)
  ) {
    return undefined;
  }
  const known = byService(listener) ?? byPort(listener.local.port, gateway?.declared.port);
  if (known !== undefined) return known;
  if (role === undefined || !TRUSTED_ROLES.has(role)) return undefined;
  if (role === 'browser') return { kind: 'control', name: 'port of the agent browser' };
  if (role === 'mcp') return { kind: 'mcp', name: 'MCP server' };
  return { kind: 'unclassified', name: `port of the ${role} process` };
}

function byService({ service, local }: Listener): Companion | undefined {
  switch (service) {
    case 'sandbox-host':
      return { kind: 'sandbox-host', name: 'widget sandbox host' };
    case 'browser-control':
      return { kind: 'control', name: 'browser control' };
    case 'legacy-cdp':
    case 'cdp':
      return { kind: 'control', name: 'Chrome remote debugging' };
    case 'extension-relay':
      return { kind: 'control', name: 'browser extension relay' };
    case 'portal':
      return { kind: 'portal', name: 'portal opened by the agent' };
    case 'portal-ingress':
      return { kind: 'portal', name: 'portal ingress' };
    case 'webhook':
      return FIXED.get(local.port)?.kind === 'webhook'
        ? FIXED.get(local.port)
        : { kind: 'webhook', name: 'channel webhook' };
    default:
      return undefined;
  }
}

function byPort(port: number, base: number | undefined): Companion | undefined {
  if (base !== undefined) {
    if (port === base + 2) return { kind: 'control', name: 'browser control' };
    if (port === base + 3) return { kind: 'control', name: 'Chrome remote debugging of old releases' };
    if (port >= base + 11 && port <= base + 110) return { kind: 'control', name: 'Chrome remote debugging' };
  }
  if (port >= 5900 && port <= 5910) return { kind: 'control', name: 'VNC' };
  return FIXED.get(port);
}
