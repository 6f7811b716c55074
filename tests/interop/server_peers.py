"""Servers of others, all made alike: Peer(certs, version, identity, alpn, client_ca). Two of them staple a file.

Each listens on `port`, echoes a mebibyte, tells in `seen()` what it saw of a client, and `wait_for(complaint)`
waits until it has made that complaint.
"""

import http.server
import json
import queue
import socket
import ssl
import tempfile
import threading
from pathlib import Path

from ours import MEBIBYTE, PAYLOAD, TIMEOUT, exchange, receive
from process import WAIT, Process, free_port, wait_for_port

HERE = Path(__file__).resolve().parent


class OpenSSLServer:
    """openssl s_server"""

    program = "openssl"
    options = {"TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}

    def __init__(self, certs, version, identity="ecdsa", alpn=None, client_ca=None, staple=None):
        self.port = free_port()
        arguments = ["openssl", "s_server", "-quiet", "-accept", f"127.0.0.1:{self.port}", self.options[version],
                     # Among a chain with its own certificate it finds no issuer since 3.6.
                     "-cert", certs / f"{identity}.pem", "-cert_chain", certs / "inter.pem",
                     "-key", certs / f"{identity}.key",
                     # A second certificate for another name shows that a name was sent.
                     "-servername", "other.example", "-cert2", certs / "wrong-name.pem",
                     "-key2", certs / "wrong-name.key"]
        arguments += ["-alpn", ",".join(alpn)] if alpn else []
        arguments += ["-status_file", staple] if staple else []
        arguments += ["-Verify", "3", "-verify_return_error", "-CAfile", certs / client_ca] if client_ca else []
        self._process = Process(arguments, echo=MEBIBYTE)
        wait_for_port(self.port, self._process)
        self.log, self.stop, self.wait_for = self._process.log, self._process.stop, self._process.wait_for

    def exchange(self, connection):
        return exchange(connection)


class PythonServer:
    """Python's ssl in a thread."""

    program = "python3"

    def __init__(self, certs, version, identity="ecdsa", alpn=None, client_ca=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = context.maximum_version = ssl.TLSVersion[version.replace(".", "_")]
        context.load_cert_chain(certs / f"{identity}.pem", certs / f"{identity}.key")
        context.sni_callback = self._name_sent
        if alpn:
            context.set_alpn_protocols(alpn)
        if client_ca:
            context.load_verify_locations(certs / client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
        self._context = context
        self._name = None
        self._seen = queue.Queue()
        self._errors = queue.Queue()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self.port = self._listener.getsockname()[1]
        self._stopped = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _name_sent(self, _connection, name, _context):
        self._name = name

    def _serve(self):
        while not self._stopped:
            try:
                plain, _ = self._listener.accept()
            except TimeoutError:
                continue
            try:
                plain.settimeout(TIMEOUT)
                with self._context.wrap_socket(plain, server_side=True) as connection:
                    self._seen.put({"version": connection.version(), "alpn": connection.selected_alpn_protocol(),
                                    "reused": connection.session_reused, "sni": self._name,
                                    "peer": connection.getpeercert()})
                    connection.sendall(receive(connection, MEBIBYTE))
                    connection.unwrap()
            except OSError as error:
                self._errors.put(f"{type(error).__name__}: {error}")

    def seen(self):
        return self._seen.get(timeout=TIMEOUT)

    def wait_for(self, pattern):
        while True:
            error = self._errors.get(timeout=WAIT)
            if pattern in error.lower().replace("_", " "):
                return

    def exchange(self, connection):
        return exchange(connection)

    def stop(self):
        self._stopped = True
        self._thread.join(TIMEOUT)
        self._listener.close()


class NodeServer:
    """node:tls"""

    program = "node"

    def __init__(self, certs, version, identity="ecdsa", alpn=None, client_ca=None):
        options = {"cert": str(certs / f"{identity}.pem"), "key": str(certs / f"{identity}.key"), "version": version,
                   "size": MEBIBYTE, "alpn": alpn, "ca": client_ca and str(certs / client_ca)}
        self._process = Process(["node", HERE / "node_peer.js", json.dumps(options)])
        self.port = json.loads(self._process.wait_for('"listening"').string)["port"]
        self.log, self.stop = self._process.log, self._process.stop

    def wait_for(self, pattern):
        self._process.wait_for(pattern.replace(" ", "[ _]") + "|" + pattern.replace(" ", "_").upper())

    def seen(self):
        facts = json.loads(self._process.wait_for('"secure"').string)
        return {"sni": facts["servername"], **facts}

    def exchange(self, connection):
        return exchange(connection)


class NginxServer:
    """nginx in front of a plain HTTP server that sends each body back."""

    program = "nginx"

    def __init__(self, certs, version, identity="ecdsa", alpn=None, client_ca=None, staple=None):
        self._backend = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Mirror)
        self._backend_thread = threading.Thread(target=self._backend.serve_forever, args=(0.05,), daemon=True)
        self._backend_thread.start()
        self._directory = tempfile.TemporaryDirectory()
        self.port = free_port()
        self.headers = {}
        configuration = Path(self._directory.name) / "nginx.conf"
        configuration.write_text(self._configuration(certs, version, identity, alpn, client_ca, staple))
        self._process = Process(["nginx", "-p", self._directory.name, "-c", configuration, "-e", "stderr"],
                                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        wait_for_port(self.port, self._process)
        self.log, self.wait_for = self._process.log, self._process.wait_for

    def _configuration(self, certs, version, identity, alpn, client_ca, staple):
        verify = f"ssl_verify_client on; ssl_client_certificate {certs}/{client_ca}; ssl_verify_depth 3;"
        verify = verify if client_ca else ""
        stapling = f"ssl_stapling on; ssl_stapling_file {staple};" if staple else ""
        paths = "\n".join(f"{kind}_temp_path {self._directory.name}/{kind};"
                          for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return f"""
            daemon off; master_process off; pid {self._directory.name}/pid; error_log stderr info;
            events {{ worker_connections 64; }}
            http {{
                access_log off; {paths} client_max_body_size 2m;
                server {{
                    listen 127.0.0.1:{self.port} ssl{" http2" if alpn and "h2" in alpn else ""};
                    ssl_certificate {certs / identity}.pem; ssl_certificate_key {certs / identity}.key;
                    ssl_protocols {version}; ssl_session_cache shared:tls:1m; {verify} {stapling}
                    add_header X-Name $ssl_server_name; add_header X-Version $ssl_protocol;
                    add_header X-Reused $ssl_session_reused; add_header X-Peer $ssl_client_s_dn;
                    location / {{ proxy_pass http://127.0.0.1:{self._backend.server_port}; }}
                }}
            }}"""

    def exchange(self, connection, payload=PAYLOAD):
        request = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(payload)}\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode() + payload)
        answer = receive(connection, 2 * MEBIBYTE)
        head, _, body = answer.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        assert lines[0] == "HTTP/1.1 200 OK", head
        self.headers = dict(line.split(": ", 1) for line in lines[1:])
        return body

    def seen(self):
        """What the last exchange brought."""
        return {"version": self.headers["X-Version"], "sni": self.headers.get("X-Name"),
                "reused": self.headers["X-Reused"] == "r", "peer": self.headers.get("X-Peer")}

    def stop(self):
        self._process.stop()
        self._backend.shutdown()
        self._backend_thread.join(TIMEOUT)
        self._backend.server_close()
        self._directory.cleanup()


class _Mirror(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass


SERVERS = (OpenSSLServer, PythonServer, NodeServer, NginxServer)
