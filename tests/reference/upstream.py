# Makes of this Python's ssl what the newest 3.13 is, built as its source has it: the reference does not depend on the packager.
import base64
import binascii
import re
import ssl
import stringprep
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


class _TellingEnds:
    """A connection of _ssl that tells an end without close_notify by its exception."""

    def __init__(self, connection):
        object.__setattr__(self, "_connection", connection)

    def __setattr__(self, name, value):
        setattr(self._connection, name, value)

    def __getattr__(self, name):
        found = getattr(self._connection, name)
        if not callable(found):
            return found

        def call(*arguments):
            try:
                return found(*arguments)
            except ssl.SSLError as error:
                if getattr(error, "reason", None) != "UNEXPECTED_EOF_WHILE_READING":
                    raise
                text = error.strerror.replace("unexpected eof while reading", "EOF occurred in violation of protocol")
                end = ssl.SSLEOFError(ssl.SSL_ERROR_EOF, text)
                end.library, end.reason = error.library, error.reason
                raise end from None
        return call


def _ends():
    """With OpenSSL 3 Python took an end without close_notify for a clean one, until its issue 95494."""
    make = ssl.SSLContext.__new__
    over_socket, in_memory = ssl.SSLContext._wrap_socket, ssl.SSLContext._wrap_bio

    def new(cls, *arguments, **named):
        context = make(cls, *arguments, **named)
        context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
        return context

    if ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).options & getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0):
        ssl.SSLContext.__new__ = new
        ssl.SSLContext._wrap_socket = lambda *arguments, **named: _TellingEnds(over_socket(*arguments, **named))
        ssl.SSLContext._wrap_bio = lambda *arguments, **named: _TellingEnds(in_memory(*arguments, **named))


def _base64():
    """Until its issue 145264 Python took padding for the end, whatever followed."""
    def decodebytes(text):
        return base64.decodebytes(re.sub(rb"=(?=[^A-Za-z0-9+/]*[A-Za-z0-9+/])", b"", text))

    if binascii.a2b_base64(b"AA==AA==") != b"\0\0\0":
        ssl.base64 = types.SimpleNamespace(decodebytes=decodebytes, standard_b64encode=base64.standard_b64encode)


def _case():
    """Before the fix of CVE-2026-17084 Python's host names took the case of letters that Unicode 3.2 does not have."""
    map_case = stringprep.map_table_b3

    def map_table_b3(letter):
        mapped = map_case(letter)
        return letter if any(map(stringprep.in_table_a1, letter + mapped)) else mapped

    if stringprep.map_table_b3("\u1e9e") != "\u1e9e":
        stringprep.map_table_b3 = map_table_b3


_default_ciphers("@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM")
_ends()
_base64()
_case()
