"""What VERIFY_X509_STRICT, which a default context has, objects to in a chain. OpenSSL 4.0 changed these rules; what this
library does is what its OpenSSL does. docs/openssl.md has the table."""

import pytest
import tlsock
from test_attack_certificates import AUTHORITY, CA_KEY_USAGE, LEAF, Authority
from twins import OurApi, Pair

pytestmark = pytest.mark.needs("openssl")

NO_EXTENSION_MISSES = ("subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid:always")
ROOT = (*AUTHORITY, "subjectKeyIdentifier=hash")
# An AuthorityKeyIdentifier of nothing, of an authorityCertIssuer alone, and of an authorityCertSerialNumber of 7 alone.
NOTHING, ISSUER_ALONE, SERIAL_ALONE = "DER:3000", "DER:3005a103820161", "DER:3003820107"


def chain(leaf=(*LEAF, *NO_EXTENSION_MISSES), inter=(*AUTHORITY, *NO_EXTENSION_MISSES), root=ROOT, subject="/CN=localhost"):
    return {"leaf": leaf, "inter": inter, "root": root, "subject": subject}


KEY_ALONE = (*LEAF, "subjectKeyIdentifier=hash")
# A chain, and what OpenSSL 3 and 4 object to in it.
VERDICTS = {
    "nothing": (chain(), None, None),
    "a subject alternative name that is not critical, without a subject": (chain(subject="/"), 88, None),
    "basic constraints that are not critical": (
        chain(inter=("basicConstraints=CA:TRUE", CA_KEY_USAGE, *NO_EXTENSION_MISSES)), 89, None),
    "an authority named by issuer and serial number": (
        chain(leaf=(*KEY_ALONE, "authorityKeyIdentifier=issuer:always")), 85, None),
    "an empty authority key identifier": (chain(leaf=(*KEY_ALONE, f"authorityKeyIdentifier={NOTHING}")), 85, 102),
    "a root that names an issuer alone": (chain(root=(*ROOT, f"authorityKeyIdentifier={ISSUER_ALONE}")), None, 103),
    "a root that names a serial number alone": (chain(root=(*ROOT, f"authorityKeyIdentifier={SERIAL_ALONE}")), None, 103),
}


def handshake(made, certs, folder, flags):
    make = Authority(certs, folder)
    make.certificate("root", made["root"], "-set_serial", "7", signer=None, subject="strict root")
    make.certificate("inter", made["inter"], signer="root", subject="strict inter")
    make.certificate("leaf", made["leaf"], "-subj", made["subject"], signer="inter").chain("leaf", "inter")
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
