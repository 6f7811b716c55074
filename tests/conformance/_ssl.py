"""Python's extension module `_ssl`, written anew over libtlsock: Python's own ssl.py runs on it unchanged.

With this folder on PYTHONPATH it is found before the extension module. TLSOCK_LIBRARY, or else pkg-config, says
where the library is. Nothing here touches the extension module or OpenSSL.
"""

import sys

from _tlsock import constants as _constants
from _tlsock.certificate import Certificate, decode_file as _test_decode_cert
from _tlsock.connection import _SSLSocket
from _tlsock.context import _SSLContext
from _tlsock.errors import SSLCertVerificationError, SSLEOFError, SSLError, SSLSyscallError
from _tlsock.errors import SSLWantReadError, SSLWantWriteError, SSLZeroReturnError
from _tlsock.functions import RAND_add, RAND_bytes, RAND_status, get_default_verify_paths, nid2obj, txt2obj
from _tlsock.functions import version_info as _version_info
from _tlsock.library import ask as _ask
from _tlsock.memory import MemoryBIO, SSLSession

globals().update(_constants.constants())

HAS_TLS_UNIQUE = True
OPENSSL_VERSION = _ask("openssl_version")
OPENSSL_VERSION_NUMBER = _ask("openssl_version_number")
OPENSSL_VERSION_INFO = _version_info()
# The library does not say which headers it was built with.
_OPENSSL_API_VERSION = OPENSSL_VERSION_INFO
_DEFAULT_CIPHERS = _constants.DEFAULT_CIPHERS

if sys.version_info < (3, 12):
    def RAND_pseudo_bytes(n, /):
        """Removed in Python 3.12, so that the library has no equal of its own."""
        return RAND_bytes(n), True
