"""Wrapping sockets, listening and accepting, and what a socket is before it is connected."""

import os
import socket

from scenarios_socket import PATIENCE, Wire, both, plain_pair
from twins import client_context, each_version, scenario, server_context


@scenario
def wrapping_unconnected(api, files):
    client, server = client_context(api, files), server_context(api, files)
    nameless = client_context(api, files)
    nameless.check_hostname = False

    def wrap(context, **options):
        with socket.socket() as sock:
            wrapped = context.wrap_socket(sock, **options)
            try:
                return [wrapped.server_side, wrapped.server_hostname, wrapped.version(), wrapped.pending()]
            finally:
                wrapped.close()

    cases = {"server with an empty name": (server, {"server_side": True, "server_hostname": ""}),
             "server context as client": (server, {"server_hostname": "localhost"}),
             "client context as server": (nameless, {"server_side": True}),
             "client context that checks names as server": (client, {"server_side": True}),
             "client with a name": (client, {"server_hostname": "bücher.example"})}
    found = {name: api.attempt(wrap, context, **options) for name, (context, options) in cases.items()}
    # The text is the codec's own: only the kind is compared.
    found["no names"] = [api.attempt(wrap, client, server_hostname=name)["raises"] for name in (".x", "a..b")]
    return found


@scenario
def wrapping_connected(api, files):
    client, server = client_context(api, files), server_context(api, files)

    def wrap(context, **options):
        one, other = plain_pair()
        number = one.fileno()
        try:
            context.wrap_socket(one, do_handshake_on_connect=False, **options).close()
        finally:
            if api.ours and one.fileno() >= 0:
                # Ours: a refused descriptor stays the caller's.
                assert os.fstat(number)
            one.close()
            other.close()

    def kind(name):
        outcome = api.attempt(wrap, client, server_hostname=name)
        return outcome and outcome["raises"]

    return {"server with an empty name": api.attempt(wrap, server, server_side=True, server_hostname=""),
            "names": {name: kind(name) for name in (".x", "a..b", "localhost")}}


@scenario
def timeouts_of_wrapped_sockets(api, files):
    """The mode in which each timeout leaves the descriptor, and that it applies from the next call on."""
    def steps(version):
        wire = Wire(api, files, version)
        found = []
        for timeout in (None, 5, 0, 0.05, None, 0.05):
            wire.client.settimeout(timeout)
            found.append([wire.client.gettimeout(), os.get_blocking(wire.client.fileno())])
            if timeout is not None and timeout < 1:
                found.append(api.attempt(wire.client.recv, 1))
        for blocking in (True, False):
            wire.client.setblocking(blocking)
            found.append([wire.client.gettimeout(), os.get_blocking(wire.client.fileno())])
        wire.close()
        return {"timeouts": found}
    return each_version(steps)


def listening(api, files, version=None, **options):
    sock = socket.create_server(("127.0.0.1", 0))
    address = sock.getsockname()
    listener = server_context(api, files, version).wrap_socket(sock, server_side=True, **options)
    listener.settimeout(PATIENCE)
    return listener, address


@scenario
def listeners(api, files):
    def steps(version):
        listener, address = listening(api, files, version)
        found = {"facts": [listener.session, listener.version(), listener.cipher(), listener.pending(),
                           listener.server_side, listener.gettimeout(), api.attempt(listener.getpeercert)]}
        outcomes = []

        def serve():
            accepted, where = listener.accept()
            outcomes.extend([accepted.server_side, accepted.version(), accepted.gettimeout(), where[0],
                             api.attempt(accepted.recv, 100)])
            accepted.sendall(b"hello")
            accepted.close()

        def visit():
            plain = socket.create_connection(address, PATIENCE)
            plain.settimeout(None)
            client = client_context(api, files, version).wrap_socket(plain, server_hostname="localhost")
            client.settimeout(PATIENCE)
            client.sendall(b"who is there?")
            answers = [api.attempt(client.recv, 100), api.attempt(client.recv, 100)]
            client.close()
            return answers

        found["client"] = both(visit, serve)
        found["accepted"] = outcomes
        # A peer that is gone before the handshake does not affect others.
        failed = []
        gone = socket.create_connection(address, PATIENCE)
        gone.shutdown(socket.SHUT_WR)
        failed.append(api.attempt(lambda: listener.accept() and None))
        gone.close()
        found["peer that ended"] = failed
        del outcomes[:]
        found["the next client"] = both(visit, serve)
        listener.close()
        return found
    return each_version(steps)


@scenario
def ends_in_the_handshake(api, files):
    """An end without close_notify before the handshake is done: it is never suppressed."""
    def steps(version):
        found = {}
        for suppress in (True, False):
            one, other = plain_pair()
            client = client_context(api, files, version).wrap_socket(
                one, server_hostname="localhost", do_handshake_on_connect=False, suppress_ragged_eofs=suppress)
            client.settimeout(PATIENCE)
            other.shutdown(socket.SHUT_WR)
            found[f"suppressed: {suppress}"] = [api.attempt(client.do_handshake), api.attempt(client.do_handshake)]
            client.close()
            other.close()
        return found
    return each_version(steps)


@scenario
def sessions_before_connecting(api, files):
    """A session of another context is refused when the connection is made, before anything is sent."""
    def steps(version):
        client, other = client_context(api, files, version), client_context(api, files, version)
        wire = Wire(api, files, version)
        session = wire.client.session
        wire.close()
        found = {}
        for name, context in (("another context's", other), ("own", client)):
            one, peer = plain_pair()
            outcome = api.attempt(lambda context=context, one=one: context.wrap_socket(
                one, server_hostname="localhost", do_handshake_on_connect=False, session=session) and None)
            found[name] = outcome
            one.close()
            peer.close()
        return found
    return each_version(steps)


@scenario
def detached_sockets(api, files):
    """The connection stays, but its descriptor is the caller's. Python's calls without a timeout still use its number, which
    may name something else by then: not compared."""
    def steps(version):
        found = {}
        for name in ("write", "unwrap"):
            wire = Wire(api, files, version)
            descriptor = wire.client.detach()
            step = wire.client.unwrap if name == "unwrap" else lambda wire=wire: wire.client.write(b"x")
            found[name] = [api.attempt(step), wire.client.fileno()]
            os.close(descriptor)
            wire.close()
        return found
    return each_version(steps)


@scenario
def sizes_of_socket_reads(api, files):
    def steps(version):
        wire = Wire(api, files, version)
        wire.server.sendall(b"0123456789" * 3000)
        found = {"reads": [len(wire.client.recv(size)) for size in (0, 3, 100, 50000, 50000)],
                 "pending": wire.client.pending()}
        wire.close()
        return found
    return each_version(steps)
