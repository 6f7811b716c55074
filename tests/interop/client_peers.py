"""Clients of others, all made alike: run(plan) talks to a server of ours as planned and returns a Report.

`handler` is what our server has to do for such a client.
"""

import json
import socket
import ssl
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from ours import MEBIBYTE, PAYLOAD, TIMEOUT, http, echo, receive
from process import Process

HERE = Path(__file__).resolve().parent


@dataclass
class Report:
    """What a client reported: did it finish, what came back, its error, and facts if it tells any."""

    finished: bool
    received: bytes = b""
    complaint: str = ""
    facts: dict = field(default_factory=dict)


@dataclass
class Plan:
    """What a client is to do."""

    certs: Path
    port: int
    version: str
    ca: str = "ca.pem"
    name: str = "localhost"
    identity: str = None
    alpn: list = None
    crl: str = None
    connections: int = 1
    # Only listen: the server will refuse, and writing would find the connection gone before its alert is read.
    silent: bool = False

    def certificate(self):
        return self.certs / f"{self.identity}.pem"

    def key(self):
        return self.certs / f"{self.identity}.key"


class OpenSSLClient:
    """openssl s_client"""

    program = "openssl"
    handler = staticmethod(echo(MEBIBYTE))
    options = {"TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}

    def run(self, plan):
        with tempfile.TemporaryDirectory() as directory:
            sessions = Path(directory) / "session"
            for _ in range(plan.connections):
                report = self._once(plan, sessions)
            return report

    def _once(self, plan, sessions):
        arguments = ["openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{plan.port}",
                     self.options[plan.version], "-servername", plan.name, "-verify_hostname", plan.name,
                     "-verify_return_error", "-CAfile", plan.certs / plan.ca]
        arguments += ["-alpn", ",".join(plan.alpn)] if plan.alpn else []
        if plan.identity:
            arguments += ["-cert", plan.certificate(), "-cert_chain", plan.certificate(), "-key", plan.key()]
        arguments += ["-crl_check", "-CRL", plan.certs / plan.crl] if plan.crl else []
        arguments += ["-sess_in", sessions] if sessions.exists() else []
        arguments += ["-sess_out", sessions] if plan.connections > 1 else []
        client = subprocess.Popen([str(argument) for argument in arguments], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            received, complaint = client.communicate(b"" if plan.silent else PAYLOAD, TIMEOUT)
        finally:
            client.kill()
        return Report(client.returncode == 0, received, complaint.decode())


class CurlClient:
    """curl"""

    program = "curl"
    handler = staticmethod(http)
    options = {"TLSv1.2": ["--tlsv1.2", "--tls-max", "1.2"], "TLSv1.3": ["--tlsv1.3"]}

    def run(self, plan):
        with tempfile.TemporaryDirectory() as directory:
            payload = Path(directory) / "payload"
            payload.write_bytes(PAYLOAD)
            arguments = ["curl", "-sS", "--http1.1", "--max-time", TIMEOUT, *self.options[plan.version],
                         "--cacert", plan.certs / plan.ca,
                         "--connect-to", f"{plan.name}:{plan.port}:127.0.0.1:{plan.port}"]
            arguments += [] if plan.silent else ["-H", "Expect:", "--data-binary", f"@{payload}"]
            arguments += ["--cert", plan.certificate(), "--key", plan.key()] if plan.identity else []
            arguments += ["--crlfile", plan.certs / plan.crl] if plan.crl else []
            arguments += ["--no-alpn"] if not plan.alpn else []
            arguments += [f"https://{plan.name}:{plan.port}/"] * plan.connections
            ended = subprocess.run([str(argument) for argument in arguments], capture_output=True, timeout=TIMEOUT)
        return Report(ended.returncode == 0, ended.stdout[:MEBIBYTE], ended.stderr.decode())


class PythonClient:
    """Python's ssl"""

    program = "python3"
    handler = staticmethod(echo(MEBIBYTE))

    def run(self, plan):
        context = self._context(plan)
        session = None
        for _ in range(plan.connections):
            try:
                with socket.create_connection(("127.0.0.1", plan.port), TIMEOUT) as plain, context.wrap_socket(
                        plain, server_hostname=plan.name, session=session) as connection:
                    report = self._converse(connection, plan)
                    session = report.facts["session"]
            except OSError as error:
                return Report(False, complaint=str(error), facts={"error": error})
        return report

    def _context(self, plan):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = context.maximum_version = ssl.TLSVersion[plan.version.replace(".", "_")]
        context.load_verify_locations(plan.certs / plan.ca)
        if plan.identity:
            context.load_cert_chain(plan.certificate(), plan.key())
        if plan.alpn:
            context.set_alpn_protocols(plan.alpn)
        if plan.crl:
            context.load_verify_locations(plan.certs / plan.crl)
            context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        return context

    def _converse(self, connection, plan):
        if not plan.silent:
            connection.sendall(PAYLOAD)
        received = receive(connection, MEBIBYTE)
        facts = {"version": connection.version(), "alpn": connection.selected_alpn_protocol(),
                 "reused": connection.session_reused, "peer": connection.getpeercert()}
        # After unwrap the socket has no session.
        facts["session"] = connection.session
        connection.unwrap()
        return Report(True, received, facts=facts)


class NodeClient:
    """node:tls"""

    program = "node"

    @staticmethod
    def handler(connection):
        """This client echoes: the server speaks first."""
        connection.sendall(PAYLOAD)
        assert receive(connection, MEBIBYTE) == PAYLOAD, "node sent back something else"

    def run(self, plan):
        options = {"port": plan.port, "servername": plan.name, "ca": str(plan.certs / plan.ca),
                   "version": plan.version, "size": MEBIBYTE, "alpn": plan.alpn, "connections": plan.connections}
        if plan.identity:
            options.update(cert=str(plan.certificate()), key=str(plan.key()))
        if plan.crl:
            options.update(crl=str(plan.certs / plan.crl))
        client = Process(["node", HERE / "node_peer.js", json.dumps(options)])
        try:
            client.wait()
            events = [json.loads(line) for line in client.log().splitlines()]
        finally:
            client.stop()
        errors = [f"{event['code']}: {event['message']}" for event in events if event["event"] == "error"]
        facts = [event for event in events if event["event"] == "secure"]
        # The handler has compared the bytes.
        return Report(not errors, PAYLOAD if not errors else b"", "\n".join(errors), facts[-1] if facts else {})


CLIENTS = (OpenSSLClient, CurlClient, PythonClient, NodeClient)
