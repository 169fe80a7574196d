import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NODE } from './install.ts';
import { INTERNET_BLOCKS, LAB_NAMES } from './internet-names.ts';
import type { InternetEvent } from './internet-server.ts';
import { type Machine, type Output, runIn, spawnIn } from './machine.ts';
import { ADDRESS, assertClosed, type Network } from './namespaces.ts';

export type Question = Extract<InternetEvent, { kind: 'question' }>;
export type WebRequest = Extract<InternetEvent, { kind: 'request' }>;

/** The running internet of the lab, and what was asked of it. */
export interface Internet {
  /** What was asked of the name server since then (Unix ms), in order. */
  questions(sinceAt?: number): Question[];
  requests(sinceAt?: number): WebRequest[];
  /** For processes with Node, which does not read the machine's certificates. */
  env: Record<string, string>;
  close(): void;
}

export interface InternetOptions {
  /** Lines of the machine's `/etc/hosts`, beside localhost. */
  hosts?: readonly string[];
}

/**
 * Starts the servers in the namespace that stands for the internet, and gives the machine their name server, their
 * certificate authority and its own hosts file. The files of the real host are not touched: the machine's are mounted
 * over them in its own mount namespace.
 */
export async function createInternet(
  network: Network,
  machine: Machine,
  { hosts = [] }: InternetOptions = {},
): Promise<Internet> {
  const folder = join(machine.folder, 'internet');
  mkdirSync(folder, { mode: 0o755 });
  const { authority, certificate, key } = createCertificates(folder);
  for (const block of INTERNET_BLOCKS) {
    must(await runIn(network.inet, ['ip', 'route', 'add', 'local', block, 'dev', 'lo']));
  }
  assertClosed(network.inet);
  await mountOver(machine, folder, '/etc/resolv.conf', `nameserver ${ADDRESS.inetPeer4}\n`);
  await mountOver(machine, folder, '/etc/hosts', ['127.0.0.1 localhost', '::1 localhost', ...hosts, ''].join('\n'));
  must(await machine.run(['mount', '--bind', authority, '/etc/ssl/certs/ca-certificates.crt']));

  const server = join(import.meta.dirname, 'internet-server.ts');
  const child = spawnIn(network.inet, [NODE, server, ADDRESS.inetPeer4, certificate, key]);
  const events: InternetEvent[] = [];
  let problem = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    problem += text;
  });
  await new Promise<void>((resolve, reject) => {
    child.once('close', (code) => reject(new Error(`the internet of the lab ended with ${code}: ${problem}`)));
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const event = JSON.parse(line) as InternetEvent;
      events.push(event);
      if (event.kind === 'ready') resolve();
    });
  });
  return {
    questions: (sinceAt = 0) => events.filter((event) => event.kind === 'question').filter(({ at }) => at >= sinceAt),
    requests: (sinceAt = 0) => events.filter((event) => event.kind === 'request').filter(({ at }) => at >= sinceAt),
    env: { NODE_EXTRA_CA_CERTS: authority },
    close: () => child.kill('SIGKILL'),
  };
}

/** Gives the machine a file of its own in a place, also where that is a link into `/run`, which is empty in a machine. */
export async function mountOver(machine: Machine, folder: string, path: string, text: string): Promise<void> {
  const file = join(folder, path.replaceAll('/', '_'));
  writeFileSync(file, text, { mode: 0o644 });
  must(await machine.run(['sh', '-c', MOUNT_OVER, 'sh', file, path]));
}

const MOUNT_OVER = `
set -e
target=$(readlink -m "$2")
mkdir -p "$(dirname "$target")"
[ -e "$target" ] || : > "$target"
mount --bind "$1" "$target"`;

/** An authority that lives as long as the lab, and one certificate of it for all names. */
function createCertificates(folder: string): { authority: string; certificate: string; key: string } {
  const [authority, authorityKey, certificate, key, extensions] = [
    'authority.pem',
    'authority.key',
    'server.pem',
    'server.key',
    'server.ext',
  ].map((name) => join(folder, name)) as [string, string, string, string, string];
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { timeout: 30_000, stdio: ['ignore', 'pipe', 'pipe'] });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const names = LAB_NAMES.map((name) => `DNS:${name}`).join(',');
  writeFileSync(extensions, `subjectAltName=${names}\nextendedKeyUsage=serverAuth\n`);
  openssl('req', '-x509', ...newKey, '-keyout', authorityKey, '-out', authority, '-days', '2', '-subj', '/CN=Lab');
  openssl('req', ...newKey, '-keyout', key, '-out', `${certificate}.csr`, '-subj', '/CN=lab server');
  const signer = ['-CA', authority, '-CAkey', authorityKey, '-CAcreateserial'];
  openssl(
    'x509',
    '-req',
    '-in',
    `${certificate}.csr`,
    ...signer,
    '-out',
    certificate,
    '-days',
    '2',
    '-extfile',
    extensions,
  );
  return { authority, certificate, key };
}

function must(output: Output): void {
  if (output.code !== 0) throw new Error(`the internet of the lab could not be built: ${output.stderr}`);
}
