"""The installed libtlsock.so, and what tlsock.h declares of it: constants, structs, callbacks and functions.

Nothing is copied from the header: the reader that tests/interop has for it reads it here too.
"""

import ctypes
import importlib.util
import os
import subprocess
from ctypes import byref, c_void_p
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def read_header():
    place = importlib.util.spec_from_file_location("_tlsock.header", ROOT / "tests" / "interop" / "header.py")
    reader = importlib.util.module_from_spec(place)
    place.loader.exec_module(reader)
    file = os.environ.get("TLSOCK_HEADER") or ROOT / "include" / "tlsock.h"
    return reader.Header(Path(file).read_text())


HEADER = read_header()
CONSTANTS = {name.removeprefix("TLSOCK_"): value for name, value in HEADER.constants.items()}
STRUCTS = {name.removeprefix("tlsock_"): kind for name, kind in HEADER.structs.items()}
CALLBACKS = {name.removeprefix("tlsock_"): kind for name, kind in HEADER.callbacks.items()}


class Bytes(STRUCTS["bytes"]):
    def take(self):
        """The bytes as Python's, None for NULL; what the library owned is freed."""
        try:
            return ctypes.string_at(self.data, self.len) if self.data else None
        finally:
            function("bytes_free")(byref(self))


def borrowed(value):
    """The bytes of a tlsock_slice or tlsock_text, whose first field is their address."""
    address = c_void_p.from_buffer(value).value
    return ctypes.string_at(address, value.len) if address else b""


def find():
    """The path of the library: TLSOCK_LIBRARY, otherwise the place that pkg-config names."""
    path = os.environ.get("TLSOCK_LIBRARY")
    if path:
        return path
    command = ["pkg-config", "--variable=libdir", "tlsock"]
    try:
        folder = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as problem:
        raise ImportError("no libtlsock: set TLSOCK_LIBRARY, or install it for pkg-config") from problem
    return os.path.join(folder, "libtlsock.so")


LIBRARY = ctypes.CDLL(find())
LOADED = {}


def argument(kind):
    """Functions are passed as addresses, because ctypes takes no NULL for a function."""
    return c_void_p if kind in HEADER.callbacks.values() else kind


def function(name):
    """One function of the library, looked up when it is first used."""
    found = LOADED.get(name)
    if found is None:
        declared = HEADER.functions["tlsock_" + name]
        found = getattr(LIBRARY, declared.name)
        found.restype = declared.result
        found.argtypes = [argument(kind) for _, kind in declared.parameters]
        LOADED[name] = found
    return found


def ask(name, *arguments):
    """The answer of a getter; text as Python's."""
    answer = function(name)(*arguments)
    return answer.decode() if isinstance(answer, bytes) else answer


def text(value):
    """Text of a struct as Python's."""
    return None if value is None else value.decode()


if ask("version_number") != CONSTANTS["VERSION_NUMBER"]:
    raise ImportError(f"{LIBRARY._name} is version {ask('version')}, tlsock.h of another one: set TLSOCK_HEADER")
