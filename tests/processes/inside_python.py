"""Loads the library named on the command line after Python's own ssl module has worked, and lets that one work again.

A second argument is one more copy of OpenSSL, which is put to use first.
"""

import ctypes
import hashlib
import os
import ssl
import sys


def work_of_python():
    ssl.create_default_context()
    return hashlib.sha256(b"tlsock").hexdigest()


before = work_of_python()
for copy in sys.argv[2:]:
    other = ctypes.CDLL(copy)
    other.TLS_method.restype = ctypes.c_void_p
    other.SSL_CTX_new.argtypes = [ctypes.c_void_p]
    other.SSL_CTX_new.restype = ctypes.c_void_p
    assert other.SSL_CTX_new(other.TLS_method())

library = ctypes.CDLL(sys.argv[1])
library.work.argtypes = [ctypes.c_char_p]
library.work.restype = ctypes.c_char_p
print(library.work(os.environ["TLSOCK_CERTS"].encode()).decode())
assert work_of_python() == before
