"""A second replacement, one layer above `_ssl`: ssl's own SSLSocket gives way to one over tlsock_socket_*.

The first replacement leaves Python's sockets in charge of everything but TLS. This one lets the library do what it has
functions for: connect, accept, time limits, files, the default context, the facts of a certificate.
"""

import ssl

from . import functions
from .default import create_default_context, load_default_certs
from .sslsocket import SSLSocket


def install():
    """Before the tests are imported, which take the names of ssl with them."""
    SSLSocket.__module__ = "ssl"
    ssl.SSLSocket = ssl.SSLContext.sslsocket_class = SSLSocket
    ssl.create_default_context = ssl._create_default_https_context = create_default_context
    ssl.SSLContext.load_default_certs = load_default_certs
    for name in functions.__all__:
        setattr(ssl, name, getattr(functions, name))
