"""OCSP responses that come with a certificate: other servers' to our client, and ours to other clients.

`openssl ocsp` makes the responses.
"""

import subprocess

import pytest
import tlsock
from capi import fields_of
from ours import PAYLOAD, TIMEOUT, VERSIONS, Server, client_context, connect, http, server_context
from process import Process
from server_peers import NginxServer, OpenSSLServer

CERTIFICATE_REVOKED = 23
STATUSES = {"good": tlsock.OCSP_STATUS_GOOD, "revoked": tlsock.OCSP_STATUS_REVOKED, "unknown": tlsock.OCSP_STATUS_UNKNOWN}
INVALID_STATUS = 91

pytestmark = [pytest.mark.parametrize("version", VERSIONS), pytest.mark.needs("openssl")]


def openssl(*arguments):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def response(certs, tmp_path):
    """Makes the file of a response for ecdsa.pem."""

    def made(status):
        serial = openssl("x509", "-in", certs / "ecdsa.pem", "-noout", "-serial").strip().partition("=")[2]
        entry = {"good": "V\t350101000000Z\t", "revoked": "R\t350101000000Z\t250101000000Z,keyCompromise"}
        index, answer = tmp_path / f"{status}.index", tmp_path / f"{status}.der"
        index.write_text(f"{entry[status]}\t{serial}\tunknown\t/CN=localhost\n" if status in entry else "")
        openssl("ocsp", "-index", index, "-CA", certs / "inter.pem", "-rsigner", certs / "inter.pem", "-rkey",
                certs / "inter.key", "-issuer", certs / "inter.pem", "-cert", certs / "ecdsa.pem", "-ndays", "1",
                "-respout", answer)
        return answer

    return made


def asking(certs, version, mode):
    context = client_context(certs, version)
    context.call("set_ocsp", mode)
    return context


SERVERS = pytest.mark.parametrize(
    "peer", [pytest.param(peer, marks=pytest.mark.needs(peer.program), id=peer.__name__)
             for peer in (OpenSSLServer, NginxServer)])
MODES = pytest.mark.parametrize("mode", ["OCSP_REQUEST", "OCSP_REQUIRE"])


@SERVERS
@MODES
def test_a_good_response_of_others(peer, mode, version, certs, running, response):
    staple = response("good")
    server = running(peer(certs, version, staple=staple))
    connection = connect(asking(certs, version, getattr(tlsock, mode)), server.port)
    assert connection.give_bytes("ocsp_response") == staple.read_bytes()
    status = fields_of(connection.ask("ocsp_status"))
    assert (status["status"], status["reason"]) == (tlsock.OCSP_STATUS_GOOD, 0)
    assert status["next_update"] - status["this_update"] == 24 * 3600
    assert server.exchange(connection) == PAYLOAD


@SERVERS
@MODES
@pytest.mark.parametrize("status", ["revoked", "unknown"])
def test_a_bad_response_of_others(peer, mode, status, version, certs, running, response):
    server = running(peer(certs, version, staple=response(status)))
    with pytest.raises(tlsock.TlsError) as refused:
        connect(asking(certs, version, getattr(tlsock, mode)), server.port)
    assert refused.value.kind == "SSLCertVerificationError"
    assert (refused.value.verify_code == CERTIFICATE_REVOKED) == (status == "revoked")


@SERVERS
@MODES
def test_no_response_of_others(peer, mode, version, certs, running):
    server = running(peer(certs, version))
    context = asking(certs, version, getattr(tlsock, mode))
    if mode == "OCSP_REQUEST":
        connection = connect(context, server.port)
        assert fields_of(connection.ask("ocsp_status"))["status"] == tlsock.OCSP_STATUS_NONE
        assert server.exchange(connection) == PAYLOAD
        return
    with pytest.raises(tlsock.TlsError) as refused:
        connect(context, server.port)
    assert refused.value.kind == "SSLCertVerificationError"


@SERVERS
def test_none_is_asked_for_by_default(peer, version, certs, running, response):
    server = running(peer(certs, version, staple=response("revoked")))
    connection = connect(client_context(certs, version), server.port)
    assert connection.give_bytes("ocsp_response") is None
    assert server.exchange(connection) == PAYLOAD


def stapling(certs, version, running, staple):
    context = server_context(certs, version)
    if staple:
        context.call("set_ocsp_response", staple.read_bytes(), staple.stat().st_size)
    return running(Server(context, http))


@pytest.mark.needs("curl")
@pytest.mark.parametrize("status", [*STATUSES, None])
def test_curl(status, version, certs, running, response):
    server = stapling(certs, version, running, status and response(status))
    limits = {"TLSv1.2": ["--tlsv1.2", "--tls-max", "1.2"], "TLSv1.3": ["--tlsv1.3"]}[version]
    ended = subprocess.run(
        ["curl", "-sS", "--http1.1", "--cert-status", *limits, "--cacert", certs / "ca.pem", "--max-time", str(TIMEOUT),
         "--connect-to", f"localhost:{server.port}:127.0.0.1:{server.port}", f"https://localhost:{server.port}/"],
        capture_output=True, check=False)
    assert ended.returncode == (0 if status == "good" else INVALID_STATUS), ended.stderr


@pytest.mark.parametrize("status", [*STATUSES, None])
def test_a_client_of_openssl(status, version, certs, running, response):
    server = stapling(certs, version, running, status and response(status))
    option = {"TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}[version]
    client = running(Process(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-CAfile",
                              certs / "ca.pem", "-servername", "localhost", "-status", option]))
    client.wait_for(f"Cert Status: {status}" if status else "OCSP responses?: no (OCSP )?responses? (sent|received)")
