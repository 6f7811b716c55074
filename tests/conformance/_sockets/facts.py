"""Python's dict of a certificate, put together from the getters of the library one by one."""

from ctypes import byref

from _tlsock import certificate
from _tlsock.library import STRUCTS, ask, borrowed, function


def listed(name, handle):
    """Texts of which there may be several; a certificate without any has no such entry."""
    return tuple(borrowed(function(f"certificate_{name}_at")(handle, index)).decode()
                 for index in range(ask(f"certificate_{name}_count", handle)))


def alternative_names(handle):
    """The names of a subject; a directory name is a name of its own, which only the whole dict has in full."""
    found, entry = [], STRUCTS["alt_name"]()
    for index in range(ask("certificate_subject_alt_name_count", handle)):
        function("certificate_subject_alt_name_at")(handle, index, byref(entry))
        found.append((entry.type.decode(), borrowed(entry.value).decode()))
    if any(kind == "DirName" for kind, _ in found):
        return certificate.info(handle)["subjectAltName"]
    return tuple(found)


def info(handle):
    facts = {
        "subject": certificate.name("subject", handle),
        "issuer": certificate.name("issuer", handle),
        "version": ask("certificate_version", handle),
        "serialNumber": ask("certificate_serial_number", handle),
        "notBefore": ask("certificate_not_before", handle),
        "notAfter": ask("certificate_not_after", handle),
    }
    optional = {
        "subjectAltName": alternative_names(handle),
        "OCSP": listed("ocsp", handle),
        "caIssuers": listed("ca_issuers", handle),
        "crlDistributionPoints": listed("crl_distribution_points", handle),
    }
    return facts | {name: value for name, value in optional.items() if value}
