"""What the library calls: one function per kind, which finds its context or connection by a number.

The library gets no reference to a Python object, so that none is kept alive and no cycle arises.
"""

import ctypes
import itertools
import operator
import threading
import warnings
import weakref
from ctypes import CFUNCTYPE, c_int

from .errors import OK, THREAD, VALUE, call, park
from .library import CALLBACKS, CONSTANTS, ask

HANDSHAKE_FAILURE, INTERNAL_ERROR = -1, CONSTANTS["ALERT_DESCRIPTION_INTERNAL_ERROR"]
# Refuses with the alert whose own number says to go on.
REFUSE_WITH_0 = 256
LONG_MAX = 2 ** (8 * ctypes.sizeof(ctypes.c_long) - 1) - 1

CONTEXTS = weakref.WeakValueDictionary()
CONNECTIONS = weakref.WeakValueDictionary()
PASSWORDS = {}
NUMBERS = itertools.count(1)

def register(where, thing):
    number = next(NUMBERS)
    where[number] = thing
    return number


def owner_of(connection):
    """The SSLSocket or SSLObject a callback is about, None if it is gone."""
    found = CONNECTIONS.get(connection.contents.userdata)
    return None if found is None else found.owner


RAISING = threading.local()


@CFUNCTYPE(None)
def raise_again():
    raise RAISING.exception


def unraisable(exception):
    """Hands an exception to sys.unraisablehook, whose argument only C code can make: by way of ctypes."""
    RAISING.exception = exception
    try:
        raise_again()
    finally:
        del RAISING.exception


def reply(callback, *arguments):
    """What a callback of the user's returned, and whether it raised instead, which is only reported."""
    try:
        return callback(*arguments), False
    except BaseException as exception:
        unraisable(exception)
        return None, True


@CALLBACKS["sni_callback"]
def server_name(number, connection, name, _context, _error):
    context = CONTEXTS.get(number)
    callback = context and context._callbacks.get("sni")
    if callback is None:
        return 0
    owner = owner_of(connection)
    if owner is None:
        return INTERNAL_ERROR
    try:
        text = None if name is None else name.decode("ascii")
    except UnicodeDecodeError:
        return INTERNAL_ERROR
    answer, raised = reply(callback, owner, text, context)
    if raised:
        return HANDSHAKE_FAILURE
    return 0 if answer is None else alert(answer)


def alert(answer):
    """The number of an alert as C takes it from an answer that refuses: never the 0 that goes on."""
    try:
        number = operator.index(answer)
        if not -LONG_MAX - 1 <= number <= LONG_MAX:
            raise OverflowError("Python int too large to convert to C long")
    except Exception as exception:
        unraisable(exception)
        return INTERNAL_ERROR
    return c_int(number).value or REFUSE_WITH_0


@CALLBACKS["password_callback"]
def password(number, buffer, size, length, error):
    try:
        given = PASSWORDS[number]()
        if isinstance(given, str):
            given = given.encode()
        if not isinstance(given, (bytes, bytearray)):
            raise TypeError("password callback must return a string")
        if len(given) > size:
            raise ValueError(f"password cannot be longer than {size} bytes")
    except BaseException as exception:
        error[0] = park(exception)
        return VALUE
    ctypes.memmove(buffer, bytes(given), len(given))
    length[0] = len(given)
    return OK


@CALLBACKS["psk_client_callback"]
def psk_client(number, _connection, hint, identity, identity_size, psk, psk_size, length, _error):
    context = CONTEXTS.get(number)
    callback = context and context._callbacks.get("psk_client")
    if callback is None:
        return OK
    answer, raised = reply(callback, hint.decode() if hint else None)
    if raised:
        return OK
    try:
        name, key = client_key(answer)
    except (TypeError, ValueError) as exception:
        unraisable(exception)
        return OK
    if len(name) < identity_size and len(key) <= psk_size:
        ctypes.memmove(identity, name + b"\0", len(name) + 1)
        ctypes.memmove(psk, key, len(key))
        length[0] = len(key)
    return OK


def client_key(answer):
    name, key = answer
    if not isinstance(key, bytes):
        raise TypeError(f"a bytes-like object is required, not '{type(key).__name__}'")
    if name is None:
        return b"", key
    return (name.encode() if isinstance(name, str) else bytes(name)), key


@CALLBACKS["psk_server_callback"]
def psk_server(number, _connection, identity, psk, psk_size, length, _error):
    context = CONTEXTS.get(number)
    callback = context and context._callbacks.get("psk_server")
    if callback is None:
        return OK
    answer, raised = reply(callback, identity.decode() if identity else None)
    if raised:
        return OK
    if not isinstance(answer, bytes):
        unraisable(TypeError(f"expected bytes, {type(answer).__name__} found"))
        return OK
    if len(answer) <= psk_size:
        ctypes.memmove(psk, answer, len(answer))
        length[0] = len(answer)
    return OK


@CALLBACKS["message_callback"]
def message(number, connection, direction, version, content_type, msg_type, data, length, error):
    context = CONTEXTS.get(number)
    callback = context and context._callbacks.get("message")
    owner = owner_of(connection)
    if callback is None or owner is None:
        return OK
    try:
        callback(owner, "write" if direction == CONSTANTS["MESSAGE_WRITE"] else "read", version, content_type, msg_type,
                 ctypes.string_at(data, length))
    except BaseException as exception:
        error[0] = park(exception)
        return VALUE
    return OK


@CALLBACKS["warning_callback"]
def warning(_number, category, text):
    kind = {b"DeprecationWarning": DeprecationWarning}.get(category, RuntimeWarning)
    try:
        warnings.warn(text.decode(), kind, stacklevel=5)
    except Warning as exception:
        THREAD.warning = exception
        return VALUE
    return OK


def install(name, context, function, *more):
    """Sets one of a context's callbacks, or clears it."""
    userdata = context._number if function else None
    call(name, context._handle, function, *more, userdata, None)


def has_psk():
    if not ask("has", CONSTANTS["HAS_PSK"]):
        raise NotImplementedError("TLS-PSK is not supported by your OpenSSL version.")


call("set_warning_callback", warning, None, None)
