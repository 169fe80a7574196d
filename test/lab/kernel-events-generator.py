# Makes the traffic that test/lab/kernel-events.test.ts looks for, inside a network namespace with a loopback device only.
# Prints one JSON line: what was done, by which process, to which end.
import ctypes, json, os, socket, sys, threading, time

done = []
V4, V6, TCP, UDP = socket.AF_INET, socket.AF_INET6, socket.SOCK_STREAM, socket.SOCK_DGRAM


def tcp(name, family, address, port, hold=0.005):
    s = socket.socket(family, TCP)
    try:
        s.connect((address, port))
        outcome = 'established'
        time.sleep(hold)
    except OSError:
        outcome = 'failed'
    local = s.getsockname()[1]
    s.close()
    return {'name': name, 'pid': os.getpid(), 'address': address.replace('::ffff:', ''), 'port': port,
            'protocol': 'tcp', 'outcome': outcome, 'local': local}


def udp(name, family, address, port, connected=False):
    s = socket.socket(family, UDP)
    if connected:
        s.connect((address, port))
        s.send(b'x')
    else:
        s.sendto(b'x', (address, port))
    s.close()
    return {'name': name, 'pid': os.getpid(), 'address': address.replace('::ffff:', ''), 'port': port, 'protocol': 'udp'}


def in_child(run):
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(w, json.dumps(run()).encode())
        os._exit(0)
    os.close(w)
    text = os.read(r, 4096)
    os.close(r)
    os.waitpid(pid, 0)
    return json.loads(text)


def orphan(run):
    def middle():
        r, w = os.pipe()
        if os.fork() == 0:
            os.setsid()
            os.write(w, json.dumps(run()).encode())
            os._exit(0)
        return json.loads(os.read(r, 4096))
    return in_child(middle)


def in_thread(run):
    box = []
    thread = threading.Thread(target=lambda: box.append(run()))
    thread.start()
    thread.join()
    return box[0]


def exec_from_thread():
    # The thread that executes becomes the process, and its number becomes the leader's.
    r, w = os.pipe()
    os.set_inheritable(w, True)
    pid = os.fork()
    if pid == 0:
        thread = threading.Thread(target=lambda: os.execv(sys.executable, [sys.executable, __file__, 'one', str(w)]))
        thread.start()
        time.sleep(10)
        os._exit(1)
    os.close(w)
    text = os.read(r, 4096)
    os.waitpid(pid, 0)
    return json.loads(text)


def io_uring_connect(name, address, port):
    # io_uring_setup, mmap of its two rings, one IORING_OP_CONNECT that a kernel thread must do (IOSQE_ASYNC).
    import mmap, struct
    libc = ctypes.CDLL(None, use_errno=True)
    params = ctypes.create_string_buffer(120)
    ring = libc.syscall(425, 4, params)
    if ring < 0:
        return None
    sq = struct.unpack_from('<8I', params.raw, 40)
    sring = mmap.mmap(ring, sq[6] + 4 * 4, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE, offset=0)
    sqes = mmap.mmap(ring, 4 * 64, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE, offset=0x10000000)
    s = socket.socket(V4, TCP)
    target = ctypes.create_string_buffer(struct.pack('<H', V4) + struct.pack('!H', port) + socket.inet_aton(address) + bytes(8), 16)
    struct.pack_into('<BBHiQQ', sqes, 0, 16, 1 << 4, 0, s.fileno(), 16, ctypes.addressof(target))
    struct.pack_into('<I', sring, sq[6], 0)
    tail = struct.unpack_from('<I', sring, sq[1])[0]
    struct.pack_into('<I', sring, sq[1], tail + 1)
    if libc.syscall(426, ring, 1, 1, 1, None, 0) < 0:
        return None
    local = s.getsockname()[1]
    s.close()
    os.close(ring)
    return {'name': name, 'pid': os.getpid(), 'address': address, 'port': port, 'protocol': 'tcp',
            'outcome': 'established', 'local': local}


if len(sys.argv) > 2 and sys.argv[1] == 'one':
    os.write(int(sys.argv[2]), json.dumps(tcp('exec by a thread', V4, '127.0.0.17', 7001)).encode())
    sys.exit(0)

server = socket.socket(V6, TCP)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('::', 7001))
server.listen(4096)
receiver = socket.socket(V6, UDP)
receiver.bind(('::', 7005))


def accept():
    while True:
        server.accept()[0].close()


threading.Thread(target=accept, daemon=True).start()
done.append(tcp('v4', V4, '127.0.0.11', 7001))
done.append(tcp('v6', V6, '::1', 7001))
done.append(tcp('v4-mapped', V6, '::ffff:127.0.0.12', 7001))
done.append(tcp('refused', V4, '127.0.0.13', 7002))
done.append(in_thread(lambda: tcp('thread', V4, '127.0.0.14', 7001)))
done.append(in_child(lambda: tcp('fork', V4, '127.0.0.15', 7001)))
done.append(orphan(lambda: tcp('double fork', V4, '127.0.0.16', 7001)))
done.append(exec_from_thread())
done.append(in_child(lambda: in_thread(lambda: tcp('thread of a child', V4, '127.0.0.18', 7001))))
done.append(udp('udp', V4, '127.0.0.19', 7005))
done.append(udp('udp v6', V6, '::1', 7005))
done.append(udp('udp v4-mapped', V6, '::ffff:127.0.0.20', 7005))
done.append(udp('connected udp', V4, '127.0.0.21', 7005, True))
done.append(in_child(lambda: udp('udp of a child', V4, '127.0.0.22', 7005)))
ring = io_uring_connect('io_uring', '127.0.0.23', 7001)
if ring:
    done.append(ring)
burst = [tcp('burst', V4, '127.0.0.30', 7001, 0) for _ in range(2000)]
print(json.dumps({'pid': os.getpid(), 'done': done, 'burst': [one['local'] for one in burst], 'ring': ring is not None}))
