"""What tlsock does on purpose otherwise than Python's ssl, and what it adds, against real peers."""

import socket
import ssl
import threading

import pytest
import tlsock
from ours import PAYLOAD, TIMEOUT, VERSIONS, Server, client_context, connect, echo, only, receive, server_context
from server_peers import PythonServer

pytestmark = pytest.mark.parametrize("version", VERSIONS)


def python_pair(certs, version):
    """Our client and Python's server over TCP, the handshake done."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certs / "ecdsa.pem", certs / "ecdsa.key")
    served = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            plain, _ = listener.accept()
            plain.settimeout(TIMEOUT)
            served.append(context.wrap_socket(plain, server_side=True))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        client = connect(client_context(certs, version), listener.getsockname()[1])
        thread.join(TIMEOUT)
    return client, served[0]


def test_a_client_in_memory_needs_a_name(version, certs):
    context = client_context(certs, version)
    with pytest.raises(tlsock.WrongValue) as refused:
        context.wrap_bio(tlsock.BIO(), tlsock.BIO())
    assert refused.value.message.startswith("check_hostname requires server_hostname")
    nameless = context.wrap_bio(tlsock.BIO(), tlsock.BIO(), flags=tlsock.WRAP_INSECURE_NO_HOSTNAME)
    assert nameless.server_hostname is None


def test_a_refused_socket_stays_the_callers(version, certs):
    here, there = socket.socketpair()
    context = client_context(certs, version)
    here.setblocking(False)
    with pytest.raises(tlsock.WrongValue):
        context.wrap_socket(here, server_hostname="localhost")
    here.setblocking(True)
    there.shutdown(socket.SHUT_WR)
    # The handshake meets the end of the stream.
    with pytest.raises(tlsock.EndOfFile):
        context.wrap_socket(here, server_hostname="localhost")
    assert here.recv(1) == b""
    here.close()
    there.close()


def test_a_clean_end_is_told_from_a_ragged_one(version, certs):
    for clean in (True, False):
        client, server = python_pair(certs, version)
        server.sendall(b"all of it")
        if clean:
            server.setblocking(False)
            with pytest.raises(ssl.SSLWantReadError):
                server.unwrap()
        server.close()
        assert receive(client, 100) == b"all of it"
        assert client.ragged_eof is not clean
        client.close()


def test_close_write_keeps_reading_possible(version, certs):
    client, server = python_pair(certs, version)
    client.sendall(b"question")
    client.close_write()
    assert server.recv(100) == b"question"
    assert server.recv(100) == b""
    server.sendall(b"answer")
    assert client.recv() == b"answer"
    with pytest.raises(tlsock.TlsError) as closed:
        client.sendall(b"more")
    assert closed.value.reason == "PROTOCOL_IS_SHUTDOWN"
    server.close()
    client.close()


def test_a_socket_connected_behind_its_back_speaks_tls(version, certs):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certs / "ecdsa.pem", certs / "ecdsa.key")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        plain = socket.socket()
        owner = plain.dup()
        client = client_context(certs, version).wrap_socket(plain, server_hostname="localhost")
        owner.connect(listener.getsockname())
        accepted, _ = listener.accept()
        heard = []

        def serve():
            accepted.settimeout(TIMEOUT)
            with context.wrap_socket(accepted, server_side=True) as server:
                heard.append(receive(server, len(PAYLOAD)))
                server.sendall(b"heard")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        client.settimeout(TIMEOUT)
        client.sendall(PAYLOAD)
        assert receive(client, 5) == b"heard"
        assert client.version() == version and client.getpeercert()
        thread.join(TIMEOUT)
        assert heard == [PAYLOAD]
        client.close()
        owner.close()


def test_a_half_shut_socket_never_hands_out_ciphertext(version, certs):
    client, server = python_pair(certs, version)
    client.shutdown(socket.SHUT_WR)
    server.sendall(b"answer")
    assert client.recv() == b"answer"
    server.close()
    client.close()


def test_unwrap_hands_over_what_follows(version, certs):
    client, server = python_pair(certs, version)
    plain = []

    def leave():
        server.setblocking(True)
        server.settimeout(TIMEOUT)
        left = server.unwrap()
        left.sendall(b"in the clear")
        plain.append(left)

    # The peer's close_notify, then plain text right after it: one read may take both.
    thread = threading.Thread(target=leave, daemon=True)
    thread.start()
    leftover = client.unwrap() or b""
    thread.join(TIMEOUT)
    assert leftover + receive(client, 12 - len(leftover)) == b"in the clear"
    client.sendall(b"likewise")
    assert plain[0].recv(100) == b"likewise"
    plain[0].close()
    client.close()


@pytest.mark.function("tlsock_session_data")
def test_sessions_survive_as_bytes(version, certs, running):
    server = running(PythonServer(certs, version))
    context = client_context(certs, version)
    first = connect(context, server.port)
    assert server.exchange(first) == PAYLOAD
    kept = first.session.data()
    first.close()
    restored = tlsock.give(tlsock.Session, "tlsock_session_new_data", context.pointer, kept, len(kept))
    assert connect(context, server.port, restored).session_reused


@pytest.mark.function("tlsock_context_set_session_callback")
def test_a_callback_takes_each_session(version, certs, running):
    server = running(PythonServer(certs, version))
    context = client_context(certs, version)
    taken = []

    def take(_connection, session, _error):
        taken.append(tlsock.Session(session))
        return tlsock.OK

    context.set_callback("session", take)
    first = connect(context, server.port)
    assert server.exchange(first) == PAYLOAD
    first.close()
    # Python's server sends two tickets in TLS 1.3.
    assert len(taken) == {"TLSv1.2": 1, "TLSv1.3": 2}[version]
    assert connect(context, server.port, taken[-1]).session_reused


def test_everything_from_memory(version, certs, running):
    context = only(tlsock.Context(tlsock.PROTOCOL_TLS_SERVER), version)
    context.load_cert_chain_data((certs / "rsa.pem").read_bytes(), (certs / "rsa-encrypted.key").read_bytes(), "sesame")
    server = running(Server(context, echo(5)))
    client = only(tlsock.Context(tlsock.PROTOCOL_TLS_CLIENT), version)
    client.load_verify_locations(cadata=(certs / "ca.pem").read_bytes())
    client.load_crl_data((certs / "crl.pem").read_bytes())
    client.verify_flags |= tlsock.VERIFY_CRL_CHECK_LEAF
    with client.create_connection(("localhost", server.port), TIMEOUT) as connection:
        connection.sendall(b"hello")
        assert connection.recv() == b"hello"
        assert connection.gettimeout() == TIMEOUT
        assert connection.server_hostname == "localhost"
    assert isinstance(server.outcome(), dict)


@pytest.mark.function("tlsock_context_set_sni_callback")
def test_names_choose_certificates(version, certs, running):
    other = server_context(certs, version, "wrong-name")
    context = server_context(certs, version)
    named = []

    def choose(connection, name, _context, _error):
        named.append(name)
        if name == b"other.example":
            tlsock.call("tlsock_socket_set_context", connection.contents.socket, other.pointer)
        return 0

    context.set_callback("sni", choose)
    server = running(Server(context, echo(5)))
    for name in ("localhost", "other.example"):
        connection = connect(client_context(certs, version), server.port, name=name)
        connection.sendall(b"hello")
        assert connection.recv() == b"hello"
        connection.close()
    assert named == [b"localhost", b"other.example"]


def test_the_flag_that_made_the_difference(version, certs, running):
    server = running(PythonServer(certs, version, "revoked"))
    context = client_context(certs, version)
    context.load_verify_locations(certs / "crl.pem")
    context.verify_flags |= tlsock.VERIFY_CRL_CHECK_LEAF
    with pytest.raises(tlsock.CertVerification) as refused:
        connect(context, server.port)
    assert refused.value.verify_flag == tlsock.VERIFY_CRL_CHECK_LEAF


def test_a_send_that_never_blocks_repeats_the_same_bytes(version, certs):
    client, server = python_pair(certs, version)
    received = []

    def read():
        while part := server.recv(1 << 16):
            received.append(part)

    client.setblocking(False)
    data = PAYLOAD * 24
    with pytest.raises(tlsock.WantWrite):
        client.send(data)
    # Python takes any length that covers what was taken, and so do we; other bytes are refused.
    with pytest.raises(tlsock.WrongValue, match="bad write retry"):
        client.send(b"x" + data[1:256])
    with pytest.raises(tlsock.WrongValue, match="bad write retry"):
        client.send(data.translate(bytes(255 - byte for byte in range(256))))
    for other_length in (data[:-1], data + b"more"):
        with pytest.raises(tlsock.WantWrite):
            client.send(other_length)
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    while True:
        try:
            assert client.send(data) == len(data)
            break
        except tlsock.WantWrite:
            client.wait(tlsock.WANT_WRITE, TIMEOUT)
    client.close_write()
    reader.join(TIMEOUT)
    assert b"".join(received) == data
    server.close()
    client.close()


def test_one_context_serves_many_threads_while_it_changes(version, certs):
    client, server = client_context(certs, version), server_context(certs, version)
    failures = []

    def converse():
        try:
            for _ in range(20):
                here, there = socket.socketpair()
                accepted = server.wrap_socket(there, server_side=True, do_handshake_on_connect=False)
                answer = threading.Thread(target=lambda: accepted.sendall(b"hello"), daemon=True)
                answer.start()
                connection = client.wrap_socket(here, server_hostname="localhost")
                assert connection.recv() == b"hello"
                answer.join(TIMEOUT)
        except (tlsock.Error, AssertionError) as error:
            failures.append(error)

    threads = [threading.Thread(target=converse, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        client.set_ciphers("ECDHE+AESGCM")
        client.load_verify_locations(certs / "unknown-ca.pem")
        server.load_cert_chain(certs / "rsa.pem", certs / "rsa.key")
        server.set_alpn_protocols(["h2"])
        server.options |= tlsock.OP_NO_TICKET
        client.verify_flags |= tlsock.VERIFY_X509_STRICT
    assert not failures
