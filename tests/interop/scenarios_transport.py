"""What sockets tell once they are connected, and what they share with all sockets: options, listening, files."""

import socket

from scenarios_connection import binding, facts
from scenarios_socket import PATIENCE, Wire, both, plain_pair
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
