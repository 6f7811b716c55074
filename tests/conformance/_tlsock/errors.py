"""Statuses of the library as Python exceptions."""

import os
import threading
from ctypes import byref, c_void_p

from .immutable import Immutable
from .library import CONSTANTS, ask, function

OK, WANT_READ, WANT_WRITE = (CONSTANTS[name] for name in ("OK", "WANT_READ", "WANT_WRITE"))
VALUE = CONSTANTS["VALUE"]


class SSLError(OSError, metaclass=Immutable):
    """TLS failed."""
    __module__ = "ssl"
    _immutable = True

    def __str__(self):
        return self.strerror if isinstance(self.strerror, str) else str(self.args)


class SSLZeroReturnError(SSLError):
    """Both directions are closed."""
    __module__ = "ssl"
    _immutable = True


class SSLWantReadError(SSLError):
    """Wait for data, then repeat."""
    __module__ = "ssl"
    _immutable = True


class SSLWantWriteError(SSLError):
    """Wait for room, then repeat."""
    __module__ = "ssl"
    _immutable = True


class SSLSyscallError(SSLError):
    """Never raised, but exported."""
    __module__ = "ssl"
    _immutable = True


class SSLEOFError(SSLError):
    """The transport ended without close_notify."""
    __module__ = "ssl"
    _immutable = True


class SSLCertVerificationError(SSLError, ValueError):
    """The certificate or the name was refused."""
    __module__ = "ssl"
    _immutable = True


CLASSES = {
    CONSTANTS["SSL"]: SSLError, CONSTANTS["ZERO_RETURN"]: SSLZeroReturnError, CONSTANTS["EOF"]: SSLEOFError,
    CONSTANTS["SYSCALL"]: SSLSyscallError, CONSTANTS["CERT_VERIFICATION"]: SSLCertVerificationError,
}
PLAIN = {
    CONSTANTS["TIMEOUT"]: TimeoutError, VALUE: ValueError, CONSTANTS["TYPE"]: TypeError,
    CONSTANTS["NOT_IMPLEMENTED"]: NotImplementedError, CONSTANTS["NO_MEMORY"]: MemoryError,
}
# What callbacks raised, by the text that went through the library in its place.
RAISED = {}
# A warning that was made an error, for the call of the same thread that gave it.
THREAD = threading.local()


def ssl_error(kind, code, message, library=None, reason=None):
    error = kind(code, message)
    error.library = library
    error.reason = reason
    return error


def park(exception):
    """An error of the library's that stands for an exception of a callback's."""
    marker = f"raised by a callback of Python's: {id(exception)}"
    RAISED[marker] = exception
    return function("error_new")(VALUE, marker.encode())


def exception_of(status, error):
    """The exception for a status and the error that came with it, which may be NULL."""
    if status == WANT_READ:
        return ssl_error(SSLWantReadError, 2, "The operation did not complete (read)")
    if status == WANT_WRITE:
        return ssl_error(SSLWantWriteError, 3, "The operation did not complete (write)")
    warning, THREAD.warning = getattr(THREAD, "warning", None), None
    if warning is not None:
        return warning
    message = ask("error_message", error)
    if message in RAISED:
        return RAISED.pop(message)
    exception = translated(status, error, message)
    exception.__context__ = RAISED.pop(ask("error_message", ask("error_cause", error)), None)
    return exception


def translated(status, error, message):
    if status == CONSTANTS["OS"]:
        return system_error(ask("error_os_errno", error), ask("error_filename", error))
    if status in PLAIN:
        return PLAIN[status](message)
    if status not in CLASSES:
        return SystemError(f"libtlsock answered {status}: {message}")
    exception = ssl_error(CLASSES[status], ask("error_code", error), message,
                          ask("error_library", error), ask("error_reason", error))
    if status == CONSTANTS["CERT_VERIFICATION"]:
        exception.verify_code = ask("error_verify_code", error)
        exception.verify_message = ask("error_verify_message", error)
    return exception


def system_error(errno, filename):
    arguments = (errno, os.strerror(errno))
    return OSError(*arguments) if filename is None else OSError(*arguments, filename)


def call(name, *arguments):
    """Calls what can fail, and raises if it does."""
    error = c_void_p()
    status = function(name)(*arguments, byref(error))
    if status == OK:
        return
    try:
        raise exception_of(status, error)
    finally:
        ask("error_free", error)


def make(name, *arguments):
    """Calls what gives a handle, which may be None."""
    handle = c_void_p()
    call(name, *arguments, byref(handle))
    return handle.value
