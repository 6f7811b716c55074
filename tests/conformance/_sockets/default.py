"""The default context and the default CAs."""

import os
import ssl
import sys
from ctypes import byref

from _tlsock import arguments
from _tlsock.errors import call, make
from _tlsock.library import CONSTANTS, Bytes, ask


NEWER = CONSTANTS["VERIFY_X509_STRICT"] | CONSTANTS["VERIFY_X509_PARTIAL_CHAIN"]


def create_default_context(purpose=ssl.Purpose.SERVER_AUTH, *, cafile=None, capath=None, cadata=None):
    purpose = number_of(purpose)
    cafile = None if cafile is None else arguments.path(cafile, "cafile")
    capath = None if capath is None else arguments.path(capath, "capath")
    cadata = arguments.ca_data(cadata)
    handle = make("create_default_context", purpose, cafile, capath, cadata, len(cadata or b""))
    context = adopted(handle)
    if sys.version_info < (3, 13):
        # The library follows 3.13, which asks more of certificates.
        context.verify_flags &= ~NEWER
    return context


def load_default_certs(self, purpose=ssl.Purpose.SERVER_AUTH):
    call("context_load_default_certs", self._handle, number_of(purpose))


def number_of(purpose):
    if not isinstance(purpose, ssl._ASN1Object):
        raise TypeError(purpose)
    return purpose.nid


def adopted(handle):
    """Python's context around a handle; the one it was made with goes."""
    context = ssl.SSLContext(ask("context_protocol", handle))
    ask("context_free", context._handle)
    context._handle = handle
    keylog = Bytes()
    call("context_keylog_filename", handle, byref(keylog))
    context._keylog_filename = os.fsdecode(keylog.take() or b"") or None
    return context
