import type { Fix } from '../types/finding.ts';
import type { Gateway } from '../types/gateway.ts';
import { shellQuote } from '../types/text.ts';

/**
 * An `openclaw` command for exactly this gateway. A command without its profile or state directory would edit another
 * gateway's configuration and leave this one as it is.
 */
export function openclawCommand(gateway: Gateway, ...words: string[]): string {
  const { OPENCLAW_STATE_DIR, OPENCLAW_CONFIG_PATH } = gateway.markers;
  const settings = [
    ...(OPENCLAW_STATE_DIR === undefined ? [] : [`OPENCLAW_STATE_DIR=${shellQuote(OPENCLAW_STATE_DIR)}`]),
    ...(OPENCLAW_CONFIG_PATH === undefined ? [] : [`OPENCLAW_CONFIG_PATH=${shellQuote(OPENCLAW_CONFIG_PATH)}`]),
  ];
  const profile = gateway.profile === 'default' ? [] : ['--profile', gateway.profile];
  return [...settings, 'openclaw', ...[...profile, ...words].map(shellQuote)].join(' ');
}

export function setConfig(gateway: Gateway, text: string, key: string, value: string): Fix {
  return { text, command: openclawCommand(gateway, 'config', 'set', key, value) };
}

export function unsetConfig(gateway: Gateway, text: string, key: string): Fix {
  return { text, command: openclawCommand(gateway, 'config', 'unset', key) };
}

/** Back to loopback, with the step that OpenClaw's own advice leaves out. */
export function bindLoopback(gateway: Gateway): Fix[] {
  return [
    setConfig(gateway, bindText(gateway), 'gateway.bind', 'loopback'),
    ...wideStartOrigin(gateway),
    ...restart(gateway),
    verify(),
    {
      text: 'Reach it from elsewhere through an SSH forward or Tailscale Serve instead of a wide bind; run this on the other machine, with your user and host.',
      command: `ssh -N -L ${gateway.declared.port}:127.0.0.1:${gateway.declared.port} user@host`,
    },
  ];
}

/** The first step alone changes nothing in a foreground gateway, and the short screens show only the first. */
function bindText(gateway: Gateway): string {
  const bind = 'Bind the gateway to this host in its configuration';
  return gateway.unit === undefined
    ? `${bind}, then stop its process and start it anew without --bind: until then the old bind stays.`
    : `${bind}, then restart the service.`;
}

function wideStartOrigin(gateway: Gateway): Fix[] {
  if (gateway.declared.modeBy === 'flag') {
    const where = gateway.unit === undefined ? 'the command that starts it' : `ExecStart of the unit ${gateway.unit}`;
    return [{ text: `Take --bind out of ${where}: the flag wins over the configuration.` }];
  }
  if (gateway.declared.modeBy === 'environment') {
    const where = gateway.unit === undefined ? 'the environment that it is started in' : `the unit ${gateway.unit}`;
    return [{ text: `Take OPENCLAW_GATEWAY_BIND out of ${where}: the environment wins over the configuration.` }];
  }
  return [];
}

/**
 * A managed gateway is replaced by its service manager. A foreground or container gateway restarts inside the same
 * process and keeps the bind that it resolved when that process started, while `gateway status` already says loopback.
 */
export function restart(gateway: Gateway): Fix[] {
  if (gateway.unit !== undefined) {
    return [{ text: 'Restart the service.', command: openclawCommand(gateway, 'gateway', 'restart') }];
  }
  // No kill command to copy: an hour later the pid can be another process.
  const where = gateway.pid === undefined ? '' : ` (it was pid ${gateway.pid} at this look)`;
  return [
    {
      text: `Stop the gateway process${where}, with Ctrl-C in its terminal or by ending that process. OpenClaw's own restart after a configuration change happens inside the process and keeps the old bind of a foreground or container gateway.`,
    },
    { text: 'Then start it again, without --bind.', command: openclawCommand(gateway, 'gateway', 'run') },
  ];
}

export function verify(): Fix {
  return { text: 'Check the socket itself; the official status reads the configuration.', command: 'clawwatch scan' };
}

/** What somebody may have taken while the door stood open. */
export function afterExposure(gateway: Gateway): Fix[] {
  return [
    {
      text: 'Look for devices that you did not pair, and remove them.',
      command: openclawCommand(gateway, 'devices', 'list'),
    },
    {
      text: 'Make a new gateway token, then replace the API keys and channel tokens that this gateway holds.',
      command: openclawCommand(gateway, 'doctor', '--generate-gateway-token'),
    },
  ];
}
