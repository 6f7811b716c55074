"""The functions of ssl that Python itself writes in Python, over those of the library."""

import socket
import ssl
from ctypes import byref, c_int64

from _tlsock import arguments
from _tlsock.errors import call
from _tlsock.library import Bytes, ask
from _tlsock.memory import contiguous

__all__ = ["DER_cert_to_PEM_cert", "PEM_cert_to_DER_cert", "cert_time_to_seconds", "get_protocol_name",
           "get_server_certificate"]


def taken(name, *parameters):
    found = Bytes()
    call(name, *parameters, byref(found))
    return found.take()


def cert_time_to_seconds(cert_time):
    seconds = c_int64()
    call("cert_time_to_seconds", arguments.text(cert_time, "cert_time"), byref(seconds))
    return seconds.value


def DER_cert_to_PEM_cert(der_cert_bytes):
    data = contiguous(der_cert_bytes)
    return taken("der_cert_to_pem_cert", data, len(data)).decode()


def PEM_cert_to_DER_cert(pem_cert_string):
    return taken("pem_cert_to_der_cert", arguments.text(pem_cert_string, "pem_cert_string"))


def get_protocol_name(protocol_code):
    return ask("get_protocol_name", protocol_code)


def get_server_certificate(addr, ssl_version=ssl.PROTOCOL_TLS_CLIENT, ca_certs=None,
                           timeout=socket._GLOBAL_DEFAULT_TIMEOUT):
    host, port = addr
    ca_certs = None if ca_certs is None else arguments.path(ca_certs, "ca_certs")
    timeout = socket.getdefaulttimeout() if timeout is socket._GLOBAL_DEFAULT_TIMEOUT else timeout
    pem = taken("get_server_certificate", host.encode("idna"), port, ssl_version, ca_certs,
                -1.0 if timeout is None else timeout)
    return pem.decode()
