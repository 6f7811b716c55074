"""What the defaults do with peers that nobody should talk to: old protocols, weak ciphers, downgrades, messages out of
order, sizes that exhaust. docs/security.md has the table that names these tests."""

import contextlib
import os
import socket
import threading

import pytest
import tlsock
from ours import TIMEOUT, Server, connect, receive
from process import Process, free_port, wait_for_port
from records import (ALERT, CERTIFICATE, CHANGE_CIPHER_SPEC, DATA, ECDSA_SHA1, FALLBACK_SCSV, HANDSHAKE, HEARTBEAT,
                     RSA_SHA1, SERVER_HELLO, SERVER_HELLO_DONE, SSL3, TLS1_0, TLS1_1, Answering, client_hello, dial,
                     heartbeats, message, numbers, record, server_hello)

UNEXPECTED_MESSAGE, BAD_RECORD_MAC, RECORD_OVERFLOW, HANDSHAKE_FAILURE, ILLEGAL_PARAMETER = 10, 20, 22, 40, 47
DECODE_ERROR, PROTOCOL_VERSION, INAPPROPRIATE_FALLBACK = 50, 70, 86
# As long as the default limit of a handshake's first message allows, and longer.
FILLING = b"x" * 1000


def default_server(certs, identity="ecdsa"):
    context = tlsock.Context(tlsock.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certs / f"{identity}.pem", certs / f"{identity}.key")
    return context


def default_client(certs):
    context = tlsock.Context(tlsock.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certs / "ca.pem")
    return context


def one_of(found, allowed):
    return found in allowed if isinstance(allowed, tuple) else found == allowed


def nothing(_connection):
    """A handler that no refused connection ever reaches."""


# OpenSSL 4 knows neither the form of SSL 2.0, which is any garbage to it, nor SSL 3.0 and its alerts.
OLD_FORM = (None, "WRONG_VERSION_NUMBER") if tlsock.OPENSSL_4 else None
HELLOS = {
    "SSL 2.0": (b"\x80\x1f\1\0\2\0\6\0\0\0\x10\1\0\x80\7\0\xc0" + b"c" * 16,
                *(OLD_FORM or (PROTOCOL_VERSION, "UNKNOWN_PROTOCOL"))),
    "TLS 1.2 in the form of SSL 2.0": (b"\x80\x1f\1\3\3\0\6\0\0\0\x10\0\xc0\x2b\0\xc0\x2f" + b"c" * 16,
                                       *(OLD_FORM or (HANDSHAKE_FAILURE, "NO_SHARED_CIPHER"))),
    "SSL 3.0": (client_hello(SSL3), PROTOCOL_VERSION if tlsock.OPENSSL_4 else HANDSHAKE_FAILURE, "VERSION_TOO_LOW"),
    "TLS 1.0": (client_hello(TLS1_0), PROTOCOL_VERSION, "UNSUPPORTED_PROTOCOL"),
    "TLS 1.1": (client_hello(TLS1_1), PROTOCOL_VERSION, "UNSUPPORTED_PROTOCOL"),
    "RC4": (client_hello(suites=(0x0004, 0x0005, 0xC007, 0xC011)), HANDSHAKE_FAILURE, "NO_SHARED_CIPHER"),
    "3DES": (client_hello(suites=(0x000A, 0xC008, 0xC012)), HANDSHAKE_FAILURE, "NO_SHARED_CIPHER"),
    "export": (client_hello(suites=(0x0003, 0x0006, 0x0008)), HANDSHAKE_FAILURE, "NO_SHARED_CIPHER"),
    "no encryption": (client_hello(suites=(0x0001, 0x0002, 0x003B, 0xC006)), HANDSHAKE_FAILURE, "NO_SHARED_CIPHER"),
    "nobody authenticated": (client_hello(suites=(0x0018, 0x0034, 0xC018, 0x00A6)), HANDSHAKE_FAILURE,
                             "NO_SHARED_CIPHER"),
    "CBC with SHA-1": (client_hello(suites=(0xC009, 0xC00A, 0xC013, 0xC014)), HANDSHAKE_FAILURE, "NO_SHARED_CIPHER"),
    "no forward secrecy": (client_hello(suites=(0x002F, 0x0035, 0x009C, 0x009D)), HANDSHAKE_FAILURE,
                           "NO_SHARED_CIPHER"),
    "signatures with SHA-1": (client_hello(signatures=(RSA_SHA1, ECDSA_SHA1)), HANDSHAKE_FAILURE,
                              "NO_SHARED_SIGNATURE_ALGORITHMS"),
    # The second pair is that of an OpenSSL built without compression.
    "compression only": (client_hello(compressions=b"\1"), (DECODE_ERROR, ILLEGAL_PARAMETER),
                         ("NO_COMPRESSION_SPECIFIED", "REQUIRED_COMPRESSION_ALGORITHM_MISSING")),
    "fallback": (client_hello(suites=(0xC02B, 0xC02F, FALLBACK_SCSV)), INAPPROPRIATE_FALLBACK,
                 "INAPPROPRIATE_FALLBACK"),
    "change of ciphers before any key": (client_hello() + record(CHANGE_CIPHER_SPEC, b"\1"), UNEXPECTED_MESSAGE,
                                         "UNEXPECTED_MESSAGE"),
    "change of ciphers first": (record(CHANGE_CIPHER_SPEC, b"\1"), UNEXPECTED_MESSAGE, "UNEXPECTED_MESSAGE"),
    "finished before any key": (client_hello() + record(HANDSHAKE, message(20, b"x" * 12)), UNEXPECTED_MESSAGE,
                                "UNEXPECTED_MESSAGE"),
    "data first": (record(DATA, b"GET / HTTP/1.0\r\n\r\n"), UNEXPECTED_MESSAGE, "UNEXPECTED_MESSAGE"),
    "data within the handshake": (client_hello() + record(DATA, b"GET / HTTP/1.0\r\n\r\n"), UNEXPECTED_MESSAGE,
                                  "UNEXPECTED_RECORD"),
    "a heartbeat that asks for 16 KiB": (client_hello(more=heartbeats()) + record(HEARTBEAT, b"\1\x40\0"),
                                         UNEXPECTED_MESSAGE, "UNEXPECTED_RECORD"),
    "a message of 16 MiB": (record(HANDSHAKE, b"\1\xff\xff\xff" + FILLING), ILLEGAL_PARAMETER,
                            "EXCESSIVE_MESSAGE_SIZE"),
    "a record of 18 KiB": (b"\x16\3\1\x48\1" + b"x" * 0x4801, RECORD_OVERFLOW,
                           ("PACKET_LENGTH_TOO_LONG", "DATA_LENGTH_TOO_LONG")),
    "many empty records": (record(HANDSHAKE, b"") * 200, UNEXPECTED_MESSAGE, "RECORD_TOO_SMALL"),
    "many warnings": (record(ALERT, b"\1\x5a") * 200, UNEXPECTED_MESSAGE, "UNEXPECTED_MESSAGE"),
    "plain HTTP": (b"GET / HTTP/1.0\r\n\r\n", None, "HTTP_REQUEST"),
    "plain SMTP": (b"EHLO example.org\r\n", None, "WRONG_VERSION_NUMBER"),
}


@pytest.mark.parametrize("hello", HELLOS)
def test_a_server_refuses(hello, certs, running):
    said, alert, reason = HELLOS[hello]
    server = running(Server(default_server(certs), nothing))
    wire = dial(server.port)
    wire.say(said)
    wire.end()
    seen = wire.alert()
    assert one_of(seen, alert)
    wire.close()
    refused = server.outcome()
    assert isinstance(refused, tlsock.TlsError) and one_of(refused.reason, reason)
    assert refused.alert_sent == (-1 if seen is None else seen)


def test_a_server_compresses_nothing_and_answers_no_heartbeats(certs, running):
    server = running(Server(default_server(certs), nothing))
    wire = dial(server.port)
    wire.say(client_hello(compressions=b"\1\0", more=heartbeats()))
    hello = wire.until(SERVER_HELLO)
    session = hello[34]
    compression, extensions = hello[37 + session], hello[40 + session:]
    assert compression == 0
    kinds = []
    while extensions:
        kinds.append(int.from_bytes(extensions[:2], "big"))
        extensions = extensions[4 + int.from_bytes(extensions[2:4], "big"):]
    # Renegotiation is tied to the connection (65281); heartbeats (15) are not agreed on.
    assert 0xFF01 in kinds and 15 not in kinds
    wire.close()
    server.outcome()


def test_a_server_takes_no_change_of_ciphers_before_the_clients_key(certs, running):
    server = running(Server(default_server(certs), nothing))
    wire = dial(server.port)
    wire.say(client_hello())
    wire.until(SERVER_HELLO_DONE)
    wire.say(record(CHANGE_CIPHER_SPEC, b"\1"))
    assert wire.alert() == UNEXPECTED_MESSAGE
    wire.close()
    assert server.outcome().reason == "UNEXPECTED_MESSAGE"


ANSWERS = {
    "SSL 3.0": ([server_hello(SSL3)], PROTOCOL_VERSION, "UNSUPPORTED_PROTOCOL"),
    "TLS 1.1": ([server_hello(TLS1_1)], PROTOCOL_VERSION, "UNSUPPORTED_PROTOCOL"),
    "a cipher nobody knows any more": ([server_hello(suite=0x0005)], ILLEGAL_PARAMETER, "UNKNOWN_CIPHER_RETURNED"),
    "a cipher that was not offered": ([server_hello(suite=0x009C)], ILLEGAL_PARAMETER, "WRONG_CIPHER_RETURNED"),
    "compression": ([server_hello(compression=1)], ILLEGAL_PARAMETER,
                    ("COMPRESSION_DISABLED", "UNSUPPORTED_COMPRESSION_ALGORITHM")),
    "renegotiation that is tied to nothing": ([server_hello(extensions=b"")], HANDSHAKE_FAILURE,
                                              "UNSAFE_LEGACY_RENEGOTIATION_DISABLED"),
    "TLS 1.2 of a server that knows 1.3": ([server_hello(random=os.urandom(24) + b"DOWNGRD\1")], ILLEGAL_PARAMETER,
                                           "INAPPROPRIATE_FALLBACK"),
    "a change of ciphers before any key": ([server_hello(), record(CHANGE_CIPHER_SPEC, b"\1")], UNEXPECTED_MESSAGE,
                                           "UNEXPECTED_MESSAGE"),
    "finished before any key": ([server_hello(), record(HANDSHAKE, message(20, b"x" * 12))], UNEXPECTED_MESSAGE,
                                "UNEXPECTED_MESSAGE"),
    "data first": ([record(DATA, b"220 ready\r\n")], UNEXPECTED_MESSAGE, "UNEXPECTED_MESSAGE"),
    "a heartbeat": ([record(HEARTBEAT, b"\1\x40\0")], UNEXPECTED_MESSAGE, "UNEXPECTED_MESSAGE"),
    "a message of 16 MiB": ([record(HANDSHAKE, b"\2\xff\xff\xff" + FILLING)], ILLEGAL_PARAMETER,
                            "EXCESSIVE_MESSAGE_SIZE"),
    "certificates of 1 MiB": ([server_hello(), record(HANDSHAKE, bytes([CERTIFICATE]) + b"\x10\0\0" + FILLING)],
                              ILLEGAL_PARAMETER, "EXCESSIVE_MESSAGE_SIZE"),
    "plain HTTP": ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], None, "WRONG_VERSION_NUMBER"),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_client_refuses(answer, certs, running):
    said, alert, reason = ANSWERS[answer]
    server = running(Answering(*said))
    with pytest.raises(tlsock.TlsError) as refused:
        connect(default_client(certs), server.port)
    assert one_of(refused.value.reason, reason)
    assert server.wait() == alert


def s_server(certs, running, *options, identity="ecdsa"):
    """An openssl s_server that offers anything, and its port."""
    port = free_port()
    server = running(Process(["stdbuf", "-oL", "openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert",
                              certs / f"{identity}.pem", "-cert_chain", certs / f"{identity}.pem", "-key",
                              certs / f"{identity}.key", "-cipher", "ALL:@SECLEVEL=0", *options]))
    wait_for_port(port, server)
    return server, port


def s_client(certs, port, running, *options):
    return running(Process(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", certs / "ca.pem",
                            "-servername", "localhost", *options]))


@pytest.mark.needs("stdbuf")
@pytest.mark.parametrize("option", ["-tls1", "-tls1_1"])
def test_a_client_refuses_old_versions(option, certs, running):
    _, port = s_server(certs, running, option)
    with pytest.raises(tlsock.TlsError) as refused:
        connect(default_client(certs), port)
    assert refused.value.reason in ("TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL")


@pytest.mark.needs("stdbuf")
def test_a_client_refuses_small_groups(certs, running, tmp_path):
    group = tmp_path / "dh.pem"
    # A group of RFC 3526: 1536 bits, about 90 of strength.
    make = Process(["openssl", "genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:modp_1536", "-out", group])
    assert make.wait() == 0, make.log()
    make.stop()
    _, port = s_server(certs, running, "-tls1_2", "-dhparam", group, "-cipher", "DHE:@SECLEVEL=0", identity="rsa")
    with pytest.raises(tlsock.TlsError) as refused:
        connect(default_client(certs), port)
    assert refused.value.reason == "DH_KEY_TOO_SMALL"


def test_a_client_may_not_renegotiate(certs, running):
    server = running(Server(default_server(certs), lambda connection: connection.sendall(receive(connection, 6))))
    client = s_client(certs, server.port, running, "-tls1_2")
    client.wait_for("Verify return code: 0")
    client.write("R\n")
    client.wait_for("no renegotiation")
    assert isinstance(server.outcome(), tlsock.Error)


def test_no_early_data(certs, running, tmp_path):
    """A ticket allows none, and a client that has one sends none."""
    server = running(Server(default_server(certs), lambda connection: connection.sendall(receive(connection, 6))))
    ticket, early = tmp_path / "ticket", tmp_path / "early"
    early.write_bytes(b"GET / HTTP/1.0\r\n\r\n")
    first = s_client(certs, server.port, running, "-tls1_3", "-sess_out", ticket)
    first.write("hello\n")
    first.wait_for("Max Early Data: 0")
    first.wait_for("^hello")
    assert isinstance(server.outcome(), dict)
    second = s_client(certs, server.port, running, "-tls1_3", "-sess_in", ticket, "-early_data", early)
    second.wait_for("Early data was not sent")
    second.write("hello\n")
    second.wait_for("^hello")
    assert server.outcome()["reused"]


@pytest.mark.parametrize("then", [tlsock.CERT_REQUIRED, tlsock.CERT_OPTIONAL], ids=["required", "optional"])
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_an_old_ticket_spares_no_certificate(version, then, certs, running, tmp_path):
    """A client with a ticket from before certificates were required must send one once they are."""
    context = default_server(certs)
    context.load_verify_locations(certs / "ca.pem")
    server = running(Server(context, lambda connection: connection.sendall(receive(connection, 6))))
    ticket = tmp_path / "ticket"

    def visit(*options):
        client = s_client(certs, server.port, running, version, *options)
        # One that was refused may be gone already.
        with contextlib.suppress(BrokenPipeError):
            client.write("hello\n")
        return client

    visit("-sess_out", ticket).wait_for("^hello")
    assert server.outcome()["reused"] is False
    visit("-sess_in", ticket, "-sess_out", ticket).wait_for("^hello")
    assert server.outcome()["reused"] is True
    context.verify_mode = then
    identity = "-cert", certs / "client.pem", "-key", certs / "client.key", "-cert_chain", certs / "client.pem"
    visit("-sess_in", ticket, *identity)
    served = server.outcome()
    assert served["reused"] is False and served["peer"]["subject"]
    visit("-sess_in", ticket)
    served = server.outcome()
    if then == tlsock.CERT_OPTIONAL:
        assert served["reused"] is False and not served["peer"]
    else:
        assert served.reason == "PEER_DID_NOT_RETURN_A_CERTIFICATE"


# ---- in the middle ----


class Between:
    """Someone between a client and a server, who may change each record on its way: change(index, kind, content)."""

    def __init__(self, port, to_server=None, to_client=None):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._target = port
        self._changes = to_server, to_client
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self):
        here, _ = self._listener.accept()
        there = socket.create_connection(("127.0.0.1", self._target), TIMEOUT)
        here.settimeout(TIMEOUT)
        for source, target, change in ((here, there, self._changes[0]), (there, here, self._changes[1])):
            self._threads.append(threading.Thread(target=self._carry, args=(source, target, change), daemon=True))
            self._threads[-1].start()

    def _carry(self, source, target, change):
        index = 0
        try:
            with source.makefile("rb") as stream:
                while len(head := stream.read(5)) == 5:
                    content = stream.read(int.from_bytes(head[3:], "big"))
                    content = change(index, head[0], content) if change else content
                    target.sendall(head[:3] + numbers(len(content)) + content)
                    index += 1
                    if head[0] == ALERT:
                        break
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def stop(self):
        self._listener.close()
        for thread in self._threads:
            thread.join(TIMEOUT)


def test_a_downgrade_in_the_middle_is_seen(certs, running):
    """Hiding that the client knows TLS 1.3 gains nothing: the server's random bytes reveal it."""
    def hide(index, _kind, content):
        versions = numbers(0x002B, 0x0005)
        return content.replace(versions, numbers(0x5A5A, 0x0005)) if index == 0 else content

    server = running(Server(default_server(certs), nothing))
    between = running(Between(server.port, to_server=hide))
    with pytest.raises(tlsock.TlsError) as refused:
        connect(default_client(certs), between.port)
    assert (refused.value.reason, refused.value.alert_sent) == ("INAPPROPRIATE_FALLBACK", ILLEGAL_PARAMETER)
    assert isinstance(server.outcome(), tlsock.Error)


NO_ENCRYPT_THEN_MAC = 1 << 19


@pytest.mark.parametrize("options", [0, NO_ENCRYPT_THEN_MAC], ids=["encrypt then MAC", "MAC then encrypt"])
@pytest.mark.parametrize("at", [0, 20, -17, -1], ids=["in the vector", "in the data", "before the end", "in the end"])
def test_nothing_tells_bad_padding_from_a_bad_mac(options, at, certs, running):
    def damage(_index, kind, content):
        if kind != DATA:
            return content
        changed = bytearray(content)
        changed[at] ^= 1
        return bytes(changed)

    context = default_server(certs, "rsa")
    context.set_ciphers("ECDHE-RSA-AES128-SHA256")
    context.maximum_version = tlsock.TLS_VERSION_TLSV1_2
    context.options |= options
    server = running(Server(context, lambda connection: receive(connection, 64)))
    between = running(Between(server.port, to_server=damage))
    client = connect(default_client(certs), between.port)
    assert client.cipher()[0] == "ECDHE-RSA-AES128-SHA256"
    client.sendall(b"x" * 64)
    with pytest.raises(tlsock.TlsError) as refused:
        client.recv(1)
    assert refused.value.alert_received == BAD_RECORD_MAC
    client.close()
    failed = server.outcome()
    assert (failed.reason, failed.alert_sent) == ("DECRYPTION_FAILED_OR_BAD_RECORD_MAC", BAD_RECORD_MAC)
