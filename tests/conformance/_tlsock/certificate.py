"""Certificates, as dicts and as objects."""

import json
from ctypes import byref, c_char_p

from .errors import call, make
from .immutable import Hidden
from .library import STRUCTS, ask, borrowed, function

PEM, DER = 1, 2


class Certificate(Hidden):
    """One certificate; `keeper` is what lends its handle."""
    __module__ = "_ssl"
    __slots__ = ("_handle", "_keeper")
    _immutable = True

    @classmethod
    def lent(cls, handle, keeper):
        self = cls.bare()
        self._handle, self._keeper = handle, keeper
        return self

    def public_bytes(self, format=PEM):
        if format == PEM:
            return ask("certificate_pem", self._handle)
        if format == DER:
            return borrowed(ask("certificate_der", self._handle))
        raise ValueError("Unsupported format")

    def get_info(self):
        return info(self._handle)

    def __eq__(self, other):
        if not isinstance(other, Certificate):
            return NotImplemented
        return ask("certificate_equal", self._handle, other._handle)

    def __hash__(self):
        return hash(ask("certificate_subject_text", self._handle))

    def __repr__(self):
        return f"<_ssl.Certificate '{ask('certificate_subject_text', self._handle)}'>"


class Owned:
    """Frees a handle with the last reference to it."""

    def __init__(self, kind, handle):
        self.handle = handle
        self.free = function(kind + "_free")

    def __del__(self):
        self.free(self.handle)


def tuples(value):
    """JSON's lists as Python's tuples, all the way down."""
    return tuple(map(tuples, value)) if isinstance(value, list) else value


def name(kind, handle):
    """The subject or the issuer: pairs grouped by their relative distinguished name."""
    names, pair = {}, STRUCTS["name_pair"]()
    for index in range(ask(f"certificate_{kind}_count", handle)):
        function(f"certificate_{kind}_at")(handle, index, byref(pair))
        value = borrowed(pair.value)
        value = value if pair.binary else value.decode()
        names.setdefault(pair.rdn, []).append((pair.name.decode(), value))
    return tuple(map(tuple, names.values()))


def info(handle):
    """Python's dict of a certificate."""
    written = c_char_p()
    call("certificate_json", handle, byref(written))
    fields = {key: tuples(value) for key, value in json.loads(written.value).items()}
    # Here JSON cannot tell text from bytes.
    return fields | {"subject": name("subject", handle), "issuer": name("issuer", handle)}


def listed(handle):
    """The certificates of a list, which they keep alive."""
    keeper = Owned("certificate_list", handle)
    count = ask("certificate_list_count", handle)
    return [Certificate.lent(ask("certificate_list_at", handle, index), keeper) for index in range(count)]


def decode_file(path):
    """The dict of the first certificate in a PEM file."""
    with open(path, "rb") as file:
        data = file.read()
    owned = Owned("certificate", make("certificate_new_data", data, len(data)))
    return info(owned.handle)
