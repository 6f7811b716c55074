"""The installed libtlsock.so, its functions with their types, and the structs they fill."""

import ctypes
import os
import subprocess
from ctypes import POINTER, byref, c_bool, c_char_p, c_double, c_int, c_int64, c_size_t, c_ubyte, c_uint32
from ctypes import c_uint64, c_void_p

from .signatures import SIGNATURES


class Bytes(ctypes.Structure):
    _fields_ = [("data", POINTER(c_ubyte)), ("len", c_size_t)]

    def take(self):
        """The bytes as Python's, None for NULL; what the library owned is freed."""
        try:
            return ctypes.string_at(self.data, self.len) if self.data else None
        finally:
            function("bytes_free")(byref(self))


class Slice(ctypes.Structure):
    _fields_ = [("data", POINTER(c_ubyte)), ("len", c_size_t)]

    def __bytes__(self):
        return ctypes.string_at(self.data, self.len) if self.data else b""


class Cipher(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("protocol", c_char_p), ("secret_bits", c_int)]


class CipherInfo(ctypes.Structure):
    _fields_ = [(name, c_char_p) for name in (
        "name", "protocol", "description", "symmetric", "digest", "kea", "auth")]
    _fields_ += [("id", c_uint32), ("strength_bits", c_int), ("alg_bits", c_int), ("aead", c_bool)]


class SessionStats(ctypes.Structure):
    _fields_ = [(name, c_int64) for name in (
        "number", "connect", "connect_good", "connect_renegotiate", "accept", "accept_good",
        "accept_renegotiate", "hits", "misses", "timeouts", "cache_full")]


class CertStoreStats(ctypes.Structure):
    _fields_ = [("x509", c_size_t), ("crl", c_size_t), ("x509_ca", c_size_t)]


class NamePair(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("value", Slice), ("rdn", c_size_t), ("binary", c_bool)]


class VersionInfo(ctypes.Structure):
    _fields_ = [(name, c_int) for name in ("major", "minor", "fix", "patch", "status")]


class Asn1Object(ctypes.Structure):
    _fields_ = [("nid", c_int), ("shortname", c_char_p), ("longname", c_char_p), ("oid", c_char_p)]


class Connection(ctypes.Structure):
    """What a callback is about."""
    _fields_ = [("socket", c_void_p), ("object", c_void_p), ("userdata", c_void_p)]


TYPES = {
    "p": c_void_p, "s": c_char_p, "i": c_int, "I": c_uint32, "q": c_int64, "Q": c_uint64, "z": c_size_t,
    "d": c_double, "b": c_bool, "v": None, "slice": Slice, "stats": SessionStats, "version": VersionInfo,
}


def find():
    """The path of the library: TLSOCK_LIBRARY, else where pkg-config says it was installed."""
    path = os.environ.get("TLSOCK_LIBRARY")
    if path:
        return path
    command = ["pkg-config", "--variable=libdir", "tlsock"]
    try:
        folder = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as problem:
        raise ImportError("no libtlsock: set TLSOCK_LIBRARY, or install it for pkg-config") from problem
    return os.path.join(folder, "libtlsock.so")


def read_signatures():
    signatures = {}
    for line in SIGNATURES.split("\n"):
        name, result, parameters = (line.split() + ["", ""])[:3] if line else (None, None, None)
        names = [name] if name and "*" not in name else []
        if name and not names:
            names = [name.replace("*", kind) for kind in ("socket", "object")]
        signatures.update(dict.fromkeys(names, (result, parameters)))
    return signatures


LIBRARY = ctypes.CDLL(find())
KNOWN = read_signatures()
LOADED = {}


def function(name):
    """One function of the library, looked up when it is first used."""
    found = LOADED.get(name)
    if found is None:
        result, parameters = KNOWN[name]
        found = getattr(LIBRARY, "tlsock_" + name)
        found.restype = TYPES[result]
        found.argtypes = [TYPES[letter] for letter in parameters]
        LOADED[name] = found
    return found


def ask(name, *arguments):
    """The answer of a getter; text as Python's."""
    answer = function(name)(*arguments)
    return answer.decode() if isinstance(answer, bytes) else answer


def text(value):
    """Text of a struct as Python's."""
    return None if value is None else value.decode()
