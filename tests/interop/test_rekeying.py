"""The peer changes keys in the middle of a conversation: KeyUpdate in TLS 1.3, renegotiation in TLS 1.2."""

import ssl
import subprocess
from pathlib import Path

import pytest
import tlsock
from ours import Server, client_context, connect, receive, server_context
from process import Process, free_port, wait_for_port

pytestmark = [pytest.mark.needs("openssl"), pytest.mark.needs("stdbuf")]


def s_server(certs, option):
    """An openssl s_server that takes commands, and its port."""
    port = free_port()
    # Without stdbuf its answers to commands stay in a buffer.
    server = Process(["stdbuf", "-oL", "openssl", "s_server", option, "-accept", f"127.0.0.1:{port}",
                      "-cert", certs / "ecdsa.pem", "-cert_chain", certs / "ecdsa.pem", "-key", certs / "ecdsa.key"])
    wait_for_port(port, server)
    return server, port


def converse(server, client, command):
    """Has the server change keys three times, and talk each time."""
    for turn in range(3):
        server.write(f"{command}\n")
        # What follows a command in the same read is ignored.
        server.wait_for("SSL_do_handshake -> 1", turn + 1)
        server.write(f"greeting {turn}\n")
        assert receive(client, 11) == f"greeting {turn}\n".encode()
        client.sendall(f"answer {turn}\n".encode())
        server.wait_for(f"answer {turn}")
    client.close()


@pytest.mark.parametrize("version,option,command", [
    ("TLSv1.3", "-tls1_3", "K"),
    ("TLSv1.3", "-tls1_3", "k"),
    ("TLSv1.2", "-tls1_2", "r"),
])
def test_a_server_changes_keys(version, option, command, certs, running):
    server, port = s_server(certs, option)
    running(server)
    client = connect(client_context(certs, version), port)
    converse(server, client, command)


def counts_of_renegotiations(context, certs, running):
    server, port = s_server(certs, "-tls1_2")
    running(server)
    context.load_verify_locations(certs / "ca.pem")
    client = connect(context, port)
    converse(server, client, "r")
    return context.session_stats()


def test_renegotiations_are_counted(certs, running):
    untouched, changed = (tlsock.Context(tlsock.PROTOCOL_TLS_CLIENT) for _ in range(2))
    # From then on it is libssl that counts.
    changed.options ^= ssl.OP_NO_TICKET
    expected = counts_of_renegotiations(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), certs, running)
    assert (expected["connect"], expected["connect_renegotiate"], expected["connect_good"]) == (1, 3, 4)
    for context in untouched, changed:
        assert counts_of_renegotiations(context, certs, running) == expected


@pytest.mark.parametrize("second", ["ecdsa", "rsa"])
@pytest.mark.parametrize("module", [ssl, tlsock])
def test_a_server_changes_its_certificate(module, second, certs, running, tmp_path):
    """Python goes on with a server that is another one now, if it passes the check."""
    peers = Path(__file__).parents[1] / "peers"
    subprocess.run(["sh", peers / "build.sh", "renegotiates", tmp_path], check=True)
    server = running(Process([tmp_path / "renegotiates", certs, "server", "ecdsa", second]))
    client = connect(client_context(certs, "TLSv1.2") if module is tlsock else python_context(certs), int(server.wait_for(r"^(\d+)$")[1]))
    before = client.getpeercert(True)
    client.sendall(b"!")
    if module is tlsock and second == "rsa":
        with pytest.raises(tlsock.CertVerification, match="another certificate in an earlier handshake") as refused:
            client.recv(6)
        assert refused.value.verify_code == 50
        server.wait_for("alert 40")
    else:
        assert receive(client, 6) == b"again\n"
        client.sendall(b"!")
        server.wait_for("done")
        assert (client.getpeercert(True) == before) is (second == "ecdsa")
    client.close()


def python_context(certs):
    context = ssl.create_default_context(cafile=certs / "ca.pem")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


@pytest.mark.parametrize("command", ["K", "k"])
def test_a_client_changes_keys(command, certs, running):
    def handler(connection):
        for turn in range(3):
            assert receive(connection, 11) == f"greeting {turn}\n".encode()
            connection.sendall(f"answer {turn}\n".encode())

    server = running(Server(server_context(certs, "TLSv1.3"), handler))
    client = running(Process(["openssl", "s_client", "-tls1_3", "-connect", f"127.0.0.1:{server.port}",
                              "-CAfile", certs / "ca.pem"]))
    client.wait_for("Verify return code: 0")
    for turn in range(3):
        client.write(f"{command}\n")
        client.wait_for("KEYUPDATE", turn + 1)
        client.write(f"greeting {turn}\n")
        client.wait_for(f"answer {turn}")
    assert isinstance(server.outcome(), dict)
