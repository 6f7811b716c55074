"""The C ABI itself: the library, its functions with their types, its errors, and the base of all handles.

The library is the one that TLSOCK_LIBRARY names, otherwise pkg-config's; the header is TLSOCK_HEADER, otherwise the
repository's. ctypes releases the interpreter's lock during a call: threads work.
"""

import ctypes
import os
import subprocess
from pathlib import Path

from header import Header


def _pkg_config(variable):
    found = subprocess.run(["pkg-config", f"--variable={variable}", "tlsock"], capture_output=True, text=True)
    return Path(found.stdout.strip() or "/nowhere")


def _header_path():
    ours = Path(__file__).resolve().parents[2] / "include" / "tlsock.h"
    named = os.environ.get("TLSOCK_HEADER")
    return Path(named) if named else ours if ours.exists() else _pkg_config("includedir") / "tlsock.h"


def _library_path():
    return os.environ.get("TLSOCK_LIBRARY") or str(_pkg_config("libdir") / "libtlsock.so")


header = Header(_header_path().read_text())
lib = ctypes.CDLL(_library_path())
# Functions of the header that the library lacks.
missing = []


class Absent(AttributeError):
    """A function that this version of the header does not have."""


def function(name):
    if name not in header.functions:
        raise Absent(f"{name} is not in the header")
    return getattr(lib, name)


def _declare(declared):
    try:
        entry = getattr(lib, declared.name)
    except AttributeError:
        missing.append(declared.name)
        return
    entry.restype = declared.result
    entry.argtypes = [kind for _, kind in declared.parameters]


for _declared in header.functions.values():
    _declare(_declared)
Bytes = header.structs["tlsock_bytes"]
# What OpenSSL 4 does otherwise than 3 is in docs/openssl.md.
OPENSSL_4 = lib.tlsock_openssl_version_number() >> 28 >= 4


# ---- errors ----


class Error(Exception):
    """A call that failed, with all that its tlsock_error tells. The subclasses are the statuses."""

    status = None

    def __init__(self, pointer=None):
        for name, value in _error_fields(pointer).items():
            setattr(self, name, value)
        super().__init__(self.message)

    @property
    def kind(self):
        """Python's class for this status."""
        return lib.tlsock_status_name(self.status).decode()


def _error_fields(pointer):
    fields = {"raw_status": lib.tlsock_error_status(pointer)}
    for name in ("message", "library", "reason", "verify_message", "filename", "expected_name"):
        fields[name] = text(getattr(lib, f"tlsock_error_{name}")(pointer))
    for name in ("code", "verify_code", "os_errno", "phase", "alert_sent", "alert_received", "depth", "verify_flag"):
        fields[name] = getattr(lib, f"tlsock_error_{name}")(pointer)
    certificate = lib.tlsock_error_certificate(pointer)
    retry = lib.tlsock_error_ech_retry_configs(pointer)
    fields["ech_retry_configs"] = slice_bytes(retry) if retry.data else None
    fields["certificate_der"] = slice_bytes(lib.tlsock_certificate_der(certificate)) if certificate else None
    fields["offered_names"] = [
        _peer_text(lib.tlsock_error_offered_name_at(pointer, index))
        for index in range(lib.tlsock_error_offered_name_count(pointer))
    ]
    cause = lib.tlsock_error_cause(pointer)
    fields["cause"] = _class_of(lib.tlsock_error_status(cause))(cause) if cause else None
    return fields


class WantRead(Error): status = 1
class WantWrite(Error): status = 2
class TlsError(Error): status = 10
class ZeroReturn(TlsError): status = 11
class EndOfFile(TlsError): status = 12
class CertVerification(TlsError): status = 14
class SystemFailure(Error): status = 20
class Timeout(Error): status = 21
class WrongValue(Error): status = 30
class WrongType(Error): status = 31
class NotImplementedHere(Error): status = 32
class NoMemory(Error): status = 33
class Panic(Error): status = 40


_CLASSES = {
    kind.status: kind
    for kind in (WantRead, WantWrite, TlsError, ZeroReturn, EndOfFile, CertVerification, SystemFailure, Timeout,
                 WrongValue, WrongType, NotImplementedHere, NoMemory, Panic)
}


def _class_of(status):
    return _CLASSES.get(status) or type(f"Status{status}", (Error,), {"status": status})


def call(name, *arguments):
    """Calls a fallible function, without its last parameter, and raises what it reports."""
    error = ctypes.c_void_p()
    status = function(name)(*arguments, ctypes.byref(error))
    if status == 0:
        return
    try:
        raise _class_of(status)(error)
    finally:
        lib.tlsock_error_free(error)


# ---- values ----


def text(value):
    return None if value is None else value.decode()


def _peer_text(text):
    return ctypes.string_at(text.data, text.len).decode(errors="surrogateescape")


def slice_bytes(value):
    return ctypes.string_at(value.data, value.len)


def encoded(value):
    """Text as the header takes it; bytes and None pass."""
    return value.encode() if isinstance(value, str) else os.fsencode(value) if isinstance(value, Path) else value


def give(make, name, *arguments):
    """Calls a function with one handle as its output; None where it gives NULL."""
    out = ctypes.c_void_p()
    call(name, *arguments, ctypes.byref(out))
    return make(out.value) if out.value else None


def give_bytes(name, *arguments):
    """Calls a function with owned bytes as its output; None where it gives none."""
    out = Bytes()
    call(name, *arguments, ctypes.byref(out))
    value = ctypes.string_at(out.data, out.len) if out.data else None
    lib.tlsock_bytes_free(ctypes.byref(out))
    return value


def texts(values):
    """An array of C strings and its length."""
    encoded_values = [encoded(value) for value in values]
    return (ctypes.c_char_p * len(encoded_values))(*encoded_values), len(encoded_values)


def fields_of(struct):
    return {name: text(value) if isinstance(value, bytes) else value
            for name, value in ((name, getattr(struct, name)) for name, *_ in struct._fields_)}


class Handle:
    """One handle; it is freed with its last reference. A lent one belongs to another."""

    noun = None
    pointer = None

    def __init__(self, pointer, lent_by=None):
        self.pointer = pointer
        self.lent_by = lent_by

    def free(self):
        pointer, self.pointer = self.pointer, None
        if pointer and not self.lent_by:
            getattr(lib, f"tlsock_{self.noun}_free")(pointer)

    __del__ = free

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.free()

    def ask(self, name, *arguments):
        """A getter that cannot fail."""
        value = function(f"tlsock_{self.noun}_{name}")(self.pointer, *arguments)
        return text(value) if isinstance(value, bytes) else value

    def call(self, name, *arguments):
        call(f"tlsock_{self.noun}_{name}", self.pointer, *arguments)

    def give(self, make, name, *arguments):
        return give(make, f"tlsock_{self.noun}_{name}", self.pointer, *arguments)

    def give_bytes(self, name, *arguments):
        return give_bytes(f"tlsock_{self.noun}_{name}", self.pointer, *arguments)

    def give_number(self, kind, name, *arguments):
        out = kind()
        self.call(name, *arguments, ctypes.byref(out))
        return out.value

    def give_read(self, name, size):
        """What a call put into a buffer of that size."""
        buffer = ctypes.create_string_buffer(max(size, 1))
        found = self.give_number(ctypes.c_size_t, name, buffer, size)
        return ctypes.string_at(buffer, found)


def answer(name):
    """A read-only attribute."""
    return property(lambda self: self.ask(name))


def setting(name):
    """An attribute with a getter that cannot fail and a setter that can."""
    return property(lambda self: self.ask(name), lambda self, value: self.call(f"set_{name}", value))
