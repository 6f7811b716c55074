"""Our side of a conversation: contexts, a client's exchange, a server in a thread."""

import queue
import socket
import threading

import tlsock

TIMEOUT = 60.0
VERSIONS = {"TLSv1.2": tlsock.TLS_VERSION_TLSV1_2, "TLSv1.3": tlsock.TLS_VERSION_TLSV1_3}
KEYS = ("rsa", "ecdsa", "ed25519")
MEBIBYTE = 1 << 20
# No two neighbouring KiB are the same, so that nothing lost, doubled or swapped goes unseen.
PAYLOAD = b"".join(index.to_bytes(4, "big") * 256 for index in range(MEBIBYTE // 1024))


def only(context, version):
    context.minimum_version = context.maximum_version = VERSIONS[version]
    return context


def client_context(certs, version, ca="ca.pem", identity=None):
    context = only(tlsock.Context(tlsock.PROTOCOL_TLS_CLIENT), version)
    context.load_verify_locations(certs / ca)
    if identity:
        context.load_cert_chain(certs / f"{identity}.pem", certs / f"{identity}.key")
    return context


def server_context(certs, version, identity="ecdsa", client_ca=None):
    context = only(tlsock.Context(tlsock.PROTOCOL_TLS_SERVER), version)
    context.load_cert_chain(certs / f"{identity}.pem", certs / f"{identity}.key")
    if client_ca:
        context.load_verify_locations(certs / client_ca)
        context.verify_mode = tlsock.CERT_REQUIRED
    return context


def connect(context, port, session=None, name="localhost"):
    """A verified connection to a server of this machine; the handshake is done."""
    plain = socket.create_connection(("127.0.0.1", port), TIMEOUT)
    wrapped = None
    try:
        wrapped = context.wrap_socket(plain, server_hostname=name, session=session, do_handshake_on_connect=False)
        wrapped.settimeout(TIMEOUT)
        wrapped.do_handshake()
    finally:
        plain.close()
    return wrapped


def receive(connection, size):
    """Reads that many bytes, or up to the end."""
    parts = []
    while size and (part := connection.recv(min(size, 1 << 16))):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def exchange(connection, payload=PAYLOAD):
    """Sends, and receives what a peer sends back."""
    connection.sendall(payload)
    return receive(connection, len(payload))


def echo(size):
    """A handler that sends back what came, once all of it is there."""
    return lambda connection: connection.sendall(receive(connection, size))


def http(connection):
    """A handler that answers one HTTP request with its own body."""
    head = b""
    while b"\r\n\r\n" not in head:
        part = connection.recv(4096)
        assert part, "the request ended early"
        head += part
    head, _, body = head.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                   if line.lower().startswith(b"content-length:")), 0)
    body += receive(connection, length - len(body))
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


class Server:
    """A tlsock server in a thread. What became of each connection is in `outcomes`: facts, or the error."""

    def __init__(self, context, handler):
        self.outcomes = queue.Queue()
        self._handler = handler
        self._listener = context.create_server(("127.0.0.1", 0), do_handshake_on_connect=False)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except tlsock.Error:
                return
            self.outcomes.put(self._converse(connection))

    def _converse(self, connection):
        try:
            connection.settimeout(TIMEOUT)
            connection.do_handshake()
            facts = {
                "version": connection.version(),
                "alpn": connection.selected_alpn_protocol(),
                "reused": connection.session_reused,
                "peer": connection.getpeercert(),
            }
            self._handler(connection)
            finish(connection)
            return facts
        except (tlsock.Error, AssertionError) as error:
            hang_up(connection)
            return error
        finally:
            connection.free()

    def outcome(self):
        return self.outcomes.get(timeout=TIMEOUT)

    def stop(self):
        self._listener.close()
        self._thread.join(TIMEOUT)
        assert not self._thread.is_alive(), "closing a listener does not wake the thread that accepts"


def finish(connection):
    """Sends close_notify, and waits for the peer's end, so that nothing sent is cut off by a reset."""
    connection.close_write()
    try:
        while connection.recv(1 << 16):
            pass
    except tlsock.Error as error:
        # A peer that closes without close_notify sends no more either.
        if isinstance(error, tlsock.Timeout):
            raise


def hang_up(connection):
    """Ends a refused conversation once the peer has read why: an immediate close could reset what it has not read."""
    with socket.socket(fileno=connection.detach()) as plain:
        plain.settimeout(TIMEOUT)
        try:
            plain.shutdown(socket.SHUT_WR)
            while plain.recv(1 << 16):
                pass
        except OSError:
            pass
