"""Every text and every length that a function of the header takes, given wrongly: read from the header itself, so that
no function goes without."""

import ctypes
import re
import socket

import capi
import pytest
import tlsock
from bad_data import BIG
from bad_input import quickly
from capi import fields_of
from ours import client_context, server_context
from test_contract import shake, wrapped

NOT_TEXT = b"not \xff text"
# The system's: any bytes.
PATHS = {"certfile", "keyfile", "dhfile", "cafile", "capath", "filename", "ca_certs"}
ABSURD = (1 << 63, (1 << 64) - 1)

FUNCTIONS = {name: function for name, function in tlsock.header.functions.items() if function.fallible}
TEXTS = [(name, parameter) for name, function in FUNCTIONS.items()
         for parameter, kind in function.parameters if kind is ctypes.c_char_p]


def is_pointer(kind):
    return kind in (ctypes.c_void_p, ctypes.c_char_p) or isinstance(kind, type(ctypes.POINTER(ctypes.c_int)))


# A length follows what it is the length of; after a handle it is a setting.
HANDLES = {"context", "object", "socket"}
LENGTHS = [(name, pointer, length) for name, function in FUNCTIONS.items()
           for (pointer, kind), (length, size) in zip(function.parameters, function.parameters[1:])
           if size is ctypes.c_size_t and is_pointer(kind) and pointer not in HANDLES
           and re.search(r"(^|_)(len|size|count)$", length)]


class Identity(capi.Handle):
    noun = "identity"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Any text can be the name of a file."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def handles(certs):
    """One of each kind, in use where it can be."""
    client, server = wrapped(client_context(certs, "TLSv1.3"), server_context(certs, "TLSv1.3"),
                             server_hostname="localhost")
    assert shake(client, server) == [None, None]
    server.write(b"x")
    client.read(1)
    context = tlsock.Context(tlsock.PROTOCOL_TLS_SERVER)
    plain = context.wrap_socket(socket.socket(), server_side=True, do_handshake_on_connect=False)
    paths = [str(certs / name).encode() for name in ("ecdsa.pem", "ecdsa.key")]
    identity = capi.give(Identity, "tlsock_identity_new_files", *paths, None)
    made = {"context": context, "object": client, "socket": plain, "bio": tlsock.BIO(), "incoming": tlsock.BIO(),
            "outgoing": tlsock.BIO(), "session": client.session, "certificate": client.peer_certificate(),
            "identity": identity}
    yield {name: handle.pointer for name, handle in made.items()}
    del made


def untouched(place):
    return bytes(place) == b"\x5a" * ctypes.sizeof(place)


class Call:
    """One call of a function: good arguments where it needs any, and outputs that can be seen to be untouched."""

    def __init__(self, name, handles, **wrong):
        self._name = name
        self._outputs = []
        # A name cannot be given to a server's socket, nor a client's callback to a server.
        self._arguments = [self._argument(parameter, kind, handles, wrong)
                           for parameter, kind in FUNCTIONS[name].parameters[:-1]]

    def _argument(self, parameter, kind, handles, wrong):
        if parameter in wrong:
            return wrong[parameter]
        if kind is ctypes.c_char_p:
            return b"x"
        if kind is ctypes.c_void_p:
            return handles.get(parameter)
        if not is_pointer(kind):
            return kind()
        place = kind._type_()
        ctypes.memset(ctypes.byref(place), 0x5A, ctypes.sizeof(place))
        self._outputs.append(place)
        return ctypes.pointer(place)

    def refused(self):
        """What it is refused with; nothing was given back."""
        with quickly():
            try:
                tlsock.call(self._name, *self._arguments)
            except tlsock.Error as error:
                # What was done so far is told on failure too: nothing.
                told = self._name == "tlsock_object_pump"
                for place in self._outputs:
                    assert not any(fields_of(place).values()) if told else untouched(place)
                return error
        return None


def test_the_header_was_understood():
    assert len(TEXTS) >= 31 and len(LENGTHS) >= 20
    assert {"tlsock_context_wrap_socket", "tlsock_socket_bind", "tlsock_txt2obj"} <= {name for name, _ in TEXTS}
    assert {"tlsock_bio_write", "tlsock_object_pump", "tlsock_socket_sendv"} <= {name for name, *_ in LENGTHS}


@pytest.mark.parametrize("name, parameter", TEXTS)
def test_text_that_is_none(name, parameter, handles):
    error = Call(name, handles, **{parameter: NOT_TEXT}).refused()
    if parameter in PATHS:
        assert error is None or "UTF-8" not in error.message
    else:
        assert (error.kind, error.message) == ("ValueError", f"{parameter} is not UTF-8 text")


@pytest.mark.parametrize("letter", ["x", "ä", "."])
@pytest.mark.parametrize("name, parameter", TEXTS)
def test_ten_megabytes_of_text(name, parameter, letter, handles):
    """Quick, whatever comes of it; a message holds no more of the text than the specification says."""
    error = Call(name, handles, **{parameter: letter.encode() * (BIG // len(letter.encode()))}).refused()
    if error and parameter not in ("curve_name", "cert_time", "type", "mode"):
        assert len(error.message) < 300, error.message[:300]


@pytest.mark.parametrize("length", ABSURD)
@pytest.mark.parametrize("name, pointer, size", LENGTHS)
def test_lengths_that_cannot_be(name, pointer, size, length, handles):
    place = ctypes.create_string_buffer(16)
    kind = dict(FUNCTIONS[name].parameters)[pointer]
    there = ctypes.cast(place, kind) if kind is not ctypes.c_void_p else ctypes.addressof(place)
    error = Call(name, handles, **{pointer: there, size: length}).refused()
    assert error.kind == "ValueError" and pointer in error.message, error.message
    assert place.raw == bytes(16)


@pytest.mark.parametrize("name, pointer, size", LENGTHS)
def test_lengths_of_nothing(name, pointer, size, handles):
    """NULL has no length but 0."""
    error = Call(name, handles, **{pointer: None, size: 1}).refused()
    assert (error.kind, error.message) == ("ValueError", f"{pointer} must not be NULL")
