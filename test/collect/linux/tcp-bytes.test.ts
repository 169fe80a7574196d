import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { createProcfsSockets } from '../../../src/collect/linux/sockets.ts';
import { createTcpBytes, type TcpBytesOptions } from '../../../src/collect/linux/tcp-bytes.ts';
import { type CommandOutput, createCommandRunner, type RunCommand } from '../../../src/collect/portable/command.ts';
import type { Observation } from '../../../src/types/socket.ts';

const OWN = '4026531840';
const PID = 100;
const FAMILY = new Set([PID]);

function socket(changes: Partial<Observation> = {}): Observation {
  return {
    source: 'test',
    seenAt: 1,
    netns: OWN,
    protocol: 'tcp',
    family: 4,
    state: 'ESTABLISHED',
    local: { address: '192.0.2.1', port: 40_000 },
    remote: { address: '192.0.2.2', port: 443 },
    inode: 11,
    pids: [PID],
    ...changes,
  };
}

const row = (inode: number, acked: number, received: number) =>
  `ESTAB 0 0 192.0.2.1:40000 192.0.2.2:443 ino:${inode} sk:1 cgroup:/ <-> cwnd:10 bytes_sent:${acked - 1} bytes_acked:${acked} bytes_received:${received} segs_out:1`;
const answer = (lines: string[], end: Partial<CommandOutput> = {}): CommandOutput => ({
  lines,
  exitCode: 0,
  stderr: '',
  ...end,
});

/** A runner whose answers come when the test gives them. */
function heldRun() {
  const asked: {
    command: string;
    args: readonly string[];
    signal: AbortSignal;
    give: (output: CommandOutput) => void;
  }[] = [];
  const run: RunCommand = (command, args, signal) =>
    new Promise((give, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      asked.push({ command, args, signal, give });
    });
  return { run, asked };
}

function create(options: TcpBytesOptions = {}) {
  const clock = { now: 1_000_000 };
  const held = heldRun();
  const bytes = createTcpBytes({
    run: held.run,
    now: () => clock.now,
    ownNetns: OWN,
    findSs: () => '/usr/bin/ss',
    ...options,
  });
  /** One look, and what it said about its first socket. */
  const look = (...observations: Observation[]) => {
    const blindSpots = bytes.annotate(observations, FAMILY);
    const { bytesOut, bytesIn } = observations[0] ?? {};
    return { bytesOut, bytesIn, blindSpots };
  };
  return { bytes, clock, look, asked: held.asked };
}

describe('bytes of the connections of the family', () => {
  test('are those of the latest finished reading, which no look waits for', async () => {
    const { bytes, look, asked } = create();
    expect(look(socket())).toEqual({ bytesOut: undefined, bytesIn: undefined, blindSpots: [] });
    expect(asked[0]?.command).toBe('/usr/bin/ss');
    expect(look(socket()).bytesOut).toBeUndefined();
    asked[0]?.give(answer([row(11, 1001, 5000), row(12, 6, 7)]));
    await bytes.settled();
    expect(look(socket(), socket({ inode: 12 }))).toEqual({ bytesOut: 1000, bytesIn: 5000, blindSpots: [] });
  });

  test('are asked for once at a time, and not again before the interval is over', async () => {
    const { bytes, clock, look, asked } = create({ minIntervalMs: 10_000 });
    look(socket());
    clock.now += 60_000;
    look(socket());
    expect(asked).toHaveLength(1);
    asked[0]?.give(answer([]));
    await bytes.settled();
    look(socket());
    expect(asked).toHaveLength(2);
    asked[1]?.give(answer([]));
    await bytes.settled();
    clock.now += 9_999;
    look(socket());
    expect(asked).toHaveLength(2);
    clock.now += 1;
    look(socket());
    expect(asked).toHaveLength(3);
    bytes.close();
    await bytes.settled();
  });

  test('are asked for again when the clock was set back by a day', async () => {
    const { bytes, clock, look, asked } = create();
    look(socket());
    asked[0]?.give(answer([]));
    await bytes.settled();
    clock.now -= 86_400_000;
    look(socket());
    expect(asked).toHaveLength(2);
    bytes.close();
  });

  test.each<[string, Observation[]]>([
    ['there is no connection', []],
    ['it belongs to somebody else', [socket({ pids: [1] })]],
    ['its owner is not known', [socket({ pids: [] })]],
    ['it is in another namespace', [socket({ netns: '7' })]],
    ['it is only being opened', [socket({ state: 'SYN_SENT' })]],
    ['it is over', [socket({ state: 'TIME_WAIT' })]],
    ['it is UDP', [socket({ protocol: 'udp' })]],
    [
      'somebody of this host connected to it',
      [
        socket({
          local: { address: '127.0.0.1', port: 18_789 },
          remote: { address: '127.0.0.1', port: 40_000 },
        }),
        socket({ state: 'LISTEN', local: { address: '127.0.0.1', port: 18_789 }, inode: 3 }),
      ],
    ],
  ])('are not asked for while %s', (_, observations) => {
    const { look, asked } = create();
    expect(look(...observations).blindSpots).toEqual([]);
    expect(asked).toEqual([]);
  });

  test('are asked for also when the family listens on the very port that it sends from', () => {
    const { look, asked, bytes } = create();
    look(socket(), socket({ state: 'LISTEN', inode: 3 }));
    expect(asked).toHaveLength(1);
    bytes.close();
  });

  test('are not told for sockets of others, of other namespaces, and of UDP', async () => {
    const { bytes, look, asked } = create();
    look(socket());
    asked[0]?.give(answer([row(11, 1001, 5000)]));
    await bytes.settled();
    for (const other of [socket({ pids: [1] }), socket({ netns: '7' }), socket({ protocol: 'udp' })]) {
      expect(look(other, socket())).toMatchObject({ bytesOut: undefined, bytesIn: undefined });
    }
  });

  test('of an accepted connection are not short of a byte', async () => {
    const { bytes, look, asked } = create();
    const accepted = () => socket({ inode: 12, local: { address: '192.0.2.1', port: 18_789 } });
    const listener = () => socket({ state: 'LISTEN', inode: 3, local: { address: '0.0.0.0', port: 18_789 } });
    look(accepted(), listener(), socket());
    asked[0]?.give(answer([row(12, 1001, 5).replace('bytes_sent:1000', 'bytes_sent:1001'), row(11, 1001, 5)]));
    await bytes.settled();
    const observations = [accepted(), listener(), socket()];
    bytes.annotate(observations, FAMILY);
    expect(observations.map(({ bytesOut }) => bytesOut)).toEqual([1001, undefined, 1000]);
  });

  test('of an inode that was gone for one look are forgotten', async () => {
    const { bytes, look, asked } = create();
    look(socket());
    asked[0]?.give(answer([row(11, 1001, 5000)]));
    await bytes.settled();
    expect(look(socket({ inode: 12 })).bytesOut).toBeUndefined();
    expect(look(socket()).bytesOut).toBeUndefined();
  });
});

describe('when ss', () => {
  test('is missing, each look names the package, once, and asks nobody', () => {
    const { look, asked } = create({ findSs: () => undefined });
    const { blindSpots } = look(socket(), socket({ inode: 12 }));
    expect(blindSpots).toMatchObject([
      { id: 'ss.missing', essential: false, fix: expect.stringContaining('iproute2'), why: 'ss is not installed' },
    ]);
    expect(look(socket()).blindSpots).toEqual(blindSpots);
    expect(asked).toEqual([]);
  });

  test('is killed for its time, what it said until then counts and the rest is a blind spot until it works', async () => {
    const { bytes, clock, look, asked } = create();
    look(socket());
    asked[0]?.give(answer([row(11, 1001, 1), row(12, 501, 2)]));
    await bytes.settled();
    const both = () => [socket(), socket({ inode: 12 })] as const;
    clock.now += 10_000;
    look(...both());
    // The row of 12 ends inside a number.
    asked[1]?.give(answer([row(11, 2001, 1), row(12, 5001, 2).slice(0, -12)], { problem: 'timeout', exitCode: null }));
    await bytes.settled();
    const observations = [...both()];
    expect(bytes.annotate(observations, FAMILY)).toMatchObject([{ id: 'ss.timeout', essential: false }]);
    expect(observations.map(({ bytesOut }) => bytesOut)).toEqual([2000, 500]);
    clock.now += 10_000;
    look(...both());
    asked[2]?.give(answer([row(11, 2001, 1)]));
    await bytes.settled();
    expect(look(socket()).blindSpots).toEqual([]);
  });

  test('does not end, the real runner kills it', async () => {
    const timeoutMs = 50;
    const killed = createCommandRunner({ timeoutMs, background: true });
    const { bytes, look } = create({ run: (_, __, signal) => killed('sleep', ['60'], signal) });
    look(socket());
    await bytes.settled();
    expect(look(socket()).blindSpots).toMatchObject([{ id: 'ss.timeout', essential: false }]);
  });

  test('is too old for -O and -H, it is asked without them from then on', async () => {
    const asked: (readonly string[])[] = [];
    const run: RunCommand = async (_, args) => {
      asked.push(args);
      if (args[0] === '-tineHO') return answer([], { exitCode: 255, stderr: "ss: invalid option -- 'O'\nUsage: ss" });
      const [head = '', tail = ''] = row(11, 1001, 5000).split(' <->');
      return answer(['State Recv-Q Send-Q', `${head} <->`, `\t${tail}`]);
    };
    const { bytes, clock, look } = create({ run });
    look(socket());
    await bytes.settled();
    clock.now += 10_000;
    expect(look(socket())).toEqual({ bytesOut: 1000, bytesIn: 5000, blindSpots: [] });
    await bytes.settled();
    expect(asked.map(([first]) => first)).toEqual(['-tineHO', '-tine', '-tine']);
  });

  test.each<[string, CommandOutput, string]>([
    ['fails', answer([], { exitCode: 1, stderr: 'Cannot open netlink socket: \u001b[31mno' }), 'ss.failed'],
    ['prints rows of another form', answer(['ESTAB what is this', row(11, 2, 3)]), 'ss.rows'],
  ])('%s, that is a blind spot and no zero', async (_, output, id) => {
    const { bytes, look, asked } = create();
    look(socket());
    asked[0]?.give(output);
    await bytes.settled();
    const { blindSpots, bytesOut } = look(socket({ inode: 99 }));
    expect(blindSpots).toMatchObject([{ id, essential: false }]);
    expect(JSON.stringify(blindSpots)).not.toContain('\\u001b');
    expect(bytesOut).toBeUndefined();
  });

  test('cannot even be started, that is a blind spot and no crash', async () => {
    const { bytes, look } = create({ run: () => Promise.reject(new Error('spawn ENOMEM')) });
    look(socket());
    await bytes.settled();
    expect(look(socket()).blindSpots).toMatchObject([{ id: 'ss.not-started', essential: false }]);
  });
});

describe('closing', () => {
  test('ends the reading under way, and nothing is started afterwards', async () => {
    const { bytes, clock, look, asked } = create();
    look(socket());
    bytes.close();
    expect(asked[0]?.signal.aborted).toBe(true);
    await bytes.settled();
    clock.now += 60_000;
    expect(look(socket()).blindSpots).toEqual([]);
    expect(asked).toHaveLength(1);
  });

  test('is not needed for the process to end, and waiting is', () => {
    const program = (last: string) => `
      import { createTcpBytes } from '${process.cwd()}/src/collect/linux/tcp-bytes.ts';
      import { createCommandRunner } from '${process.cwd()}/src/collect/portable/command.ts';
      const runner = createCommandRunner({ background: true, timeoutMs: ${last === '' ? 60_000 : 300} });
      const run = (_, __, signal) => runner('sleep', ['5'], signal);
      const bytes = createTcpBytes({ ownNetns: 'x', findSs: () => 'ss', run });
      bytes.annotate([${JSON.stringify(socket({ netns: 'x' }))}], new Set([${PID}]));
      ${last}
      console.log('end');
    `;
    const run = (last: string) =>
      execFileSync(process.execPath, ['--input-type=module', '-e', program(last)], {
        encoding: 'utf8',
        timeout: 4_000,
      });
    expect(run('')).toBe('end\n');
    expect(run('await bytes.settled();')).toBe('end\n');
  });
});

const LOOPBACK = Object.values(networkInterfaces()).flatMap((addresses) =>
  (addresses ?? []).map(({ address }) => address).filter((address) => ['127.0.0.1', '::1'].includes(address)),
);
const hasSs = process.platform === 'linux' && ['/usr/sbin/ss', '/usr/bin/ss', '/sbin/ss', '/bin/ss'].some(existsSync);

describe.runIf(hasSs)('the real ss', () => {
  test.each(LOOPBACK)('counts what was sent and received over %s to the byte', async (host) => {
    const server = createServer();
    await once(server.listen(0, host), 'listening');
    const { port } = server.address() as AddressInfo;
    const client = connect(port, host);
    const [peer] = (await once(server, 'connection')) as [Socket];
    const arrived = (end: Socket, bytes: number) =>
      new Promise<void>((resolve) => {
        let sum = 0;
        end.on('data', (chunk: Buffer) => {
          sum += chunk.length;
          if (sum === bytes) resolve();
        });
      });
    const there = arrived(peer, 1_234_567);
    client.write(Buffer.alloc(1_234_567));
    await there;
    const back = arrived(client, 4_321);
    peer.write(Buffer.alloc(4_321));
    await back;

    const bytes = createTcpBytes({ minIntervalMs: 0 });
    const look = async () => {
      await bytes.settled();
      const { observations } = await createProcfsSockets().read({ netns: [], now: 1 }, new AbortController().signal);
      const ours = observations.filter(({ local, remote }) => local.port === port || remote?.port === port);
      for (const each of ours) each.pids = [PID];
      expect(bytes.annotate(ours, FAMILY)).toEqual([]);
      return {
        opener: ours.find(({ remote }) => remote?.port === port),
        acceptor: ours.find(({ local, state }) => local.port === port && state === 'ESTABLISHED'),
      };
    };
    await look();
    let ends = await look();
    // The last segment may be acknowledged up to 40 ms late.
    for (let looks = 0; looks < 100 && ends.acceptor?.bytesOut !== 4_321; looks++) ends = await look();
    expect(ends.opener).toMatchObject({ bytesOut: 1_234_567, bytesIn: 4_321 });
    expect(ends.acceptor).toMatchObject({ bytesOut: 4_321, bytesIn: 1_234_567 });

    bytes.close();
    client.destroy();
    peer.destroy();
    server.close();
    await once(server, 'close');
  });
});
