"""Files of ticket keys that nginx and HAProxy use as well.

One opener, made of the openssl command and no code of ours, opens the tickets of all three by the parts of the key where each
form has them. No peer resumes what another has begun, which is a promise as well: a session says by whom it was made.
"""

import base64
import hashlib
import hmac
import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest
import tlsock
from ours import TIMEOUT, VERSIONS, Server, http, server_context
from process import Process, free_port, wait_for_port
from server_peers import NginxServer

FORMS = {"nginx": tlsock.TICKET_KEYS_NGINX, "haproxy": tlsock.TICKET_KEYS_HAPROXY}
# Where the keys of AES and of HMAC are.
PARTS = {("nginx", 48): (slice(16, 32), slice(32, 48)), ("haproxy", 48): (slice(16, 32), slice(32, 48)),
         ("nginx", 80): (slice(48, 80), slice(16, 48)), ("haproxy", 80): (slice(16, 48), slice(48, 80))}
CIPHERS = {48: "-aes-128-cbc", 80: "-aes-256-cbc"}
MAC = 32

pytestmark = [pytest.mark.parametrize("version", VERSIONS), pytest.mark.needs("openssl")]


class HAProxyServer:
    """HAProxy that answers each request itself."""

    program = "haproxy"

    def __init__(self, certs, version, keys):
        self._directory = tempfile.TemporaryDirectory()
        pair, configuration = (Path(self._directory.name) / name for name in ("pair.pem", "haproxy.cfg"))
        pair.write_text((certs / "ecdsa.pem").read_text() + (certs / "ecdsa.key").read_text())
        self.port = free_port()
        configuration.write_text(f"""
            defaults
                mode http
                timeout client 20s
                timeout connect 20s
                timeout server 20s
            frontend tls
                bind 127.0.0.1:{self.port} ssl crt {pair} ssl-min-ver {version} ssl-max-ver {version} tls-ticket-keys {keys}
                http-request return status 200 content-type text/plain string hello hdr X-Reused %[ssl_fc_is_resumed]
"""[1:])
        self._process = Process(["haproxy", "-db", "-f", configuration], env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        wait_for_port(self.port, self._process)

    def stop(self):
        self._process.stop()
        self._directory.cleanup()


class KeyedNginx(NginxServer):
    """nginx with a key of tickets."""

    def __init__(self, certs, version, keys):
        self._keys = keys
        super().__init__(certs, version)

    def _configuration(self, *arguments):
        text = super()._configuration(*arguments)
        return text.replace("ssl_session_cache", f"ssl_session_ticket_key {self._keys}; ssl_session_cache")


PEERS = pytest.mark.parametrize("peer", [
    pytest.param(("nginx", KeyedNginx), marks=pytest.mark.needs("nginx"), id="nginx"),
    pytest.param(("haproxy", HAProxyServer), marks=pytest.mark.needs("haproxy"), id="haproxy")])
LENGTHS = pytest.mark.parametrize("length", [48, 80])


@pytest.fixture
def made(tmp_path):
    """Makes a file of a form, and gives the key that has to encrypt."""

    def make(form, length):
        keys, file = [os.urandom(length) for _ in range(4)], tmp_path / f"{form}.keys"
        if form == "nginx":
            file.write_bytes(keys[0])
            return file, keys[0]
        file.write_bytes(b"".join(base64.b64encode(key) + b"\n" for key in keys))
        return file, keys[-2]

    return make


def ours(certs, version, form, file):
    context = server_context(certs, version)
    context.call("load_ticket_keys", FORMS[form], *tlsock.texts([file]))
    return Server(context, http)


def openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *map(str, arguments)], input=data, check=True, capture_output=True,
                          timeout=TIMEOUT).stdout


def session_of(port, certs, version, file, resumed=None):
    """Has `openssl s_client` keep a session, or show one; gives what it has told."""
    option = {"TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}[version]
    given = ["-sess_in", resumed] if resumed else []
    return openssl("s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost", option, "-CAfile",
                   certs / "ca.pem", "-sess_out", file, "-ign_eof", *given,
                   data=b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").decode(errors="replace")


def ticket_of(file):
    """The ticket in a session of OpenSSL: the octets with the tag 10."""
    tree = openssl("asn1parse", "-in", file).decode()
    return bytes.fromhex(re.search(r"cont \[ 10 \].*\n.*OCTET STRING +\[HEX DUMP\]:([0-9A-F]+)", tree)[1])


def opened(ticket, key, form):
    """The session in a ticket, and the session ID context that it has."""
    aes, mac = (key[part] for part in PARTS[form, len(key)])
    body, tag = ticket[:-MAC], ticket[-MAC:]
    assert body[:16] == key[:16], "the key's name"
    assert hmac.new(mac, body, hashlib.sha256).digest() == tag
    plain = openssl("enc", "-d", CIPHERS[len(key)], "-K", aes.hex(), "-iv", body[16:32].hex(), data=body[32:])
    tree = openssl("asn1parse", "-inform", "DER", data=plain).decode()
    found = re.search(r"cont \[ 4 \].*\n.*OCTET STRING +(?:\[HEX DUMP\])?:(.*)", tree)
    return found[1] if found else None


@PEERS
@LENGTHS
def test_tickets_have_the_form_of_the_peer(peer, length, version, certs, running, made, tmp_path):
    form, make = peer
    file, key = made(form, length)
    contexts = []
    for server in (running(make(certs, version, file)), running(ours(certs, version, form, file))):
        session_of(server.port, certs, version, tmp_path / "session")
        contexts.append(opened(ticket_of(tmp_path / "session"), key, form))
    # Which is why neither resumes what the other has begun.
    assert contexts[0] != contexts[1]


@PEERS
@LENGTHS
def test_a_session_of_one_is_none_for_the_other(peer, length, version, certs, running, made, tmp_path):
    form, make = peer
    file, _ = made(form, length)
    servers = running(make(certs, version, file)), running(ours(certs, version, form, file))
    for first, second in (servers, servers[::-1]):
        session_of(first.port, certs, version, tmp_path / "session")
        assert "\nReused, " in session_of(first.port, certs, version, tmp_path / "other", tmp_path / "session")
        session_of(first.port, certs, version, tmp_path / "session")
        told = session_of(second.port, certs, version, tmp_path / "other", tmp_path / "session")
        assert "\nNew, " in told and "\nHTTP/1.1 " in told


@LENGTHS
@pytest.mark.parametrize("form", FORMS)
def test_processes_share_a_file(form, length, version, certs, running, made, tmp_path):
    file, _ = made(form, length)
    one, two = (running(ours(certs, version, form, file)) for _ in range(2))
    session_of(one.port, certs, version, tmp_path / "session")
    assert "\nReused, " in session_of(two.port, certs, version, tmp_path / "other", tmp_path / "session")
