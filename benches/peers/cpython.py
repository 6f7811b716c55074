"""The workloads of ../c on CPython's ssl module."""
import argparse
import importlib
import json
import os
import resource
import socket
import sys
import threading
import time

p = argparse.ArgumentParser()
p.add_argument("workload")
p.add_argument("--module", default="ssl")
for name, kind, dflt in [("certs", str, "certs"), ("ver", int, 13), ("key", str, "ec"), ("resume", int, 0),
                         ("cipher", str, ""), ("size", int, 16384), ("time", float, 1.0), ("warm", float, 0.15),
                         ("conns", int, 2000), ("threads", int, 1), ("share", int, 1), ("tcp", int, 0),
                         ("opt", str, "")]:
    p.add_argument("--" + name, type=kind, default=dflt)
a = p.parse_args()
ssl = importlib.import_module(a.module)
HOST = "bench.example"
BATCH = 32
now = time.monotonic


def cpu():
    r = resource.getrusage(resource.RUSAGE_SELF)
    return r.ru_utime + r.ru_stime


def report(unit, n, wall, cpu_s):
    print(json.dumps({"library": "cpython " + ssl.OPENSSL_VERSION, "workload": a.workload, "unit": unit,
                      "value": n / wall, "per_cpu_s": n / cpu_s, "wall_s": wall, "cpu_s": cpu_s}))


def context(server):
    v = ssl.TLSVersion.TLSv1_2 if a.ver == 12 else ssl.TLSVersion.TLSv1_3
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    c.minimum_version = c.maximum_version = v
    if a.cipher and a.ver == 13 and a.cipher != "aes256":
        sys.exit("this module cannot choose a TLS 1.3 cipher")
    if a.cipher and a.ver == 12:
        c.set_ciphers("ECDHE+AESGCM+AES128" if a.cipher == "aes128" else "ECDHE+CHACHA20")
    if server:
        c.load_cert_chain(os.path.join(a.certs, a.key + ".chain.pem"), os.path.join(a.certs, a.key + ".key.pem"))
    else:
        c.load_verify_locations(os.path.join(a.certs, a.key + ".ca.pem"))
    return c


def tcp_pair():
    ls = socket.create_server(("127.0.0.1", 0))
    c = socket.create_connection(ls.getsockname())
    s, _ = ls.accept()
    ls.close()
    for x in (c, s):
        x.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return c, s


def read_full(c, buf):
    view, got = memoryview(buf), 0
    while got < len(view):
        r = c.recv_into(view[got:])
        if not r:
            raise EOFError
        got += r


def hs():
    cc, sc = context(False), context(True)
    bar = threading.Barrier(2)
    state = {"pairs": None, "stop": False, "session": None, "resumed": 0}

    def server():
        while True:
            bar.wait()
            if state["stop"]:
                return
            for _, s in state["pairs"]:
                t = sc.wrap_socket(s, server_side=True)
                t.send(b"x")
                t.close()
            bar.wait()

    def batch():
        state["pairs"] = [socket.socketpair() for _ in range(BATCH)]
        bar.wait()
        for c, _ in state["pairs"]:
            t = cc.wrap_socket(c, server_hostname=HOST, session=state["session"] if a.resume else None)
            t.recv(1)
            state["resumed"] += bool(t.session_reused)
            if a.resume:
                state["session"] = t.session
            t.close()
        bar.wait()

    t = threading.Thread(target=server)
    t.start()
    end = now() + a.warm
    while now() < end:
        batch()
    state["resumed"] = n = 0
    c0, t0 = cpu(), now()
    while now() < t0 + a.time:
        batch()
        n += BATCH
    t1, c1 = now(), cpu()
    state["stop"] = True
    bar.wait()
    t.join()
    if state["resumed"] != (n if a.resume else 0):
        sys.exit(f"{state['resumed']} of {n} resumed")
    report("hs/s", n, t1 - t0, c1 - c0)


def wrapped_tcp():
    c, s = tcp_pair()
    box = []
    t = threading.Thread(target=lambda: box.append(context(False).wrap_socket(c, server_hostname=HOST)))
    t.start()
    st = context(True).wrap_socket(s, server_side=True)
    t.join()
    return box[0], st


def bulk():
    c, s = wrapped_tcp()
    data = b"b" * a.size

    def sender():
        end = now() + a.time + a.warm
        while now() < end:
            for _ in range(max(1, 1048576 // a.size)):
                c.sendall(data)
        c.shutdown(socket.SHUT_WR)

    t = threading.Thread(target=sender)
    t.start()
    buf = bytearray(262144)
    n = t0 = start = 0
    while True:
        try:
            r = s.recv_into(buf)
        except ssl.SSLError:
            break
        if not r:
            break
        if t0:
            n += r
        elif not start:
            start = now()
        elif now() - start > a.warm:
            t0, c0 = now(), cpu()
    t1, c1 = now(), cpu()
    t.join()
    report("MB/s", n / 1e6, t1 - t0, c1 - c0)


def ping():
    c, s = wrapped_tcp()

    def server():
        buf = bytearray(a.size)
        try:
            while True:
                read_full(s, buf)
                s.sendall(buf)
        except (EOFError, OSError):
            pass

    t = threading.Thread(target=server)
    t.start()
    buf = bytearray(a.size)
    n, end = 0, now() + a.warm
    while now() < end:
        c.sendall(buf)
        read_full(c, buf)
    c0, t0 = cpu(), now()
    while now() < t0 + a.time:
        c.sendall(buf)
        read_full(c, buf)
        n += 1
    t1, c1 = now(), cpu()
    c.shutdown(socket.SHUT_RDWR)
    t.join()
    report("rt/s", n, t1 - t0, c1 - c0)


class Mem:
    def __init__(self, ctx, server, session=None):
        self.inc, self.out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = ctx.wrap_bio(self.inc, self.out, server_side=server, server_hostname=None if server else HOST,
                                session=session)


def move(x, y):
    data = x.out.read()
    if data:
        y.inc.write(data)
    return bool(data)


def mem_connect(cc, sc, session=None):
    c, s = Mem(cc, False, session), Mem(sc, True)
    done = set()
    while len(done) < 2:
        for x, y in ((c, s), (s, c)):
            if x not in done:
                try:
                    x.tls.do_handshake()
                    done.add(x)
                except ssl.SSLWantReadError:
                    pass
            move(x, y)
    s.tls.write(b"x")
    move(s, c)
    c.tls.read(1)
    return c, s


def mem_hs():
    cc, sc = context(False), context(True)
    n, end, session = 0, now() + a.warm, None
    while now() < end:
        c, _ = mem_connect(cc, sc, session)
        session = c.tls.session if a.resume else None
    c0, t0 = cpu(), now()
    while now() < t0 + a.time:
        c, _ = mem_connect(cc, sc, session)
        if a.resume:
            session = c.tls.session
            assert c.tls.session_reused
        n += 1
    report("hs/s", n, now() - t0, cpu() - c0)


def mem_bulk():
    c, s = mem_connect(context(False), context(True))
    data = b"m" * a.size
    buf = bytearray(262144)
    n, t0, c0, end, measuring = 0, now(), cpu(), now() + a.warm, False
    while True:
        for _ in range(max(1, 524288 // a.size)):
            c.tls.write(data)
            while move(c, s):
                try:
                    while True:
                        n += s.tls.read(len(buf), buf)
                except ssl.SSLWantReadError:
                    pass
        if now() > end:
            if measuring:
                break
            measuring, n, t0, c0, end = True, 0, now(), cpu(), now() + a.time
    report("MB/s", n / 1e6, now() - t0, cpu() - c0)


def rss():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def idle():
    r = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (r[1], r[1]))
    cc, sc = context(False), context(True)
    keep = []

    def open_all(count):
        pairs = [socket.socketpair() for _ in range(count)]

        def server():
            for _, s in pairs:
                t = sc.wrap_socket(s, server_side=True)
                b = bytearray(64)
                read_full(t, b)
                t.sendall(b)
                keep.append(t)

        th = threading.Thread(target=server)
        th.start()
        for c, _ in pairs:
            t = cc.wrap_socket(c, server_hostname=HOST)
            b = bytearray(64)
            t.sendall(b)
            read_full(t, b)
            keep.append(t)
        th.join()

    open_all(50)
    before, t0, c0 = rss(), now(), cpu()
    open_all(a.conns)
    print(json.dumps({"library": "cpython", "workload": "idle", "unit": "KiB/conn",
                      "value": (rss() - before) / 1024 / a.conns / 2, "wall_s": now() - t0, "cpu_s": cpu() - c0}))
    sys.stdout.flush()
    os._exit(0)


def ctx():
    ssl.create_default_context()
    n, t0, c0 = 0, now(), cpu()
    while now() < t0 + a.time:
        ssl.create_default_context()
        n += 1
    report("ctx/s", n, now() - t0, cpu() - c0)


{"hs": hs, "bulk": bulk, "ping": ping, "mem_hs": mem_hs, "mem_bulk": mem_bulk, "idle": idle, "ctx": ctx}[a.workload]()
