"""SSLSocket over tlsock_socket_*.

It is one of Python's sockets by its class and its descriptor only: what Python would do with the descriptor, the
library does. Both know it, and neither closes it behind the other.
"""

import contextlib
import ctypes
import operator
import socket
import ssl
import warnings
from ctypes import byref, c_int, c_size_t, c_uint64, c_void_p

from _tlsock import certificate
from _tlsock.connection import NO_HANDSHAKE, REPORT_RAGGED_EOFS, SERVER_SIDE, _SSLSocket, failures_as_extension
from _tlsock.errors import make
from _tlsock.library import CONSTANTS, STRUCTS, ask
from _tlsock.memory import contiguous

from . import facts, stream
from .addresses import Addresses, python_address


def connected(sock):
    try:
        sock.getpeername()
    except OSError:
        return False
    return True


class SSLSocket(Addresses, socket.socket):
    """`_link` knows the handle and answers questions about TLS. `_met` tells whether there is a peer, or will be when
    the system has connected; `_wrapped` whether TLS is not over.
    """

    def __init__(self, *_arguments, **_keywords):
        raise TypeError(f"{type(self).__name__} does not have a public constructor. Instances are returned by "
                        "SSLContext.wrap_socket().")

    @classmethod
    def _create(cls, sock, server_side=False, do_handshake_on_connect=True, suppress_ragged_eofs=True,
                server_hostname=None, context=None, session=None):
        timeout, ready = sock.gettimeout(), connected(sock)
        flags = SERVER_SIDE if server_side else 0
        flags |= 0 if suppress_ragged_eofs else REPORT_RAGGED_EOFS
        # The handshake waits until the library knows the time limit, and callbacks can find this object.
        flags |= NO_HANDSHAKE if ready or not do_handshake_on_connect else 0
        try:
            name = context._encode_hostname(server_hostname)
            handle = make("context_wrap_socket", context._handle, sock.fileno(), flags,
                          None if name is None else name.encode(), None if session is None else session._handle)
        except (UnicodeError, ssl.SSLError):
            # Where Python has taken the descriptor already.
            sock.close()
            raise
        sock.detach()
        self = cls._around(handle, context, do_handshake_on_connect, suppress_ragged_eofs)
        try:
            self.settimeout(timeout)
            if ready and do_handshake_on_connect:
                if timeout == 0.0:
                    raise ValueError("do_handshake_on_connect should not be specified for non-blocking sockets")
                self.do_handshake()
        except BaseException:
            self.close()
            raise
        return self

    @classmethod
    def _around(cls, handle, context, do_handshake_on_connect, suppress_ragged_eofs):
        """Python's object for a handle, which has its descriptor."""
        self = cls.__new__(cls)
        self._handle = handle
        socket.socket.__init__(self, fileno=ask("socket_fileno", handle))
        side, name = ask("socket_server_side", handle), ask("socket_server_hostname", handle)
        self._wrapped, self._met = True, connected(self)
        self._link = _SSLSocket.over_handle(context, handle, side, name, self)
        self.server_side, self.server_hostname = side, name
        self.do_handshake_on_connect = do_handshake_on_connect
        self.suppress_ragged_eofs = suppress_ragged_eofs
        return self

    @property
    def _sslobj(self):
        return self._link if self._wrapped and self._met else None

    def _call(self, name, *arguments):
        """Without TLS a call that would wait fails as those of plain sockets do."""
        try:
            super()._call(name, *arguments)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            if self._wrapped:
                raise
            raise BlockingIOError(11, "Resource temporarily unavailable") from None

    def _move(self, name, data, size):
        count = c_size_t()
        with failures_as_extension() if self._sslobj else contextlib.nullcontext():
            self._call(name, data, size, byref(count))
        return count.value

    def _no_flags(self, flags, name):
        if flags != 0:
            raise ValueError(f"non-zero flags not allowed in calls to {name}() on {type(self)}")

    def connect(self, address):
        self._meet("connect", address)

    def connect_ex(self, address):
        number = c_int()
        self._meet("connect_ex", address, byref(number))
        return number.value

    def _meet(self, name, address, *more):
        before, self._met = self._met, True
        try:
            self._reach(name, address, *more)
        except (OSError, ValueError):
            self._met = before
            raise

    def accept(self):
        handle, address = c_void_p(), STRUCTS["address"]()
        self._call("accept", byref(handle), byref(address))
        found = self.context.sslsocket_class._around(
            handle.value, self.context, self.do_handshake_on_connect, self.suppress_ragged_eofs)
        return found, python_address(address)

    def do_handshake(self, block=False):
        timeout = self.gettimeout()
        try:
            if timeout == 0.0 and block:
                self.settimeout(None)
            self._call("do_handshake")
        finally:
            self.settimeout(timeout)

    def _receive(self, name, size, buffer):
        if buffer is None:
            size = operator.index(size)
            if size < 0:
                raise ValueError("negative buffersize in recv")
            storage = bytearray(size)
            return bytes(storage[:self._receive_into(name, storage, size)])
        with memoryview(buffer) as view:
            return self._receive_into(name, view, size if size and 0 < size <= view.nbytes else view.nbytes)

    def _receive_into(self, name, buffer, size):
        storage = (ctypes.c_char * size).from_buffer(buffer) if size else None
        try:
            return self._move(name, storage, size)
        except ssl.SSLEOFError:
            # The library ends a stream quietly; this is a failure that an older Python takes for its end.
            if self.suppress_ragged_eofs:
                return 0
            raise
        finally:
            del storage

    def read(self, len=1024, buffer=None):
        return self._receive("read", len, buffer)

    def recv(self, buflen=1024, flags=0):
        self._no_flags(flags, "recv")
        return self._receive("recv", buflen, None)

    def recv_into(self, buffer, nbytes=None, flags=0):
        self._no_flags(flags, "recv_into")
        return self._receive("recv", nbytes, buffer)

    def write(self, data):
        data = contiguous(data)
        return self._move("write", data, len(data))

    def send(self, data, flags=0):
        self._no_flags(flags, "send")
        data = contiguous(data)
        return self._move("send", data, len(data))

    def sendall(self, data, flags=0):
        self._no_flags(flags, "sendall")
        data = contiguous(data)
        self._call("sendall", data, len(data))

    def sendfile(self, file, offset=0, count=None):
        sent = c_uint64()
        try:
            self._call("sendfile", file.fileno(), offset, count or 0, byref(sent))
            return sent.value
        finally:
            file.seek(offset + sent.value)

    def makefile(self, mode="r", buffering=None, *, encoding=None, errors=None, newline=None):
        file = c_void_p()
        self._call("makefile", mode.replace("rw", "r+").encode(), byref(file))
        return stream.opened(file.value, mode, buffering, encoding, errors, newline)

    def pending(self):
        return ask("socket_pending", self._handle)

    def shutdown(self, how):
        self._call("shutdown", how)
        self._wrapped = self._wrapped and how != socket.SHUT_RDWR

    def unwrap(self):
        self._call("unwrap", None)
        self._wrapped = False
        return self

    def close(self):
        socket.socket.detach(self)
        self._closed, self._wrapped = True, False
        self._link.keep_descriptor()
        self._call("close")

    def verify_client_post_handshake(self):
        self._call("verify_client_post_handshake")

    @property
    def context(self):
        return self._link.context

    @context.setter
    def context(self, context):
        self._link.context = context

    @property
    def session(self):
        return self._link.session if self._sslobj else None

    @session.setter
    def session(self, session):
        self._link.session = session

    @property
    def session_reused(self):
        return self._link.session_reused if self._sslobj else None

    def getpeercert(self, binary_form=False):
        if binary_form:
            return self._link.getpeercert(True)
        verified = make("socket_getpeercert", self._handle)
        if verified is None:
            return None if self._link.getpeercert(True) is None else {}
        owned = certificate.Owned("certificate", verified)
        return facts.info(owned.handle)

    def get_verified_chain(self):
        return [one.public_bytes(certificate.DER) for one in self._link.get_verified_chain()]

    def get_unverified_chain(self):
        return [one.public_bytes(certificate.DER) for one in self._link.get_unverified_chain()]

    def selected_alpn_protocol(self):
        return self._link.selected_alpn_protocol()

    def selected_npn_protocol(self):
        warnings.warn("ssl NPN is deprecated, use ALPN instead", DeprecationWarning, stacklevel=2)
        return ask("socket_selected_npn_protocol", self._handle)

    def cipher(self):
        return self._link.cipher()

    def shared_ciphers(self):
        return self._link.shared_ciphers()

    def compression(self):
        return self._link.compression()

    def version(self):
        return self._link.version()

    def get_channel_binding(self, cb_type="tls-unique"):
        return self._link.get_channel_binding(cb_type)


def refuse(name, exception):
    """A method that would get round TLS."""
    def refused(self, *_arguments, **_keywords):
        raise exception(f"{name} not allowed on instances of {type(self)}")
    return refused


def refuse_wrapped(name):
    """One that only a plain socket has."""
    def refused(self, *arguments, **keywords):
        if self._sslobj is not None:
            raise ValueError(f"{name} not allowed on instances of {type(self)}")
        return getattr(socket.socket, name)(self, *arguments, **keywords)
    return refused


for _name in ("dup", "sendmsg", "recvmsg", "recvmsg_into"):
    setattr(SSLSocket, _name, refuse(_name, NotImplementedError))
for _name in ("sendto", "recvfrom", "recvfrom_into"):
    setattr(SSLSocket, _name, refuse_wrapped(_name))
