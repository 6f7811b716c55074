"""makefile over tlsock_socket_makefile: a file object of Python's around a stream of the C library."""

import ctypes
import io
import os
from ctypes import c_char_p, c_int, c_size_t, c_void_p

LIBC = ctypes.CDLL(None, use_errno=True)


def declared(name, result, *parameters):
    found = getattr(LIBC, name)
    found.restype, found.argtypes = result, parameters
    return found


fread = declared("fread", c_size_t, c_void_p, c_size_t, c_size_t, c_void_p)
fwrite = declared("fwrite", c_size_t, c_char_p, c_size_t, c_size_t, c_void_p)
getline = declared("getline", ctypes.c_ssize_t, c_void_p, c_void_p, c_void_p)
fgetc = declared("fgetc", c_int, c_void_p)
fflush = declared("fflush", c_int, c_void_p)
fclose = declared("fclose", c_int, c_void_p)
ferror = declared("ferror", c_int, c_void_p)
setvbuf = declared("setvbuf", c_int, c_void_p, c_void_p, c_int, c_size_t)
free = declared("free", None, c_void_p)
UNBUFFERED = 2


class Stream(io.BufferedIOBase):
    def __init__(self, file, mode, buffering):
        self._file, self._mode = file, mode
        if buffering == 0:
            setvbuf(file, None, UNBUFFERED, 0)

    def readable(self):
        return "r" in self._mode or "+" in self._mode

    def writable(self):
        return "w" in self._mode or "+" in self._mode

    def _checked(self, result):
        if ferror(self._file):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result

    def readinto(self, buffer):
        with memoryview(buffer).cast("B") as view:
            size = len(view)
            if not size:
                return 0
            storage = (ctypes.c_char * size).from_buffer(view)
            count = self._checked(fread(storage, 1, size, self._file))
            del storage
            return count

    def read(self, size=-1, /):
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(8192), b""))
        storage = bytearray(size)
        return bytes(storage[:self.readinto(storage)])

    def read1(self, size=-1, /):
        return self.readline(size)

    def readline(self, size=-1, /):
        if size is not None and size >= 0:
            return self._limited(size)
        line, room = c_void_p(), c_size_t()
        try:
            count = getline(ctypes.byref(line), ctypes.byref(room), self._file)
            return b"" if self._checked(count) < 0 else ctypes.string_at(line, count)
        finally:
            free(line)

    def _limited(self, size):
        line = bytearray()
        while len(line) < size and not line.endswith(b"\n"):
            byte = self._checked(fgetc(self._file))
            if byte < 0:
                break
            line.append(byte)
        return bytes(line)

    def write(self, data, /):
        data = bytes(data)
        return self._checked(fwrite(data, 1, len(data), self._file))

    def flush(self):
        if self._file and fflush(self._file):
            self._checked(None)

    def close(self):
        file, self._file = self._file, None
        super().close()
        if file and fclose(file):
            raise OSError(ctypes.get_errno(), "closing the stream failed")


def opened(file, mode, buffering, encoding, errors, newline):
    stream = Stream(file, mode, buffering)
    if "b" in mode:
        return stream
    text = io.TextIOWrapper(stream, encoding, errors, newline)
    text.mode = mode
    return text
