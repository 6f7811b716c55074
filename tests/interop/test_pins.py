"""Pins of keys beside curl's --pinnedpubkey: the same text, the same server, the same answer."""

import base64
import hashlib
import subprocess

import pytest
import tlsock
from capi import texts
from ours import KEYS, TIMEOUT, VERSIONS, Server, client_context, connect, http, server_context

NOT_PINNED = 90
OTHER = "sha256//" + base64.b64encode(bytes(32)).decode()

pytestmark = [pytest.mark.parametrize("version", VERSIONS), pytest.mark.needs("curl"), pytest.mark.needs("openssl")]


def pin(certificate):
    """As curl's manual makes it."""
    key = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"], check=True, capture_output=True)
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], check=True, input=key.stdout,
                         capture_output=True)
    return "sha256//" + base64.b64encode(hashlib.sha256(der.stdout).digest()).decode()


def curl_accepts(certs, version, port, pins):
    limits = {"TLSv1.2": ["--tlsv1.2", "--tls-max", "1.2"], "TLSv1.3": ["--tlsv1.3"]}[version]
    ended = subprocess.run(
        ["curl", "-sS", "--http1.1", *limits, "--cacert", certs / "ca.pem", "--pinnedpubkey", ";".join(pins), "--max-time",
         str(TIMEOUT), "--connect-to", f"localhost:{port}:127.0.0.1:{port}", f"https://localhost:{port}/"],
        capture_output=True, check=False)
    assert ended.returncode in (0, NOT_PINNED), ended.stderr
    return ended.returncode == 0


def we_accept(certs, version, port, pins):
    context = client_context(certs, version)
    context.call("set_pins", *texts(pins))
    try:
        connection = connect(context, port)
    except tlsock.TlsError as refused:
        assert refused.kind == "SSLCertVerificationError"
        return False
    connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
    assert connection.recv().startswith(b"HTTP/1.1 200")
    return True


@pytest.mark.parametrize("key", KEYS)
def test_the_key_of_the_server(key, version, certs, running):
    server = running(Server(server_context(certs, version, key), http))
    own, another = pin(certs / f"{key}.pem"), pin(certs / "client.pem")
    for pins, accepted in [([own], True), ([OTHER], False), ([another], False), ([OTHER, own], True),
                           ([own, OTHER], True), ([OTHER, another], False)]:
        assert curl_accepts(certs, version, server.port, pins) == accepted
        assert we_accept(certs, version, server.port, pins) == accepted


def test_the_key_of_an_issuer(version, certs, running):
    """curl looks at the server's own key alone."""
    server = running(Server(server_context(certs, version), http))
    for name in ["inter.pem", "ca.pem"]:
        assert not curl_accepts(certs, version, server.port, [pin(certs / name)])
        assert we_accept(certs, version, server.port, [pin(certs / name)])


def test_what_is_no_pin(version, certs, running):
    """curl takes it for one that nothing matches."""
    server = running(Server(server_context(certs, version), http))
    own = pin(certs / "ecdsa.pem")
    for text in ["sha256//", own[:-1], own.replace("sha256", "sha1"), own + "AAAA", own.removeprefix("sha256//") + "="]:
        if "sha256//" in text:
            assert not curl_accepts(certs, version, server.port, [text])
        with pytest.raises(tlsock.WrongValue, match="is not sha256//"):
            client_context(certs, version).call("set_pins", *texts([text]))
