"""_SSLContext."""

import operator
from ctypes import byref, c_char_p

from . import arguments, callbacks, certificate
from .connection import _SSLSocket
from .constants import PRIVATE
from .errors import call, make
from .immutable import Immutable
from .library import STRUCTS, ask, function, text

NEVER_CHECK_SUBJECT = PRIVATE["HOSTFLAG_NEVER_CHECK_SUBJECT"]
CIPHER_FIELDS = ("id", "name", "protocol", "description", "strength_bits", "alg_bits", "aead", "symmetric",
                 "digest", "kea", "auth")


def number_of(getter, setter, convert):
    """A property of which the library has a getter and a setter."""
    def get(self):
        return ask(getter, self._handle)

    def set(self, value):
        call(setter, self._handle, convert(value))

    return property(get, set)


def version_number(value):
    return arguments.c_int(value, "Option is too long")


class _SSLContext(metaclass=Immutable):
    __module__ = "_ssl"

    def __new__(cls, protocol):
        protocol = arguments.c_int(protocol)
        self = super().__new__(cls)
        self._free = function("context_free")
        self._callbacks = {}
        self._keylog_filename = None
        self._handle = make("context_new", protocol)
        self._number = callbacks.register(callbacks.CONTEXTS, self)
        return self

    def __del__(self):
        self._free(getattr(self, "_handle", None))

    def __reduce_ex__(self, _protocol):
        raise TypeError(f"cannot pickle '{type(self).__name__}' object")

    options = number_of("context_options", "context_set_options", arguments.option_bits)
    verify_mode = number_of("context_verify_mode", "context_set_verify_mode", arguments.c_int)
    verify_flags = number_of("context_verify_flags", "context_set_verify_flags",
                             lambda value: operator.index(value) % 2**64)
    check_hostname = number_of("context_check_hostname", "context_set_check_hostname", bool)
    minimum_version = number_of("context_minimum_version", "context_set_minimum_version", version_number)
    maximum_version = number_of("context_maximum_version", "context_set_maximum_version", version_number)
    num_tickets = number_of("context_num_tickets", "context_set_num_tickets", arguments.c_int)
    post_handshake_auth = number_of("context_post_handshake_auth", "context_set_post_handshake_auth", bool)

    @post_handshake_auth.deleter
    def post_handshake_auth(self):
        raise AttributeError("cannot delete attribute")

    @property
    def protocol(self):
        return ask("context_protocol", self._handle)

    @property
    def security_level(self):
        return ask("context_security_level", self._handle)

    @property
    def _host_flags(self):
        checks = ask("context_hostname_checks_common_name", self._handle)
        return PRIVATE["HOSTFLAG_NO_PARTIAL_WILDCARDS"] | (0 if checks else NEVER_CHECK_SUBJECT)

    @_host_flags.setter
    def _host_flags(self, flags):
        if flags & ~NEVER_CHECK_SUBJECT != PRIVATE["HOSTFLAG_NO_PARTIAL_WILDCARDS"]:
            raise NotImplementedError("libtlsock has one host flag only: hostname_checks_common_name")
        call("context_set_hostname_checks_common_name", self._handle, not flags & NEVER_CHECK_SUBJECT)

    @property
    def keylog_filename(self):
        return self._keylog_filename

    @keylog_filename.setter
    def keylog_filename(self, filename):
        self._keylog_filename = None
        call("context_set_keylog_filename", self._handle, None)
        if filename is not None:
            call("context_set_keylog_filename", self._handle, arguments.path(filename, "keylog_filename"))
            self._keylog_filename = filename

    def set_ciphers(self, ciphers, /):
        call("context_set_ciphers", self._handle, arguments.text(ciphers, "argument"))

    def get_ciphers(self):
        ciphers, entry, answer = make("context_get_ciphers", self._handle), STRUCTS["cipher_info"](), []
        try:
            for index in range(ask("cipher_list_count", ciphers)):
                function("cipher_list_info_at")(ciphers, index, byref(entry))
                values = ((name, getattr(entry, name)) for name in CIPHER_FIELDS)
                answer.append({name: text(value) if isinstance(value, bytes) else value for name, value in values})
        finally:
            ask("cipher_list_free", ciphers)
        return answer

    def set_ecdh_curve(self, name, /):
        call("context_set_ecdh_curve", self._handle, arguments.path(name, "curve name"))

    def load_dh_params(self, filepath, /):
        call("context_load_dh_params", self._handle, arguments.path(filepath, "filepath"))

    def _set_alpn_protocols(self, protocols, /):
        protocols = arguments.protocol_list(protocols)
        array = (c_char_p * len(protocols))(*protocols)
        call("context_set_alpn_protocols", self._handle, array, len(protocols))

    def load_cert_chain(self, certfile, keyfile=None, password=None):
        certfile = arguments.path(certfile, "certfile")
        keyfile = None if keyfile is None else arguments.path(keyfile, "keyfile")
        asked = arguments.password(password)
        if not callable(asked):
            call("context_load_cert_chain", self._handle, certfile, keyfile, asked)
            return
        number = callbacks.register(callbacks.PASSWORDS, asked)
        try:
            call("context_load_cert_chain_asking", self._handle, certfile, keyfile, callbacks.password, number)
        finally:
            del callbacks.PASSWORDS[number]

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        if cafile is None and capath is None and cadata is None:
            raise TypeError("cafile, capath and cadata cannot be all omitted")
        cafile = None if cafile is None else arguments.path(cafile, "cafile")
        capath = None if capath is None else arguments.path(capath, "capath")
        cadata = arguments.ca_data(cadata)
        call("context_load_verify_locations", self._handle, cafile, capath, cadata, len(cadata or b""))

    def set_default_verify_paths(self):
        call("context_set_default_verify_paths", self._handle)

    def cert_store_stats(self):
        stats = STRUCTS["cert_store_stats"]()
        call("context_cert_store_stats", self._handle, byref(stats))
        return {name: getattr(stats, name) for name, _ in stats._fields_}

    def get_ca_certs(self, binary_form=False):
        found = certificate.listed(make("context_get_ca_certs", self._handle))
        return [one.public_bytes(certificate.DER) if binary_form else one.get_info() for one in found]

    def session_stats(self):
        stats = ask("context_session_stats", self._handle)
        return {name: getattr(stats, name) for name, _ in stats._fields_}

    @property
    def sni_callback(self):
        return self._callbacks.get("sni")

    @sni_callback.setter
    def sni_callback(self, callback):
        wanted = callbacks.server_name if callable(callback) else None
        callbacks.install("context_set_sni_callback", self, wanted)
        self._callbacks["sni"] = callback if wanted else None
        if callback is not None and not wanted:
            raise TypeError("not a callable object")

    @property
    def _msg_callback(self):
        return self._callbacks.get("message")

    @_msg_callback.setter
    def _msg_callback(self, callback):
        wanted = callbacks.message if callable(callback) else None
        callbacks.install("context_set_message_callback", self, wanted)
        self._callbacks["message"] = callback if wanted else None
        if callback is not None and not wanted:
            raise TypeError("not a callable object")

    def set_psk_client_callback(self, callback):
        callbacks.has_psk()
        if callback is not None and not callable(callback):
            raise TypeError("callback must be callable")
        wanted = callback and callbacks.psk_client
        callbacks.install("context_set_psk_client_callback", self, wanted)
        self._callbacks["psk_client"] = callback

    def set_psk_server_callback(self, callback, identity_hint=None):
        callbacks.has_psk()
        hint = None if identity_hint is None else arguments.text(identity_hint, "identity_hint")
        if callback is not None and not callable(callback):
            raise TypeError("callback must be callable")
        wanted = callback and callbacks.psk_server
        callbacks.install("context_set_psk_server_callback", self, wanted, hint)
        self._callbacks["psk_server"] = callback

    def _wrap_socket(self, sock, server_side, server_hostname=None, *, owner=None, session=None):
        return _SSLSocket.over_socket(self, sock, bool(server_side), server_hostname, owner, session)

    def _wrap_bio(self, incoming, outgoing, server_side, server_hostname=None, *, owner=None, session=None):
        return _SSLSocket.over_bios(
            self, (incoming, outgoing), bool(server_side), server_hostname, owner, session)


_SSLContext._immutable = True
