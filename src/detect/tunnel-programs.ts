import { isLoopback, isWildcard } from '../types/ip.ts';
import type { ProcessFact } from '../types/process.ts';
import { programNames } from './process-words.ts';

/** A running program that carries connections from elsewhere to this host. */
export interface Tunnel {
  /** Name of the program, from our own table. */
  program: string;
  /** It ends at a service that gives out public addresses; else at a server that its user names. */
  isPublic: boolean;
  /** Local ends that its arguments name, most at the end of a forward. Empty: they are in a file or at the service. */
  targets: { host: string; port: number }[];
}

interface TunnelProgram {
  program: string;
  names: RegExp;
  /** Whether these arguments make it a tunnel; without one it is always. */
  isTunnel?: (words: readonly string[]) => boolean;
  isPublic: boolean;
}

const has =
  (...wanted: string[]) =>
  (words: readonly string[]) =>
    words.some((word) => wanted.includes(word));

/** Argument forms as their programs document them, read in 2026. */
const PROGRAMS: readonly TunnelProgram[] = [
  {
    program: 'cloudflared',
    names: /^cloudflared$/,
    // `cloudflared access` is the client side of a login, and OpenClaw itself may call it for a secret.
    isTunnel: (words) => !has('access')(words) && words.some((word) => word === 'tunnel' || /^--url(=|$)/.test(word)),
    isPublic: true,
  },
  {
    program: 'ngrok',
    names: /^ngrok$/,
    isTunnel: has('http', 'tcp', 'tls', 'start', 'tunnel', 'service'),
    isPublic: true,
  },
  { program: 'bore', names: /^bore$/, isTunnel: has('local'), isPublic: true },
  { program: 'localtunnel', names: /^(lt|localtunnel)$/, isPublic: true },
  { program: 'tunnelmole', names: /^(tmole|tunnelmole)$/, isPublic: true },
  { program: 'zrok', names: /^zrok2?$/, isTunnel: has('share'), isPublic: true },
  { program: 'pinggy', names: /^pinggy$/, isPublic: true },
  { program: 'devtunnel', names: /^devtunnel$/, isTunnel: has('host'), isPublic: true },
  { program: 'code tunnel', names: /^(code|code-tunnel|code-insiders)$/, isTunnel: has('tunnel'), isPublic: true },
  { program: 'playit', names: /^playit(-agent|-cli)?$/, isPublic: true },
  { program: 'LocalXpose', names: /^loclx$/, isPublic: true },
  { program: 'Localtonet', names: /^localtonet$/, isPublic: true },
  { program: 'telebit', names: /^telebit(-remote)?$/, isPublic: true },
  { program: 'expose', names: /^expose$/, isTunnel: has('share'), isPublic: true },
  { program: 'tailscale funnel', names: /^tailscale$/, isTunnel: has('funnel'), isPublic: true },
  { program: 'frpc', names: /^frpc$/, isPublic: false },
  { program: 'inlets', names: /^inlets(-pro)?$/, isTunnel: has('client'), isPublic: false },
  {
    program: 'chisel',
    names: /^chisel$/,
    isTunnel: (words) => words.includes('client') && words.some((word) => word.startsWith('R:')),
    isPublic: false,
  },
  { program: 'rathole', names: /^rathole$/, isTunnel: (words) => !words.includes('--server'), isPublic: false },
  { program: 'gost', names: /^gost$/, isTunnel: has('-F'), isPublic: false },
  { program: 'wstunnel', names: /^wstunnel$/, isTunnel: has('-R', '--remote-to-local'), isPublic: false },
];

/** Services that give a public address to whoever comes with `ssh -R`. Whole labels. */
const SSH_SERVICES = ['serveo.net', 'localhost.run', 'lhr.life', 'pinggy.io', 'tunnelto.dev', 'bore.pub', 'sish.top'];

/** What a hostile process can make us read of its arguments. */
const LIMIT = { words: 64, characters: 400 } as const;

/** The tunnel that a process is by its name and arguments; `undefined` for everything else. */
export function tunnelOf(process: ProcessFact): Tunnel | undefined {
  const names = programNames(process);
  const words = process.argv.slice(1, LIMIT.words).map((word) => word.slice(0, LIMIT.characters));
  if (names.some((name) => name === 'ssh' || name === 'autossh')) return sshTunnel(words);
  const known = PROGRAMS.find(({ names: pattern }) => names.some((name) => pattern.test(name)));
  if (known === undefined || (known.isTunnel !== undefined && !known.isTunnel(words))) return undefined;
  return { program: known.program, isPublic: known.isPublic, targets: words.flatMap(targetsIn) };
}

/** `ssh -R [bind:]port:host:hostport`, also inside a cluster (`-fNR`) and as an option. `-L` and `-D` lead the other way. */
function sshTunnel(words: readonly string[]): Tunnel | undefined {
  const forwards = words.flatMap((word, index) => {
    const cluster = /^-[46AaCfGgKkMNnqsTtVvXxYy]*R(.*)$/.exec(word)?.[1];
    if (cluster !== undefined) return [cluster || (words[index + 1] ?? '')];
    const option = /^(?:-o)?\s*RemoteForward[\s=]+(.+)$/i.exec(word)?.[1];
    return option === undefined ? [] : [option.replace(/\s+/g, ':')];
  });
  if (forwards.length === 0) return undefined;
  const isPublic = words.some((word) => {
    const host = word.split('@').at(-1)!.toLowerCase();
    return SSH_SERVICES.some((service) => host === service || host.endsWith(`.${service}`));
  });
  return { program: 'ssh -R', isPublic, targets: forwards.flatMap((forward) => hostAndPort(forward)) };
}

/** The local end that one argument names: a URL, `host:port` (the last one of a forward), `--port=N`, or a bare port. */
function targetsIn(word: string): Tunnel['targets'] {
  const value = /^-{1,2}[A-Za-z][A-Za-z-]*=(.+)$/.exec(word)?.[1] ?? word;
  const url = /^[a-z]{2,10}:\/\//i.test(value) ? URL.parse(value) : null;
  if (url !== null) {
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
    return [{ host: url.hostname.replace(/^\[|\]$/g, ''), port }];
  }
  return hostAndPort(value);
}

function hostAndPort(text: string): Tunnel['targets'] {
  const bare = /^(?:R:)?(\d{1,5})$/.exec(text)?.[1];
  const named = /(?:^|:|,|=)(\[[0-9a-f:.]{2,45}\]|[A-Za-z][\w.-]{0,252}|\d{1,3}(?:\.\d{1,3}){3}):(\d{1,5})$/i.exec(
    text,
  );
  const [host, port] =
    named === null ? ['localhost', Number(bare)] : [named[1]!.replace(/^\[|\]$/g, ''), Number(named[2])];
  return port >= 1 && port <= 65_535 ? [{ host: host.toLowerCase(), port }] : [];
}

/** Whether a target lies on this host. `own`: addresses of this host's interfaces. */
export function isOwnHost(host: string, own: ReadonlySet<string>): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || isLoopback(host) || isWildcard(host) || own.has(host);
}

/** Hosts to which tunnel programs report, also when one runs inside the gateway as a library. */
const CONTROL_HOSTS: readonly RegExp[] = [
  /(^|\.)connect\.([a-z0-9-]+\.)?ngrok-agent\.com$/,
  /(^|\.)tunnel\.([a-z0-9-]+\.)?ngrok\.com$/,
  /(^|\.)v2\.argotunnel\.com$/,
  /^(bore\.pub|localtunnel\.me|loca\.lt|service\.tunnelmole\.com|a\.pinggy\.io|api\.playit\.gg)$/,
];

export function isTunnelControl(name: string): boolean {
  return CONTROL_HOSTS.some((pattern) => pattern.test(name));
}
