"""What sockets tell once they are connected, and what they share with all sockets: options, listening, files."""

import socket

from scenarios_connection import binding, facts
from scenarios_socket import PATIENCE, Wire, both, calls, plain_pair
from twins import client_context, each_version, scenario, server_context


@scenario
def what_a_socket_tells(api, files):
    def steps(version):
        client, server = client_context(api, files, version), server_context(api, files, version)
        client.set_alpn_protocols(["a", "b"])
        server.set_alpn_protocols(["b"])
        here, there = plain_pair()
        here.settimeout(None)
        there.settimeout(None)
        near = client.wrap_socket(here, server_hostname="localhost", do_handshake_on_connect=False)
        far = server.wrap_socket(there, server_side=True, do_handshake_on_connect=False)
        before = [facts(api, near), facts(api, far)]
        both(near.do_handshake, far.do_handshake)
        found = {"client before": before[0], "server before": before[1], "client": facts(api, near),
                 "server": facts(api, far),
                 "binding": binding(near) == binding(far),
                 "addresses": near.getpeername() == far.getsockname() and far.getpeername() == near.getsockname()}
        found["contexts"] = [near.context == client, far.context == server]
        other = client_context(api, files, version)
        near.context = other
        found["another context"] = [near.context == client, near.context == other]
        near.close()
        far.close()
        return found
    return each_version(steps)


@scenario
def socket_options(api, files):
    wire = Wire(api, files, "TLSv1.3")
    kind = wire.client.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE)
    found = {"type": kind, "unknown": api.attempt(wire.client.getsockopt, socket.SOL_SOCKET, 9999),
             "unknown set": api.attempt(wire.client.setsockopt, socket.SOL_SOCKET, 9999, 1)}
    for value in (1, 0):
        wire.client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, value)
        found[f"keep alive {value}"] = wire.client.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    wire.client.close()
    found["closed"] = api.attempt(wire.client.getsockopt, socket.SOL_SOCKET, socket.SO_TYPE)
    wire.close()
    return found


@scenario
def bound_and_listening(api, files):
    """A socket that is wrapped first, then bound and listened at."""
    def steps(version):
        listener = server_context(api, files, version).wrap_socket(socket.socket(), server_side=True)
        listener.settimeout(PATIENCE)
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        address = listener.getsockname()
        again = server_context(api, files, version).wrap_socket(socket.socket(), server_side=True)
        found = {"taken": api.attempt(again.bind, address), "host": address[0],
                 "not listening": api.attempt(lambda: again.accept() and None)}
        again.close()
        heard = []

        def serve():
            accepted, _ = listener.accept()
            heard.append(accepted.recv(100))
            accepted.close()

        def visit():
            plain = socket.create_connection(address, PATIENCE)
            plain.settimeout(None)
            client = client_context(api, files, version).wrap_socket(plain, server_hostname="localhost")
            client.sendall(b"hello")
            client.close()

        both(visit, serve)
        found["heard"] = heard
        listener.close()
        return found
    return each_version(steps)


@scenario
def files_over_sockets(api, files):
    path = files / "two.pem"
    size = path.stat().st_size

    def send(version, offset, count, expected):
        wire, received = Wire(api, files, version), []

        def receive():
            received.append(b"".join(wire.server.recv(1) for _ in range(expected)))

        with open(path, "rb", buffering=0) as file:
            sent = both(lambda: wire.client.sendfile(file, offset, count), receive)
            position = file.tell()
        wire.close()
        return [sent, received, position]

    def steps(version):
        found = {"whole": send(version, 0, None, size), "part": send(version, 10, 20, 20),
                 "to the end": send(version, size - 5, None, 5), "beyond": send(version, size - 5, 100, 5)}
        wire = Wire(api, files, version)
        wire.client.settimeout(0)
        with open(path, "rb", buffering=0) as file:
            found["never blocking"] = api.attempt(wire.client.sendfile, file)
        wire.close()
        return found
    return each_version(steps)


# What anybody in between can send before the end of the handshake, with the end of the stream behind it.
INTERRUPTIONS = {"close_notify": b"\x15\x03\x03\x00\x02\x01\x00", "a fatal close_notify": b"\x15\x03\x03\x00\x02\x02\x00",
                 "user_canceled": b"\x15\x03\x03\x00\x02\x01\x5a",
                 "user_canceled, close_notify": b"\x15\x03\x03\x00\x02\x01\x5a\x15\x03\x03\x00\x02\x01\x00",
                 "a fatal alert": b"\x15\x03\x03\x00\x02\x02\x28", "half a record": b"\x15\x03\x03\x00", "nothing": b""}


@scenario
def an_end_before_the_end_of_the_handshake(api, files):
    def interrupted(version, sent, server_side, first, timeout, **options):
        # All has arrived before the call: nothing depends on when.
        here, there = socket.socketpair()
        context = (server_context if server_side else client_context)(api, files, version)
        name = None if server_side else "localhost"
        connection = context.wrap_socket(here, server_side=server_side, server_hostname=name, do_handshake_on_connect=False,
                                         **options)
        connection.settimeout(timeout)
        there.sendall(sent)
        there.shutdown(socket.SHUT_WR)
        found = calls(api, connection, first, "version")
        connection.close()
        there.close()
        return found

    def steps(version):
        found = {}
        for name, sent in INTERRUPTIONS.items():
            for server_side in (False, True):
                for first in ("handshake", "recv", "send", "unwrap"):
                    for timeout in (PATIENCE, 0):
                        for suppress in (True, False):
                            key = f"{name}, {'server' if server_side else 'client'}, {first}, {timeout}, {suppress}"
                            found[key] = interrupted(version, sent, server_side, first, timeout, suppress_ragged_eofs=suppress)
        return found
    return each_version(steps)


@scenario
def an_end_before_the_end_of_a_handshake_in_memory(api, files):
    def steps(version):
        found = {}
        for name, sent in INTERRUPTIONS.items():
            for first in ("handshake", "read", "write"):
                incoming, outgoing = api.BIO(), api.BIO()
                client = client_context(api, files, version).wrap_bio(incoming, outgoing, server_hostname="localhost")
                asked = api.attempt(client.do_handshake)
                incoming.write(sent)
                call = {"handshake": client.do_handshake, "read": lambda: client.read(10), "write": lambda: client.write(b"x")}
                found[f"{name}, {first}"] = [asked, api.attempt(call[first]), client.version()]
        return found
    return each_version(steps)
