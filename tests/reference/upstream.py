# Makes of this Python's ssl what the newest 3.13 is, built as its source has it: the reference does not depend on the packager.
import base64
import binascii
import re
import ssl
import types


def _default_ciphers(ciphers):
    """Debian's is built with OpenSSL's own defaults (--with-ssl-default-suites=openssl)."""
    plain = ssl.SSLContext.__new__

    def new(cls, protocol=None, *arguments, **named):
        context = plain(cls, protocol, *arguments, **named)
        context.set_ciphers(ciphers)
        if context.protocol in (ssl.PROTOCOL_TLS, ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER):
            context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    if ssl._DEFAULT_CIPHERS != ciphers:
        ssl.SSLContext.__new__ = new


def _base64():
    """Until its issue 145264 Python took padding for the end, whatever followed."""
    def decodebytes(text):
        return base64.decodebytes(re.sub(rb"=(?=[^A-Za-z0-9+/]*[A-Za-z0-9+/])", b"", text))

    if binascii.a2b_base64(b"AA==AA==") != b"\0\0\0":
        ssl.base64 = types.SimpleNamespace(decodebytes=decodebytes, standard_b64encode=base64.standard_b64encode)


_default_ciphers("@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM")
_base64()
