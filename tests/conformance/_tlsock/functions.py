"""The functions of the module."""

import ctypes
from ctypes import byref

from . import arguments
from .errors import call, make
from .library import STRUCTS, ask, text
from .memory import contiguous


def RAND_bytes(n, /):
    n = arguments.c_int(n)
    if n < 0:
        raise ValueError("num must be positive")
    buffer = ctypes.create_string_buffer(n)
    call("rand_bytes", buffer, n)
    return buffer.raw


def RAND_status():
    return ask("rand_status")


def RAND_add(data, entropy, /):
    data = data.encode() if isinstance(data, str) else contiguous(data)
    call("rand_add", data, len(data), float(entropy))


def get_default_verify_paths():
    paths = make("get_default_verify_paths")
    try:
        fields = ("openssl_cafile_env", "openssl_cafile", "openssl_capath_env", "openssl_capath")
        return tuple(ask("verify_paths_" + field, paths) for field in fields)
    finally:
        ask("verify_paths_free", paths)


def record(found):
    return found.nid, text(found.shortname), text(found.longname), text(found.oid)


def txt2obj(txt, name=False):
    found = STRUCTS["asn1_object"]()
    call("txt2obj", arguments.text(txt, "txt"), bool(name), byref(found))
    return record(found)


def nid2obj(nid, /):
    found = STRUCTS["asn1_object"]()
    call("nid2obj", arguments.c_int(nid), byref(found))
    return record(found)


def version_info():
    version = ask("openssl_version_info")
    return version.major, version.minor, version.fix, version.patch, version.status
