// Records test/fixtures/tracefs on a Linux machine, as root:
//   node test/sensor/tracefs/record.ts
// Only the events of one small program are recorded (`set_event_pid` with `event-fork`), in a network namespace of its own
// without any way out, so that the files tell nothing about the machine.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { FILTERS } from '../../../src/sensor/tracefs/events.ts';
import { EVENTS, type EventName } from '../../../src/sensor/tracefs/records.ts';

const ROOT = '/sys/kernel/tracing';
const OUT = 'test/fixtures/tracefs';
const NETNS = `cw-record-${process.pid}`;

const PROGRAM = `
import ctypes, os, socket, sys, threading
def tcp(family, address, port):
    s = socket.socket(family, socket.SOCK_STREAM)
    try: s.connect((address, port))
    except OSError: pass
    s.close()
def udp(family, address, port):
    s = socket.socket(family, socket.SOCK_DGRAM)
    try: s.sendto(b'x', (address, port))
    except OSError: pass
    s.close()
listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
listener.bind(('::', 7001))
listener.listen(16)
tcp(socket.AF_INET, '127.0.0.1', 7001)
tcp(socket.AF_INET6, '::1', 7001)
tcp(socket.AF_INET6, '::ffff:127.0.0.1', 7001)
tcp(socket.AF_INET, '127.0.0.1', 7002)
thread = threading.Thread(target=lambda: tcp(socket.AF_INET, '127.0.0.3', 7001))
thread.start(); thread.join()
child = os.fork()
if child == 0:
    tcp(socket.AF_INET, '127.0.0.4', 7001)
    os.execv(sys.argv[1], ['true'])
os.waitpid(child, 0)
udp(socket.AF_INET, '127.0.0.5', 7005)
udp(socket.AF_INET6, '::1', 7006)
connected = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
connected.connect(('127.0.0.7', 7007)); connected.send(b'x')
udp(socket.AF_INET, '198.51.100.1', 7008)
udp(socket.AF_INET6, '2001:db8:ffff::1', 7009)
print(os.getpid(), child)
`;

const FLOOD = `
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
for i in range(1500): s.sendto(b'x', ('::1', 7000 + i % 10))
`;

function record(name: string, sizeKb: number, program: string): string {
  const folder = join(ROOT, 'instances', `clawwatch-record-${process.pid}`);
  const set = (file: string, value: string) => writeFileSync(join(folder, file), value);
  mkdirSync(folder);
  const fds: number[] = [];
  try {
    set('buffer_size_kb', String(sizeKb));
    set('trace_clock', 'mono');
    set('options/event-fork', '1');
    for (const [word, event] of Object.entries(EVENTS)) {
      const filter = FILTERS[word as EventName];
      if (filter) set(`events/${event}/filter`, filter);
      set(`events/${event}/enable`, '1');
    }
    for (const file of ['header_page', 'header_event']) {
      writeFileSync(join(OUT, file), readFileSync(join(folder, 'events', file)));
    }
    for (const [word, event] of Object.entries(EVENTS)) {
      writeFileSync(join(OUT, `${word}.format`), readFileSync(join(folder, 'events', event, 'format')));
    }
    const script = `echo $$ > ${folder}/set_event_pid; exec nsenter --net=/run/netns/${NETNS} "$0" "$@"`;
    const said = execFileSync('/bin/sh', ['-c', script, '/usr/bin/python3', '-c', program, '/usr/bin/true'], {
      encoding: 'utf8',
      timeout: 20_000,
      cwd: '/',
      env: {},
    });
    set('tracing_on', '0');
    const pages: Buffer[] = [];
    for (const cpu of readdirSync(join(folder, 'per_cpu'))) {
      const fd = openSync(join(folder, 'per_cpu', cpu, 'trace_pipe_raw'), constants.O_RDONLY | constants.O_NONBLOCK);
      fds.push(fd);
      // The flood fills the buffer; its first two pages say what was lost.
      for (let i = 0; i < (name === 'lost' ? 2 : 8); i++) {
        const page = Buffer.alloc(4096);
        try {
          if (readSync(fd, page, 0, page.length, null) === 0) break;
        } catch {
          break;
        }
        pages.push(page);
      }
    }
    writeFileSync(join(OUT, `${name}.pages`), Buffer.concat(pages));
    return said.trim();
  } finally {
    for (const fd of fds) closeSync(fd);
    rmdirSync(folder);
  }
}

execFileSync('ip', ['netns', 'add', NETNS]);
try {
  execFileSync('ip', ['-n', NETNS, 'link', 'set', 'lo', 'up']);
  mkdirSync(OUT, { recursive: true });
  console.log('mixed:', record('mixed', 1024, PROGRAM));
  record('lost', 16, FLOOD);
} finally {
  execFileSync('ip', ['netns', 'delete', NETNS]);
}
