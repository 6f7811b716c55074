"""Keys made of a connection's secrets, beside those that openssl s_client and s_server make of the same connection."""

import re

import pytest
import tlsock
from ours import VERSIONS, Server, client_context, connect, server_context
from process import Process, free_port, wait_for_port

LABEL, COUNT = "EXPORTER-tlsock-interop", 40
ASKED = ["-keymatexport", LABEL, "-keymatexportlen", str(COUNT)]
NO_EXTENDED_MASTER_SECRET = 1
OPTIONS = {"TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}

pytestmark = pytest.mark.parametrize("version", VERSIONS)


def printed(process):
    process.wait_for("Keying material: [0-9A-F]+")
    return bytes.fromhex(re.search("Keying material: ([0-9A-F]+)", process.log())[1])


def test_a_client_of_openssl(version, certs, running):
    exported = []

    def serve(connection):
        exported.append(connection.export_keying_material(LABEL, COUNT))
        connection.sendall(b"done\n")

    server = running(Server(server_context(certs, version), serve))
    client = running(Process(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-CAfile",
                              certs / "ca.pem", "-servername", "localhost", OPTIONS[version], *ASKED]))
    client.wait_for("^done")
    assert exported == [printed(client)]
    assert len(exported[0]) == COUNT
    assert isinstance(server.outcome(), dict)


@pytest.mark.needs("stdbuf")
def test_a_server_of_openssl(version, certs, running):
    port = free_port()
    server = running(Process(["stdbuf", "-oL", "openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert",
                              certs / "ecdsa.pem", "-cert_chain", certs / "ecdsa.pem", "-key", certs / "ecdsa.key",
                              OPTIONS[version], *ASKED]))
    wait_for_port(port, server)
    connection = connect(client_context(certs, version), port)
    assert connection.export_keying_material(LABEL, COUNT) == printed(server)
    # In TLS 1.3 no context is an empty one, and in TLS 1.2 it is not.
    empty = connection.export_keying_material(LABEL, COUNT, b"")
    assert (empty == printed(server)) == (version == "TLSv1.3")


def test_none_without_the_extended_master_secret(version, certs, running):
    client = client_context(certs, version)
    client.options |= NO_EXTENDED_MASTER_SECRET
    port = free_port()
    server = running(Process(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", certs / "ecdsa.pem",
                              "-cert_chain", certs / "ecdsa.pem", "-key", certs / "ecdsa.key", OPTIONS[version]]))
    wait_for_port(port, server)
    connection = connect(client, port)
    if version == "TLSv1.3":
        assert len(connection.export_keying_material(LABEL, COUNT)) == COUNT
    else:
        with pytest.raises(tlsock.WrongValue, match="RFC 7627"):
            connection.export_keying_material(LABEL, COUNT)
