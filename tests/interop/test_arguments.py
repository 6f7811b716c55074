"""Wrong arguments in C where Python has type errors: no text, invalid text, too much; and what C cannot try,
because there is no such function."""

import ctypes

import pytest
import tlsock

NOT_TEXT = b"not \xff text"


@pytest.fixture
def context():
    return tlsock.Context(tlsock.PROTOCOL_TLS_CLIENT)


@pytest.mark.parametrize("function, argument", [
    ("set_ciphers", "ciphers"), ("set_ecdh_curve", "curve_name"), ("load_dh_params", "dhfile")])
def test_missing_text_is_named(context, function, argument):
    with pytest.raises(tlsock.WrongValue, match=f"{argument} must not be NULL"):
        context.call(function, None)


@pytest.mark.parametrize("function, argument", [("set_ciphers", "ciphers"), ("set_ecdh_curve", "curve_name")])
def test_what_is_not_text_is_named(context, function, argument):
    with pytest.raises(tlsock.WrongValue, match=argument):
        context.call(function, NOT_TEXT)


def test_a_chain_needs_a_file(context):
    with pytest.raises(tlsock.WrongValue, match="certfile must not be NULL"):
        context.call("load_cert_chain", None, None, None)
    # The missing file is told before the password is looked at.
    with pytest.raises(tlsock.WrongValue, match="certfile must not be NULL"):
        context.call("load_cert_chain", None, None, b"a" * 2000)


def test_trust_needs_a_source(context):
    with pytest.raises(tlsock.WrongType) as refused:
        context.load_verify_locations()
    assert refused.value.message == "cafile, capath and cadata cannot be all omitted"
    assert context.cert_store_stats() == {"x509": 0, "crl": 0, "x509_ca": 0}


def test_no_data_are_no_certificates(context):
    """Text that is not ASCII is not a certificate, just like any other bytes."""
    with pytest.raises(tlsock.WrongValue) as refused:
        context.call("load_verify_locations", None, None, b"", 0)
    assert refused.value.message == "Empty certificate data"
    for data in ("ä", b"\xff\xfe", b"-----BEGIN"):
        with pytest.raises(tlsock.TlsError, match="cadata does not contain a certificate"):
            context.load_verify_locations(cadata=data)


def test_protocol_names_are_ascii(context):
    with pytest.raises(tlsock.WrongValue, match="'ä' is not ASCII"):
        context.set_alpn_protocols(["h2", "ä"])
    with pytest.raises(tlsock.WrongValue, match="protocols"):
        context.call("set_alpn_protocols", (ctypes.c_char_p * 2)(b"h2", None), 2)
    with pytest.raises(tlsock.WrongValue, match="protocols"):
        context.call("set_alpn_protocols", None, 1)


def test_host_names_are_text(context):
    with pytest.raises(tlsock.WrongValue, match="server_hostname"):
        context.wrap_bio(tlsock.BIO(), tlsock.BIO(), server_hostname=NOT_TEXT)


@pytest.mark.parametrize("incoming, outgoing", [(None, True), (True, None)])
def test_one_buffer_is_not_enough(context, incoming, outgoing):
    given = [kind and tlsock.BIO() for kind in (incoming, outgoing)]
    with pytest.raises(tlsock.WrongValue, match="outgoing|incoming"):
        context.wrap_bio(*given, server_hostname="localhost")


def test_a_session_must_be_there(context):
    connection = context.wrap_bio(tlsock.BIO(), tlsock.BIO(), server_hostname="localhost")
    with pytest.raises(tlsock.WrongValue, match="session must not be NULL"):
        connection.call("set_session", None)
    with pytest.raises(tlsock.WrongValue, match="context must not be NULL"):
        connection.call("set_context", None)


def test_buffers_must_be_there(context):
    """A missing buffer is wrong unless its size is 0, and nothing is read or written."""
    bio, length = tlsock.BIO(), ctypes.c_size_t(7)
    bio.call("write", None, 0)
    with pytest.raises(tlsock.WrongValue, match="data must not be NULL"):
        bio.call("write", None, 1)
    bio.write(b"x")
    with pytest.raises(tlsock.WrongValue, match="buffer must not be NULL"):
        bio.call("read", None, 1, ctypes.byref(length))
    assert (bio.pending, length.value) == (1, 7)
    connection = context.wrap_bio(tlsock.BIO(), tlsock.BIO(), server_hostname="localhost")
    with pytest.raises(tlsock.WrongValue, match="buffer must not be NULL"):
        connection.call("read", None, 10, ctypes.byref(length))
    with pytest.raises(tlsock.WrongValue, match="data must not be NULL"):
        connection.call("write", None, 10, None)


def test_more_than_there_is_may_be_asked_for():
    bio, length = tlsock.BIO(), ctypes.c_size_t()
    bio.write(b"abc")
    buffer = ctypes.create_string_buffer(10)
    # Python refuses sizes above INT_MAX; here the size is the buffer's own.
    bio.call("read", buffer, 2 ** 40, ctypes.byref(length))
    assert (length.value, buffer.raw[:3]) == (3, b"abc")


def test_random_data_need_a_place():
    with pytest.raises(tlsock.WrongValue, match="buffer must not be NULL"):
        tlsock.call("tlsock_rand_bytes", None, 16)
    tlsock.call("tlsock_rand_bytes", None, 0)
    with pytest.raises(tlsock.WrongValue, match="data must not be NULL"):
        tlsock.call("tlsock_rand_add", None, 5, 0.0)


def test_what_is_read_only_has_no_setter():
    for name in ("context_protocol", "context_security_level", "bio_pending", "bio_eof", "object_server_hostname",
                 "socket_server_hostname", "object_server_side", "socket_server_side", "object_session_reused",
                 "socket_session_reused"):
        noun, _, rest = name.partition("_")
        assert f"tlsock_{name}" in tlsock.header.functions
        assert f"tlsock_{noun}_set_{rest}" not in tlsock.header.functions


def test_what_python_lost_or_refuses_is_not_there():
    """What raises NotImplementedError in Python, or was removed, has no function in C."""
    for name in ("rand_egd", "rand_pseudo_bytes", "match_hostname", "wrap_socket", "socket_sendto", "socket_recvfrom",
                 "socket_recvfrom_into", "socket_sendmsg", "socket_recvmsg", "socket_recvmsg_into", "socket_dup"):
        assert f"tlsock_{name}" not in tlsock.header.functions
    # The functions of streams have no parameter for flags either.
    for name in ("send", "recv", "sendall"):
        parameters = [parameter for parameter, _ in tlsock.header.functions[f"tlsock_socket_{name}"].parameters]
        assert "flags" not in parameters
