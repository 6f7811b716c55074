"""Arguments as Python has them, turned into what C takes."""

import operator
import os

from .errors import SSLError, ssl_error

INT_MAX = 2**31 - 1
# The tag that every certificate in DER begins with.
SEQUENCE = 0x30


def path(value, name):
    """A path of the file system."""
    try:
        encoded = os.fsencode(value)
    except TypeError:
        raise TypeError(f"{name} should be a valid filesystem path") from None
    return no_nul(encoded, "embedded null byte")


def no_nul(data, message="embedded null character"):
    if b"\0" in data:
        raise ValueError(message)
    return data


def text(value, name):
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, not {type(value).__name__}")
    return no_nul(value.encode())


def c_int(value, message="Python int too large to convert to C int"):
    value = operator.index(value)
    if not -INT_MAX - 1 <= value <= INT_MAX:
        raise OverflowError(message)
    return value


def option_bits(value):
    if not isinstance(value, int):
        raise TypeError(f"argument must be int, not {type(value).__name__}")
    if value < 0:
        raise OverflowError("can't convert negative int to unsigned")
    if value >= 2**64:
        raise OverflowError("int too big to convert")
    return value


def password(value):
    """A fixed password, or the function that gives it."""
    if value is None or callable(value):
        return value
    if isinstance(value, str):
        value = value.encode()
    if not isinstance(value, (bytes, bytearray)):
        raise TypeError("password should be a string or callable")
    fixed = bytes(value)
    # C's text ends at a NUL; a password that has one can be given by a function only.
    return (lambda: fixed) if b"\0" in fixed else fixed


def ca_data(value):
    """Certificates: PEM if they are text, DER if they are bytes."""
    if value is None:
        return None
    wrong = TypeError("cadata should be an ASCII string or a bytes-like object")
    try:
        data = value.encode("ascii") if isinstance(value, str) else bytes(memoryview(value))
    except (UnicodeEncodeError, TypeError):
        raise wrong from None
    if not data:
        raise ValueError("Empty certificate data")
    # The library tells PEM from DER by the content; Python does by the type.
    if isinstance(value, str) and b"-----BEGIN" not in data:
        raise ssl_error(SSLError, 0, "no start line: cadata does not contain a certificate")
    if not isinstance(value, str) and data[0] != SEQUENCE:
        raise ssl_error(SSLError, 0, "not enough data: cadata does not contain a certificate")
    return data


def protocol_list(wire):
    """Protocols out of the form in which they travel: a length before each."""
    protocols, wire = [], bytes(wire)
    while wire:
        protocols.append(no_nul(wire[1:1 + wire[0]]))
        wire = wire[1 + wire[0]:]
    return protocols


def host_name(value):
    if value is None:
        return None
    if "\0" in value:
        raise TypeError("argument must be encoded string without null bytes, not str")
    return value.encode()
