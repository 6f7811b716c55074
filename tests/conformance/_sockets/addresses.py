"""The part of a socket that is there without TLS: names of both ends, options, time limits, listening."""

import ctypes
import socket
from ctypes import byref, c_size_t

from _tlsock.arguments import no_nul
from _tlsock.errors import call
from _tlsock.library import STRUCTS, ask


def python_address(address):
    """A tlsock_address as the tuple or path that Python's sockets give."""
    host = address.host.decode()
    if address.family == socket.AF_INET6:
        return host, address.port, address.flowinfo, address.scope_id
    return host if address.family == socket.AF_UNIX else (host, address.port)


def packed(path):
    """A local socket's path as the system's struct sockaddr."""
    path = path if isinstance(path, bytes) else path.encode()
    return socket.AF_UNIX.to_bytes(2, "little") + path + b"\0"


class Addresses:
    """`_call` and `_handle` are the business of the class this is mixed into."""

    def _reach(self, name, address, *more):
        """Calls one of the two forms that a function with an address has."""
        if self.family == socket.AF_UNIX:
            where = packed(address)
            return self._call(name + "_address", where, len(where), *more)
        host, port = address[:2]
        return self._call(name, no_nul((host or "").encode("idna")) or None, port, *more)

    def _address(self, name):
        address = STRUCTS["address"]()
        self._call(name, byref(address))
        return python_address(address)

    def bind(self, address, /):
        self._reach("bind", address)

    def listen(self, backlog=0, /):
        self._call("listen", backlog)

    def getpeername(self):
        return self._address("getpeername")

    def getsockname(self):
        return self._address("getsockname")

    def getsockopt(self, level, option, size=None, /):
        value, length = ctypes.create_string_buffer(size or ctypes.sizeof(ctypes.c_int)), c_size_t()
        self._call("getsockopt", level, option, value, len(value), byref(length))
        found = value.raw[:length.value]
        return found if size else ctypes.c_int.from_buffer_copy(found).value

    def setsockopt(self, level, option, value, /):
        data = bytes(ctypes.c_int(value)) if isinstance(value, int) else bytes(value)
        self._call("setsockopt", level, option, data, len(data))

    def gettimeout(self):
        seconds = ask("socket_gettimeout", self._handle)
        return None if seconds < 0 else seconds

    timeout = property(gettimeout)

    def settimeout(self, value, /):
        if value is not None and value < 0:
            raise ValueError("Timeout value out of range")
        self._call("settimeout", -1.0 if value is None else value)

    def getblocking(self):
        return self.gettimeout() != 0.0

    def setblocking(self, flag, /):
        self._call("setblocking", bool(flag))

    def fileno(self):
        return ask("socket_fileno", self._handle)

    def detach(self):
        super().detach()
        return ask("socket_detach", self._handle)

    def _call(self, name, *arguments):
        call("socket_" + name, self._handle, *arguments)
