"""_SSLSocket: a connection over a socket (tlsock_socket) or over two MemoryBIOs (tlsock_object).

A socket that is not connected yet has a tlsock_object without BIOs, which checks the arguments and answers the
getters; the tlsock_socket takes over once the descriptor is connected, for only then does it start TLS. The
descriptor stays Python's: tlsock_socket_detach gives it back before the handle is freed. What a class derived from
Python's socket makes of its methods is none of our business: the extension module reads the fields below them.
"""

import contextlib
import ctypes
import operator
import sys
import weakref
from _socket import socket as plain_socket
from ctypes import byref, c_size_t

from . import arguments, callbacks, certificate
from .errors import SSLEOFError, SSLError, call, make, ssl_error
from .immutable import Hidden
from .library import CONSTANTS, STRUCTS, Bytes, ask, borrowed, function, text
from .memory import MemoryBIO, SSLSession, contiguous

SERVER_SIDE, NO_HANDSHAKE, REPORT_RAGGED_EOFS, NO_HOSTNAME = (CONSTANTS["WRAP_" + name] for name in (
    "SERVER_SIDE", "NO_HANDSHAKE", "REPORT_RAGGED_EOFS", "INSECURE_NO_HOSTNAME"))


@contextlib.contextmanager
def failures_as_extension():
    """The extension modules of older versions, and their tests, take a failure of the system in a read or a write
    (a reset, say) for the end of the stream. libtlsock reports it as Python 3.13 does.
    """
    try:
        yield
    except OSError as failure:
        if sys.version_info < (3, 12) and not isinstance(failure, (SSLError, TimeoutError)):
            raise ssl_error(SSLEOFError, 8, "EOF occurred in violation of protocol") from None
        raise


def gone():
    return ssl_error(SSLError, 0, "Underlying socket connection gone")


def triple(cipher):
    return text(cipher.name), text(cipher.protocol), cipher.secret_bits


class _SSLSocket(Hidden):
    __module__ = "_ssl"
    __slots__ = ("_kind", "_handle", "_context", "_socket", "_bios", "_owner", "_number", "_timeout",
                 "_session", "_free", "_borrowed", "server_side", "server_hostname", "__weakref__")

    @classmethod
    def begin(cls, context, server_side, server_hostname, owner):
        arguments.host_name(server_hostname)
        self = cls.bare()
        self._free = [function("object_free"), function("socket_free"), function("socket_detach")]
        self._kind, self._handle, self._timeout, self._session = "object", None, None, None
        self._context, self._socket, self._bios = context, None, None
        self._borrowed = True
        self._owner = None if owner is None else weakref.ref(owner)
        self._number = callbacks.register(callbacks.CONNECTIONS, self)
        self.server_side = server_side
        self.server_hostname = server_hostname
        return self

    @classmethod
    def over_bios(cls, context, bios, server_side, server_hostname, owner, session):
        for bio in bios:
            if not isinstance(bio, MemoryBIO):
                raise TypeError(f"argument must be _ssl.MemoryBIO, not {type(bio).__name__}")
        self = cls.begin(context, server_side, server_hostname, owner)
        self._bios = bios
        self.open_object(bios[0]._handle, bios[1]._handle)
        self.offer(session)
        return self

    @classmethod
    def over_socket(cls, context, sock, server_side, server_hostname, owner, session):
        if not isinstance(sock, plain_socket):
            raise TypeError(f"_wrap_socket() argument 1 must be _socket.socket, not {type(sock).__name__}")
        self = cls.begin(context, server_side, server_hostname, owner)
        self._socket = weakref.ref(sock)
        self.open_object(None, None)
        self.offer(session)
        self.open_socket(sock)
        return self

    @classmethod
    def over_handle(cls, context, handle, server_side, server_hostname, owner):
        """What is known about a tlsock_socket that somebody else reads and writes."""
        self = cls.begin(context, server_side, server_hostname, owner)
        self._kind, self._handle = "socket", handle
        ask("socket_set_userdata", handle, self._number)
        return self

    def open_object(self, incoming, outgoing):
        flags = NO_HOSTNAME | (SERVER_SIDE if self.server_side else 0)
        name = arguments.host_name(self.server_hostname)
        self._handle = make("context_wrap_bio", self._context._handle, incoming, outgoing, flags, name, None)
        ask("object_set_userdata", self._handle, self._number)

    def open_socket(self, sock):
        """Takes the descriptor over once it is connected."""
        try:
            plain_socket.getpeername(sock)
        except OSError:
            return
        flags = NO_HANDSHAKE | REPORT_RAGGED_EOFS | (SERVER_SIDE if self.server_side else 0)
        name = arguments.host_name(self.server_hostname)
        session = None if self._session is None else self._session._handle
        handle = make("context_wrap_socket", self._context._handle, plain_socket.fileno(sock), flags, name, session)
        self.release()
        self._kind, self._handle, self._timeout = "socket", handle, "unknown"
        ask("socket_set_userdata", handle, self._number)

    def release(self):
        free_object, free_socket, detach = self._free
        if self._kind == "object":
            free_object(self._handle)
            return
        if self._borrowed:
            detach(self._handle)
        free_socket(self._handle)

    def keep_descriptor(self):
        """Python has let go of it: the library closes it."""
        self._borrowed = False

    def __del__(self):
        if getattr(self, "_handle", None):
            self.release()

    def offer(self, session):
        if session is not None:
            self.session = session

    @property
    def owner(self):
        return None if self._owner is None else self._owner()

    @property
    def context(self):
        return self._context

    @context.setter
    def context(self, context):
        from .context import _SSLContext
        if not isinstance(context, _SSLContext):
            raise TypeError("The value must be a SSLContext")
        self.call("set_context", context._handle)
        self._context = context

    @property
    def session(self):
        handle = self.make("session")
        return None if handle is None else SSLSession.owned(handle)

    @session.setter
    def session(self, session):
        if not isinstance(session, SSLSession):
            raise TypeError("Value is not a SSLSession.")
        self.call("set_session", session._handle)
        self._session = session

    @property
    def session_reused(self):
        return self.ask("session_reused")

    def call(self, name, *arguments):
        call(f"{self._kind}_{name}", self._handle, *arguments)

    def make(self, name):
        return make(f"{self._kind}_{name}", self._handle)

    def ask(self, name, *arguments):
        return ask(f"{self._kind}_{name}", self._handle, *arguments)

    def ready(self):
        """Before every call that moves bytes: is the socket there, and what is its timeout now?"""
        if self._socket is None:
            return
        sock = self._socket()
        if sock is None:
            raise gone()
        if self._kind == "object":
            self.open_socket(sock)
        timeout = plain_socket.gettimeout(sock)
        if self._kind == "socket" and timeout != self._timeout:
            self.call("settimeout", -1.0 if timeout is None else timeout)
            self._timeout = timeout

    def do_handshake(self):
        self.ready()
        self.call("do_handshake")

    def read(self, size, buffer=None, /):
        size = operator.index(size)
        if buffer is not None:
            return self.read_into(size, buffer)
        if size < 0:
            raise ValueError("size should not be negative")
        if size == 0:
            return b""
        storage = bytearray(size)
        return bytes(storage[:self.read_some((ctypes.c_char * size).from_buffer(storage), size)])

    def read_into(self, size, buffer):
        with memoryview(buffer) as view:
            if view.readonly:
                raise TypeError("read() argument 2 must be read-write bytes-like object, not "
                                + type(buffer).__name__)
            size = size if 0 < size <= view.nbytes else view.nbytes
            if size == 0:
                return 0
            storage = (ctypes.c_char * size).from_buffer(view.cast("B") if view.format != "B" else view)
            try:
                return self.read_some(storage, size)
            finally:
                del storage

    def read_some(self, storage, size):
        self.ready()
        return self.move("read", storage, size)

    def write(self, data, /):
        data = contiguous(data)
        self.ready()
        return self.move("write", data, len(data))

    def move(self, name, data, size):
        count = c_size_t()
        with failures_as_extension():
            self.call(name, data, size, byref(count))
        return count.value

    def pending(self):
        return self.ask("pending")

    def shutdown(self):
        self.ready()
        if self._socket is None:
            self.call("unwrap")
            return None
        sock = self._socket()
        if plain_socket.fileno(sock) < 0:
            raise gone()
        if self._kind == "object":
            self.call("unwrap")
            return sock
        leftover = Bytes()
        self.call("unwrap", byref(leftover))
        lost = leftover.take()
        if lost:
            raise SystemError(f"libtlsock has read {len(lost)} bytes beyond the end of TLS")
        return sock

    def verify_client_post_handshake(self):
        self.call("verify_client_post_handshake")

    def getpeercert(self, binary_form=False):
        handle = self.make("peer_certificate")
        if handle is None:
            return None
        shown = certificate.Owned("certificate", handle)
        if binary_form:
            return borrowed(ask("certificate_der", handle))
        verified = self.make("getpeercert")
        if verified is None:
            return {}
        del shown
        verified = certificate.Owned("certificate", verified)
        return certificate.info(verified.handle)

    def get_verified_chain(self):
        return certificate.listed(self.make("get_verified_chain"))

    def get_unverified_chain(self):
        return certificate.listed(self.make("get_unverified_chain"))

    def cipher(self):
        cipher = STRUCTS["cipher"]()
        return triple(cipher) if self.ask("cipher", byref(cipher)) else None

    def shared_ciphers(self):
        ciphers, cipher = self.make("shared_ciphers"), STRUCTS["cipher"]()
        if ciphers is None:
            return None
        try:
            found = []
            for index in range(ask("cipher_list_count", ciphers)):
                function("cipher_list_at")(ciphers, index, byref(cipher))
                found.append(triple(cipher))
            return found
        finally:
            ask("cipher_list_free", ciphers)

    def compression(self):
        return self.ask("compression")

    def version(self):
        return self.ask("version")

    def selected_alpn_protocol(self):
        return self.ask("selected_alpn_protocol")

    def get_channel_binding(self, cb_type="tls-unique"):
        binding = Bytes()
        self.call("get_channel_binding", cb_type.encode(), byref(binding))
        return binding.take()


_SSLSocket._immutable = True
