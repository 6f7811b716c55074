"""MemoryBIO and SSLSession."""

import ctypes
import operator
from ctypes import byref, c_size_t

from .errors import call, make
from .immutable import Hidden
from .library import ask, borrowed, function

INT_MAX = 2**31 - 1


def contiguous(data):
    """Any buffer as bytes."""
    with memoryview(data) as view:
        if not view.c_contiguous:
            raise BufferError("memoryview: underlying buffer is not C-contiguous")
        return bytes(view)


class MemoryBIO(Hidden):
    __module__ = "_ssl"
    __slots__ = ("_handle", "_free", "__weakref__")
    _immutable = True

    def __new__(cls):
        self = cls.bare()
        self._free = function("bio_free")
        self._handle = make("bio_new")
        return self

    def __init_subclass__(cls):
        raise TypeError("type '_ssl.MemoryBIO' is not an acceptable base type")

    def __del__(self):
        self._free(getattr(self, "_handle", None))

    @property
    def pending(self):
        """How many bytes wait."""
        return ask("bio_pending", self._handle)

    @property
    def eof(self):
        """Nothing waits, and nothing more will come."""
        return ask("bio_eof", self._handle)

    def read(self, size=-1, /):
        """Takes bytes out: all of them unless size says less."""
        size = operator.index(size)
        if not -INT_MAX - 1 <= size <= INT_MAX:
            raise OverflowError("Python int too large to convert to C int")
        pending = self.pending
        size = pending if size < 0 else min(size, pending)
        buffer, count = ctypes.create_string_buffer(size), c_size_t()
        call("bio_read", self._handle, buffer, size, byref(count))
        return buffer.raw[:count.value]

    def write(self, data, /):
        """Appends bytes and tells how many."""
        data = contiguous(data)
        if len(data) > INT_MAX:
            raise OverflowError(f"string longer than {INT_MAX} bytes")
        call("bio_write", self._handle, data, len(data))
        return len(data)

    def write_eof(self):
        """Says that nothing more will come."""
        call("bio_write_eof", self._handle)


class SSLSession(Hidden):
    __module__ = "_ssl"
    __slots__ = ("_handle", "_free")
    _immutable = True
    __hash__ = None

    @classmethod
    def owned(cls, handle):
        self = cls.bare()
        self._free = function("session_free")
        self._handle = handle
        return self

    def __del__(self):
        self._free(self._handle)

    def __eq__(self, other):
        if not isinstance(other, SSLSession):
            return NotImplemented
        return self is other or ask("session_equal", self._handle, other._handle)

    @property
    def id(self):
        return borrowed(ask("session_id", self._handle))

    @property
    def time(self):
        return ask("session_time", self._handle)

    @property
    def timeout(self):
        return ask("session_timeout", self._handle)

    @property
    def ticket_lifetime_hint(self):
        return ask("session_ticket_lifetime_hint", self._handle)

    @property
    def has_ticket(self):
        return ask("session_has_ticket", self._handle)
