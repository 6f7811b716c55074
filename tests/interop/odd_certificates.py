"""Certificates that are right for one question only: odd names, missing extensions, extensions that cannot be read; and
bytes behind a certificate in its block of PEM, which say what it is trusted for, or nothing."""

import base64
import re

CONFIGURATION = "[req]\ndistinguished_name = name\nprompt = no\n[name]\nCN = nobody\n"
NO_IDENTIFIERS = ("subjectKeyIdentifier=none", "authorityKeyIdentifier=none")
LEAF = ("basicConstraints=CA:FALSE", "subjectAltName=DNS:localhost")

# name: (subject, extensions); each signs itself and is trusted as it is.
NAMES = {
    "wild": ("nobody", ["subjectAltName=DNS:*.example.org"]),
    "partial": ("nobody", ["subjectAltName=DNS:f*.example.org,DNS:*o.example.org,DNS:*,DNS:*.com,"
                           "DNS:a.*.example.org,DNS:xn--*.example.org"]),
    "common": ("common.example", []),
    "common-and-mail": ("common.example", ["subjectAltName=email:someone@other.example"]),
    "common-and-name": ("common.example", ["subjectAltName=DNS:other.example"]),
    "common-address": ("10.0.0.1", []),
    "address-as-name": ("nobody", ["subjectAltName=DNS:10.0.0.2,DNS:10.1"]),
    "addresses": ("nobody", ["subjectAltName=IP:10.0.0.1,IP:2001:db8::1"]),
}
# Extensions that OpenSSL cannot read, or that say nothing.
UNREADABLE = {
    "unreadable-names": "subjectAltName=DER:FF",
    "no-names": "subjectAltName=DER:3000",
    "unreadable-point": "crlDistributionPoints=DER:FF",
    "empty-point": "crlDistributionPoints=DER:30023000",
}
# Behind "inter" in a block of PEM, under each label.
BEHIND = ("trusted", "rejected", "junk")
LABELS = {"plain": "CERTIFICATE", "old": "X509 CERTIFICATE", "labelled": "TRUSTED CERTIFICATE"}
BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]*)-----\n(.*?)-----END \1-----\n", re.DOTALL)


def make(directory, openssl):
    configuration = directory / "odd.cnf"
    configuration.write_text(CONFIGURATION)

    def certificate(name, subject, extensions, *options):
        openssl("req", "-x509", "-newkey", "ed25519", "-noenc", "-config", configuration, "-subj", f"/CN={subject}",
                *(word for extension in extensions for word in ("-addext", extension)),
                "-keyout", directory / f"{name}.key", "-out", directory / f"{name}.pem", *options)

    def signed_by(name):
        return "-CA", directory / f"{name}.pem", "-CAkey", directory / f"{name}.key"

    for name, (subject, extensions) in NAMES.items():
        certificate(name, subject, extensions)
    for name, extension in UNREADABLE.items():
        certificate(name, name, [extension])
    certificate("no-issuer-key", "localhost", [*LEAF, *NO_IDENTIFIERS], *signed_by("ca"))
    # An authority that does not say what its key is for.
    certificate("lax-ca", "lax", ["basicConstraints=critical,CA:TRUE", "subjectKeyIdentifier=hash"])
    certificate("lax", "localhost", [*LEAF, "subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid"],
                *signed_by("lax-ca"))
    certificate("for-clients", "localhost", [*LEAF, "extendedKeyUsage=clientAuth"], *signed_by("ca"))
    request = directory / "version1.csr"
    openssl("req", "-new", "-newkey", "ed25519", "-noenc", "-config", configuration, "-subj", "/CN=first version",
            "-keyout", directory / "version1.key", "-out", request)
    openssl("x509", "-req", "-in", request, "-signkey", directory / "version1.key", "-out", directory / "version1.pem")
    bytes_behind(directory, openssl)


def bytes_behind(directory, openssl):
    leaf, inter = (base64.b64decode(text) for _label, text in BLOCK.findall((directory / "ecdsa.pem").read_text()))
    made = {"junk": inter + b"junk"}
    for name, purpose in (("trusted", "-addtrust"), ("rejected", "-addreject")):
        openssl("x509", "-in", directory / "inter.pem", "-trustout", purpose, "serverAuth",
                "-out", directory / "behind.pem")
        made[name] = base64.b64decode(BLOCK.findall((directory / "behind.pem").read_text())[0][1])
        assert made[name].startswith(inter) and made[name] != inter
    for name, der in made.items():
        for key, label in LABELS.items():
            (directory / f"behind-{name}-{key}.pem").write_text(block(label, der))
            (directory / f"chain-{name}-{key}.pem").write_text(block("CERTIFICATE", leaf) + block(label, der))
            (directory / f"leaf-{name}-{key}.pem").write_text(
                block(label, leaf + der[len(inter):]) + block("CERTIFICATE", inter))


def block(label, der):
    return f"-----BEGIN {label}-----\n{base64.encodebytes(der).decode()}-----END {label}-----\n"
