import { NODE } from './install.ts';
import { MACHINE_NODE, type Machine, type Output, runIn } from './machine.ts';

/** A listening socket as `ss` prints it: the truth that ClawWatch is measured against. */
export interface TrueListener {
  protocol: 'tcp' | 'udp';
  address: string;
  port: number;
}

/** All listeners of the machine. `ss` is neither ours nor OpenClaw's. */
export async function trueListeners(machine: Machine): Promise<TrueListener[]> {
  const [tcp, udp] = await Promise.all([machine.run(['ss', '-Hltn']), machine.run(['ss', '-Hlun'])]);
  return [...parseSs(tcp.stdout, 'tcp'), ...parseSs(udp.stdout, 'udp')].sort((a, b) =>
    spell(a).localeCompare(spell(b)),
  );
}

export const spell = (socket: TrueListener) => `${socket.protocol} ${socket.address} ${socket.port}`;

function parseSs(text: string, protocol: 'tcp' | 'udp'): TrueListener[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const local = line.trim().split(/\s+/)[3]!;
      const colon = local.lastIndexOf(':');
      const address = local
        .slice(0, colon)
        .replace(/%[^\]]*/, '')
        .replace(/^\[|\]$/g, '');
      return { protocol, address: address === '*' ? '::' : address, port: Number(local.slice(colon + 1)) };
    });
}

export type Answer = 'open' | 'refused' | 'unreachable' | 'timeout' | 'error';

/** Connects to every address at once, from a namespace of the lab, and says what happened to each. */
export async function connectFrom(
  from: string | Machine,
  addresses: readonly string[],
  port: number,
): Promise<Record<string, Answer>> {
  for (const address of addresses) {
    if (!LAB_ADDRESS.test(address)) throw new Error(`${address} is not an address of the lab`);
  }
  const arguments_ = ['-e', CONNECT, String(port), ...addresses];
  const output: Output =
    typeof from === 'string' ? await runIn(from, [NODE, ...arguments_]) : await from.run([MACHINE_NODE, ...arguments_]);
  if (output.code !== 0) throw new Error(`connect script failed: ${output.stderr}`);
  return JSON.parse(output.stdout) as Record<string, Answer>;
}

const LAB_ADDRESS = /^(192\.168\.50\.|203\.0\.113\.|100\.101\.102\.|127\.|::1$|fd50:cafe:|fd7a:115c:a1e0:|2001:db8::)/;

const CONNECT = `
const net = require('net');
const [port, ...addresses] = process.argv.slice(1);
const words = { ECONNREFUSED: 'refused', ENETUNREACH: 'unreachable', EHOSTUNREACH: 'unreachable', EADDRNOTAVAIL: 'unreachable' };
Promise.all(addresses.map((host) => new Promise((resolve) => {
  const socket = net.connect({ host, port, timeout: 2000 });
  const done = (word) => { socket.destroy(); resolve([host, word]); };
  socket.on('connect', () => done('open')).on('timeout', () => done('timeout')).on('error', (e) => done(words[e.code] || 'error'));
}))).then((pairs) => process.stdout.write(JSON.stringify(Object.fromEntries(pairs))));`;
