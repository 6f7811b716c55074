"""How bad input is refused, and what a context looked like before it was given some."""

import ctypes
import os
import time
from contextlib import contextmanager

import tlsock
from ours import VERSIONS, client_context, server_context

# What a call may take of the processor, and how long it may wait on a machine that is busy with other things.
QUICK, PATIENT = 5.0, 60.0
# The one the library uses: it is in this process already.
crypto = ctypes.CDLL("libcrypto.so.3")
crypto.ERR_peek_error.restype = ctypes.c_ulong


@contextmanager
def quickly():
    """What runs inside is quick, and leaves nothing in OpenSSL's error queue."""
    crypto.ERR_clear_error()
    started, worked = time.monotonic(), time.process_time()
    yield
    took, worked = time.monotonic() - started, time.process_time() - worked
    assert worked < QUICK and took < PATIENT, f"it took {took:.1f} seconds, {worked:.1f} of the processor's"
    assert crypto.ERR_peek_error() == 0


def refusal(call, *arguments):
    """The error of a call that must fail."""
    with quickly():
        try:
            call(*arguments)
        except tlsock.Error as error:
            assert error.message
            return error
    raise AssertionError("it was accepted")


class Watched:
    """A server's context in use, with one of everything, and a client to look at it from outside."""

    def __init__(self, certs, directory):
        self.context = server_context(certs, "TLSv1.3")
        self.context.minimum_version = VERSIONS["TLSv1.2"]
        self.context.load_verify_locations(certs / "ca.pem")
        self.context.load_verify_locations(certs / "crl.pem")
        self.context.load_dh_params(directory / "dh.pem")
        self.context.set_alpn_protocols(["one", "two"])
        self.context.set_ecdh_curve("prime256v1")
        self.context.set_ciphers("ECDHE+AESGCM:DHE+AESGCM")
        self.context.keylog_filename = directory / "keys.log"
        self._client = {version: client_context(certs, version) for version in VERSIONS}
        for client in self._client.values():
            client.set_alpn_protocols(["two"])

    def look(self):
        context = self.context
        settings = {name: getattr(context, name) for name in (
            "verify_mode", "verify_flags", "options", "minimum_version", "maximum_version", "num_tickets",
            "security_level", "keylog_filename", "check_hostname")}
        return {**settings, "stats": context.cert_store_stats(), "trusted": context.get_ca_certs(True),
                "ciphers": [cipher["name"] for cipher in context.get_ciphers()],
                "served": [self.serve(version) for version in VERSIONS]}

    def serve(self, version):
        """What a client gets to see."""
        to_server, to_client = tlsock.BIO(), tlsock.BIO()
        client = self._client[version].wrap_bio(to_client, to_server, server_hostname="localhost")
        server = self.context.wrap_bio(to_server, to_client, server_side=True)
        for side in (client, server) * 3:
            try:
                side.do_handshake()
            except tlsock.WantRead:
                pass
        assert client.version() == version
        return client.getpeercert(True), client.cipher(), client.ask("group"), client.selected_alpn_protocol()


def write(directory, data):
    path = directory / "bad"
    path.write_bytes(data)
    return os.fspath(path)
