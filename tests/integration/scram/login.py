"""A client of PostgreSQL that knows no more than to log in, by SCRAM-SHA-256-PLUS (RFC 5802, 7677)."""

import base64
import hashlib
import hmac
import os
import secrets
import socket
import struct
from pathlib import Path

import tlsock
from capi import Error

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
USER, PASSWORD, DATABASE = (os.environ[f"TLSOCK_{name}"] for name in ("USER", "PASSWORD", "DATABASE"))
CERTS = Path(os.environ["TLSOCK_CERTS"])
MECHANISM = b"SCRAM-SHA-256-PLUS"


def digest(key, text):
    return hmac.new(key, text, hashlib.sha256).digest()


class Refused(Exception):
    """The server's message of an error."""


class Connection:
    def __init__(self, version):
        plain = socket.create_connection(("127.0.0.1", int(os.environ["TLSOCK_POSTGRES_PORT"])))
        plain.sendall(SSL_REQUEST)
        assert plain.recv(1) == b"S"
        context = tlsock.create_default_context(cafile=CERTS / "ca.pem")
        context.minimum_version = context.maximum_version = version
        self.tls = context.wrap_socket(plain, server_hostname="localhost")

    def send(self, kind, payload):
        self.tls.sendall(kind + struct.pack("!i", len(payload) + 4) + payload)

    def exactly(self, size):
        data = b""
        while len(data) < size:
            more = self.tls.recv(size - len(data))
            assert more, "the server has gone"
            data += more
        return data

    def receive(self):
        kind, size = self.exactly(1), struct.unpack("!i", self.exactly(4))[0]
        payload = self.exactly(size - 4)
        if kind == b"E":
            raise Refused(payload.replace(b"\0", b" ").decode())
        return kind, payload

    def authentication(self, code):
        kind, payload = self.receive()
        assert (kind, payload[:4]) == (b"R", struct.pack("!i", code)), (kind, payload)
        return payload[4:]

    def log_in(self, binding):
        start = b"user\0%s\0database\0%s\0\0" % (USER.encode(), DATABASE.encode())
        self.send(b"", struct.pack("!i", 3 << 16) + start)
        assert MECHANISM in self.authentication(10).split(b"\0")
        header, nonce = b"p=tls-server-end-point,,", base64.b64encode(secrets.token_bytes(18))
        first = b"n=,r=" + nonce
        self.send(b"p", MECHANISM + b"\0" + struct.pack("!i", len(header + first)) + header + first)
        challenge = self.authentication(11)
        facts = dict(part.split(b"=", 1) for part in challenge.split(b","))
        assert facts[b"r"].startswith(nonce)
        salted = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), base64.b64decode(facts[b"s"]), int(facts[b"i"]))
        bare = b"c=" + base64.b64encode(header + binding) + b",r=" + facts[b"r"]
        signed = b",".join([first, challenge, bare])
        key = digest(salted, b"Client Key")
        mask = digest(hashlib.sha256(key).digest(), signed)
        proof = bytes(one ^ other for one, other in zip(key, mask))
        self.send(b"p", bare + b",p=" + base64.b64encode(proof))
        expected = b"v=" + base64.b64encode(digest(digest(salted, b"Server Key"), signed))
        assert self.authentication(12) == expected, "the server does not know the password"
        self.authentication(0)

    def ask(self, words):
        """Runs a query, and gives the one field of its one row."""
        while self.receive()[0] != b"Z":
            pass
        self.send(b"Q", words.encode() + b"\0")
        row = None
        while (message := self.receive())[0] != b"Z":
            row = message[1][6:] if message[0] == b"D" else row
        return row.decode()


def bound(version):
    connection = Connection(version)
    connection.log_in(connection.tls.get_channel_binding("tls-server-end-point"))
    assert connection.ask("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == connection.tls.version()


def bound_to_another(version):
    connection = Connection(version)
    other = bytearray(connection.tls.get_channel_binding("tls-server-end-point"))
    other[0] ^= 1
    try:
        connection.log_in(bytes(other))
    except Refused as refused:
        assert "channel binding" in str(refused), refused
    else:
        raise AssertionError("the server took the binding of another connection")


failed = 0
CASES = [bound, bound_to_another]
VERSIONS = [tlsock.header.constants["TLSOCK_TLS_VERSION_TLSV1_2"], tlsock.header.constants["TLSOCK_TLS_VERSION_TLSV1_3"]]
for case in CASES:
    for version in VERSIONS:
        try:
            case(version)
            print(f"{case.__name__} {version:#x}: 1 passed")
        except (AssertionError, Error, Refused) as error:
            failed += 1
            print(f"{case.__name__} {version:#x}: 1 failed: {error!r}")
raise SystemExit(failed > 0)
