"""OpenSSL's error queue of a thread: what others leave there does not count, and nothing of ours stays behind."""

import ctypes
import ssl
import subprocess
from pathlib import Path

import capi
import pytest
import tlsock
from ours import VERSIONS, client_context, server_context
from test_differential import files  # noqa: F401, a fixture
from twins import SCENARIOS, OurApi, differences, load_scenarios, plain

load_scenarios()
HERE = Path(__file__).parent
# A vendored OpenSSL is inside the library, and its queue cannot be asked.
inside = subprocess.run([Path(__file__).parents[1] / "openssl" / "inside.sh", tlsock.lib._name], check=False).returncode
pytestmark = pytest.mark.skipif(inside == 0, reason="the library has an OpenSSL of its own inside")
# The one the library uses: it is in this process already.
crypto = ctypes.CDLL("libcrypto.so.3")
crypto.ERR_peek_error.restype = crypto.ERR_get_error.restype = ctypes.c_ulong


def leave_an_entry():
    crypto.ERR_clear_error()
    assert not crypto.OBJ_txt2obj(b"no object of this name", 0)
    assert crypto.ERR_peek_error()


def pair(certs, version):
    up, down = tlsock.BIO(), tlsock.BIO()
    client = client_context(certs, version).wrap_bio(down, up, server_hostname="localhost")
    server = server_context(certs, version).wrap_bio(up, down, server_side=True)
    return client, server


def shake(client, server, before=lambda: None):
    waiting = [client, server]
    for _ in range(10):
        for end in list(waiting):
            before()
            try:
                end.do_handshake()
                waiting.remove(end)
            except tlsock.WantRead:
                pass
    assert not waiting


@pytest.mark.parametrize("version", VERSIONS)
def test_entries_of_others_do_not_count(version, certs):
    client, server = pair(certs, version)
    shake(client, server, leave_an_entry)
    for one, other in ((client, server), (server, client)):
        leave_an_entry()
        assert one.write(b"hello") == 5
        leave_an_entry()
        assert other.read(10) == b"hello"
        leave_an_entry()
        with pytest.raises(tlsock.WantRead):
            other.read(10)
    leave_an_entry()
    with pytest.raises(tlsock.WantRead):
        client.unwrap()
    leave_an_entry()
    server.unwrap()
    leave_an_entry()
    client.unwrap()
    with pytest.raises(tlsock.ZeroReturn):
        leave_an_entry()
        client.read(1)


def test_entries_of_others_do_not_count_in_settings(certs):
    leave_an_entry()
    context = tlsock.Context(tlsock.PROTOCOL_TLS_SERVER)
    for step in (lambda: context.load_cert_chain(certs / "rsa.pem", certs / "rsa.key"),
                 lambda: context.load_verify_locations(certs / "ca.pem"),
                 lambda: context.load_verify_locations(cadata=(certs / "ca.pem").read_bytes()),
                 lambda: context.set_ciphers("ECDHE+AESGCM"), lambda: context.set_ecdh_curve("prime256v1")):
        leave_an_entry()
        step()


def test_the_newest_entry_is_told_and_none_is_left(certs):
    context = tlsock.Context(tlsock.PROTOCOL_TLS_SERVER)
    failures = [
        (lambda: context.load_cert_chain(certs / "ecdsa.pem", certs / "client.key"), "KEY_VALUES_MISMATCH"),
        (lambda: context.load_verify_locations(certs / "ca.key"), "NO_CERTIFICATE_OR_CRL_FOUND"),
        (lambda: context.load_dh_params(certs / "ca.key"), "NO_START_LINE"),
        (lambda: context.load_cert_chain(certs / "ca.key"), None),
    ]
    for failing, reason in failures:
        leave_an_entry()
        with pytest.raises(tlsock.TlsError) as failed:
            failing()
        assert failed.value.reason == reason
        assert crypto.ERR_peek_error() == 0


@pytest.mark.parametrize("version", VERSIONS)
def test_a_failed_handshake_leaves_none(version, certs):
    client, server = pair(certs, version)
    with pytest.raises(tlsock.WantRead):
        client.do_handshake()
    up = tlsock.BIO()
    up.write(b"this is no record at all")
    server = server_context(certs, version).wrap_bio(up, tlsock.BIO(), server_side=True)
    with pytest.raises(tlsock.TlsError):
        server.do_handshake()
    assert crypto.ERR_peek_error() == 0


def test_a_failure_of_the_system_is_told_by_its_number(certs):
    """OpenSSL queues what opening a file failed with."""
    context = tlsock.Context(tlsock.PROTOCOL_TLS_SERVER)
    missing = certs / "missing.pem"
    for failing, number, file in ((lambda: context.load_verify_locations(missing), 2, missing),
                                  (lambda: context.load_cert_chain(missing), 2, missing),
                                  (lambda: context.load_cert_chain(certs), 21, certs)):
        with pytest.raises(tlsock.SystemFailure) as failed:
            failing()
        assert (failed.value.os_errno, failed.value.reason, failed.value.filename) == (number, None, str(file))
        assert crypto.ERR_peek_error() == 0


def test_a_list_with_an_extension_that_cannot_be_read_leaves_none(certs):
    pem = (certs / "crl.pem").read_text()
    der = ssl.PEM_cert_to_DER_cert(pem.split("-----END X509 CRL-----")[0].replace("X509 CRL", "CERTIFICATE")
                                   + "-----END CERTIFICATE-----")
    # The authority's key identifier, which libcrypto reads with the list: a number instead of a sequence.
    identifier = bytes.fromhex("0603551d23041830168014")
    assert der.count(identifier) == 1
    odd = der.replace(identifier, bytes.fromhex("0603551d23041802168014"))
    for data in (odd, ssl.DER_cert_to_PEM_cert(odd).replace("CERTIFICATE", "X509 CRL").encode()):
        crypto.ERR_clear_error()
        tlsock.Context(tlsock.PROTOCOL_TLS_CLIENT).load_crl_data(data)
        assert not crypto.ERR_peek_error()


@pytest.mark.parametrize("version", VERSIONS)
def test_an_alert_in_the_place_of_close_notify_leaves_none(version, certs):
    up, down = tlsock.BIO(), tlsock.BIO()
    client = client_context(certs, version).wrap_bio(down, up, server_hostname="localhost")
    server = server_context(certs, version).wrap_bio(up, down, server_side=True)
    shake(client, server)
    server.write(b"!")
    assert client.read(1) == b"!"
    with pytest.raises(tlsock.WantRead):
        client.unwrap()
    up.read(1000)
    up.write(b"\x17\x03\x03\x00\x20" + bytes(32))
    with pytest.raises(tlsock.TlsError):
        server.read(1)
    client.unwrap()
    assert crypto.ERR_peek_error() == 0


def broken(der):
    """The certificate, once for each extension, with a value in its place that no decoder takes."""
    at = -1
    for oid in (b"\x06\x03\x55\x1d", b"\x06\x08\x2b\x06\x01\x05\x05\x07\x01"):
        while (at := der.find(oid, at + 1)) >= 0:
            value = at + 2 + der[at + 1]
            value += 3 if der[value:value + 2] == b"\x01\x01" else 0
            assert der[value] == 4
            value += 2 + (der[value + 1] & 0x7F if der[value + 1] & 0x80 else 0)
            yield der[:value] + b"\x1f" + der[value + 1:]


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("name", ["ca", "rich", "ecdsa"])
def test_a_certificate_with_an_extension_that_cannot_be_read_leaves_none(name, certs, tmp_path):
    pem = certs / f"{name}.pem"
    if name == "rich":
        pem = tmp_path / "rich.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-noenc", "-config", HERE / "rich.cnf", "-extensions",
                        "rich", "-keyout", tmp_path / "rich.key", "-out", pem], check=True, capture_output=True)
    end = "-----END CERTIFICATE-----"
    der = ssl.PEM_cert_to_DER_cert("-----BEGIN" + pem.read_text().split("-----BEGIN", 1)[1].split(end)[0] + end)
    copies = list(broken(der))
    assert len(copies) >= 3
    for odd in copies:
        crypto.ERR_clear_error()
        certificate = tlsock.Certificate.from_data(odd)
        certificate.info()
        assert not crypto.ERR_peek_error()
        for ask in (lambda context: context.get_ca_certs(True), lambda context: context.cert_store_stats(),
                    lambda context: context.load_verify_locations(cadata=odd)):
            context = tlsock.Context(tlsock.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(cadata=odd)
            assert not crypto.ERR_peek_error()
            ask(context)
            assert not crypto.ERR_peek_error()


def entries():
    """Takes everything out of the queue."""
    return list(iter(crypto.ERR_get_error, 0))


@pytest.mark.needs("openssl")
@pytest.mark.parametrize("name", SCENARIOS)
def test_an_entry_of_others_before_every_call_changes_no_outcome(name, files, monkeypatch):  # noqa: F811
    leave_an_entry()
    theirs = entries()
    wrong = []

    def disturbed(name):
        function = original(name)

        def called(*arguments):
            leave_an_entry()
            result = function(*arguments)
            left = entries()
            if left not in ([], theirs):
                wrong.append((name, result, [hex(entry) for entry in left]))
            return result
        return called

    try:
        alone = plain(SCENARIOS[name](OurApi(), files))
        original = capi.function
        monkeypatch.setattr(capi, "function", disturbed)
        beside = plain(SCENARIOS[name](OurApi(), files))
    except tlsock.Absent as absent:
        pytest.skip(str(absent))
    assert not wrong
    assert not differences(beside, alone)
