"""Two threads on one connection: neither direction waits for the other."""

import threading

import pytest
from ours import TIMEOUT, VERSIONS, Server, client_context, connect, receive, server_context

SIZE = 64 << 20
PIECE = bytes(range(256)) * 4096

pytestmark = pytest.mark.parametrize("version", VERSIONS)


def send_all(connection):
    for _ in range(SIZE // len(PIECE)):
        connection.sendall(PIECE)


def receive_all(connection):
    for _ in range(SIZE // len(PIECE)):
        assert receive(connection, len(PIECE)) == PIECE


def beside(work):
    """Runs work in another thread; returns what waits for its outcome."""
    outcome = []

    def run():
        try:
            outcome.append(work())
        except BaseException as error:  # handed over to the test
            outcome.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def wait():
        thread.join(TIMEOUT)
        assert not thread.is_alive(), "the other thread is stuck"
        return outcome[0]

    return wait


def test_a_waiting_recv_does_not_stop_a_send(version, certs, running):
    def handler(connection):
        receive_all(connection)
        connection.sendall(b"done")

    server = running(Server(server_context(certs, version), handler))
    client = connect(client_context(certs, version), server.port)
    received = beside(lambda: receive(client, 4))
    send_all(client)
    assert received() == b"done"
    client.close()
    assert isinstance(server.outcome(), dict)


def test_a_waiting_send_does_not_stop_a_recv(version, certs, running):
    def handler(connection):
        send_all(connection)
        receive_all(connection)

    server = running(Server(server_context(certs, version), handler))
    client = connect(client_context(certs, version), server.port)
    sent = beside(lambda: send_all(client))
    receive_all(client)
    assert sent() is None
    client.close()
    assert isinstance(server.outcome(), dict)
