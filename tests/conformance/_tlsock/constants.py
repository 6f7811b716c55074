"""The numbers of the module: those of tlsock.h, under the names the extension module has them."""

import sys

from .library import CONSTANTS as ALL, ask

# What else begins like the module's, but is none of it.
FOREIGN = {"HAS_NEVER_CHECK_COMMON_NAME", "CERT_VERIFICATION"}
# What older modules must not have, and the version that brought it.
NEWER = {"OP_LEGACY_SERVER_CONNECT": (3, 12), "OP_ENABLE_KTLS": (3, 12), "HAS_PSK": (3, 13)}
# The module's own, of which the library has no equal.
PRIVATE = {
    "HOSTFLAG_ALWAYS_CHECK_SUBJECT": 1, "HOSTFLAG_NO_WILDCARDS": 2, "HOSTFLAG_NO_PARTIAL_WILDCARDS": 4,
    "HOSTFLAG_MULTI_LABEL_WILDCARDS": 8, "HOSTFLAG_SINGLE_LABEL_SUBDOMAINS": 16,
    "HOSTFLAG_NEVER_CHECK_SUBJECT": 32,
    "ENCODING_PEM": 1, "ENCODING_DER": 2,
}
DEFAULT_CIPHERS = (
    "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM"
)


def spelled(name):
    """Python's spelling of a name: SSLv3, TLSv1_2."""
    return name.replace("SSLV", "SSLv").replace("TLSV", "TLSv")


def beginning(prefix):
    return {spelled(name): value for name, value in ALL.items() if name.startswith(prefix) and name not in FOREIGN}


def features():
    return {name: ask("has", question) for name, question in beginning("HAS_").items()}


def protocols():
    """Those of one version exist only where OpenSSL still has it."""
    there = features()
    return {name: value for name, value in beginning("PROTOCOL_").items()
            if there.get("HAS_" + name.removeprefix("PROTOCOL_"), True)}


def versions():
    return {name.replace("TLS_VERSION_", "PROTO_"): value for name, value in beginning("TLS_VERSION_").items()}


def constants():
    plain = (beginning(prefix) for prefix in ("CERT_", "VERIFY_", "OP_", "SSL_ERROR_", "ALERT_DESCRIPTION_"))
    found = {name: value for group in plain for name, value in group.items()}
    found = found | features() | protocols() | versions() | PRIVATE
    return {name: value for name, value in found.items() if NEWER.get(name, (3,)) <= sys.version_info}
