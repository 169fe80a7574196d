import { describe, expect, it } from 'vitest';
import { createNetstatSockets, type NetstatPlatform, readNetstatLines } from '../../../src/collect/portable/netstat.ts';
import { answer, fakeRun, NEVER, REQUEST, recordedLines, summary } from './recorded.ts';

const read = (platform: NetstatPlatform, path: string) => {
  const reading = readNetstatLines(platform, recordedLines(path));
  return { ...reading, summaries: reading.sockets.map(summary) };
};
const one = (platform: NetstatPlatform, ...lines: string[]) => {
  const socket = readNetstatLines(platform, lines).sockets[0];
  return socket && summary(socket);
};

describe('netstat of Linux', () => {
  const root = read('linux', 'netstat/linux-net-tools-2.10-root.txt');

  it('keeps 0.0.0.0 and :: apart and as they are', () => {
    expect(root.summaries).toContain('tcp4 0.0.0.0 41802 > - LISTEN 12357');
    expect(root.summaries).toContain('tcp6 :: 41803 > - LISTEN 12357 dual=unknown');
    expect(root.summaries).toContain('tcp4 127.0.0.1 18789 > - LISTEN 12357');
  });

  it('keeps long IPv6 addresses whole at both ends', () => {
    const address = 'fd00:1111:2222:3333:4444:5555:6666:7777';
    expect(root.summaries).toContain(`tcp6 ${address} 41808 > - LISTEN 12357`);
    expect(root.summaries).toContain(`tcp6 ${address} 41808 > ${address} 36490 ESTABLISHED 12357`);
  });

  it('reads the owner of a connected UDP socket and takes an unconnected one for a listener', () => {
    expect(root.summaries).toContain('udp4 127.0.0.1 37314 > 127.0.0.1 41806 ESTABLISHED 12357');
    expect(root.summaries).toContain('udp4 0.0.0.0 5353 > - UNCONN 12357');
    expect(root.summaries).toContain('udp6 :: 41807 > - UNCONN 12357 dual=unknown');
  });

  it('shows an IPv4 peer of a dual-stack socket as IPv4 of family 6', () => {
    expect(root.summaries).toContain('tcp6 127.0.0.1 41803 > 127.0.0.1 42696 ESTABLISHED 12357');
  });

  it('gives inode and uid, and neither to TIME_WAIT, where the kernel says 0 for everybody', () => {
    const listener = root.sockets.find((socket) => socket.local.port === 41802);
    expect(listener).toMatchObject({ inode: 56786, uid: 0 });
    const closed = root.sockets.find((socket) => socket.state === 'TIME_WAIT')!;
    expect(closed).toMatchObject({ pids: [] });
    expect(closed).not.toHaveProperty('uid');
    expect(closed).not.toHaveProperty('inode');
  });

  it('finds every socket although each name is cut by a line feed', () => {
    expect(root).toMatchObject({ unreadable: 0, stray: 17 });
    expect(root.sockets).toHaveLength(18);
  });

  it('looks up nobody where the tool prints a dash', () => {
    const user = read('linux', 'netstat/linux-net-tools-2.10-user.txt');
    expect(user.sockets).toHaveLength(18);
    expect(user.sockets.every((socket) => socket.pids?.length === 0)).toBe(true);
  });

  it('refuses cut IPv6 addresses and counts them, rather than to invent one', () => {
    const narrow = read('linux', 'netstat/linux-net-tools-2.10-narrow.txt');
    expect(narrow.unreadable).toBe(3);
    expect(narrow.summaries).toContain('tcp6 ::1 18789 > - LISTEN 12357');
    expect(narrow.sockets.every((socket) => !socket.local.address.startsWith('fd00'))).toBe(true);
  });

  it.each([
    ['node', '1234/node               '],
    ['blanks, slashes and numbers', '1234/openclaw gate/1 2/x'],
    ['escape codes', '1234/\x1b[31mroot\x1b[0m'],
    ['the words of another tool', '1234/users:(("a",pid=1)'],
    ['quotes and commas', `1234/a",'b`],
    ['nothing', '1234/'],
  ])('takes the pid and not the name when the name is %s', (_, owner) => {
    const line = `tcp6       0      0 :::18789                :::*                    LISTEN      1000       77         ${owner}`;
    expect(one('linux', line)).toBe('tcp6 :: 18789 > - LISTEN 1234 dual=unknown');
  });

  it('does not take the rest of a process name for a socket', () => {
    const forged = readNetstatLines('linux', ['tcp 0 0 0.0.0.0:1 0.0.0.0:* LISTEN 1/a']);
    expect(forged).toMatchObject({ sockets: [], unreadable: 1 });
  });

  it('reads a table without the columns of -e', () => {
    const line = 'tcp        0      1 10.0.0.5:50000          203.0.113.9:443         SYN_SENT    -                   ';
    expect(one('linux', line)).toBe('tcp4 10.0.0.5 50000 > 203.0.113.9 443 SYN_SENT nobody');
  });
});

describe('netstat of macOS', () => {
  const common = [
    'tcp4 127.0.0.1 18789 > - LISTEN 812',
    'tcp6 :: 18791 > - LISTEN 812 dual=yes',
    'tcp6 :: 18792 > - LISTEN 812 dual=no',
    'tcp4 0.0.0.0 18793 > - LISTEN 812',
    'tcp6 ::1 18789 > - LISTEN 812',
    'tcp6 fe80::1%lo0 1024 > fe80::2%lo0 1025 ESTABLISHED 640',
    'tcp6 fd00:1111:2222:3333:4444:5555:6666:7777 41002 > 2001:db8:1:2:3:4:5:6 443 ESTABLISHED 812',
    'tcp4 192.0.2.10 50001 > 198.51.100.7 443 SYN_SENT 813',
    'tcp4 192.0.2.10 50002 > 198.51.100.7 443 FIN_WAIT2 813',
    'tcp4 192.0.2.10 50003 > 198.51.100.7 443 TIME_WAIT nobody',
    'udp4 0.0.0.0 5353 > - UNCONN 312',
    'udp6 :: 41641 > - UNCONN 400 dual=yes',
    'udp4 192.0.2.10 60001 > 198.51.100.8 443 ESTABLISHED 813',
    'udp6 fe80::aede:48ff:fe00:1122%en5 123 > - UNCONN 99',
  ];

  it.each(['12', '14', '15', '26'])(
    'of version %s gives the same sockets and owners, read by its header',
    (version) => {
      const reading = read('darwin', `darwin/netstat-${version}.txt`);
      expect(reading.summaries).toEqual(common);
      expect(reading.unreadable).toBe(0);
    },
  );

  it('without a pid column gives the same sockets without owners, and does not throw', () => {
    const reading = read('darwin', 'darwin/netstat-without-pid.txt');
    expect(reading.summaries).toEqual(
      common.map((line) => line.replace(/(\S+) (\d+|nobody)( dual=\w+)?$/, '$1 nobody$3')),
    );
  });

  it('without any header guesses no owner', () => {
    const line = recordedLines('darwin/netstat-15.txt')[2]!;
    expect(one('darwin', line)).toBe('tcp4 127.0.0.1 18789 > - LISTEN nobody');
  });

  it('believes no row after the internet section, where paths of UNIX sockets may hold line feeds', () => {
    const lines = recordedLines('darwin/netstat-14.txt');
    expect(lines.filter((line) => line.includes('.18789  ')).length).toBeGreaterThan(2);
    expect(read('darwin', 'darwin/netstat-14.txt').sockets).toHaveLength(common.length);
  });

  it('takes the pid of the tool and not one inside the name', () => {
    const [, header, row] = recordedLines('darwin/netstat-26.txt');
    const renamed = (name: string) =>
      one(
        'darwin',
        header!,
        row!.replace(/ node:812/, () => ` ${name}:812`),
      );
    for (const name of ['x:1', 'a:1 00100 000', 'Code - Insiders', '\x1b[2J', 'users:(("a",pi']) {
      expect(renamed(name)).toBe('tcp4 127.0.0.1 18789 > - LISTEN 812');
    }
  });

  it('gives no owner rather than a chosen one when a name ends its line', () => {
    const [, header, row] = recordedLines('darwin/netstat-26.txt');
    const [first, second] = row!.replace(/ node:812/, ' x:1\ny:812').split('\n');
    expect(one('darwin', header!, first!, second!)).toBe('tcp4 127.0.0.1 18789 > - LISTEN nobody');
  });

  it.each(['Active LOCAL', 'Active x', 'Proto pid', 'Registered k'])(
    'reads on behind a process name that holds a line feed and "%s"',
    (words) => {
      const [title, header, row, ...more] = recordedLines('darwin/netstat-26.txt');
      const lines = [title!, header!, ...row!.replace(/ node:812/, `x\n${words}:812`).split('\n'), ...more];
      const { sockets } = readNetstatLines('darwin', lines);
      expect(sockets.map(summary)).toEqual(['tcp4 127.0.0.1 18789 > - LISTEN nobody', ...common.slice(1)]);
    },
  );

  it('counts an address that was cut', () => {
    const line =
      'tcp6       0      0  2600:1700:5610:3.50624 2600:1900:4110:8.80    SYN_SENT    131072  131072    812      0';
    expect(readNetstatLines('darwin', [line])).toMatchObject({ sockets: [], unreadable: 1 });
  });
});

describe('netstat of Windows', () => {
  const expected = [
    'tcp4 0.0.0.0 135 > - LISTEN 988',
    'tcp4 127.0.0.1 18789 > - LISTEN 4567',
    'tcp4 192.0.2.10 50000 > 203.0.113.9 443 ESTABLISHED 4567',
    'tcp4 192.0.2.10 50001 > 203.0.113.9 443 TIME_WAIT nobody',
    'tcp4 192.0.2.10 50002 > 203.0.113.9 443 SYN_SENT 4567',
    'tcp6 :: 18790 > - LISTEN 4567 dual=unknown',
    'tcp6 ::1 18789 > - LISTEN 4567',
    'tcp6 fe80::1%12 50123 > 2001:db8::1111 443 ESTABLISHED 4567',
    'udp4 0.0.0.0 5353 > - UNCONN 1234',
    'udp6 :: 5353 > - UNCONN 1234 dual=unknown',
    'udp6 fe80::1%12 1900 > - UNCONN 2222',
  ];

  it.each(['en', 'fr', 'es'])('(%s) gives every socket and no header as one', (language) => {
    expect(read('win32', `windows/netstat-${language}.txt`).summaries).toEqual(expected);
  });

  it('(de) knows a listener although the word for it is translated, and admits the states it cannot read', () => {
    const reading = read('win32', 'windows/netstat-de.txt');
    expect(reading.summaries).toEqual(
      expected.map((line) => line.replace(/ESTABLISHED|TIME_WAIT|SYN_SENT/, 'UNKNOWN')),
    );
    expect(reading).toMatchObject({ unreadable: 0, stray: 0 });
  });
});

describe('the netstat source', () => {
  const linux = (output: Parameters<typeof answer>[1], lines: string[] = []) =>
    createNetstatSockets({ platform: 'linux', run: fakeRun(answer(lines, output)), ownNetns: '7' }).read(
      REQUEST,
      NEVER,
    );
  const ids = (spots: { id: string }[]) => spots.map((spot) => spot.id);

  it('asks each system with the arguments that show listeners, owners and whole addresses', async () => {
    const asked = async (platform: NetstatPlatform) => {
      const run = fakeRun(answer([]));
      await createNetstatSockets({ platform, run }).read(REQUEST, NEVER);
      return run.asked[0];
    };
    expect(await asked('linux')).toEqual({ command: 'netstat', args: ['-a', '-p', '-n', '-t', '-u', '-e', '-W'] });
    expect(await asked('darwin')).toEqual({ command: 'netstat', args: ['-a', '-n', '-v', '-W'] });
    expect(await asked('win32')).toMatchObject({ args: ['-a', '-n', '-o'] });
    expect((await asked('win32'))?.command).toMatch(/^[A-Z]:\\.*\\System32\\netstat\.exe$/i);
  });

  it('stamps source, time and namespace on every socket', async () => {
    const { observations } = await linux({}, recordedLines('netstat/linux-net-tools-2.10-root.txt'));
    expect(observations).toHaveLength(18);
    for (const seen of observations) expect(seen).toMatchObject({ source: 'netstat', seenAt: REQUEST.now, netns: '7' });
  });

  it('names the package when netstat is missing, and nothing else', async () => {
    const { blindSpots } = await linux({ problem: 'missing', exitCode: null });
    expect(blindSpots).toHaveLength(1);
    expect(blindSpots[0]).toMatchObject({ id: 'netstat.missing', essential: true });
    expect(blindSpots[0]?.fix).toContain('net-tools');
  });

  it.each([
    ['was killed after the time limit', { problem: 'timeout', exitCode: null }, 'netstat.timeout'],
    ['printed without end', { problem: 'too-much-output', exitCode: null }, 'netstat.too-much-output'],
    ['failed', { exitCode: 4, stderr: 'netstat: \x1b[31mno' }, 'netstat.failed'],
    ['printed nothing', {}, 'netstat.empty'],
  ] as const)('is essentially blind when netstat %s', async (_, output, id) => {
    const { blindSpots } = await linux(output);
    const spot = blindSpots.find((candidate) => candidate.id === id);
    expect(spot?.essential).toBe(true);
    expect(spot?.why).not.toContain('\x1b');
  });

  it('keeps the rows that came before a failure', async () => {
    const lines = recordedLines('netstat/linux-net-tools-2.10-root.txt');
    const { observations, blindSpots } = await linux({ problem: 'timeout', exitCode: null }, lines);
    expect(observations).toHaveLength(18);
    expect(ids(blindSpots)).toContain('netstat.timeout');
  });

  it('takes a table without rows for an empty machine only when its header was printed', async () => {
    const lines = recordedLines('netstat/linux-net-tools-2.10-root.txt').slice(0, 2);
    const { blindSpots } = await linux({}, lines);
    expect(blindSpots.filter((spot) => spot.essential)).toEqual([]);
  });

  it('says every time what netstat can never tell', async () => {
    const narrow = await linux({}, recordedLines('netstat/linux-net-tools-2.10-narrow.txt'));
    expect(ids(narrow.blindSpots)).toEqual(
      expect.arrayContaining([
        'netstat.identity',
        'netstat.netns',
        'netstat.short-lived',
        'netstat.time-wait-owner',
        'netstat.dual-stack',
        'netstat.unreadable',
      ]),
    );
    const wide = await linux({}, recordedLines('netstat/linux-net-tools-2.10-root.txt'));
    expect(ids(wide.blindSpots)).not.toContain('netstat.identity');
    expect(wide.blindSpots.find((spot) => spot.id === 'netstat.stray')?.essential).toBe(false);
  });

  it('counts the sockets without a visible owner, TIME_WAIT apart', async () => {
    const lines = recordedLines('netstat/linux-net-tools-2.10-user.txt');
    const stderr = '(No info could be read for "-p": geteuid()=65534 but you should be root.)\n';
    const { blindSpots } = await linux({ stderr }, lines);
    expect(blindSpots.find((spot) => spot.id === 'netstat.owners')?.what).toBe('owners of 17 sockets');
    expect(ids(blindSpots)).not.toContain('netstat.complaint');
  });

  it('is essentially blind for other network namespaces that were asked for', async () => {
    const run = fakeRun(answer(recordedLines('netstat/linux-net-tools-2.10-root.txt')));
    const source = createNetstatSockets({ platform: 'linux', run, ownNetns: '7' });
    const netns = [
      { netns: '7', pid: 1 },
      { netns: '8', pid: 2 },
    ];
    const { blindSpots } = await source.read({ ...REQUEST, netns }, NEVER);
    expect(blindSpots.find((spot) => spot.id === 'netstat.netns-unread')?.essential).toBe(true);
  });
});
