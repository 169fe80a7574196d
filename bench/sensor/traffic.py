# Traffic of which the truth is known, for bench/suites/sensor.ts and test/lab/sensor-bars.test.ts. Runs only in network
# namespaces that lead nowhere. Each connection goes to an end of its own and is told in one line of JSON:
# {"kind", "pid", "protocol", "address", "port"}. Every loop is bounded by its arguments.
import ctypes, heapq, ipaddress, json, mmap, os, selectors, socket, struct, sys, threading, time

V4, V6, TCP, UDP = socket.AF_INET, socket.AF_INET6, socket.SOCK_STREAM, socket.SOCK_DGRAM
# Kernel events are those of the whole machine, where another run may be going on.
TCP_PORT = int(os.environ.get('TRAFFIC_PORT', 7801))
UDP_PORT = TCP_PORT + 1
SHORT_MS = 5
KINDS = ['client 5 ms', 'client 50 ms', 'client 500 ms', 'client 3 s', 'server 5 ms', 'server 50 ms', 'server 500 ms',
         'server 3 s', 'thread', 'fork', 'double fork', 'exec', 'io_uring async', 'io_uring sqpoll', 'IPv6', 'v4-mapped',
         'other namespace', 'UDP one-shot', 'UDP connected', 'UDP IPv6', 'UDP of a fork']
HOLD_MS = {'5 ms': 5, '50 ms': 50, '500 ms': 500, '3 s': 3000}


def say(**fields):
    # One write, so that lines of several processes do not mix.
    os.write(1, (json.dumps(fields) + '\n').encode())


def end_of(kind, index):
    number = KINDS.index(kind) + 1
    if 'IPv6' in kind:
        return str(ipaddress.ip_address('fd00:c1a7::%x:%x' % (number, index + 1)))
    return '127.%d.%d.%d' % (100 + number, index // 250, index % 250 + 1)


def tell(kind, protocol, address, port):
    say(kind=kind, pid=os.getpid(), protocol=protocol, address=address, port=port)


def opened(address, server_closes_ms=0, family=None):
    s = socket.socket(family or (V6 if ':' in address else V4), TCP)
    s.connect((address, TCP_PORT))
    s.send(b'%08d' % server_closes_ms)
    return s


def short(kind, address, family=None):
    told = address.replace('::ffff:', '')
    s = opened(address, family=family)
    tell(kind, 'tcp', told, TCP_PORT)
    time.sleep(SHORT_MS / 1000)
    s.close()


def datagram(kind, address, connected=False):
    s = socket.socket(V6 if ':' in address else V4, UDP)
    if connected:
        s.connect((address, UDP_PORT))
        s.send(b'x')
        tell(kind, 'udp', address, UDP_PORT)
        time.sleep(0.05)
    else:
        s.sendto(b'x', (address, UDP_PORT))
        tell(kind, 'udp', address, UDP_PORT)
    s.close()


def in_child(run):
    pid = os.fork()
    if pid == 0:
        try:
            run()
            os._exit(0)
        finally:
            os._exit(1)
    if os.waitpid(pid, 0)[1] != 0:
        raise RuntimeError('a child could not connect')


def orphan(run):
    def middle():
        if os.fork() == 0:
            os.setsid()
            run()
            os._exit(0)
    in_child(middle)


# Another program, and one that starts in a millisecond.
EXECUTED = """exec 3<>/dev/tcp/$2/$3; printf 00000000 >&3
printf '{"kind": "%s", "pid": %d, "protocol": "tcp", "address": "%s", "port": %d}\\n' "$1" $$ "$2" "$3"
read -r -t 0.005 -u 3 _; exec 3>&-"""


def executed(kind, address):
    os.execv('/bin/bash', ['bash', '-c', EXECUTED, 'bash', kind, address, str(TCP_PORT)])


def in_thread(run):
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def ring_connect(kind, address, polled):
    # A ring with one entry: IORING_OP_CONNECT (16), done by a worker (IOSQE_ASYNC) or by the polling thread (SETUP_SQPOLL).
    libc = ctypes.CDLL(None, use_errno=True)
    params = bytearray(120)
    if polled:
        struct.pack_into('<II', params, 8, 1 << 1, 0)
        struct.pack_into('<I', params, 16, 100)
    raw = (ctypes.c_char * 120).from_buffer(params)
    ring = libc.syscall(425, 4, raw)
    if ring < 0:
        return False
    head, tail, _, _, sq_flags, _, array = struct.unpack_from('<7I', params, 40)
    cq_head, cq_tail = struct.unpack_from('<2I', params, 80)
    rings = mmap.mmap(ring, 4096, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE, offset=0)
    entries = mmap.mmap(ring, 4 * 64, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE, offset=0x10000000)
    s = socket.socket(V4, TCP)
    target = ctypes.create_string_buffer(
        struct.pack('<H', V4) + struct.pack('!H', TCP_PORT) + socket.inet_aton(address) + bytes(8), 16)
    struct.pack_into('<BBHiQQ', entries, 0, 16, 0 if polled else 1 << 4, 0, s.fileno(), 16, ctypes.addressof(target))
    struct.pack_into('<I', rings, array, 0)
    struct.pack_into('<I', rings, tail, struct.unpack_from('<I', rings, tail)[0] + 1)
    if polled:
        # Wakes the polling thread where it sleeps already.
        libc.syscall(426, ring, 0, 0, 1 << 1, None, 0)
    else:
        libc.syscall(426, ring, 1, 1, 1, None, 0)
    for _ in range(200):
        if struct.unpack_from('<I', rings, cq_tail)[0] != struct.unpack_from('<I', rings, cq_head)[0]:
            break
        time.sleep(0.001)
    else:
        return False
    tell(kind, 'tcp', address, TCP_PORT)
    time.sleep(SHORT_MS / 1000)
    s.close()
    os.close(ring)
    return True


def until(moment):
    time.sleep(max(0, moment - time.monotonic()))


def one_after_another(kind, count, seconds, start):
    do = {
        'thread': lambda a: in_thread(lambda: short(kind, a)),
        'fork': lambda a: in_child(lambda: short(kind, a)),
        'double fork': lambda a: orphan(lambda: short(kind, a)),
        'exec': lambda a: in_child(lambda: executed(kind, a)),
        'io_uring async': lambda a: ring_connect(kind, a, False),
        'io_uring sqpoll': lambda a: ring_connect(kind, a, True),
        'IPv6': lambda a: short(kind, a),
        'v4-mapped': lambda a: short(kind, '::ffff:' + a, V6),
        'other namespace': lambda a: short(kind, a),
        'UDP one-shot': lambda a: datagram(kind, a),
        'UDP connected': lambda a: datagram(kind, a, True),
        'UDP IPv6': lambda a: datagram(kind, a),
        'UDP of a fork': lambda a: in_child(lambda: datagram(kind, a)),
    }[kind]
    for index in range(count):
        until(start + index * seconds / count)
        if do(end_of(kind, index)) is False:
            say(kind=kind, refused=True)
            return
    time.sleep(0.2)


def held(kind, count, seconds, start):
    closer, hold = kind.split(' ', 1)
    hold_ms = HOLD_MS[hold]
    watch = selectors.DefaultSelector()
    waiting = [(start + index * seconds / count, index, None) for index in range(count)]
    left = count
    while left:
        due = waiting[0][0] - time.monotonic() if waiting else 1
        if due <= 0:
            _, index, s = heapq.heappop(waiting)
            if s is not None:
                s.close()
                left -= 1
                continue
            s = opened(end_of(kind, index), hold_ms if closer == 'server' else 0)
            tell(kind, 'tcp', end_of(kind, index), TCP_PORT)
            if closer == 'server':
                watch.register(s, selectors.EVENT_READ)
            else:
                heapq.heappush(waiting, (time.monotonic() + hold_ms / 1000, index, s))
            continue
        for key, _ in watch.select(due):
            watch.unregister(key.fileobj)
            key.fileobj.close()
            left -= 1


def serve(seconds):
    # Closes after so many ms as the first eight characters say, or when the other end did.
    listener = socket.socket(V6, TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(('::', TCP_PORT))
    listener.listen(4096)
    receiver = socket.socket(V6, UDP)
    receiver.bind(('::', UDP_PORT))
    watch = selectors.DefaultSelector()
    watch.register(listener, selectors.EVENT_READ)
    watch.register(receiver, selectors.EVENT_READ)
    say(ready=True)
    closing, number, end = [], 0, time.monotonic() + seconds
    while time.monotonic() < end:
        while closing and closing[0][0] <= time.monotonic():
            heapq.heappop(closing)[2].close()
        for key, _ in watch.select(closing[0][0] - time.monotonic() if closing else 1):
            if key.fileobj is listener:
                watch.register(listener.accept()[0], selectors.EVENT_READ)
            elif key.fileobj is receiver:
                receiver.recv(64)
            else:
                try:
                    text = key.fileobj.recv(64)
                except OSError:
                    text = b''
                if text and int(text) == 0:
                    continue
                watch.unregister(key.fileobj)
                number += 1
                heapq.heappush(closing, (time.monotonic() + (int(text) / 1000 if text else 0), number, key.fileobj))


def sink(port, seconds):
    # Takes connections and lets them go, as fast as one process can.
    listener = socket.socket(V4, TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(('0.0.0.0', port))
    listener.listen(65535)
    listener.settimeout(1)
    say(ready=True)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            listener.accept()[0].close()
        except OSError:
            pass


def connects(addresses, port, rate, count, aborts):
    # An aborted connection leaves no TIME_WAIT; rate 0: flat out.
    no_linger = struct.pack('ii', 1, 0)
    start = time.monotonic()
    for index in range(count):
        if rate and index % 20 == 0:
            until(start + index / rate)
        s = socket.socket(V4, TCP)
        if aborts:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
        try:
            s.connect((addresses[index % len(addresses)], port))
        except OSError:
            pass
        s.close()


def load(addresses, port, rate, count, processes, aborts):
    addresses, port, rate, count, processes = addresses.split(','), int(port), int(rate), int(count), int(processes)
    started = time.monotonic()
    pids = []
    if processes == 1:
        connects(addresses, port, rate, count, aborts == 'abort')
    else:
        for _ in range(processes):
            pid = os.fork()
            if pid == 0:
                connects(addresses, port, rate / processes, count // processes, aborts == 'abort')
                os._exit(0)
            pids.append(pid)
        for pid in pids:
            os.waitpid(pid, 0)
    say(pids=pids or [os.getpid()], attempted=count // processes * processes, tookMs=(time.monotonic() - started) * 1000)


def samples(what, count, space_ms, first):
    # One contact, or one listener, after the other, each with its moment just before.
    for index in range(count):
        # A grid would always meet a regular look at the same distance.
        time.sleep(space_ms / 1000 * (0.75 + 0.5 * (index * 0.618 % 1)))
        at = time.time() * 1000
        s = socket.socket(V4, TCP)
        if what == 'connect':
            key = '203.0.113.%d' % (first + index)
            s.connect((key, 443))
        else:
            key = str(first + index)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(('0.0.0.0', first + index))
            at = time.time() * 1000
            s.listen(8)
        say(at=at, key=key)
        time.sleep(0.005 if what == 'connect' else 0.25)
        s.close()


def main(what, *given):
    if what == 'kinds':
        say(kinds=KINDS)
    elif what == 'kind':
        kind, count, seconds = given[0], int(given[1]), float(given[2])
        server = os.fork() if kind == 'other namespace' else None
        if server == 0:
            serve(seconds + 120)
            os._exit(0)
        time.sleep(0.5)
        start = time.monotonic()
        (held if kind.split(' ')[0] in ('client', 'server') else one_after_another)(kind, count, seconds, start)
        if server:
            os.kill(server, 9)
            os.waitpid(server, 0)
    elif what == 'serve':
        serve(float(given[0]))
    elif what == 'sink':
        sink(int(given[0]), float(given[1]))
    elif what == 'load':
        load(*given)
    elif what == 'samples':
        samples(given[0], *map(int, given[1:]))


main(*sys.argv[1:])
