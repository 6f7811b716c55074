"""Encrypted ClientHello with OpenSSL's own program in both roles, and with servers that no program offers (odd_ech.c)."""

import base64
import os
import shlex
import socket
import subprocess
from pathlib import Path

import pytest
import tlsock
from ours import TIMEOUT, Server, client_context, connect, echo, server_context
from process import Process, free_port, wait_for_port

HERE = Path(__file__).resolve().parent
# The name that stays visible; the certificate wrong-name is for it.
PUBLIC = "other.example"
ECH_REQUIRED = 121
# TLSOCK_ECH_STATUS_...
GREASE, ACCEPTED, REJECTED, BACKEND = 1, 2, 3, 4
# Where make test-openssl4 has built an OpenSSL; otherwise the system's is meant.
BUILT = os.environ.get("OPENSSL_DIR")
OPENSSL = f"{BUILT}/bin/openssl" if BUILT else "openssl"

pytestmark = pytest.mark.skipif(not tlsock.lib.tlsock_has(tlsock.HAS_ECH), reason="this OpenSSL has no Encrypted ClientHello")


class Keys:
    """A key and what clients need to use it."""

    def __init__(self, folder, pem=None):
        if pem is None:
            keys, self.configs = tlsock.Bytes(), tlsock.Bytes()
            tlsock.call("tlsock_generate_ech_keys", PUBLIC.encode(), 0, keys, self.configs)
            pem, self.configs = tlsock.slice_bytes(keys), tlsock.slice_bytes(self.configs)
        else:
            self.configs = base64.b64decode(pem.split(b"ECHCONFIG-----")[1].removesuffix(b"-----END "))
        self.pem = pem
        self.file = folder / f"{os.urandom(4).hex()}.pem"
        self.file.write_bytes(pem)

    @property
    def text(self):
        """The configurations as they are in DNS."""
        return base64.b64encode(self.configs).decode()


@pytest.fixture
def keys(tmp_path):
    return Keys(tmp_path)


@pytest.fixture
def other(tmp_path):
    return Keys(tmp_path)


@pytest.fixture(scope="session")
def odd_ech(tmp_path_factory):
    """The program of servers that no program offers. It replaces functions inside a libssl that is linked into it."""
    if not BUILT or not (Path(BUILT) / "lib/libssl.a").exists():
        pytest.skip("there is no libssl.a in OPENSSL_DIR")
    program = tmp_path_factory.mktemp("odd") / "odd_ech"
    wrapped = [f"-Wl,--wrap=ossl_ech_{name}" for name in ("calc_confirm", "early_decrypt")]
    subprocess.run([*shlex.split(os.environ.get("CC", "cc")), "-Wall", "-Wextra", "-Werror", f"-I{BUILT}/include",
                    HERE / "odd_ech.c", "-o", program, *wrapped, f"{BUILT}/lib/libssl.a", f"{BUILT}/lib/libcrypto.a",
                    "-lpthread", "-ldl"], check=True)
    return program


def encrypting(certs, configs):
    context = client_context(certs, "TLSv1.3")
    context.call("set_ech_configs", configs, len(configs))
    return context


def decrypting(certs, keys, identity="ecdsa"):
    context = server_context(certs, "TLSv1.3", identity)
    context.call("load_ech_keys", keys.pem, len(keys.pem), None, 0)
    return context


def s_server(certs, running, *options):
    """An openssl s_server with a certificate for either name, and its port."""
    port = free_port()
    server = running(Process(["stdbuf", "-oL", OPENSSL, "s_server", "-accept", f"127.0.0.1:{port}", "-tls1_3", "-servername",
                              "localhost", "-cert", certs / "wrong-name.pem", "-cert_chain", certs / "wrong-name.pem", "-key",
                              certs / "wrong-name.key", "-cert2", certs / "ecdsa.pem", "-key2", certs / "ecdsa.key", "-rev",
                              *options]))
    wait_for_port(port, server)
    return server, port


def s_client(certs, running, port, *options):
    return running(Process([OPENSSL, "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", certs / "ca.pem", "-servername",
                            "localhost", "-verify_hostname", "localhost", "-verify_return_error", "-tls1_3", "-ign_eof", *options]))


def talk(connection):
    """One line, which `s_server -rev` sends back reversed."""
    connection.sendall(b"hidden\n")
    assert connection.recv(16) == b"neddih\n"


def refusal(context, port):
    """What the client says, which has closed the connection by then."""
    plain = socket.create_connection(("127.0.0.1", port), TIMEOUT)
    with context.wrap_socket(plain, server_hostname="localhost", do_handshake_on_connect=False) as connection:
        connection.settimeout(TIMEOUT)
        with pytest.raises(tlsock.TlsError) as caught:
            connection.do_handshake()
        caught.value.ech_status = connection.ask("ech_status")
    return caught.value


# ---- our client, openssl s_server ----


@pytest.mark.parametrize("groups", [(), ("-groups", "P-384")], ids=["at once", "after a HelloRetryRequest"])
@pytest.mark.needs("stdbuf")
def test_s_server_decrypts(groups, certs, running, keys):
    server, port = s_server(certs, running, "-ech_key", keys.file, *groups)
    context = encrypting(certs, keys.configs)
    context.call("set_groups", b"X25519:P-384")
    connection = connect(context, port)
    assert connection.ask("ech_status") == ACCEPTED and connection.ask("ech_outer_name") == PUBLIC
    talk(connection)
    connection.close()
    server.wait_for("localhost|CONNECTION CLOSED")


@pytest.mark.needs("stdbuf")
def test_no_session_is_offered(certs, running, keys):
    _, port = s_server(certs, running, "-ech_key", keys.file)
    context = encrypting(certs, keys.configs)
    context.call("set_client_session_cache", 4)
    for _ in range(3):
        connection = context.create_connection(("localhost", port), TIMEOUT)
        talk(connection)
        assert connection.ask("ech_status") == ACCEPTED and not connection.session_reused
        connection.close()


@pytest.mark.needs("stdbuf")
def test_s_server_rejects_and_has_other_configurations(certs, running, keys, other):
    _, port = s_server(certs, running, "-ech_key", keys.file)
    error = refusal(encrypting(certs, other.configs), port)
    assert (error.reason, error.alert_sent) == ("ECH_REQUIRED", ECH_REQUIRED)
    assert error.message.endswith("has given configurations to connect again with")
    assert error.ech_retry_configs == keys.configs
    connection = connect(encrypting(certs, error.ech_retry_configs), port)
    assert connection.ask("ech_status") == ACCEPTED
    talk(connection)


@pytest.mark.needs("stdbuf")
def test_s_server_without_keys(certs, running, keys):
    _, port = s_server(certs, running)
    error = refusal(encrypting(certs, keys.configs), port)
    assert error.reason == "ECH_REQUIRED" and error.ech_retry_configs == b""
    context = client_context(certs, "TLSv1.3")
    context.call("set_ech_grease", True)
    connection = connect(context, port)
    assert connection.ask("ech_status") == GREASE
    talk(connection)


@pytest.mark.needs("stdbuf")
def test_keys_that_the_program_has_made(certs, running, tmp_path):
    subprocess.run([OPENSSL, "ech", "-public_name", PUBLIC, "-out", tmp_path / "made.pem"], check=True, capture_output=True)
    keys = Keys(tmp_path, (tmp_path / "made.pem").read_bytes())
    _, port = s_server(certs, running, "-ech_key", tmp_path / "made.pem")
    talk(connect(encrypting(certs, keys.configs), port))
    server = running(Server(decrypting(certs, keys), echo(6)))
    connection = connect(encrypting(certs, keys.configs), server.port)
    connection.sendall(b"hidden")
    assert connection.recv(16) == b"hidden" and connection.ask("ech_status") == ACCEPTED


# ---- openssl s_client, our server ----


def names_seen(context, seen):
    """Has a server note what it knows once it has decrypted."""
    def handler(connection):
        seen.append((connection.ask("ech_status"), connection.ask("server_name"), connection.ask("ech_outer_name")))
        connection.sendall(b"done\n")

    return Server(context, handler)


@pytest.mark.parametrize("groups", [None, b"P-384"], ids=["at once", "after a HelloRetryRequest"])
def test_s_client_is_decrypted(groups, certs, running, keys):
    seen, context = [], decrypting(certs, keys)
    if groups:
        context.call("set_groups", groups)
    server = running(names_seen(context, seen))
    client = s_client(certs, running, server.port, "-ech_config_list", keys.text, "-groups", "X25519:P-384")
    client.wait_for("^done")
    assert seen == [(ACCEPTED, "localhost", PUBLIC)]
    assert "ECH: success: 1\nECH: inner: localhost\nECH: outer: other.example\n" in client.log()


def test_s_client_resumes_inside(certs, running, keys, tmp_path):
    seen = []
    server = running(names_seen(decrypting(certs, keys), seen))
    for option in "-sess_out", "-sess_in":
        client = s_client(certs, running, server.port, "-ech_config_list", keys.text, option, tmp_path / "session")
        client.wait_for("^done")
        client.wait()
        assert server.outcome()["reused"] == (option == "-sess_in")
    assert seen == [(ACCEPTED, "localhost", PUBLIC)] * 2


def test_s_client_is_rejected_and_told_more(certs, running, keys, other):
    server = running(Server(decrypting(certs, keys, "wrong-name"), echo(1)))
    client = s_client(certs, running, server.port, "-ech_config_list", other.text)
    assert client.wait() != 0
    assert server.outcome().alert_received == ECH_REQUIRED
    assert "ech required" in client.log().lower()


def test_grease_of_s_client(certs, running, keys):
    seen = []
    server = running(names_seen(decrypting(certs, keys), seen))
    client = s_client(certs, running, server.port, "-ech_grease")
    client.wait_for("^done")
    assert seen == [(GREASE, "localhost", None)] and "ECH: GREASE" in client.log()


# ---- servers that no program offers ----


def odd(program, running, *arguments):
    peer = running(Process([program, *arguments]))
    return peer, int(peer.wait_for(r"^port (\d+)")[1])


NOT_DECRYPTED = {"reason": "ECH_REQUIRED", "alert_sent": 47, "ech_status": REJECTED}
OUTCOMES = {
    # Whose certificate is shown, which confirmations are true: what the client says.
    ("ecdsa", "both"): None,
    ("ecdsa", "hello"): {"verify_code": 62, "expected_name": PUBLIC, "ech_status": REJECTED},
    ("ecdsa", "retry"): NOT_DECRYPTED,
    ("ecdsa", "none"): NOT_DECRYPTED,
    ("wrong-name", "both"): {"verify_code": 62, "expected_name": "localhost", "ech_status": ACCEPTED},
    ("wrong-name", "hello"): {"alert_sent": 40, "ech_status": REJECTED},
    ("wrong-name", "retry"): NOT_DECRYPTED,
    ("wrong-name", "none"): NOT_DECRYPTED,
}


def contradicted(certs, keys, verify_mode):
    """A client that has a certificate to show, for a server that sends a HelloRetryRequest."""
    context = client_context(certs, "TLSv1.3", identity="client")
    if verify_mode == tlsock.CERT_NONE:
        context.check_hostname = False
        context.verify_mode = verify_mode
    context.call("set_ech_configs", keys.configs, len(keys.configs))
    context.call("set_groups", b"X25519:P-384")
    return context


@pytest.mark.parametrize("identity,confirmations", OUTCOMES)
def test_a_server_that_contradicts_itself(identity, confirmations, odd_ech, certs, running, keys):
    """It confirms in its HelloRetryRequest, in its ServerHello, in both or in neither."""
    peer, port = odd(odd_ech, running, "server", certs / identity, keys.file, confirmations)
    context, expected = contradicted(certs, keys, tlsock.CERT_REQUIRED), OUTCOMES[identity, confirmations]
    if expected is None:
        connection = connect(context, port)
        assert connection.ask("ech_status") == ACCEPTED
        connection.sendall(b"x")
        assert connection.recv(1) == b"x"
        peer.wait_for("^served: handshake 1, certificate 1, data 1, inner localhost")
        return
    error = refusal(context, port)
    assert {name: getattr(error, name) for name in expected} == expected, error
    assert error.ech_retry_configs is None
    assert "certificate 0, data 0" in peer.wait_for("^served: .*")[0]


@pytest.mark.parametrize("identity,confirmations", [each for each, error in OUTCOMES.items() if each[1] != "both"])
def test_a_contradiction_counts_without_verification_too(identity, confirmations, odd_ech, certs, running, keys):
    peer, port = odd(odd_ech, running, "server", certs / identity, keys.file, confirmations)
    error = refusal(contradicted(certs, keys, tlsock.CERT_NONE), port)
    assert error.ech_retry_configs is None and error.ech_status == REJECTED
    assert "certificate 0, data 0" in peer.wait_for("^served: .*")[0]


def test_a_server_behind_one_that_decrypts(odd_ech, certs, running, keys):
    """It gets the inner ClientHello, and has no keys."""
    seen = []
    server = running(names_seen(server_context(certs, "TLSv1.3"), seen))
    peer, port = odd(odd_ech, running, "front", keys.file, str(server.port))
    connection = connect(encrypting(certs, keys.configs), port)
    assert connection.recv(16) == b"done\n"
    assert connection.ask("ech_status") == ACCEPTED
    assert seen == [(BACKEND, "localhost", None)]
    peer.wait_for("^passed on: 1")
