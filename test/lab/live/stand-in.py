"""A process of a case. It does what it is told over a Unix socket and nothing else: bytes are zeros, and nothing that it
receives is ever read. Runs as the `sitecustomize` of a copy of Python that bears the name of the program it stands for, so
that the kernel shows that program's path; then it writes the arguments of that program over its own.

One JSON object per line: orders `{id, do, ...}`, answers `{id, ok}` or `{id, error}`. It ends with its control socket."""

import heapq
import json
import os
import selectors
import socket
import struct
import time

# Of linux/in.h and linux/in6.h; Python has no names for them.
IP_FREEBIND = 15
IPV6_FREEBIND = 78
CHUNK = bytes(65536)
MAX_BYTES = 1 << 31


def claim_name(argv, comm):
    """The starter gave one word of padding, so that the arguments have exactly this length."""
    with open("/proc/self/stat", "rb") as stat:
        start = int(stat.read().rpartition(b")")[2].split()[45])
    with open("/proc/self/mem", "r+b", buffering=0) as memory:
        memory.seek(start)
        memory.write(b"".join(os.fsencode(word) + b"\0" for word in argv))
    with open("/proc/self/comm", "w") as name:
        name.write(comm)


def client_hello(name):
    host = name.encode("idna") if not name.isascii() else name.encode()
    entry = struct.pack("!BH", 0, len(host)) + host
    server_name = struct.pack("!HHH", 0, len(entry) + 2, len(entry)) + entry
    versions = bytes.fromhex("002b0003020304")
    extensions = server_name + versions
    body = b"\x03\x03" + os.urandom(32) + b"\0" + b"\0\x02\x13\x01" + b"\x01\0" + struct.pack("!H", len(extensions)) + extensions
    handshake = b"\x01" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack("!H", len(handshake)) + handshake


class Flow:
    """A TCP connection: sends what it has to, discards what comes."""

    def __init__(self, loop, sock, out, head=b"", hold=None, connected=None):
        self.loop, self.sock, self.head, self.out, self.connected = loop, sock, head, max(0, out - len(head)), connected
        self.is_open = True
        loop.watch(sock, selectors.EVENT_READ | selectors.EVENT_WRITE, self.ready)
        if hold is not None:
            loop.after(hold, self.close)

    def ready(self, events):
        if self.connected is not None and events & selectors.EVENT_WRITE:
            problem = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            told, self.connected = self.connected, None
            told(os.strerror(problem) if problem else None)
            if problem:
                return self.close()
        try:
            if events & selectors.EVENT_READ:
                for _ in range(64):
                    if not self.sock.recv(1 << 18):
                        return self.close()
        except BlockingIOError:
            pass
        except OSError:
            return self.close()
        try:
            if events & selectors.EVENT_WRITE:
                self.write()
        except BlockingIOError:
            pass
        except OSError:
            return self.close()

    def write(self):
        while self.head:
            self.head = self.head[self.sock.send(self.head):]
        for _ in range(64):
            if self.out <= 0:
                return self.loop.watch(self.sock, selectors.EVENT_READ, self.ready)
            self.out -= self.sock.send(CHUNK[: min(len(CHUNK), self.out)])

    def send(self, out):
        self.out += out
        if self.is_open:
            self.loop.watch(self.sock, selectors.EVENT_READ | selectors.EVENT_WRITE, self.ready)

    def close(self):
        if self.is_open:
            self.is_open = False
            self.loop.forget(self.sock)
            self.sock.close()


class Loop:
    def __init__(self):
        self.selector, self.timers, self.count = selectors.DefaultSelector(), [], 0

    def watch(self, sock, events, call):
        if sock in self.selector.get_map():
            self.selector.modify(sock, events, call)
        else:
            self.selector.register(sock, events, call)

    def forget(self, sock):
        self.selector.unregister(sock)

    def after(self, seconds, call):
        self.count += 1
        heapq.heappush(self.timers, (time.monotonic() + seconds, self.count, call))

    def run(self):
        while True:
            wait = max(0, self.timers[0][0] - time.monotonic()) if self.timers else 1
            for key, events in self.selector.select(min(wait, 1)):
                if key.fileobj in self.selector.get_map():
                    key.data(events)
            while self.timers and self.timers[0][0] <= time.monotonic():
                heapq.heappop(self.timers)[2]()
            reap()


def reap():
    """The first process of a machine inherits everybody's children."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


class StandIn:
    def __init__(self, path, token):
        self.loop, self.flows, self.listeners, self.kept, self.expected = Loop(), {}, {}, [], {}
        self.terminal, self.names, self.pipes, self.datagrams = None, {}, {}, {}
        self.control = socket.socket(socket.AF_UNIX)
        self.control.connect(path)
        with open("/proc/self/stat", "rb") as stat:
            ticks = int(stat.read().rpartition(b")")[2].split()[19])
        self.tell({"hello": token, "pid": os.getpid(), "startTicks": ticks})
        self.buffer = b""
        self.loop.watch(self.control, selectors.EVENT_READ, self.hear)

    def tell(self, message):
        self.control.setblocking(True)
        self.control.sendall(json.dumps(message).encode() + b"\n")
        self.control.setblocking(False)

    def hear(self, _):
        data = self.control.recv(65536)
        if not data:
            os._exit(0)
        *lines, self.buffer = (self.buffer + data).split(b"\n")
        for line in lines:
            order = json.loads(line)
            answer = lambda error=None, id=order["id"], **more: self.tell({"id": id, "error": error} if error else {"id": id, "ok": more})
            try:
                if getattr(self, "do_" + order["do"])(order, answer) is not False:
                    answer()
            except Exception as error:  # The machine of the case is told, and not this process ended.
                answer(f"{type(error).__name__}: {error}"[:300])

    # Every do_ answers by itself when it returns False.

    def do_connect(self, order, answer):
        six = ":" in order["address"]
        sock = socket.socket(socket.AF_INET6 if six else socket.AF_INET)
        sock.setblocking(False)
        if order.get("from"):
            # One machine stands for everybody outside: it has routes for their addresses and not the addresses.
            if six:
                sock.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
            else:
                sock.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)
            sock.bind((order["from"], order.get("fromPort", 0)))
        head = client_hello(order["hello"]) if order.get("hello") else b""
        is_waited_for = not order.get("dropped")
        sock.connect_ex((order["address"], order["port"]))
        told = (lambda problem: answer(problem and "connect: " + problem)) if is_waited_for else lambda problem: None
        flow = Flow(self.loop, sock, min(order.get("out", 0), MAX_BYTES), head, order.get("hold"), told)
        if order.get("name"):
            self.flows[order["name"]] = flow
        return not is_waited_for

    def do_send(self, order, answer):
        self.flows[order["name"]].send(order["out"])

    def do_close(self, order, answer):
        self.flows[order["name"]].close()

    def do_listen(self, order, answer):
        six = ":" in order["address"]
        sock = socket.socket(socket.AF_INET6 if six else socket.AF_INET)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if six:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1 if order.get("v6only", True) else 0)
        sock.bind((order["address"], order["port"]))
        sock.listen(512)
        sock.setblocking(False)
        self.listeners.setdefault(order["port"], []).append(sock)
        self.loop.watch(sock, selectors.EVENT_READ, lambda _: self.accept(sock, order["port"]))
        if order.get("hold"):
            self.loop.after(order["hold"], lambda: self.unlisten(sock, order["port"]))

    def accept(self, sock, port):
        try:
            taken, _ = sock.accept()
        except OSError:
            return
        taken.setblocking(False)
        waiting = self.expected.get(port) or [{}]
        expected = waiting.pop(0)
        Flow(self.loop, taken, min(expected.get("in", 0), MAX_BYTES), hold=expected.get("closeAfter"))

    def do_expect(self, order, answer):
        """What the next connection to a port of ours brings its opener."""
        self.expected.setdefault(order["port"], []).append(order)

    def do_unlisten(self, order, answer):
        for sock in list(self.listeners.get(order["port"], [])):
            self.unlisten(sock, order["port"])

    def unlisten(self, sock, port):
        if sock in self.listeners.get(port, []):
            self.listeners[port].remove(sock)
            self.loop.forget(sock)
            sock.close()

    def do_udp_bind(self, order, answer):
        sock = socket.socket(socket.AF_INET6 if ":" in order["address"] else socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((order["address"], order["port"]))
        sock.setblocking(False)
        self.datagrams[order["port"]] = sock
        self.loop.watch(sock, selectors.EVENT_READ, lambda _: self.reply(sock, order.get("answers", False)))

    def reply(self, sock, answers):
        data, sender = sock.recvfrom(65536)
        if answers:
            sock.sendto(bytes(len(data)), sender)

    def do_udp(self, order, answer):
        bound = self.datagrams.get(order["port"])
        if bound is not None:
            bound.sendto(CHUNK[: min(order["out"], 1400)], (order["address"], order["port"]))
            return
        sock = socket.socket(socket.AF_INET6 if ":" in order["address"] else socket.AF_INET, socket.SOCK_DGRAM)
        sock.connect((order["address"], order["port"]))
        sock.setblocking(False)
        sock.send(CHUNK[: min(order["out"], 1400)])
        self.loop.after(order.get("hold") or 1, sock.close)

    def do_dns(self, order, answer):
        labels = b"".join(bytes([len(label)]) + label for label in order["name"].encode().split(b"."))
        question = os.urandom(2) + b"\x01\0\0\x01\0\0\0\0\0\0" + labels + b"\0" + struct.pack("!HH", order["type"], 1)
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.settimeout(3)
        sock.connect((order["server"], 53))
        sock.send(question)
        reply = sock.recv(4096)
        sock.close()
        answer(rcode=reply[3] & 15)
        return False

    def do_serve_names(self, order, answer):
        for address in order["addresses"]:
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.bind((address, 53))
            sock.setblocking(False)
            self.loop.watch(sock, selectors.EVENT_READ, lambda _, sock=sock: self.answer_name(sock))

    def do_names(self, order, answer):
        """Addresses by name; an empty list is a name without an address."""
        self.names.update(order["names"])

    def answer_name(self, sock):
        question, sender = sock.recvfrom(4096)
        labels, at = [], 12
        while at < len(question) and question[at]:
            labels.append(question[at + 1 : at + 1 + question[at]])
            at += question[at] + 1
        kind = int.from_bytes(question[at + 1 : at + 3], "big")
        known = self.names.get(b".".join(labels).decode("latin1").lower())
        family = {1: socket.AF_INET, 28: socket.AF_INET6}.get(kind)
        fits = [a for a in known or [] if family == (socket.AF_INET6 if ":" in a else socket.AF_INET)]
        answers = b"".join(
            struct.pack("!HHHIH", 0xC00C, kind, 1, 60, 4 if kind == 1 else 16) + socket.inet_pton(family, address)
            for address in fits
        )
        code = 0x8480 | (3 if known is None else 0)
        sock.sendto(
            question[:2] + struct.pack("!HHHHH", code, 1, len(fits), 0, 0) + question[12 : at + 5] + answers, sender
        )

    def do_open_terminal(self, order, answer):
        self.terminal = os.openpty()

    def do_pipe(self, order, answer):
        """Puts one end of a new pipe in the place of a standard descriptor; the other end is got from `/proc`."""
        fd = order["fd"]
        if fd in self.pipes:
            return
        ends = os.pipe()
        os.dup2(ends[0] if fd == 0 else ends[1], fd)
        self.pipes[fd] = ends

    def descriptor(self, word):
        if word == "unix":
            mine, theirs = socket.socketpair()
            self.kept.append(mine)
            return os.dup(theirs.fileno())
        if word == "null":
            return os.open("/dev/null", os.O_RDWR)
        if word == "pts":
            if self.terminal is None:
                self.terminal = os.openpty()
            return os.dup(self.terminal[1])
        if word.startswith("/proc/"):
            path, _, mode = word.partition(" ")
            return os.open(path, os.O_RDONLY if mode == "r" else os.O_WRONLY)
        return os.dup(self.flows[word].sock.fileno())

    def do_spawn(self, order, answer):
        fds = [None if word == "inherit" else self.descriptor(word) for word in order["stdio"]]
        pid = os.fork()
        if pid == 0:
            try:
                if order.get("daemon"):
                    os.setsid()
                    if os.fork():
                        os._exit(0)
                elif order.get("setsid"):
                    os.setsid()
                self.become(order, fds)
            finally:
                os._exit(127)
        for fd in fds:
            if fd is not None:
                os.close(fd)
        if order.get("daemon"):
            os.waitpid(pid, 0)

    def do_exec(self, order, answer):
        answer()
        self.become(order, [None, None, None])

    def become(self, order, fds):
        for number, fd in enumerate(fds):
            if fd is not None:
                os.dup2(fd, number)
        os.closerange(3, 1024)
        if order.get("uid"):
            os.setgroups([])
            os.setgid(order["uid"])
            os.setuid(order["uid"])
        os.chdir(order.get("cwd") or "/")
        argv = [os.fsencode(word) for word in order["argv"]]
        padding = [b"x" * (sum(len(word) + 1 for word in argv[1:]) - 1)] if len(argv) > 1 else []
        environment = {**order["env"], "STAND_IN": json.dumps({k: order[k] for k in ("token", "argv", "comm", "socket")})}
        os.execve(order["path"], [argv[0], *padding], environment)

    def do_exit(self, order, answer):
        answer()
        os._exit(0)


if "STAND_IN" in os.environ:
    setup = json.loads(os.environ["STAND_IN"])
    try:
        claim_name(setup["argv"], setup["comm"])
        StandIn(setup["socket"], setup["token"]).loop.run()
    except KeyboardInterrupt:
        pass
    finally:
        os._exit(1)
