"""Connections over real sockets: ends, resets, deadlines, leaving TLS, and sockets that are not connected."""

import os
import select
import socket
import struct
import threading

from twins import client_context, each_version, scenario, server_context

PATIENCE = 60


def plain_pair(reset_by_server=False):
    """Two connected TCP sockets. A server that resets loses what it has not sent and sends no close_notify."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), PATIENCE)
        server, _ = listener.accept()
    server.settimeout(PATIENCE)
    if reset_by_server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return client, server


class Wire:
    """A client and a server over TCP, the handshake done."""

    def __init__(self, api, files, version, reset_by_server=False, handshake=True, **options):
        plain_client, plain_server = plain_pair(reset_by_server)
        self.client = client_context(api, files, version).wrap_socket(
            plain_client, server_hostname="localhost", do_handshake_on_connect=False, **options)
        self.server = server_context(api, files, version).wrap_socket(
            plain_server, server_side=True, do_handshake_on_connect=False)
        for connection in (self.client, self.server):
            connection.settimeout(PATIENCE)
        if handshake:
            both(self.client.do_handshake, self.server.do_handshake)
            # Reads the tickets of TLS 1.3.
            self.server.sendall(b"!")
            assert self.client.recv(1) == b"!"

    def close(self):
        self.client.close()
        self.server.close()


def both(mine, theirs):
    """Runs two blocking steps at once; returns what the first gives."""
    thread = threading.Thread(target=theirs, daemon=True)
    thread.start()
    try:
        return mine()
    finally:
        thread.join(PATIENCE)
        assert not thread.is_alive()


def calls(api, connection, *names):
    def unwrap():
        # Python returns the socket, ours what was read too far.
        connection.unwrap()

    steps = {"recv": lambda: connection.recv(100), "read": lambda: connection.read(100),
             "send": lambda: connection.send(b"more"), "write": lambda: connection.write(b"more"), "unwrap": unwrap,
             "sendall": lambda: connection.sendall(b"more"), "handshake": connection.do_handshake,
             "certificate": connection.getpeercert, "shutdown": lambda: connection.shutdown(socket.SHUT_RDWR),
             "close": connection.close}
    for name in ("pending", "version", "cipher", "fileno", "gettimeout"):
        steps[name] = getattr(connection, name)
    return [[name, without_repr(api.attempt(steps[name]))] for name in names]


def without_repr(outcome):
    """Cuts the description of the socket off: Python's has its address."""
    if isinstance(outcome, dict) and outcome.get("message", "").startswith("No SSL wrapper around"):
        return {**outcome, "message": "No SSL wrapper around"}
    return outcome


@scenario
def socket_end_without_close_notify(api, files):
    def steps(version):
        found = {}
        for suppress in (True, False):
            wire = Wire(api, files, version, suppress_ragged_eofs=suppress)
            wire.server.sendall(b"last words")
            wire.server.close()
            found[f"suppressed: {suppress}"] = calls(api, wire.client, "recv", "recv", "recv", "read", "send", "unwrap")
            wire.close()
        return found
    return each_version(steps)


@scenario
def socket_reset(api, files):
    def steps(version):
        found = {}
        for suppress in (True, False):
            wire = Wire(api, files, version, reset_by_server=True, suppress_ragged_eofs=suppress)
            wire.server.close()
            found[f"suppressed: {suppress}"] = calls(api, wire.client, "recv", "recv", "send")
            wire.close()
        return found
    return each_version(steps)


# How a server leaves: whether it sends close_notify, and what its system sends for the connection.
LEAVINGS = {"goodbye": (True, None), "end": (False, "end"), "reset": (False, "reset"),
            "goodbye and end": (True, "end"), "goodbye and reset": (True, "reset")}
# What poll tells of the last of it. That of a reset is told unasked.
TOLD = {None: select.POLLIN, "end": getattr(select, "POLLRDHUP", select.POLLIN), "reset": 0}


def arrived(fd, event):
    """Waits until the descriptor tells that the peer has gone: also one that does not wait meets it all."""
    poll = select.poll()
    poll.register(fd, event)
    assert poll.poll(PATIENCE * 1000)


def leave(api, wire, how):
    """The server leaves. If its system is to send nothing, it stays."""
    says_goodbye, system = LEAVINGS[how]
    if says_goodbye:
        # It cannot wait for the answer.
        wire.server.settimeout(0)
        calls(api, wire.server, "unwrap")
    if system == "reset":
        with socket.socket(fileno=os.dup(wire.server.fileno())) as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if system:
        wire.server.close()
    arrived(wire.client.fileno(), TOLD[system])


def calls_after(how, first):
    """A call, and all of them after it."""
    says_goodbye, system = LEAVINGS[how]
    if first == "unwrap" and says_goodbye:
        # TLS is over, the socket is a plain one: nobody writes to it, or nobody ever will.
        return (first, "recv", "send", "recv", "send") if system else (first,)
    if not system:
        # The side that stays does not read: its system would answer, sooner or later.
        return first, "recv", "handshake", "unwrap"
    rest = ("recv", "send", "handshake", "read", "write", "unwrap")
    return (first, *rest) if says_goodbye else (first, *rest, "handshake", "unwrap")


def ways_to_meet_it():
    """How the peer leaves, the timeout of the first call after that, and that call."""
    for how in LEAVINGS:
        for timeout in (None, PATIENCE, 0):
            yield from ((how, timeout, first) for first in ("recv", "send", "unwrap", "handshake"))
        yield from ((how, None, first) for first in ("read", "write"))


@scenario
def after_the_peer_is_gone(api, files):
    """Each call as the first one, and all of them after it, blocking, with a timeout and without waiting."""
    def steps(version):
        found = {}
        for how, timeout, first in ways_to_meet_it():
            for suppress in (True, False) if first in ("recv", "read") else (True,):
                wire = Wire(api, files, version, suppress_ragged_eofs=suppress)
                leave(api, wire, how)
                wire.client.settimeout(timeout)
                step = f"{how}, timeout {timeout}, {first}, suppressed: {suppress}"
                found[step] = calls(api, wire.client, *calls_after(how, first))
                wire.close()
        return found
    return each_version(steps)


@scenario
def after_both_are_gone(api, files):
    """The same after the client's close_notify, which the server has not answered."""
    def steps(version):
        found = {}
        for how, timeout, first in ways_to_meet_it():
            wire = Wire(api, files, version)
            wire.client.settimeout(0)
            own = calls(api, wire.client, "unwrap")
            # Data that the server's system finds unread would turn an end into a reset.
            assert wire.server.recv(1) == b""
            leave(api, wire, how)
            wire.client.settimeout(timeout)
            found[f"{how}, timeout {timeout}, {first}"] = [own, calls(api, wire.client, *calls_after(how, first))]
            wire.close()
        return found
    return each_version(steps)


@scenario
def socket_goodbye(api, files):
    def steps(version):
        wire = Wire(api, files, version)
        wire.server.sendall(b"last words")
        outcomes = []
        both(lambda: outcomes.extend(calls(api, wire.client, "recv", "recv", "recv", "send", "version", "unwrap")),
             lambda: api.attempt(wire.server.unwrap))
        found = {"peer first": outcomes}
        wire.close()
        wire = Wire(api, files, version)
        first, second = [], []
        both(lambda: first.extend(calls(api, wire.client, "unwrap", "version", "cipher", "pending", "unwrap")),
             lambda: second.extend(calls(api, wire.server, "recv", "unwrap", "version", "unwrap")))
        wire.client.sendall(b"in the clear")
        found["both"] = [first, second, api.attempt(wire.server.recv, 100)]
        found["afterwards"] = calls(api, wire.client, "read", "write")
        wire.close()
        return found
    return each_version(steps)


@scenario
def socket_deadlines(api, files):
    def steps(version):
        wire = Wire(api, files, version)
        wire.client.settimeout(0.05)
        found = {"quiet peer": calls(api, wire.client, "recv", "read", "unwrap", "gettimeout")}
        wire.close()
        wire = Wire(api, files, version)
        wire.client.settimeout(0.05)
        found["full peer"] = api.attempt(wire.client.sendall, bytes(32 << 20))
        wire.close()
        wire = Wire(api, files, version, handshake=False)
        wire.client.settimeout(0.05)
        found["silent server"] = calls(api, wire.client, "handshake", "version")
        wire.close()
        return found
    return each_version(steps)


@scenario
def socket_that_never_blocks(api, files):
    def steps(version):
        wire = Wire(api, files, version)
        wire.client.settimeout(0)
        found = {"nothing there": calls(api, wire.client, "recv", "read", "handshake", "gettimeout")}
        block, sent = bytes(1 << 20), None
        for _ in range(64):
            sent = api.attempt(wire.client.send, block)
            if sent != len(block):
                break
        found["full"] = sent
        wire.close()
        wire = Wire(api, files, version, handshake=False)
        wire.client.settimeout(0)
        found["silent server"] = calls(api, wire.client, "handshake", "recv", "send")
        wire.close()
        return found
    return each_version(steps)


@scenario
def closed_socket(api, files):
    wire = Wire(api, files, "TLSv1.3")
    return {"client": calls(api, wire.client, "close", "recv", "send", "read", "write", "version", "cipher", "pending",
                            "fileno", "unwrap", "close"),
            "server": calls(api, wire.server, "recv", "close")}


@scenario
def socket_shut_down(api, files):
    def steps(version):
        wire = Wire(api, files, version)
        found = {"client": calls(api, wire.client, "shutdown", "read", "write", "unwrap", "version", "recv"),
                 "server": calls(api, wire.server, "recv", "recv")}
        wire.close()
        return found
    return each_version(steps)


@scenario
def unconnected_socket(api, files):
    found = {}
    for side, context in (("client", client_context(api, files)), ("server", server_context(api, files))):
        connection = context.wrap_socket(socket.socket(), server_side=side == "server",
                                         server_hostname="localhost" if side == "client" else None)
        found[side] = calls(api, connection, "recv", "send", "read", "write", "handshake", "certificate", "unwrap",
                            "version", "cipher", "pending", "shutdown", "close")
    return found


@scenario
def refused_wrapping(api, files):
    client, server = client_context(api, files), server_context(api, files)
    wire = Wire(api, files, "TLSv1.2")
    session = wire.client.session
    wire.close()

    def wrap(context, timeout=PATIENCE, kind=socket.SOCK_STREAM, connected=False, **options):
        sock, other = plain_pair() if connected else (socket.socket(socket.AF_INET, kind), None)
        sock.settimeout(timeout)
        try:
            outcome = api.attempt(lambda: context.wrap_socket(sock, **options) and None)
            # Ours: whatever went wrong, the descriptor stays the caller's. Python closes it halfway through.
            assert sock.fileno() >= 0 or not api.ours
            return outcome
        finally:
            sock.close()
            if other:
                other.close()

    named = {"server_hostname": "localhost"}
    return {
        "datagrams": wrap(client, kind=socket.SOCK_DGRAM, **named),
        "server with a name": wrap(server, server_side=True, **named),
        "server with a session": wrap(server, server_side=True, session=session),
        "client without a name": wrap(client),
        "client with an empty name": wrap(client, server_hostname=""),
        "not blocking": wrap(client, timeout=0, connected=True, **named),
        "client context as server": wrap(client_context_without_names(api, files), connected=True, server_side=True),
        "server context as client": wrap(server, connected=True, **named),
        "another context's session": wrap(client, connected=True, session=session, **named),
    }


def client_context_without_names(api, files):
    context = client_context(api, files)
    context.check_hostname = False
    return context


@scenario
def connecting(api, files):
    client, server = client_context(api, files, "TLSv1.2"), server_context(api, files, "TLSv1.2")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = probe.getsockname()

    def unconnected(context=client, **options):
        options = options or {"server_hostname": "localhost"}
        connection = context.wrap_socket(socket.socket(), **options)
        return connection

    refused, refused_by_number, serving = unconnected(), unconnected(), unconnected(server, server_side=True)
    found = {"refused": api.attempt(refused.connect, nobody),
             "refused, as a number": api.attempt(refused_by_number.connect_ex, nobody),
             "then again": api.attempt(refused_by_number.connect_ex, nobody),
             "on a server": api.attempt(serving.connect, nobody),
             "on a server, as a number": api.attempt(serving.connect_ex, nobody)}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            accepted = server.wrap_socket(listener.accept()[0], server_side=True)
            accepted.sendall(b"hello")
            accepted.close()

        connection = unconnected()
        connection.settimeout(PATIENCE)
        address = listener.getsockname()
        found["good"] = both(lambda: [api.attempt(connection.connect, address), connection.version(),
                                      api.attempt(connection.recv, 100)], serve)
        found["twice"] = api.attempt(connection.connect, address)
        connection.close()
    for each in (refused, refused_by_number, serving):
        each.close()
    return found


class State:
    """A client in one of the states a socket can be in, not waiting for anything."""

    def __init__(self, api, files, version, name):
        self.wire, self.others = None, []
        if name in ("unconnected", "connected later"):
            self.client = client_context(api, files, version).wrap_socket(
                socket.socket(), server_hostname="localhost", do_handshake_on_connect=False)
        elif name == "listening":
            self.client = server_context(api, files, version).wrap_socket(
                self.keep(socket.create_server(("127.0.0.1", 0))), server_side=True)
        else:
            self.wire = Wire(api, files, version, handshake=name != "connected")
            self.client = self.wire.client
        getattr(self, name.replace(" ", "_"), lambda: None)()
        if name not in ("closed", "detached"):
            self.client.settimeout(0)

    def keep(self, other):
        self.others.append(other)
        return other

    def connected_later(self):
        listener = self.keep(socket.create_server(("127.0.0.1", 0)))
        owner = self.keep(socket.socket(fileno=os.dup(self.client.fileno())))
        owner.connect(listener.getsockname())
        self.keep(listener.accept()[0])

    def ended(self):
        # The peer's close_notify; its own unwrap waits for an answer in vain.
        self.wire.server.settimeout(0)
        try:
            self.wire.server.unwrap()
        except Exception:  # of either api
            pass
        assert self.client.recv(1) == b""

    def unwrapped(self):
        both(self.client.unwrap, self.wire.server.unwrap)

    def shut(self):
        self.client.shutdown(socket.SHUT_RDWR)

    def detached(self):
        self.keep(socket.socket(fileno=self.client.detach()))

    def closed(self):
        self.client.close()

    def close(self):
        for each in (self.client, *self.others):
            each.close()
        if self.wire:
            self.wire.server.close()


STATES = ("unconnected", "connected later", "connected", "tls", "ended", "unwrapped", "shut", "closed", "listening")
CALLS = ("send", "sendall", "write", "recv", "read", "pending", "handshake", "unwrap", "certificate", "version",
         "cipher")


def call_or_no_wrapper(api, client, call):
    try:
        return calls(api, client, call)[0][1]
    except AttributeError:
        # Ours: a status tells that there is no TLS, which in Python is an AttributeError.
        assert not api.ours
        return {"raises": "ValueError", "message": "No SSL wrapper around"}


@scenario
def calls_in_every_state(api, files):
    def steps(version):
        found = {}
        for name in STATES:
            for call in CALLS:
                state = State(api, files, version, name)
                found[f"{call} when {name}"] = call_or_no_wrapper(api, state.client, call)
                state.close()
        return found
    return each_version(steps)
