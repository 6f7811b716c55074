"""Certificates that must be refused, shown by a server that does not check them: weak keys and digests, issuers that are not
authorities or not for this name, names that look like another. docs/security.md has the table that names these tests."""

import subprocess

import pytest
import tlsock
from find_reference import find_reference
from ours import connect
from process import Process, free_port, wait_for_port
from twins import OurApi, Pair

pytestmark = pytest.mark.needs("openssl")

CA_KEY_USAGE = "keyUsage=critical,keyCertSign"
AUTHORITY = ("basicConstraints=critical,CA:TRUE", CA_KEY_USAGE)
# OpenSSL takes a common name for a host name where it has a dot.
DOTTED = "host.example.net"
LEAF = ("basicConstraints=critical,CA:FALSE", "subjectAltName=DNS:localhost")
# dNSName "localhost\0.evil.example".
NUL_IN_NAME = "subjectAltName=DER:301982176c6f63616c686f7374002e6576696c2e6578616d706c65"
EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")


class Authority:
    """Makes keys and certificates in a folder of the test's own."""

    def __init__(self, certs, folder):
        self._certs, self.folder = certs, folder

    def certificate(self, name, extensions, *options, signer="ca", subject="localhost", key=EC):
        """A certificate and its key; `signer` is one made before, or of the tests' own."""
        known = self._certs if signer == "ca" else self.folder
        signing = () if signer is None else ("-CA", known / f"{signer}.pem", "-CAkey", known / f"{signer}.key")
        words = ["openssl", "req", "-x509", *key, "-noenc", "-subj", f"/CN={subject}", "-days", "10", *signing,
                 "-config", self._certs.parent / "none.cnf", "-keyout", self.folder / f"{name}.key",
                 "-out", self.folder / f"{name}.pem", *options]
        (self._certs.parent / "none.cnf").write_text("[req]\ndistinguished_name = name\n[name]\n")
        for extension in extensions:
            words += ["-addext", extension]
        made = subprocess.run([str(word) for word in words], capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        return self

    def chain(self, *names):
        (self.folder / "chain.pem").write_text("".join((self.folder / f"{name}.pem").read_text() for name in names))
        return self


def small_key(make):
    make.certificate("leaf", LEAF, key=("-newkey", "rsa:1024")).chain("leaf")


def small_authority(make):
    make.certificate("inter", AUTHORITY, subject="small", key=("-newkey", "rsa:1024"))
    make.certificate("leaf", LEAF, signer="inter").chain("leaf", "inter")


def sha1(make):
    make.certificate("leaf", LEAF, "-sha1").chain("leaf")


def md5(make):
    # The tests' authority has an elliptic key, which signs no MD5.
    make.certificate("inter", AUTHORITY, subject="inter", key=("-newkey", "rsa:2048"))
    make.certificate("leaf", LEAF, "-md5", signer="inter").chain("leaf", "inter")


def leaf_as_authority(make):
    make.certificate("inter", LEAF).certificate("leaf", LEAF, signer="inter").chain("leaf", "inter")


def key_not_for_signing(make):
    make.certificate("inter", ("basicConstraints=critical,CA:TRUE", "keyUsage=critical,digitalSignature"),
                     subject="not for signing")
    make.certificate("leaf", LEAF, signer="inter").chain("leaf", "inter")


def path_too_long(make):
    make.certificate("one", ("basicConstraints=critical,CA:TRUE,pathlen:0", CA_KEY_USAGE), subject="one")
    make.certificate("two", AUTHORITY, signer="one", subject="two")
    make.certificate("leaf", LEAF, signer="two").chain("leaf", "two", "one")


def not_permitted(make):
    make.certificate("inter", (*AUTHORITY, "nameConstraints=critical,permitted;DNS:example.org"), subject="limited")
    make.certificate("leaf", LEAF, signer="inter").chain("leaf", "inter")


def excluded(make):
    make.certificate("inter", (*AUTHORITY, "nameConstraints=critical,excluded;DNS:localhost"), subject="limited")
    make.certificate("leaf", LEAF, signer="inter").chain("leaf", "inter")


def not_permitted_common_name(make):
    make.certificate("inter", (*AUTHORITY, "nameConstraints=critical,permitted;DNS:example.org"), subject="limited")
    make.certificate("leaf", LEAF[:1], signer="inter", subject=DOTTED).chain("leaf", "inter")


def same_name_other_key(make):
    """An impostor of the trusted root."""
    make.certificate("root", AUTHORITY, signer=None, subject="tlsock test root")
    make.certificate("leaf", LEAF, signer="root").chain("leaf", "root")


def unknown_critical_extension(make):
    make.certificate("leaf", (*LEAF, "1.2.3.4.5=critical,DER:0500")).chain("leaf")


def for_clients_only(make):
    make.certificate("leaf", (*LEAF, "extendedKeyUsage=clientAuth")).chain("leaf")


def nul_in_the_name(make):
    make.certificate("leaf", (LEAF[0], NUL_IN_NAME)).chain("leaf")


def name_of_all(make):
    make.certificate("leaf", (LEAF[0], "subjectAltName=DNS:*")).chain("leaf")


def other_kind_of_name(make):
    make.certificate("leaf", (LEAF[0], "subjectAltName=email:localhost@localhost,URI:https://localhost/"),
                     subject="nobody").chain("leaf")


# OpenSSL's numbers, with their texts in the message.
REFUSED = {
    small_key: 66, small_authority: 67, sha1: 68, md5: 68, leaf_as_authority: 79, key_not_for_signing: 79,
    path_too_long: 25, not_permitted: 47, excluded: 48, not_permitted_common_name: 47, same_name_other_key: (7, 19, 20),
    unknown_critical_extension: 34, for_clients_only: 26, nul_in_the_name: 62, name_of_all: 62, other_kind_of_name: 62,
}


def trusting(certs):
    context = tlsock.Context(tlsock.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certs / "ca.pem")
    return context


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize("kind", REFUSED, ids=lambda kind: kind.__name__)
def test_a_client_refuses(kind, version, certs, running, tmp_path):
    kind(Authority(certs, tmp_path))
    port = free_port()
    server = running(Process(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cipher", "ALL:@SECLEVEL=0",
                              "-cert", tmp_path / "chain.pem", "-cert_chain", tmp_path / "chain.pem", version,
                              "-key", tmp_path / "leaf.key", "-quiet"]))
    wait_for_port(port, server)
    with pytest.raises(tlsock.CertVerification) as refused:
        connect(trusting(certs), port, name=DOTTED if kind is not_permitted_common_name else "localhost")
    codes = REFUSED[kind]
    assert refused.value.verify_code in (codes if isinstance(codes, tuple) else (codes,)), refused.value.message


def shows_sha1(folder):
    """Whether this OpenSSL takes an own certificate that is signed with SHA-1: Python's ssl is asked, if it has the same."""
    script = ("import ssl, sys; print(ssl.OPENSSL_VERSION); "
              "ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(sys.argv[1], sys.argv[2])")
    asked = subprocess.run([find_reference(), "-c", script, folder / "chain.pem", folder / "leaf.key"],
                           capture_output=True, text=True)
    is_same = asked.stdout.strip() == tlsock.lib.tlsock_openssl_version().decode()
    return asked.returncode == 0 if is_same else tlsock.OPENSSL_4


@pytest.mark.parametrize("kind,reason", [(small_key, "EE_KEY_TOO_SMALL"), (sha1, "CA_MD_TOO_WEAK")],
                         ids=["small key", "SHA-1"])
def test_a_server_shows_no_weak_certificate(kind, reason, certs, tmp_path):
    kind(Authority(certs, tmp_path))
    context = tlsock.Context(tlsock.PROTOCOL_TLS_SERVER)
    if kind is sha1 and shows_sha1(tmp_path):
        # It leaves the check of signatures to the peer.
        context.load_cert_chain(tmp_path / "chain.pem", tmp_path / "leaf.key")
        assert Pair(OurApi(), trusting(certs), context).handshake()["client"]["verify_code"] == REFUSED[sha1]
        return
    with pytest.raises(tlsock.TlsError) as refused:
        context.load_cert_chain(tmp_path / "chain.pem", tmp_path / "leaf.key")
    assert refused.value.reason == reason
