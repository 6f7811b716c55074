"""tlsock for Python: what the tests of this directory speak through.

A thin layer of classes over the C ABI, one a handle, with Python's own names for what they do. Constants are
module attributes without their prefix: `tlsock.PROTOCOL_TLS_CLIENT`. What fails raises `tlsock.Error`,
with every field of the library's error.
"""

import ctypes
import json

from capi import *  # the layer below is part of this one
from capi import Absent, Error, Handle, answer, encoded, fields_of, give, header, setting, slice_bytes, texts

for _name, _value in header.constants.items():
    globals()[_name.removeprefix("TLSOCK_")] = _value


class Session(Handle):
    noun = "session"
    time = answer("time")
    timeout = answer("timeout")
    ticket_lifetime_hint = answer("ticket_lifetime_hint")
    has_ticket = answer("has_ticket")

    @property
    def id(self):
        return slice_bytes(self.ask("id"))

    def __eq__(self, other):
        return isinstance(other, Session) and self.ask("equal", other.pointer)

    __hash__ = None

    def data(self):
        return self.give_bytes("data")


class Certificate(Handle):
    noun = "certificate"
    verified = answer("verified")
    pem = answer("pem")
    subject_text = answer("subject_text")
    issuer_text = answer("issuer_text")

    @classmethod
    def from_data(cls, data):
        return give(cls, "tlsock_certificate_new_data", data, len(data))

    @property
    def der(self):
        return slice_bytes(self.ask("der"))

    def info(self):
        """Python's dict, of lists where Python has tuples."""
        text = ctypes.c_char_p()
        self.call("json", ctypes.byref(text))
        return json.loads(text.value)


class BIO(Handle):
    noun = "bio"
    pending = answer("pending")
    eof = answer("eof")

    def __init__(self, pointer=None):
        super().__init__(pointer or give(int, "tlsock_bio_new"))

    def read(self, size=-1):
        size = self.pending if size < 0 else size
        return self.give_read("read", size)

    def write(self, data):
        self.call("write", bytes(data), len(data))
        return len(data)

    def write_eof(self):
        self.call("write_eof")


class CertificateList(Handle):
    noun = "certificate_list"

    def ders(self):
        return [Certificate(self.ask("at", index), lent_by=self).der for index in range(self.ask("count"))]

    def infos(self):
        return [Certificate(self.ask("at", index), lent_by=self).info() for index in range(self.ask("count"))]


class CipherList(Handle):
    noun = "cipher_list"

    def _entries(self, struct, name):
        entries = []
        for index in range(self.ask("count")):
            entry = header.structs[struct]()
            assert self.ask(name, index, ctypes.byref(entry))
            entries.append(fields_of(entry))
        return entries

    def triples(self):
        return [tuple(entry.values()) for entry in self._entries("tlsock_cipher", "at")]

    def infos(self):
        return self._entries("tlsock_cipher_info", "info_at")


class Connection(Handle):
    """What sockets and objects share."""

    server_side = answer("server_side")
    server_hostname = answer("server_hostname")
    session_reused = answer("session_reused")

    def do_handshake(self):
        self.call("do_handshake")

    def read(self, size=1024):
        return self.give_read("read", size)

    def write(self, data):
        return self.give_number(ctypes.c_size_t, "write", bytes(data), len(data))

    def pending(self):
        return self.ask("pending")

    def close_write(self):
        self.call("close_write")

    def verify_client_post_handshake(self):
        self.call("verify_client_post_handshake")

    def version(self):
        return self.ask("version")

    def compression(self):
        return self.ask("compression")

    def selected_alpn_protocol(self):
        return self.ask("selected_alpn_protocol")

    def selected_npn_protocol(self):
        return self.ask("selected_npn_protocol")

    def cipher(self):
        found = header.structs["tlsock_cipher"]()
        return tuple(fields_of(found).values()) if self.ask("cipher", ctypes.byref(found)) else None

    def shared_ciphers(self):
        found = self.give(CipherList, "shared_ciphers")
        return found and found.triples()

    def get_channel_binding(self, cb_type="tls-unique"):
        return self.give_bytes("get_channel_binding", encoded(cb_type))

    def export_keying_material(self, label, count, context=None):
        out = ctypes.create_string_buffer(count)
        self.call("export_keying_material", encoded(label), context, len(context or b""), out, count)
        return out.raw

    def peer_certificate(self):
        """The peer's certificate, verified or not."""
        return self.give(Certificate, "peer_certificate")

    def getpeercert(self, binary_form=False):
        """As Python's: a dict, {} for one that was not verified, None for none at all."""
        shown = self.peer_certificate()
        if binary_form or shown is None:
            return shown and shown.der
        verified = self.give(Certificate, "getpeercert")
        return verified.info() if verified else {}

    def get_verified_chain(self):
        return self.give(CertificateList, "get_verified_chain").ders()

    def get_unverified_chain(self):
        return self.give(CertificateList, "get_unverified_chain").ders()

    @property
    def context(self):
        return self.give(Context.of, "context")

    @context.setter
    def context(self, context):
        self.call("set_context", context.pointer)

    @property
    def session(self):
        return self.give(Session, "session")

    @session.setter
    def session(self, session):
        self.call("set_session", session.pointer)


class Object(Connection):
    noun = "object"

    def unwrap(self):
        self.call("unwrap")

    def pump(self, ciphertext=b"", plaintext=b"", plaintext_size=0, ciphertext_size=0, flags=0):
        """One batch: (what it did, plaintext out, ciphertext out). Raises with `.done` set, as a tuple, too."""
        plain = ctypes.create_string_buffer(max(plaintext_size, 1))
        cipher = ctypes.create_string_buffer(max(ciphertext_size, 1))
        done = header.structs["tlsock_pump_result"]()

        def result():
            return done, plain.raw[:done.plaintext_len], cipher.raw[:done.ciphertext_len]

        try:
            self.call("pump", flags, ciphertext, len(ciphertext), plaintext, len(plaintext), plain, plaintext_size,
                      cipher, ciphertext_size, ctypes.byref(done))
        except Error as error:
            error.done = result()
            raise
        return result()


class Socket(Connection):
    noun = "socket"
    ragged_eof = answer("ragged_eof")

    def recv(self, size=1024):
        return self.give_read("recv", size)

    def send(self, data):
        return self.give_number(ctypes.c_size_t, "send", bytes(data), len(data))

    def sendall(self, data):
        self.call("sendall", bytes(data), len(data))

    def unwrap(self):
        """Leaves TLS; returns the plain bytes that were read too far."""
        return self.give_bytes("unwrap")

    def shutdown(self, how):
        self.call("shutdown", how)

    def close(self):
        self.call("close")

    def abort(self):
        self.call("abort")

    def detach(self):
        return self.ask("detach")

    def fileno(self):
        return self.ask("fileno")

    def wait(self, want, timeout=None):
        self.call("wait", want, -1.0 if timeout is None else timeout)

    def settimeout(self, seconds):
        self.call("settimeout", -1.0 if seconds is None else seconds)

    def gettimeout(self):
        seconds = self.ask("gettimeout")
        return None if seconds < 0 else seconds

    def setblocking(self, blocking):
        self.call("setblocking", blocking)

    def connect(self, address):
        self.call("connect", encoded(address[0]), address[1])

    def connect_ex(self, address):
        return self.give_number(ctypes.c_int, "connect_ex", encoded(address[0]), address[1])

    def bind(self, address):
        self.call("bind", encoded(address[0]), address[1])

    def listen(self, backlog=0):
        self.call("listen", backlog)

    def accept(self):
        address = header.structs["tlsock_address"]()
        accepted = ctypes.c_void_p()
        self.call("accept", ctypes.byref(accepted), ctypes.byref(address))
        return Socket(accepted.value), (address.host.decode(), address.port)

    def getsockopt(self, level, option):
        """An option that is an int."""
        value = ctypes.c_int()
        self.call("getsockopt", level, option, ctypes.byref(value), ctypes.sizeof(value), None)
        return value.value

    def setsockopt(self, level, option, value):
        value = ctypes.c_int(value)
        self.call("setsockopt", level, option, ctypes.byref(value), ctypes.sizeof(value))

    def sendfile(self, file, offset=0, count=None):
        return self.give_number(ctypes.c_uint64, "sendfile", file.fileno(), offset, count or 0)

    def _address(self, name):
        address = header.structs["tlsock_address"]()
        self.call(name, ctypes.byref(address))
        return address.host.decode(), address.port

    def getsockname(self):
        return self._address("getsockname")

    def getpeername(self):
        return self._address("getpeername")


class Context(Handle):
    noun = "context"
    protocol = answer("protocol")
    security_level = answer("security_level")
    verify_mode = setting("verify_mode")
    check_hostname = setting("check_hostname")
    hostname_checks_common_name = setting("hostname_checks_common_name")
    verify_flags = setting("verify_flags")
    options = setting("options")
    minimum_version = setting("minimum_version")
    maximum_version = setting("maximum_version")
    num_tickets = setting("num_tickets")
    post_handshake_auth = setting("post_handshake_auth")

    def __init__(self, protocol):
        super().__init__(give(int, "tlsock_context_new", protocol))

    @classmethod
    def of(cls, pointer):
        context = object.__new__(cls)
        Handle.__init__(context, pointer)
        return context

    def __eq__(self, other):
        return isinstance(other, Context) and self.ask("same", other.pointer)

    __hash__ = None

    @property
    def keylog_filename(self):
        value = self.give_bytes("keylog_filename")
        return None if value is None else value.decode()

    @keylog_filename.setter
    def keylog_filename(self, filename):
        self.call("set_keylog_filename", encoded(filename))

    def set_ciphers(self, ciphers):
        self.call("set_ciphers", encoded(ciphers))

    def get_ciphers(self):
        return self.give(CipherList, "get_ciphers").infos()

    def set_ecdh_curve(self, name):
        self.call("set_ecdh_curve", encoded(name))

    def load_dh_params(self, path):
        self.call("load_dh_params", encoded(path))

    def set_alpn_protocols(self, protocols):
        self.call("set_alpn_protocols", *texts(protocols))

    def set_alpn_strict(self, strict):
        self.call("set_alpn_strict", strict)

    def set_npn_protocols(self, protocols):
        self.call("set_npn_protocols", *texts(protocols))

    def load_cert_chain(self, certfile, keyfile=None, password=None):
        self.call("load_cert_chain", encoded(certfile), encoded(keyfile), encoded(password))

    def load_cert_chain_data(self, cert, key=None, password=None):
        self.call("load_cert_chain_data", cert, len(cert), key, len(key or b""), encoded(password))

    def load_verify_locations(self, cafile=None, capath=None, cadata=None):
        data = encoded(cadata)
        self.call("load_verify_locations", encoded(cafile), encoded(capath), data, len(data or b""))

    def load_crl_data(self, crl):
        self.call("load_crl_data", crl, len(crl))

    def load_default_certs(self, purpose=header.constants["TLSOCK_PURPOSE_SERVER_AUTH"]):
        self.call("load_default_certs", purpose)

    def set_default_verify_paths(self):
        self.call("set_default_verify_paths")

    def cert_store_stats(self):
        stats = header.structs["tlsock_cert_store_stats"]()
        self.call("cert_store_stats", ctypes.byref(stats))
        return fields_of(stats)

    def get_ca_certs(self, binary_form=False):
        found = self.give(CertificateList, "get_ca_certs")
        return found.ders() if binary_form else found.infos()

    def session_stats(self):
        return fields_of(self.ask("session_stats"))

    def set_callback(self, name, function):
        """Sets one of the callbacks of the header, such as "sni": a function of the C parameters after userdata."""
        if f"tlsock_{name}_callback" not in header.callbacks:
            raise Absent(f"tlsock_{name}_callback is not in the header")
        kind = header.callbacks[f"tlsock_{name}_callback"]
        trampoline = kind(lambda _userdata, *arguments: function(*arguments))
        _callbacks.append(trampoline)
        self.call(f"set_{name}_callback", trampoline, None, header.callbacks["tlsock_free_userdata"]())

    def set_psk_server_callback(self, function, hint=None):
        trampoline = header.callbacks["tlsock_psk_server_callback"](lambda _userdata, *rest: function(*rest))
        _callbacks.append(trampoline)
        self.call("set_psk_server_callback", trampoline, encoded(hint), None,
                  header.callbacks["tlsock_free_userdata"]())

    def wrap_socket(self, sock, server_side=False, do_handshake_on_connect=True, suppress_ragged_eofs=True,
                    server_hostname=None, session=None):
        """Takes the descriptor of a Python socket, on success only."""
        flags = wrap_flags(server_side, do_handshake_on_connect, suppress_ragged_eofs)
        wrapped = self.give(Socket, "wrap_socket", sock.fileno(), flags, encoded(server_hostname),
                            session and session.pointer)
        sock.detach()
        return wrapped

    def wrap_bio(self, incoming, outgoing, server_side=False, server_hostname=None, session=None, flags=0):
        flags |= wrap_flags(server_side)
        return self.give(Object, "wrap_bio", incoming and incoming.pointer, outgoing and outgoing.pointer, flags,
                         encoded(server_hostname), session and session.pointer)

    def create_connection(self, address, timeout=None):
        return self.give(Socket, "create_connection", encoded(address[0]), address[1],
                         -1.0 if timeout is None else timeout)

    def create_server(self, address, backlog=0, do_handshake_on_connect=True, suppress_ragged_eofs=True):
        flags = wrap_flags(True, do_handshake_on_connect, suppress_ragged_eofs)
        return self.give(Socket, "create_server", encoded(address[0]), address[1], backlog, flags)


# Kept for good: a connection may still call them when their context is gone.
_callbacks = []


def wrap_flags(server_side, do_handshake_on_connect=True, suppress_ragged_eofs=True):
    flags = header.constants["TLSOCK_WRAP_SERVER_SIDE"] if server_side else 0
    flags |= 0 if do_handshake_on_connect else header.constants["TLSOCK_WRAP_NO_HANDSHAKE"]
    return flags | (0 if suppress_ragged_eofs else header.constants["TLSOCK_WRAP_REPORT_RAGGED_EOFS"])


def create_default_context(purpose=header.constants["TLSOCK_PURPOSE_SERVER_AUTH"], *, cafile=None, capath=None,
                           cadata=None):
    data = encoded(cadata)
    return give(Context.of, "tlsock_create_default_context", purpose, encoded(cafile), encoded(capath), data,
                len(data or b""))
