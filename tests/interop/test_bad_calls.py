"""Numbers out of range, descriptors of other things, and callbacks that answer what cannot be."""

import ctypes
import math
import os
import socket

import pytest
import tlsock
from bad_input import quickly, refusal
from ours import VERSIONS, client_context, only, server_context
from test_contract import KEY, psk_contexts, shake, wrapped

EVERYTHING = (1 << 64) - 1


@pytest.fixture
def plain():
    """A server's socket that was not bound."""
    context = tlsock.Context(tlsock.PROTOCOL_TLS_SERVER)
    return context.wrap_socket(socket.socket(), server_side=True, do_handshake_on_connect=False)


@pytest.fixture
def client(certs):
    context = client_context(certs, "TLSv1.3")
    return context.wrap_socket(socket.socket(), server_hostname="localhost", do_handshake_on_connect=False)


@pytest.fixture
def pair(certs):
    """Two ends in memory after their handshake."""
    ends = wrapped(client_context(certs, "TLSv1.3"), server_context(certs, "TLSv1.3"), server_hostname="localhost")
    assert shake(*ends) == [None, None]
    return ends


@pytest.mark.parametrize("port", [-1, 65536, 2 ** 31 - 1, -2 ** 31])
def test_ports(port, plain, client, certs):
    message = f"port {port} is not within 0 to 65535"
    context = client_context(certs, "TLSv1.3")
    for call in (lambda: plain.bind(("127.0.0.1", port)), lambda: client.connect(("127.0.0.1", port)),
                 lambda: client.connect_ex(("127.0.0.1", port)), lambda: context.create_connection(("127.0.0.1", port)),
                 lambda: server_context(certs, "TLSv1.3").create_server(("127.0.0.1", port)),
                 lambda: tlsock.give_bytes("tlsock_get_server_certificate", b"127.0.0.1", port,
                                           tlsock.PROTOCOL_TLS_CLIENT, None, 1.0)):
        error = refusal(call)
        assert (error.kind, error.message) == ("ValueError", message)


def test_timeouts(plain, certs):
    before = plain.gettimeout()
    for call in (lambda: plain.settimeout(math.nan), lambda: plain.wait(tlsock.WANT_READ, math.nan),
                 lambda: client_context(certs, "TLSv1.3").create_connection(("127.0.0.1", 1), math.nan)):
        error = refusal(call)
        assert (error.kind, error.message) == ("ValueError", "timeout must be a number of seconds, not NaN")
    assert plain.gettimeout() == before
    for seconds, read in ((math.inf, None), (1e300, None), (-math.inf, None), (5e-324, 1e-9), (-0.0, 0.0)):
        plain.settimeout(seconds)
        assert plain.gettimeout() == read


def test_numbers_that_name_nothing(plain, pair):
    context = tlsock.Context(tlsock.PROTOCOL_TLS_SERVER)
    refused = [
        (lambda: tlsock.Context(99), "invalid or unsupported protocol version 99"),
        (lambda: tlsock.create_default_context(4711),
         "purpose 4711 is neither PURPOSE_SERVER_AUTH nor PURPOSE_CLIENT_AUTH"),
        (lambda: setattr(context, "verify_mode", 3), "invalid value for verify_mode"),
        (lambda: setattr(context, "verify_mode", -1), "invalid value for verify_mode"),
        (lambda: setattr(context, "minimum_version", 1), "Unsupported TLS/SSL version 0x1"),
        (lambda: setattr(context, "maximum_version", -3), "Unsupported TLS/SSL version 0xfffffffd"),
        (lambda: setattr(context, "num_tickets", -1), "value must be non-negative"),
        (lambda: plain.shutdown(3), "how 3 is none of SHUT_RD, SHUT_WR and SHUT_RDWR"),
        (lambda: plain.wait(0), "want 0 is neither TLSOCK_WANT_READ nor TLSOCK_WANT_WRITE"),
        (lambda: plain.call("makefile", b"a", ctypes.byref(ctypes.c_void_p())), "mode 'a' must be r or w*"),
        (lambda: pair[0].pump(flags=1 << 31), "flags has unknown bits 0x80000000"),
        (lambda: context.wrap_bio(None, None, flags=1 << 30), "flags has unknown bits 0x40000000"),
        (lambda: context.give(int, "wrap_socket", 0, 1 << 30, None, None), "flags has unknown bits 0x40000000"),
    ]
    settings = [(name, getattr(context, name)) for name in ("verify_mode", "minimum_version", "maximum_version",
                                                            "num_tickets")]
    for call, message in refused:
        error = refusal(call)
        assert error.kind == "ValueError", message
        assert error.message == message or message.endswith("*") and error.message.startswith(message[:-1])
    assert settings == [(name, getattr(context, name)) for name, _ in settings]


def test_addresses(plain):
    """Lengths other than that of an address, and families that do not exist."""
    place = ctypes.create_string_buffer(300)
    for length in (0, 1, 200, 300, 2 ** 32 + 16, EVERYTHING):
        for name in ("bind_address", "connect_address"):
            error = refusal(plain.call, name, place, length)
            assert error.kind == "ValueError" and "address" in error.message, (name, length)
    for family, length in ((99, 16), (socket.AF_INET, 3), (0, 2)):
        place[0:2] = family.to_bytes(2, "little")
        with quickly(), pytest.raises(tlsock.Error) as refused:
            plain.call("bind_address", place, length)
        assert refused.value.os_errno or refused.value.kind == "ValueError"
    plain.bind(("127.0.0.1", 0))


def test_a_path_that_is_too_long_for_a_local_socket():
    context = tlsock.Context(tlsock.PROTOCOL_TLS_SERVER)
    local = context.wrap_socket(socket.socket(socket.AF_UNIX), server_side=True, do_handshake_on_connect=False)
    address = socket.AF_UNIX.to_bytes(2, "little") + b"/nowhere" + b"x" * 200
    error = refusal(local.call, "bind_address", address, len(address))
    assert error.kind == "ValueError" and "address_len" in error.message


def test_options_of_sockets(plain):
    """The system refuses unknown options, and nothing is written beyond the buffer."""
    place, length = ctypes.create_string_buffer(b"\x5a" * 16, 16), ctypes.c_size_t(7)
    for level, option in ((-1, -1), (2 ** 31 - 1, 0), (socket.SOL_SOCKET, 99999)):
        error = refusal(plain.call, "getsockopt", level, option, place, 16, ctypes.byref(length))
        assert error.kind == "OSError" and error.os_errno in (92, 95), (level, option)
        error = refusal(plain.call, "setsockopt", level, option, place, 4)
        assert error.kind == "OSError" and error.os_errno in (92, 95, 22), (level, option)
    assert (place.raw, length.value) == (b"\x5a" * 16, 7)
    assert refusal(plain.call, "setsockopt", socket.SOL_SOCKET, socket.SO_KEEPALIVE, place, 1).os_errno == 22


def connected(certs):
    """Both ends over a socket pair, after the handshake, and with a time limit."""
    here, there = socket.socketpair()
    client = client_context(certs, "TLSv1.3").wrap_socket(here, server_hostname="localhost",
                                                          do_handshake_on_connect=False)
    server = server_context(certs, "TLSv1.3").wrap_socket(there, server_side=True, do_handshake_on_connect=False)
    for end in (client, server):
        end.settimeout(0)
    assert shake(client, server) == [None, None]
    for end in (client, server):
        end.settimeout(20)
    return client, server


def test_files_to_send(certs, tmp_path):
    """Descriptors that are not files or not open, and offsets beyond the end."""
    client, server = connected(certs)
    sent = ctypes.c_uint64(7)
    with open(certs / "ca.pem", "rb") as file:
        folder = os.open(tmp_path, os.O_RDONLY)
        source, sink = os.pipe()
        for number, offset, kind, errno in ((-1, 0, "ValueError", 0), (1 << 20, 0, "OSError", 9), (folder, 0, "OSError", 21),
                                            (source, 0, "OSError", 29), (file.fileno(), EVERYTHING, "OSError", 22),
                                            (file.fileno(), 1 << 63, "OSError", 22)):
            error = refusal(client.call, "sendfile", number, offset, 0, ctypes.byref(sent))
            assert (error.kind, error.os_errno, sent.value) == (kind, errno, 0), (number, offset)
        for descriptor in (folder, source, sink):
            os.close(descriptor)
        assert client.sendfile(file, 1 << 62) == 0
        assert client.sendfile(file, 0, EVERYTHING) == os.stat(certs / "ca.pem").st_size
    assert server.recv(5) == b"-----"


def answering(kind, function):
    """A callback of the header's type."""
    return tlsock.header.callbacks[f"tlsock_{kind}_callback"](lambda _userdata, *arguments: function(*arguments))


@pytest.mark.parametrize("length", [1025, 1 << 31, 1 << 63, EVERYTHING])
def test_passwords_that_cannot_be_that_long(length, certs):
    context = tlsock.Context(tlsock.PROTOCOL_TLS_SERVER)
    asked = []

    def answer(_buffer, size, given, _error):
        asked.append(size)
        given[0] = length
        return tlsock.OK

    context.set_callback("password", answer)
    for _ in range(2):
        error = refusal(context.load_cert_chain, certs / "rsa.pem", certs / "rsa-encrypted.key")
        assert (error.kind, error.message) == ("ValueError", "password cannot be longer than 1024 bytes")
    assert asked == [1024, 1024]


@pytest.mark.parametrize("status", [tlsock.VALUE, tlsock.OS, 7, -1, 12345])
def test_statuses_that_a_password_callback_may_or_may_not_return(status, certs):
    """Any other than OK is a failure, known or not."""
    context = tlsock.Context(tlsock.PROTOCOL_TLS_SERVER)
    context.set_callback("password", lambda *_arguments: status)
    error = refusal(context.load_cert_chain, certs / "rsa.pem", certs / "rsa-encrypted.key")
    assert error.message == f"the callback failed with status {status}"
    assert error.kind == ("OSError" if status == tlsock.OS else "ValueError")


def refused_by_client(version, answer):
    """Both ends' errors when the client's PSK callback answers so."""
    client, server, asked = psk_contexts(version, b"me")
    client.set_callback("psk_client", answer)
    with quickly():
        errors = shake(*wrapped(client, server))
    assert errors[0] is not None and asked == []
    return errors


@pytest.mark.parametrize("version", VERSIONS)
def test_keys_of_clients_that_cannot_be(version):
    """Lengths beyond the buffer; an identity without a NUL, or that is not text."""
    def answer(identity, length):
        def mine(_connection, _hint, name, name_size, key, _size, given, _error):
            ctypes.memmove(name, identity[:name_size], min(len(identity), name_size))
            ctypes.memmove(key, KEY, len(KEY))
            given[0] = length
            return tlsock.OK
        return mine

    for identity, length in ((b"me\0", 513), (b"me\0", 1 << 31), (b"me\0", EVERYTHING), (b"x" * 4096, len(KEY))):
        errors = refused_by_client(version, answer(identity, length))
        assert isinstance(errors[0], tlsock.TlsError)
        assert errors[0].cause.kind == "ValueError"
        message = "identity is not NUL-terminated" if len(identity) > 255 else "psk cannot be longer than 512 bytes"
        assert errors[0].cause.message == message


@pytest.mark.parametrize("length", [513, 1 << 31, EVERYTHING])
@pytest.mark.parametrize("version", VERSIONS)
def test_keys_of_servers_that_cannot_be(version, length):
    client, server, _ = psk_contexts(version, b"me")

    def theirs(_connection, _name, _key, _size, given, _error):
        given[0] = length
        return tlsock.OK

    callback = answering("psk_server", theirs)
    server.call("set_psk_server_callback", callback, None, None, tlsock.header.callbacks["tlsock_free_userdata"]())
    with quickly():
        errors = shake(*wrapped(client, server))
    assert isinstance(errors[1], tlsock.TlsError)
    assert errors[1].cause.message == "psk cannot be longer than 512 bytes"


@pytest.mark.parametrize("hint, accepted", [(b"", True), (b"x" * 256, True), (b"x" * 257, False), (b"x" * (10 << 20), False)])
def test_hints(hint, accepted):
    """The callback that was there stays."""
    client, server, asked = psk_contexts("TLSv1.2", b"me")
    callback = answering("psk_server", lambda *_arguments: tlsock.VALUE)
    arguments = "set_psk_server_callback", callback, hint, None, tlsock.header.callbacks["tlsock_free_userdata"]()
    if accepted:
        server.call(*arguments)
        assert shake(*wrapped(client, server))[1] is not None
    else:
        error = refusal(server.call, *arguments)
        assert (error.kind, error.message) == ("ValueError", "failed to set identity hint")
        assert shake(*wrapped(client, server)) == [None, None] and asked == [b"me"]


@pytest.mark.parametrize("answer", [257, -2, 2 ** 31 - 1, -2 ** 31])
@pytest.mark.parametrize("version", VERSIONS)
def test_answers_to_names_that_are_no_alert(version, answer, certs):
    server = server_context(certs, version)
    server.set_callback("sni", lambda *_arguments: answer)
    errors = shake(*wrapped(client_context(certs, version), server, server_hostname="localhost"))
    assert (errors[1].reason, errors[1].alert_sent) == ("CALLBACK_FAILED", tlsock.ALERT_DESCRIPTION_INTERNAL_ERROR)
    assert errors[1].cause.message == f"the SNI callback returned {answer}, which is no alert"
    assert errors[0].alert_received == tlsock.ALERT_DESCRIPTION_INTERNAL_ERROR


@pytest.mark.parametrize("version", VERSIONS)
def test_more_protocols_than_a_hello_holds(version, certs):
    """They can be set, as in Python, but no such hello can be sent; the context is good for others afterwards."""
    client = client_context(certs, version)
    client.set_alpn_protocols(["x" * 255] * 300)
    with quickly():
        errors = shake(*wrapped(client, server_context(certs, version), server_hostname="localhost"))
    assert isinstance(errors[0], tlsock.TlsError)
    client.set_alpn_protocols(["x"])
    assert shake(*wrapped(client, server_context(certs, version), server_hostname="localhost")) == [None, None]


def test_sessions_of_other_kinds(certs):
    """Another context's, a server's, and one that comes too late."""
    first, second = (client_context(certs, "TLSv1.2") for _ in range(2))
    one, other = wrapped(first, server_context(certs, "TLSv1.2"), server_hostname="localhost")
    assert shake(one, other) == [None, None]
    session = one.session
    refused = [(lambda: wrapped(second, second, server_hostname="localhost", session=session),
                "Session refers to a different SSLContext."),
               (lambda: setattr(other, "session", session), "Session refers to a different SSLContext."),
               (lambda: setattr(one, "session", session), "Cannot set session after handshake.")]
    for call, message in refused:
        error = refusal(call)
        assert (error.kind, error.message) == ("ValueError", message)
    only(first, "TLSv1.2")
    again, server = wrapped(first, server_context(certs, "TLSv1.2"), server_hostname="localhost", session=session)
    assert shake(again, server) == [None, None]
