"""Certificates that are right for one question only: odd names, missing extensions, extensions that cannot be read."""

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
