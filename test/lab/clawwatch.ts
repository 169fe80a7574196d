import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { blindSpotAnswer, findingAnswer, gatewayAnswer, listenerAnswer } from '../../src/cli/answers.ts';
import { connectFrom, trueListeners } from './connect.ts';
import { CHECKOUT, MACHINE_NODE, type Machine, type Output, type ProcessOptions } from './machine.ts';
import { ADDRESS, LAB_PUBLIC, type Network } from './namespaces.ts';
import type { RunningGateway } from './openclaw.ts';

/** What `clawwatch scan --all --json` prints. */
export interface Report {
  schemaVersion: number;
  at: number;
  host: string;
  verdict: string;
  exitCode: number;
  gateways: ReturnType<typeof gatewayAnswer>[];
  listeners: ReturnType<typeof listenerAnswer>[];
  findings: ReturnType<typeof findingAnswer>[];
  blindSpots: ReturnType<typeof blindSpotAnswer>[];
}

export interface ClawWatchOptions extends ProcessOptions {
  /** Database file; a new one for each scan unless given. */
  db?: string;
  /** Further options of `scan`. */
  args?: string[];
}

let databases = 0;

/** Folder for a database, private to the uid that runs ClawWatch. */
export function databasePath(machine: Machine, uid?: number): string {
  const folder = join(machine.folder, `db${++databases}`);
  mkdirSync(folder, { mode: 0o700 });
  if (uid !== undefined) chownSync(folder, uid, uid);
  return join(folder, 'clawwatch.db');
}

/** Runs the real starter inside the machine. */
export function clawwatch(machine: Machine, args: string[], options: ProcessOptions = {}): Promise<Output> {
  return machine.run([MACHINE_NODE, `${CHECKOUT}/bin/clawwatch.cjs`, ...args], {
    ...options,
    env: { CLAWWATCH_LAB_PUBLIC: LAB_PUBLIC, ...options.env },
  });
}

/** `clawwatch scan --all --json`, parsed. Its exit code is checked to be the one in the report. */
export async function scan(machine: Machine, options: ClawWatchOptions = {}): Promise<Report> {
  const db = options.db ?? databasePath(machine, options.uid);
  return reportOf(await clawwatch(machine, ['scan', '--all', '--json', '--db', db, ...(options.args ?? [])], options));
}

export function reportOf(output: Output): Report {
  let report: Report;
  try {
    report = JSON.parse(output.stdout) as Report;
  } catch {
    throw new Error(
      `no report, exit ${output.code ?? output.signal}:\n${output.stdout.slice(0, 2000)}\n${output.stderr}`,
    );
  }
  expect(report.exitCode, output.stderr).toBe(output.code);
  return report;
}

/** With a machine: in its namespace only, for ClawWatch also reads those of other gateways that it can see. */
export const listenerNames = (report: Report, machine?: Machine) =>
  report.listeners
    .filter((listener) => machine === undefined || listener.netns === machine.netns)
    .map((listener) => `${listener.protocol} ${listener.local.address} ${listener.local.port}`)
    .sort((a, b) => a.localeCompare(b));

/** The gateway of the story, and not another one that runs on the same machine. */
export function gatewayOf(report: Report, gateway: Pick<RunningGateway, 'stateDir'>): Report['gateways'][number] {
  const found = report.gateways.find((candidate) => candidate.stateDir === gateway.stateDir);
  if (!found)
    throw new Error(`${gateway.stateDir} is not in ${JSON.stringify(report.gateways.map((g) => g.stateDir))}`);
  return found;
}

/**
 * Ids of the rules that gave a finding, each once. Without POS-08 (a gap in what could be seen): a machine may have
 * processes that even root may not look into. Gaps that matter are checked as essential blind spots instead.
 */
export const rulesOf = (report: Report, gateway?: Pick<RunningGateway, 'stateDir'>) =>
  [
    ...new Set(
      report.findings
        .filter((finding) => finding.verdict === 'finding' && finding.ruleId !== 'POS-08')
        .filter((finding) => !gateway || !finding.gatewayId || finding.gatewayId === gatewayOf(report, gateway).id)
        .map((finding) => finding.ruleId),
    ),
  ].sort();

/** Every address of the host, with the namespace from which it is to be tried. */
export function attempts(
  network: Network,
): { from: string; place: 'lan' | 'tailnet' | 'public'; addresses: string[] }[] {
  return [
    { from: network.lan, place: 'lan', addresses: [ADDRESS.lan4, ADDRESS.lan6] },
    { from: network.tail, place: 'tailnet', addresses: [ADDRESS.tail4, ADDRESS.tail6] },
    { from: network.inet, place: 'public', addresses: [ADDRESS.inet4, ADDRESS.inet6] },
  ];
}

/**
 * The bar: ClawWatch lists exactly the sockets that `ss` lists, and a TCP connect from outside succeeds exactly at the
 * addresses where ClawWatch says that the port answers.
 */
export async function expectTruth(
  network: Network,
  machine: Machine,
  report: Report,
  ports: readonly number[] = [18789],
): Promise<void> {
  const truth = (await trueListeners(machine)).map((socket) => `${socket.protocol} ${socket.address} ${socket.port}`);
  expect(listenerNames(report, machine), 'listeners against ss').toEqual(truth.sort((a, b) => a.localeCompare(b)));
  for (const port of ports) {
    const said = report.listeners
      .filter((socket) => socket.netns === machine.netns && socket.protocol === 'tcp' && socket.local.port === port)
      .flatMap((listener) => listener.reachableAt);
    for (const { from, addresses } of attempts(network)) {
      const answers = await connectFrom(from, addresses, port);
      for (const address of addresses) {
        const claims = said.filter((claim) => claim.address === address);
        // "likely" is the one honest doubt: the kernel's tables do not tell whether a `::` socket takes IPv4 as well.
        if (claims.length > 0 && claims.every((claim) => claim.confidence === 'likely')) continue;
        const what = `connect to ${address} port ${port}: ${answers[address]}`;
        expect(answers[address] === 'open', what).toBe(claims.length > 0);
      }
    }
  }
}
