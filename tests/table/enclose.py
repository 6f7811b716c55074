"""Puts certificates into an OCSP response, which has none: they are not among what is signed.

usage: enclose.py RESPONSE OUT CERTIFICATE...
"""

import ssl
import sys
from pathlib import Path

from redate import inside


def element(tag, content):
    """DER of a tag and what is in it."""
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def main(source, out, *certificates):
    der = Path(source).read_bytes()
    # OCSPResponse: status, then [0] of a type and, in an OCTET STRING, BasicOCSPResponse (RFC 6960, section 4.2.1).
    start, _ = inside(der, 0)
    _, status_end = inside(der, start)
    kind, _ = inside(der, inside(der, status_end)[0])
    _, kind_end = inside(der, kind)
    begin, end = inside(der, inside(der, kind_end)[0])
    enclosed = b"".join(ssl.PEM_cert_to_DER_cert(Path(name).read_text()) for name in certificates)
    basic = element(0x30, der[begin:end] + element(0xA0, element(0x30, enclosed)))
    answer = element(0x30, der[kind:kind_end] + element(0x04, basic))
    Path(out).write_bytes(element(0x30, der[start:status_end] + element(0xA0, answer)))


if __name__ == "__main__":
    main(*sys.argv[1:])
