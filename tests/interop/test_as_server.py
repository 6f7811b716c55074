"""The clients of others against our server."""

import pytest
import tlsock
from client_peers import CLIENTS, OpenSSLClient, Plan, PythonClient
from ours import KEYS, PAYLOAD, VERSIONS, Server, server_context

pytestmark = [
    pytest.mark.parametrize("version", VERSIONS),
    pytest.mark.parametrize(
        "peer", [pytest.param(peer, marks=pytest.mark.needs(peer.program), id=peer.__name__) for peer in CLIENTS]),
]


def serve(peer, context, running):
    return running(Server(context, peer.handler))


def facts_of(server):
    """What our server saw of a connection that went well."""
    outcome = server.outcome()
    assert isinstance(outcome, dict), repr(outcome)
    return outcome


@pytest.mark.parametrize("key", KEYS)
def test_a_mebibyte_each_way(peer, version, key, certs, running):
    server = serve(peer, server_context(certs, version, key), running)
    report = peer().run(Plan(certs, server.port, version))
    assert report.finished, report.complaint
    assert report.received == PAYLOAD
    assert facts_of(server) == {"version": version, "alpn": None, "reused": False, "peer": None}


def test_alpn_by_the_servers_preference(peer, version, certs, running):
    context = server_context(certs, version)
    context.set_alpn_protocols(["unheard-of", "http/1.1", "h2"])
    server = serve(peer, context, running)
    report = peer().run(Plan(certs, server.port, version, alpn=["h2", "http/1.1"]))
    assert report.finished, report.complaint
    assert facts_of(server)["alpn"] == "http/1.1"
    assert report.facts.get("alpn", "http/1.1") == "http/1.1"


def test_a_strict_server_and_other_protocols(peer, version, certs, running):
    context = server_context(certs, version)
    context.set_alpn_protocols(["unheard-of"])
    context.set_alpn_strict(True)
    server = serve(peer, context, running)
    report = peer().run(Plan(certs, server.port, version, alpn=["h2", "http/1.1"], silent=True))
    error = server.outcome()
    assert isinstance(error, tlsock.TlsError)
    assert (error.kind, error.reason, error.alert_sent) == ("SSLError", "NO_APPLICATION_PROTOCOL", 120)
    assert not report.finished
    # A client that offers none at all is served.
    report = peer().run(Plan(certs, server.port, version))
    assert report.finished, report.complaint
    assert facts_of(server)["alpn"] is None


def test_mutual_tls(peer, version, certs, running):
    server = serve(peer, server_context(certs, version, client_ca="ca.pem"), running)
    report = peer().run(Plan(certs, server.port, version, identity="client"))
    assert report.finished, report.complaint
    assert report.received == PAYLOAD
    shown = facts_of(server)["peer"]
    assert shown["subject"][-1] == [["commonName", "client"]]
    assert shown["subjectAltName"] == [["email", "client@tlsock.example"]]


def test_a_client_that_shows_no_certificate(peer, version, certs, running):
    server = serve(peer, server_context(certs, version, client_ca="ca.pem"), running)
    report = peer().run(Plan(certs, server.port, version, silent=True))
    error = server.outcome()
    assert isinstance(error, tlsock.TlsError)
    assert (error.kind, error.reason) == ("SSLError", "PEER_DID_NOT_RETURN_A_CERTIFICATE")
    assert error.alert_sent == {"TLSv1.2": 40, "TLSv1.3": 116}[version]
    assert not report.finished or peer is OpenSSLClient


def test_resumption(peer, version, certs, running):
    server = serve(peer, server_context(certs, version), running)
    report = peer().run(Plan(certs, server.port, version, connections=2))
    assert report.finished, report.complaint
    assert [facts_of(server)["reused"], facts_of(server)["reused"]] == [False, True]
    assert report.facts.get("reused", True)


def test_resumption_keeps_the_clients_identity(peer, version, certs, running):
    server = serve(peer, server_context(certs, version, client_ca="ca.pem"), running)
    report = peer().run(Plan(certs, server.port, version, identity="client", connections=2))
    assert report.finished, report.complaint
    first, second = facts_of(server), facts_of(server)
    assert second["reused"]
    assert second["peer"] == first["peer"] and first["peer"]


# What each bad certificate of ours gives: OpenSSL's verify code and text, the client's alert.
REFUSED = {
    "expired": (10, "certificate has expired", 45),
    "wrong-name": (62, "ostname mismatch", 42),
    "self-signed": (18, "self-signed certificate", 48),
    "unknown-ca": (20, "unable to get local issuer certificate", 48),
    "revoked": (23, "certificate revoked", 44),
}
# The texts of clients that do not use OpenSSL's.
OWN_WORDS = {
    ("CurlClient", "wrong-name"): "no alternative certificate subject name matches",
    ("NodeClient", "expired"): "CERT_HAS_EXPIRED",
    ("NodeClient", "wrong-name"): "ERR_TLS_CERT_ALTNAME_INVALID",
    ("NodeClient", "self-signed"): "DEPTH_ZERO_SELF_SIGNED_CERT",
    ("NodeClient", "unknown-ca"): "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    ("NodeClient", "revoked"): "CERT_REVOKED",
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_client_that_refuses_our_certificate(peer, version, case, certs, running):
    verify_code, text, alert = REFUSED[case]
    server = serve(peer, server_context(certs, version, "rsa" if case == "unknown-ca" else case), running)
    plan = Plan(certs, server.port, version, ca="unknown-ca.pem" if case == "unknown-ca" else "ca.pem",
                crl="crl.pem" if case == "revoked" else None)
    report = peer().run(plan)
    assert not report.finished
    own_words = OWN_WORDS.get((peer.__name__, case))
    assert (own_words or text) in report.complaint
    if peer is PythonClient:
        assert report.facts["error"].verify_code == verify_code
    error = server.outcome()
    # Newer ones look at the certificate once the handshake is over, and leave without an alert.
    is_late = peer.__name__ == "CurlClient" and not isinstance(error, tlsock.TlsError)
    if not own_words and not is_late:
        assert isinstance(error, tlsock.TlsError)
        assert error.kind == "SSLError"
        assert error.alert_received == alert


@pytest.mark.parametrize("case,verify_code,text,alert", [
    ("self-signed", 18, "self-signed certificate", 48),
    ("unknown-ca", 20, "unable to get local issuer certificate", 48),
    ("rsa", 26, "unsuitable certificate purpose", 43),
])
def test_a_client_whose_certificate_we_refuse(peer, version, case, verify_code, text, alert, certs, running):
    unknown = case == "unknown-ca"
    server = serve(peer, server_context(certs, version, client_ca="unknown-ca.pem" if unknown else "ca.pem"), running)
    report = peer().run(Plan(certs, server.port, version, identity="client" if unknown else case, silent=True))
    error = server.outcome()
    assert isinstance(error, tlsock.CertVerification), repr(error)
    assert (error.verify_code, error.verify_message, error.alert_sent) == (verify_code, text, alert)
    assert error.message == f"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: {text}"
    assert error.phase == tlsock.PHASE_HANDSHAKE
    words = {48: "unknown ca", 43: "unsupported certificate"}[alert]
    assert report.finished is False or peer is OpenSSLClient
    assert words in report.complaint.lower().replace("_", " ")
