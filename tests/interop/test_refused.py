"""Our client refuses bad servers: the right verify code and text here, the right alert there."""

import pytest
import tlsock
from ours import VERSIONS, client_context, connect
from server_peers import SERVERS

pytestmark = [
    pytest.mark.parametrize("version", VERSIONS),
    pytest.mark.parametrize(
        "peer", [pytest.param(peer, marks=pytest.mark.needs(peer.program), id=peer.__name__) for peer in SERVERS]),
]


def refused(context, server, name="localhost"):
    with pytest.raises(tlsock.CertVerification) as caught:
        connect(context, server.port, name=name)
    error = caught.value
    assert error.kind == "SSLCertVerificationError"
    assert (error.library, error.reason, error.code) == ("SSL", "CERTIFICATE_VERIFY_FAILED", 1)
    assert error.message == (
        f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {error.verify_message}")
    assert error.phase == tlsock.PHASE_HANDSHAKE
    return error


def leaf_of(certs, name):
    return tlsock.Certificate.from_data((certs / f"{name}.pem").read_bytes()).der


def test_expired(peer, version, certs, running):
    server = running(peer(certs, version, "expired"))
    error = refused(client_context(certs, version), server)
    assert (error.verify_code, error.verify_message) == (10, "certificate has expired")
    assert (error.depth, error.alert_sent) == (0, tlsock.ALERT_DESCRIPTION_CERTIFICATE_EXPIRED)
    assert error.certificate_der == leaf_of(certs, "expired")
    server.wait_for("alert certificate expired")


def test_wrong_name(peer, version, certs, running):
    server = running(peer(certs, version, "wrong-name"))
    error = refused(client_context(certs, version), server)
    assert error.verify_code == 62
    assert error.verify_message == "Hostname mismatch, certificate is not valid for 'localhost'."
    assert (error.expected_name, error.offered_names) == ("localhost", ["other.example"])
    assert error.alert_sent == tlsock.ALERT_DESCRIPTION_BAD_CERTIFICATE
    server.wait_for("alert bad certificate")


def test_wrong_address(peer, version, certs, running):
    server = running(peer(certs, version, "ecdsa"))
    error = refused(client_context(certs, version), server, name="127.0.0.2")
    assert error.verify_code == 64
    assert error.verify_message == "IP address mismatch, certificate is not valid for '127.0.0.2'."
    assert error.expected_name == "127.0.0.2"
    assert set(error.offered_names) >= {"127.0.0.1"}
    server.wait_for("alert bad certificate")


def test_self_signed(peer, version, certs, running):
    server = running(peer(certs, version, "self-signed"))
    error = refused(client_context(certs, version), server)
    assert (error.verify_code, error.verify_message) == (18, "self-signed certificate")
    assert (error.depth, error.alert_sent) == (0, tlsock.ALERT_DESCRIPTION_UNKNOWN_CA)
    server.wait_for("alert unknown ca")


def test_unknown_ca(peer, version, certs, running):
    server = running(peer(certs, version, "rsa"))
    error = refused(client_context(certs, version, ca="unknown-ca.pem"), server)
    assert (error.verify_code, error.verify_message) == (20, "unable to get local issuer certificate")
    assert error.alert_sent == tlsock.ALERT_DESCRIPTION_UNKNOWN_CA
    server.wait_for("alert unknown ca")


def test_revoked(peer, version, certs, running):
    server = running(peer(certs, version, "revoked"))
    context = client_context(certs, version)
    context.load_verify_locations(certs / "crl.pem")
    connect(context, server.port).close()
    context.verify_flags |= tlsock.VERIFY_CRL_CHECK_LEAF
    error = refused(context, server)
    assert (error.verify_code, error.verify_message) == (23, "certificate revoked")
    assert error.depth == 0
    assert error.alert_sent == tlsock.ALERT_DESCRIPTION_CERTIFICATE_REVOKED
    server.wait_for("alert certificate revoked")


def test_no_revocation_list(peer, version, certs, running):
    server = running(peer(certs, version, "ecdsa"))
    context = client_context(certs, version)
    context.verify_flags |= tlsock.VERIFY_CRL_CHECK_LEAF
    error = refused(context, server)
    assert (error.verify_code, error.verify_message) == (3, "unable to get certificate CRL")
    server.wait_for("alert unknown ca")
