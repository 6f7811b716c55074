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
_base64()
_case()
