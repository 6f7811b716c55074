"""Promises of the header that no comparison of steps shows: who is asked for what, and what is left alone."""

import ctypes
import os
import socket
import ssl
import subprocess
import threading

import pytest
import tlsock
from ours import TIMEOUT, VERSIONS, Server, client_context, echo, exchange, only, server_context


def shake(client, server):
    """Both ends' errors, None for those that are done."""
    errors, waiting = {client: None, server: None}, [client, server]
    for _ in range(10):
        for end in list(waiting):
            try:
                end.do_handshake()
                waiting.remove(end)
            except tlsock.WantRead:
                pass
            except tlsock.Error as error:
                errors[end] = error
                waiting.remove(end)
    return [errors[client], errors[server]]


def wrapped(client, server, **options):
    up, down = tlsock.BIO(), tlsock.BIO()
    return client.wrap_bio(down, up, **options), server.wrap_bio(up, down, server_side=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_who_insists_is_connected_without_a_name(version, certs):
    """The chain is checked nevertheless."""
    for name, trusted in (("wrong-name", True), ("self-signed", False)):
        client, server = wrapped(client_context(certs, version), server_context(certs, version, name),
                                 flags=tlsock.WRAP_INSECURE_NO_HOSTNAME)
        error, _ = shake(client, server)
        assert (error is None) is trusted
        assert trusted or isinstance(error, tlsock.CertVerification) and error.verify_code == 18


def names_sent(certs, ask, hosts):
    """The server names a server sees when a function asks for its certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certs / "ecdsa.pem", certs / "ecdsa.key")
    seen = []
    context.sni_callback = lambda _connection, name, _context: seen.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(TIMEOUT)
        port = listener.getsockname()[1]

        def serve():
            for _ in hosts:
                plain, _ = listener.accept()
                plain.settimeout(TIMEOUT)
                try:
                    context.wrap_socket(plain, server_side=True).close()
                except OSError:
                    plain.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        pems = [ask(host, port) for host in hosts]
        thread.join(TIMEOUT)
        assert not thread.is_alive()
    return seen, pems


def test_asking_for_a_certificate_logs_keys_where_the_environment_says_so(certs, tmp_path, monkeypatch):
    """As Python: every context for one's own use obeys it."""
    def ours(host, port):
        return tlsock.give_bytes("tlsock_get_server_certificate", host.encode(), port, tlsock.PROTOCOL_TLS_CLIENT, None,
                                 float(TIMEOUT)).decode()

    def theirs(host, port):
        return ssl.get_server_certificate((host, port), timeout=TIMEOUT)

    logs = {}
    for name, ask in (("ours", ours), ("theirs", theirs)):
        path = tmp_path / name
        monkeypatch.setenv("SSLKEYLOGFILE", str(path))
        names_sent(certs, ask, ("localhost",))
        logs[name] = [line.split()[0] for line in path.read_text().splitlines()]
    assert logs["ours"] == logs["theirs"]
    assert logs["ours"][0] == "#" and "SERVER_TRAFFIC_SECRET_0" in logs["ours"]
    # What cannot be opened stops nobody, other than in Python.
    for path in (str(tmp_path), ""):
        monkeypatch.setenv("SSLKEYLOGFILE", path)
        with pytest.raises(tlsock.SystemFailure, match="refused"):
            ours("localhost", 1)


@pytest.mark.needs("openssl")
def test_asking_for_a_certificate_is_not_strict(certs, tmp_path, running):
    """Python's context for it has none of the flags of create_default_context, and never looks at the name."""
    pem, key = tmp_path / "lax.pem", tmp_path / "lax.key"
    words = ["req", "-x509", "-newkey", "ed25519", "-noenc", "-subj", "/CN=nobody", "-keyout", key, "-out", pem,
             "-CA", certs / "ca.pem", "-CAkey", certs / "ca.key"]
    for extension in ("basicConstraints=CA:FALSE", "subjectKeyIdentifier=none", "authorityKeyIdentifier=none"):
        words += ["-addext", extension]
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
    context = tlsock.Context(tlsock.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    server = running(Server(context, lambda _connection: None))

    def ask(ca):
        return tlsock.give_bytes("tlsock_get_server_certificate", b"localhost", server.port, tlsock.PROTOCOL_TLS_CLIENT,
                                 ca and os.fsencode(certs / ca), float(TIMEOUT)).decode()

    assert ask(None) == ask("ca.pem") == ssl.get_server_certificate(("localhost", server.port), timeout=TIMEOUT)
    with pytest.raises(tlsock.CertVerification):
        ask("unknown-ca.pem")
    strict = tlsock.create_default_context(cafile=certs / "ca.pem")
    strict.check_hostname = False
    with pytest.raises(tlsock.CertVerification) as refused:
        strict.create_connection(("localhost", server.port), TIMEOUT)
    assert refused.value.verify_code == 85


def test_a_handshake_may_block_on_a_socket_that_does_not(certs):
    """Python's do_handshake(block=True): there is no timeout meanwhile."""
    here, there = socket.socketpair()
    here.setblocking(False)
    client = client_context(certs, "TLSv1.3").wrap_socket(here, server_hostname="localhost",
                                                          do_handshake_on_connect=False)
    server = server_context(certs, "TLSv1.3").wrap_socket(there, server_side=True, do_handshake_on_connect=False)
    assert client.gettimeout() == 0
    with pytest.raises(tlsock.WantRead):
        client.do_handshake()
    thread = threading.Thread(target=server.do_handshake, daemon=True)
    client.settimeout(None)
    thread.start()
    client.do_handshake()
    client.settimeout(0)
    thread.join(TIMEOUT)
    assert (client.version(), client.gettimeout()) == ("TLSv1.3", 0)
    server.close()


@pytest.mark.parametrize("told", ["connect", "handshake", "nothing"])
def test_a_socket_that_others_connected_speaks_tls(certs, running, told):
    """With the handshake as the first call, with connect, or with neither."""
    server = running(Server(server_context(certs, "TLSv1.3"), echo(5)))
    plain = socket.socket()
    with plain.dup() as other:
        client = client_context(certs, "TLSv1.3").wrap_socket(plain, server_hostname="localhost")
        other.connect(("127.0.0.1", server.port))
        client.settimeout(TIMEOUT)
        if told == "connect":
            client.connect(("127.0.0.1", server.port))
        elif told == "handshake":
            client.do_handshake()
    assert exchange(client, b"hello") == b"hello"
    assert client.version() == "TLSv1.3"
    client.close()


def test_names_but_no_addresses_are_sent_when_asking_for_a_certificate(certs):
    def ours(host, port):
        return tlsock.give_bytes("tlsock_get_server_certificate", host.encode(), port, tlsock.PROTOCOL_TLS_CLIENT, None,
                                 float(TIMEOUT)).decode()

    def theirs(host, port):
        return ssl.get_server_certificate((host, port), timeout=TIMEOUT)

    hosts = ("localhost", "127.0.0.1")
    found = names_sent(certs, ours, hosts)
    assert found == names_sent(certs, theirs, hosts)
    assert found[0] == ["localhost", None]


KEY = b"a key of both sides"


def psk_contexts(version, identity):
    """Contexts that live by one key; what the server was asked for."""
    client, server = tlsock.Context(tlsock.PROTOCOL_TLS_CLIENT), tlsock.Context(tlsock.PROTOCOL_TLS_SERVER)
    client.check_hostname = False
    client.verify_mode = tlsock.CERT_NONE
    asked = []

    def mine(_connection, _hint, name, _name_size, key, _size, length, _error):
        ctypes.memmove(name, identity + b"\0", len(identity) + 1)
        ctypes.memmove(key, KEY, len(KEY))
        length[0] = len(KEY)
        return tlsock.OK

    def theirs(_connection, name, key, _size, length, _error):
        asked.append(name)
        ctypes.memmove(key, KEY, len(KEY))
        length[0] = len(KEY)
        return tlsock.OK

    for context in (client, server):
        only(context, version).set_ciphers("PSK")
    client.set_callback("psk_client", mine)
    callback = tlsock.header.callbacks["tlsock_psk_server_callback"](lambda _userdata, *rest: theirs(*rest))
    server.call("set_psk_server_callback", callback, None, None, tlsock.header.callbacks["tlsock_free_userdata"]())
    server.kept = callback
    return client, server, asked


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.function("tlsock_context_set_psk_client_callback")
def test_an_identity_may_be_empty_in_old_versions_only(version):
    for identity in (b"me", b""):
        client, server, asked = psk_contexts(version, identity)
        ends = wrapped(client, server)
        errors = shake(*ends)
        if identity or version == "TLSv1.2":
            assert errors == [None, None]
            assert set(asked) == {identity or None}
            assert [end.getpeercert() for end in ends] == [None, None]
            assert [end.session_reused for end in ends] == [version == "TLSv1.3"] * 2
        else:
            assert isinstance(errors[0], tlsock.TlsError)
            assert asked == []


@pytest.mark.function("tlsock_context_set_psk_client_callback")
def test_without_a_callback_the_hint_is_gone_too():
    client, server, asked = psk_contexts("TLSv1.2", b"me")
    functions = tlsock.header.callbacks
    nothing = functions["tlsock_psk_server_callback"](), b"a hint", None, functions["tlsock_free_userdata"]()
    server.call("set_psk_server_callback", *nothing)
    errors = shake(*wrapped(client, server))
    assert errors[1].reason == "NO_SHARED_CIPHER"
    assert asked == []


def test_a_stream_of_c_reads_and_writes_through_tls(certs):
    """fgets and fputs of the C library; the descriptor lives as long as the last stream."""
    libc = ctypes.CDLL(None)
    libc.fgets.restype = ctypes.c_char_p
    libc.fgets.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    libc.fputs.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    libc.fclose.argtypes = [ctypes.c_void_p]
    here, there = socket.socketpair()
    client = client_context(certs, "TLSv1.3").wrap_socket(here, server_hostname="localhost",
                                                          do_handshake_on_connect=False)
    server = server_context(certs, "TLSv1.3").wrap_socket(there, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=lambda: server.sendall(b"first line\nsecond line\n"), daemon=True)
    thread.start()
    stream = client.give(int, "makefile", b"r+")
    line = ctypes.create_string_buffer(100)
    # The handshake is done here.
    assert [libc.fgets(line, 100, stream) for _ in range(2)] == [b"first line\n", b"second line\n"]
    thread.join(TIMEOUT)
    client.close()
    assert client.fileno() >= 0
    assert libc.fputs(b"an answer\n", stream) >= 0
    assert libc.fclose(stream) == 0
    assert client.fileno() == -1
    assert server.recv(100) == b"an answer\n"
    server.close()
