"""The binding itself: it is complete, and it tells all that an error knows."""

import ctypes
import re
from pathlib import Path

import pytest
import tlsock

ROOT = Path(__file__).resolve().parents[2]


def test_the_library_has_every_function_of_the_header():
    assert tlsock.missing == []
    assert len(tlsock.header.functions) > 200


def test_header_and_library_are_of_one_version():
    assert tlsock.lib.tlsock_version_number() == tlsock.VERSION_NUMBER


def test_every_status_has_a_class():
    names = [name for name in tlsock.header.constants if isinstance(getattr(tlsock, name[7:]), int)]
    assert len(names) == len(tlsock.header.constants)
    statuses = {10: tlsock.TlsError, 12: tlsock.EndOfFile, 20: tlsock.SystemFailure, 30: tlsock.WrongValue}
    for number, kind in statuses.items():
        error = ctypes.c_void_p(tlsock.lib.tlsock_error_new(number, b"made here"))
        told = kind(error)
        tlsock.lib.tlsock_error_free(error)
        assert (told.status, told.raw_status, told.message) == (number, number, "made here")
        assert (told.alert_sent, told.alert_received, told.depth) == (-1, -1, -1)
        assert (told.library, told.reason, told.cause, told.certificate_der) == (None, None, None, None)
        assert (told.expected_name, told.offered_names, told.verify_code, told.os_errno) == (None, [], 0, 0)


@pytest.mark.parametrize("table,mark", [("go/status.go", "C.TLSOCK_"), ("node/src/constants.c", '"STATUS_')])
def test_the_bindings_know_every_status(table, mark):
    header = (ROOT / "include/tlsock.h").read_text()
    statuses = re.search(r"typedef enum tlsock_status \{(.*?)\n\}", header, re.DOTALL).group(1)
    known = (ROOT / "bindings" / table).read_text()
    # No callback of theirs can wait yet.
    names = set(re.findall(r"^  TLSOCK_(\w+) =", statuses, re.MULTILINE)) - {"WANT_CALLBACK"}
    assert len(names) > 14
    assert {name for name in names if not re.search(re.escape(mark + name) + r"\b", known)} == set()


def test_a_failing_call_raises_with_its_error():
    with pytest.raises(tlsock.WrongValue) as caught:
        tlsock.Context(-1)
    assert caught.value.kind == "ValueError"
    assert caught.value.message == "invalid or unsupported protocol version -1"


def test_certificates(certs):
    shown = tlsock.Certificate.from_data((certs / "rsa.pem").read_bytes())
    assert shown.info()["subject"] == [[["organizationName", "tlsock"]], [["commonName", "localhost"]]]
    assert not shown.verified
    assert tlsock.Certificate.from_data(shown.der).pem == shown.pem


def test_handles_are_freed_in_any_order(certs):
    context = tlsock.Context(tlsock.PROTOCOL_TLS_CLIENT)
    incoming, outgoing = tlsock.BIO(), tlsock.BIO()
    connection = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    context.free()
    incoming.free()
    with pytest.raises(tlsock.WantRead):
        connection.do_handshake()
    assert outgoing.pending > 100
    again = connection.context
    connection.free()
    assert again.protocol == tlsock.PROTOCOL_TLS_CLIENT
