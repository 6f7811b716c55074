"""Our client against the servers of others."""

import pytest
import tlsock
from ours import KEYS, PAYLOAD, TIMEOUT, VERSIONS, client_context, connect
from server_peers import SERVERS, NginxServer, OpenSSLServer

ALERTS = {"TLSv1.2": "handshake failure", "TLSv1.3": "certificate required"}
pytestmark = pytest.mark.parametrize("version", VERSIONS)


def each(peers):
    return pytest.mark.parametrize(
        "peer", [pytest.param(peer, marks=pytest.mark.needs(peer.program), id=peer.__name__) for peer in peers])


@each(SERVERS)
@pytest.mark.parametrize("key", KEYS)
def test_a_mebibyte_each_way(peer, version, key, certs, running):
    server = running(peer(certs, version, key))
    connection = connect(client_context(certs, version), server.port)
    assert connection.version() == version
    assert connection.cipher()[1] == version
    assert connection.getpeercert()["subject"][-1] == [["commonName", "localhost"]]
    assert connection.peer_certificate().verified
    assert server.exchange(connection) == PAYLOAD


@each(SERVERS)
def test_alpn(peer, version, certs, running):
    offered = ["h2", "http/1.1"]
    server = running(peer(certs, version, alpn=offered))
    context = client_context(certs, version)
    context.set_alpn_protocols(["unheard-of", "http/1.1"])
    assert connect(context, server.port).selected_alpn_protocol() == "http/1.1"


@each(SERVERS)
def test_no_alpn_without_overlap_of_offers(peer, version, certs, running):
    server = running(peer(certs, version))
    assert connect(client_context(certs, version), server.port).selected_alpn_protocol() is None


@each(SERVERS)
def test_mutual_tls(peer, version, certs, running):
    server = running(peer(certs, version, client_ca="ca.pem"))
    connection = connect(client_context(certs, version, identity="client"), server.port)
    assert server.exchange(connection) == PAYLOAD
    if peer is not OpenSSLServer:
        assert "client" in str(server.seen()["peer"])


@each([peer for peer in SERVERS if peer is not NginxServer])
def test_a_client_without_the_certificate_that_is_asked_for(peer, version, certs, running):
    server = running(peer(certs, version, client_ca="ca.pem"))
    # In TLS 1.3 a client learns of it when it first reads.
    with pytest.raises(tlsock.TlsError) as refused:
        connect(client_context(certs, version), server.port).recv()
    assert refused.value.kind == "SSLError"
    assert refused.value.alert_received == {"TLSv1.2": 40, "TLSv1.3": 116}[version]
    assert refused.value.reason.endswith(ALERTS[version].replace(" ", "_").upper())
    server.wait_for("peer did not return a certificate")


def test_nginx_says_that_a_certificate_is_missing(version, certs, running):
    server = running(NginxServer(certs, version, client_ca="ca.pem"))
    connection = connect(client_context(certs, version), server.port)
    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert connection.recv().startswith(b"HTTP/1.1 400 ")


@each(SERVERS)
def test_resumption(peer, version, certs, running):
    server = running(peer(certs, version))
    context = client_context(certs, version)
    first = connect(context, server.port)
    # Reading takes in the tickets of TLS 1.3.
    assert server.exchange(first) == PAYLOAD
    session = first.session
    assert not first.session_reused
    assert session.has_ticket and len(session.id) == 32
    certificate = first.getpeercert(True)
    first.close()
    second = connect(context, server.port, session)
    assert second.session_reused
    assert second.getpeercert(True) == certificate
    assert second.getpeercert()["subject"][-1] == [["commonName", "localhost"]]


@each(SERVERS)
def test_a_context_that_keeps_sessions_resumes_by_itself(peer, version, certs, running):
    server, other = running(peer(certs, version)), running(peer(certs, version))
    context = client_context(certs, version)
    context.call("set_client_session_cache", 4)
    first = context.create_connection(("localhost", server.port), TIMEOUT)
    assert server.exchange(first) == PAYLOAD
    assert not first.session_reused
    certificate = first.getpeercert(True)
    first.close()
    assert not context.create_connection(("localhost", other.port), TIMEOUT).session_reused
    second = context.create_connection(("localhost", server.port), TIMEOUT)
    assert second.session_reused
    assert second.getpeercert(True) == certificate


@each([peer for peer in SERVERS if peer is not OpenSSLServer])
def test_the_name_is_sent(peer, version, certs, running):
    server = running(peer(certs, version))
    connection = connect(client_context(certs, version), server.port)
    assert server.exchange(connection) == PAYLOAD
    assert server.seen()["sni"] == "localhost"


@pytest.mark.needs("openssl")
def test_the_name_chooses_the_certificate(version, certs, running):
    server = running(OpenSSLServer(certs, version))
    context = client_context(certs, version)
    # s_server sends no chain for its second certificate.
    context.load_verify_locations(certs / "inter.pem")
    connection = connect(context, server.port, name="other.example")
    assert connection.server_hostname == "other.example"
    assert connection.getpeercert()["subjectAltName"] == [["DNS", "other.example"]]


@each([peer for peer in SERVERS if peer is not OpenSSLServer])
def test_an_address_is_verified_and_not_sent_as_a_name(peer, version, certs, running):
    server = running(peer(certs, version))
    connection = connect(client_context(certs, version), server.port, name="127.0.0.1")
    assert server.exchange(connection) == PAYLOAD
    assert not server.seen()["sni"]
