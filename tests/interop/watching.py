"""Collects warnings, of Python and of the library, as [category, message]."""

import warnings
from contextlib import contextmanager


@contextmanager
def python_warnings():
    """A list that fills with what Python's ssl warns of."""
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = lambda message, category, *_where: found.append([category.__name__, str(message)])
        yield found


@contextmanager
def python_warnings_as_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@contextmanager
def our_warnings(answer=0):
    """A list that fills with what ours warns of; every other answer than 0 refuses what is warned of."""
    import tlsock
    found = []

    def see(_userdata, category, message):
        found.append([category.decode(), message.decode()])
        return answer

    # Named, so that it lives as long as it may be called.
    callback = tlsock.header.callbacks["tlsock_warning_callback"](see)
    _set(tlsock, callback)
    try:
        yield found
    finally:
        _set(tlsock, tlsock.header.callbacks["tlsock_warning_callback"]())


def _set(tlsock, callback):
    tlsock.call("tlsock_set_warning_callback", callback, None, tlsock.header.callbacks["tlsock_free_userdata"]())
