"""Gives an OCSP response other dates, which the openssl program cannot, and signs it again.

usage: redate.py RESPONSE KEY THIS_UPDATE NEXT_UPDATE OUT      (dates as 20200101000000Z, a key whose signatures are ECDSA with SHA-256)
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path


def inside(der, at):
    """Where the content of the element at this place begins and ends."""
    length, start = der[at + 1], at + 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[at + 2 : start], "big")
    return start, start + length


def sign(data, key, size):
    """A signature of this many bytes, so that no length in the response changes; they have 70 to 72."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        for _ in range(1000):
            made = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key, file.name], check=True, capture_output=True).stdout
            if len(made) == size:
                return made
    sys.exit(f"no signature of {size} bytes was made")


def main(source, key, this_update, next_update, out):
    der = bytearray(Path(source).read_bytes())
    _, begun, due = re.finditer(rb"\d{14}Z", der)
    der[begun.start() : begun.end()] = this_update.encode()
    der[due.start() : due.end()] = next_update.encode()
    # OCSPResponse: status, then [0] of a type and, in an OCTET STRING, BasicOCSPResponse (RFC 6960, section 4.2.1).
    _, status_end = inside(der, inside(der, 0)[0])
    _, type_end = inside(der, inside(der, inside(der, status_end)[0])[0])
    told = inside(der, inside(der, type_end)[0])[0]
    _, told_end = inside(der, told)
    _, algorithm_end = inside(der, told_end)
    start, end = inside(der, algorithm_end)
    # A BIT STRING begins with the number of unused bits.
    der[start + 1 : end] = sign(der[told:told_end], key, end - start - 1)
    Path(out).write_bytes(der)


if __name__ == "__main__":
    main(*sys.argv[1:])
