"""Bad data of every kind."""

import base64
import random

# Ten megabytes, roughly.
BIG = 10 << 20


def der_of(pem):
    """The DER of the first block of a PEM text."""
    lines = pem.split(b"\n")
    start = next(index for index, line in enumerate(lines) if line.startswith(b"-----BEGIN"))
    end = next(index for index, line in enumerate(lines) if line.startswith(b"-----END"))
    return base64.b64decode(b"".join(lines[start + 1:end]))


def block(label, der):
    """A PEM block."""
    text = base64.b64encode(der)
    lines = b"\n".join(text[start:start + 64] for start in range(0, len(text), 64))
    return b"-----BEGIN %s-----\n%s\n-----END %s-----\n" % (label, lines, label)


def filled(unit, size):
    return unit * (size // len(unit))


def nested(size):
    """ASN.1 sequences in each other, none of which says where it ends."""
    return filled(b"\x30\x80", size)


def large(size):
    """About that many bytes each."""
    return {
        "zeros": bytes(size),
        "noise": random.Random(1).randbytes(size),
        "one line": b"A" * size,
        "lines": filled(b"x" * 63 + b"\n", size),
        "heads": filled(b"-----BEGIN CERTIFICATE-----\n", size),
        "heads of keys": filled(b"-----BEGIN PRIVATE KEY-----\n", size),
        "dashes": b"-" * size,
        "a block without an end": b"-----BEGIN CERTIFICATE-----\n" + filled(b"A" * 64 + b"\n", size),
        "zeros in PEM": b"".join(block(label, bytes(size // 6)) for label in LABELS),
        "other blocks": filled(block(b"X", bytes(500)), size),
        "nested ASN.1": nested(size),
        "nested ASN.1 in PEM": b"".join(block(label, nested(size // 6)) for label in LABELS),
        "2 GB by its own word": b"\x30\x84\x7f\xff\xff\xff" + bytes(size),
        "a long encryption": b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: " + b"A" * size,
    }


LABELS = (b"CERTIFICATE", b"PRIVATE KEY", b"ENCRYPTED PRIVATE KEY", b"X509 CRL", b"DH PARAMETERS")


def small():
    """Without anything good in it."""
    return {
        "nothing": b"",
        "one byte": b"\x30",
        "a NUL": b"\0",
        "text": b"no certificate at all\n",
        "text that is not UTF-8": b"\xff\xfe\x80 \xc3(\n",
        "the head alone": b"-----BEGIN CERTIFICATE-----",
        "the end alone": b"-----END CERTIFICATE-----\n",
        "an empty block": b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        "no base64": b"-----BEGIN CERTIFICATE-----\n####\n-----END CERTIFICATE-----\n",
        "one wrong end": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "ASN.1 of another kind": b"\x02\x01\x00",
        "an empty sequence": b"\x30\x00",
        "a length beyond the end": b"\x30\x82\xff\xff\x02\x01\x00",
        "a length of 2^63": b"\x30\x88\x80" + bytes(7),
        "a length of nine bytes": b"\x30\x89" + b"\xff" * 9,
        "no end": b"\x30\x80\x02\x01\x00",
        "junk in a block": block(b"CERTIFICATE", b"\x30\x03\x02\x01\x00"),
        "junk in a key": block(b"PRIVATE KEY", b"\x30\x03\x02\x01\x00"),
        "junk in an old key": block(b"RSA PRIVATE KEY", b"\x30\x03\x02\x01\x00"),
        "a public key": block(b"PUBLIC KEY", b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00" + bytes(32)),
    }


def damaged(pem):
    """A good PEM text of one block, broken in one place each."""
    der = der_of(pem)
    label = pem.split(b"-----BEGIN ")[1].split(b"-----")[0]
    middle = len(pem) // 2
    return {
        "cut in the head": pem[pem.index(b"-----BEGIN"):][:10],
        "cut in the base64": pem[:middle],
        "cut in the end": pem.rstrip()[:-5],
        "a NUL inside": pem[:middle] + b"\0" + pem[middle + 1:],
        "not UTF-8 inside": pem[:middle] + b"\xff" + pem[middle + 1:],
        "cut DER in PEM": block(label, der[:-1]),
    }


def damaged_der(pem):
    der = der_of(pem)
    return {
        "cut DER": der[:-1], "half of a DER": der[:len(der) // 2], "two bytes of DER": der[:2],
        "DER and a NUL": der + b"\0", "DER and text": der + b"junk", "DER and a cut one": der + der[:-1],
        "DER after a NUL": b"\0" + der,
    }
