"""What VERIFY_X509_STRICT, which a default context has, objects to in a chain. OpenSSL 4.0 changed these rules; what this
library does is what its OpenSSL does. docs/openssl.md has the table."""

import ssl
import subprocess

import pytest
import tlsock
from test_attack_certificates import AUTHORITY, CA_KEY_USAGE, LEAF, Authority
from twins import OurApi, Pair

pytestmark = pytest.mark.needs("openssl")

NO_EXTENSION_MISSES = ("subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid:always")
ROOT = (*AUTHORITY, "subjectKeyIdentifier=hash")
# An AuthorityKeyIdentifier of an authorityCertIssuer alone, and of an authorityCertSerialNumber of 7 alone.
ISSUER_ALONE, SERIAL_ALONE = "DER:3005a103820161", "DER:3003820107"


def chain(leaf=(*LEAF, *NO_EXTENSION_MISSES), inter=(*AUTHORITY, *NO_EXTENSION_MISSES), root=ROOT, subject="/CN=localhost"):
    return {"leaf": leaf, "inter": inter, "root": root, "subject": subject}


KEY_ALONE = (*LEAF, "subjectKeyIdentifier=hash")
# The openssl program takes an empty AuthorityKeyIdentifier for a wish to have none. So another extension is empty, and then
# gets its number: 35 in place of 98.
EMPTY = (*KEY_ALONE, "authorityKeyIdentifier=DER:3000", "2.5.29.98=DER:3000")
ANOTHER, AUTHORITY_KEY_IDENTIFIER = bytes.fromhex("0603551d62"), bytes.fromhex("0603551d23")
# A chain, and what OpenSSL 3 and 4 object to in it.
VERDICTS = {
    "nothing": (chain(), None, None),
    "a subject alternative name that is not critical, without a subject": (chain(subject="/"), 88, None),
    "basic constraints that are not critical": (
        chain(inter=("basicConstraints=CA:TRUE", CA_KEY_USAGE, *NO_EXTENSION_MISSES)), 89, None),
    "an authority named by issuer and serial number": (
        chain(leaf=(*KEY_ALONE, "authorityKeyIdentifier=issuer:always")), 85, None),
    "an empty authority key identifier": (chain(leaf=EMPTY), 85, 102),
    "a root that names an issuer alone": (chain(root=(*ROOT, f"authorityKeyIdentifier={ISSUER_ALONE}")), None, 103),
    "a root that names a serial number alone": (chain(root=(*ROOT, f"authorityKeyIdentifier={SERIAL_ALONE}")), None, 103),
}


def content(der, start=0):
    """Where the content of the element at `start` begins and ends."""
    length, begin = der[start + 1], start + 2
    if length & 0x80:
        count = length & 0x7F
        length, begin = int.from_bytes(der[begin:begin + count], "big"), begin + count
    return begin, begin + length


def change(certificate, key, old, new):
    """Replaces bytes of a certificate by as many others, and signs it again."""
    der = ssl.PEM_cert_to_DER_cert(certificate.read_text())
    begin, _ = content(der)
    _, end = content(der, begin)
    assert der[begin:end].count(old) == 1
    signed = der[begin:end].replace(old, new)
    algorithm = der[end:content(der, end)[1]]
    made = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=signed, capture_output=True, check=True).stdout
    parts = signed + algorithm + bytes([3, len(made) + 1, 0]) + made
    whole = b"\x30\x82" + len(parts).to_bytes(2, "big") + parts
    certificate.write_text(ssl.DER_cert_to_PEM_cert(whole))


def handshake(made, certs, folder, flags):
    make = Authority(certs, folder)
    make.certificate("root", made["root"], "-set_serial", "7", signer=None, subject="strict root")
    make.certificate("inter", made["inter"], signer="root", subject="strict inter")
    make.certificate("leaf", made["leaf"], "-subj", made["subject"], signer="inter")
    if made["leaf"] is EMPTY:
        change(folder / "leaf.pem", folder / "inter.key", ANOTHER, AUTHORITY_KEY_IDENTIFIER)
    make.chain("leaf", "inter")
    server = tlsock.Context(tlsock.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "chain.pem", folder / "leaf.key")
    client = tlsock.Context(tlsock.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(folder / "root.pem")
    client.verify_flags |= flags
    return Pair(OurApi(), client, server).handshake()["client"]


@pytest.mark.parametrize("name", VERDICTS)
def test_the_strict_rules_are_those_of_this_openssl(name, certs, tmp_path):
    made, with_3, with_4 = VERDICTS[name]
    assert handshake(made, certs, tmp_path, 0) is None
    refused = handshake(made, certs, tmp_path, tlsock.VERIFY_X509_STRICT)
    code = with_4 if tlsock.OPENSSL_4 else with_3
    assert (refused and refused["verify_code"]) == code, refused
