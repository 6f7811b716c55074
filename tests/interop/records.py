"""TLS spelled by hand: records, hellos and alerts, to say what no library says."""

import os
import socket
import struct
import threading

from ours import TIMEOUT

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, DATA, HEARTBEAT = 20, 21, 22, 23, 24
CLIENT_HELLO, SERVER_HELLO, CERTIFICATE, SERVER_HELLO_DONE = 1, 2, 11, 14
TLS1_0, TLS1_1, TLS1_2, SSL3 = 0x0301, 0x0302, 0x0303, 0x0300
ECDHE_ECDSA_AES128_GCM_SHA256, ECDHE_RSA_AES128_GCM_SHA256 = 0xC02B, 0xC02F
FALLBACK_SCSV, SECURE_RENEGOTIATION_SCSV = 0x5600, 0x00FF
RSA_SHA1, ECDSA_SHA1, ECDSA_SHA256, RSA_SHA256 = 0x0201, 0x0203, 0x0403, 0x0401


def sized(width, content):
    """The content, preceded by its length in that many bytes."""
    return len(content).to_bytes(width, "big") + content


def numbers(*values):
    return b"".join(struct.pack(">H", value) for value in values)


def record(kind, content, version=TLS1_2):
    return struct.pack(">BH", kind, version) + sized(2, content)


def message(kind, content):
    return bytes([kind]) + sized(3, content)


def extension(kind, content=b""):
    return numbers(kind) + sized(2, content)


def heartbeats():
    return extension(15, b"\1")


def client_hello(version=TLS1_2, suites=(ECDHE_ECDSA_AES128_GCM_SHA256, ECDHE_RSA_AES128_GCM_SHA256), compressions=b"\0",
                 signatures=(ECDSA_SHA256, RSA_SHA256), more=b""):
    extensions = (extension(10, sized(2, numbers(0x001D, 0x0017))) + extension(11, sized(1, b"\0"))
                  + extension(13, sized(2, numbers(*signatures))) + more)
    body = (numbers(version) + os.urandom(32) + sized(1, b"") + sized(2, numbers(*suites, SECURE_RENEGOTIATION_SCSV))
            + sized(1, compressions) + sized(2, extensions))
    return record(HANDSHAKE, message(CLIENT_HELLO, body), min(version, TLS1_0))


def server_hello(version=TLS1_2, suite=ECDHE_ECDSA_AES128_GCM_SHA256, compression=0, random=None,
                 extensions=extension(0xFF01, b"\0")):
    body = (numbers(version) + (random or os.urandom(32)) + sized(1, b"") + numbers(suite) + bytes([compression])
            + sized(2, extensions))
    return record(HANDSHAKE, message(SERVER_HELLO, body), version)


class Wire:
    """One end of a TCP connection that speaks records."""

    def __init__(self, plain):
        self._plain = plain
        self._plain.settimeout(TIMEOUT)
        self._file = plain.makefile("rb")

    def say(self, *parts):
        try:
            self._plain.sendall(b"".join(parts))
        except OSError:
            pass  # refused already: what was said about it is still to be read

    def records(self):
        """(kind, content) of what arrives, up to the end."""
        while True:
            try:
                head = self._file.read(5)
                if len(head) < 5:
                    return
                yield head[0], self._file.read(int.from_bytes(head[3:], "big"))
            except OSError:
                return

    def alert(self):
        """The description of the first alert, or None if the connection ends without."""
        return next((content[1] for kind, content in self.records() if kind == ALERT), None)

    def messages(self):
        """(kind, content) of handshake messages in the clear."""
        held = b""
        for kind, content in self.records():
            assert kind == HANDSHAKE, (kind, content)
            held += content
            while len(held) >= 4 and len(held) >= 4 + (size := int.from_bytes(held[1:4], "big")):
                yield held[0], held[4:4 + size]
                held = held[4 + size:]

    def until(self, wanted):
        """The content of the first such message; the rest of its flight is read."""
        return next(content for kind, content in self.messages() if kind == wanted)

    def end(self):
        """Ends the sending direction."""
        try:
            self._plain.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self._file.close()
        self._plain.close()


def dial(port):
    return Wire(socket.create_connection(("127.0.0.1", port), TIMEOUT))


class Answering:
    """A server that answers a ClientHello with these bytes, whatever they are, and notes the alert it gets."""

    def __init__(self, *answer):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._answer = answer
        self.alert = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        plain, _ = self._listener.accept()
        wire = Wire(plain)
        next(wire.records(), None)
        wire.say(*self._answer)
        self.alert = wire.alert()
        wire.close()

    def wait(self):
        self._thread.join(TIMEOUT)
        return self.alert

    def stop(self):
        self._listener.close()
        self._thread.join(TIMEOUT)
