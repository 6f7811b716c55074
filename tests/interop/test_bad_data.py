"""Bad certificates, keys, revocation lists, parameters and sessions: each is refused, quickly, and changes nothing."""

import ctypes
import os
import socket

import bad_input
import pytest
import tlsock
from bad_data import BIG, block, damaged, damaged_der, der_of, large, small
from bad_input import Watched, quickly, refusal
from ours import client_context
from test_contract import shake, wrapped

FILES = ("certfile", "keyfile", "cafile", "dhfile")
DATA = ("cert", "key", "cadata", "crl", "certificate", "session")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    directory = tmp_path_factory.mktemp("bad")
    parameters = directory / "dh.pem"
    # The group ffdhe2048, by its name.
    parameters.write_bytes(DH_PARAMETERS)
    return directory


@pytest.fixture(scope="module")
def watched(certs, folder):
    return Watched(certs, folder)


@pytest.fixture(scope="module")
def samples(certs, folder):
    """A good text for each loader."""
    return {
        **{name: block(b"CERTIFICATE", der_of((certs / "rsa.pem").read_bytes())) for name in ("certfile", "cert")},
        "certificate": (certs / "ca.pem").read_bytes(),
        **{name: (certs / "rsa.key").read_bytes() for name in ("keyfile", "key")},
        **{name: (certs / "inter.pem").read_bytes() for name in ("cafile", "cadata")},
        "crl": (certs / "crl.pem").read_bytes(), "dhfile": (folder / "dh.pem").read_bytes(),
    }


@pytest.fixture(scope="module")
def session(certs, watched):
    client, server = wrapped(client_context(certs, "TLSv1.2"), watched.context, server_hostname="localhost")
    assert shake(client, server) == [None, None]
    return client.context, client.session.data()


def loader(name, certs, folder, context):
    """The loading function as one of the data alone."""
    good, key = (certs / "rsa.pem"), (certs / "rsa.key")

    def by_path(load):
        return lambda data: load(bad_input.write(folder, data))

    return {
        "certfile": by_path(lambda path: context.load_cert_chain(path, key)),
        "keyfile": by_path(lambda path: context.load_cert_chain(good, path)),
        "cafile": by_path(context.load_verify_locations),
        "dhfile": by_path(context.load_dh_params),
        "cert": lambda data: context.load_cert_chain_data(data, key.read_bytes()),
        "key": lambda data: context.load_cert_chain_data(good.read_bytes(), data),
        "cadata": lambda data: context.load_verify_locations(cadata=data),
        "crl": context.load_crl_data,
        "certificate": tlsock.Certificate.from_data,
        "session": lambda data: tlsock.give(tlsock.Session, "tlsock_session_new_data", context.pointer, data, len(data)),
    }[name]


def check_refused(name, kind, load, data, before, watched):
    try:
        error = refusal(load, data)
        check_error(name, error)
        assert watched.look() == before
    except AssertionError as failed:
        raise AssertionError(f"{name}, {kind}: {failed}") from failed


def check_error(name, error):
    """The status and text of the specification; what C alone has names its argument."""
    shown = error.kind, error.message
    if name in ("certfile", "keyfile", "cert", "key"):
        assert (error.kind, error.code, error.library, error.reason) == ("SSLError", 524297, "SSL", None)
        what = ("the certificate cannot be read", "no certificate was found", "the private key cannot be read",
                "no private key was found", "the file is not PEM (DER is read from memory)")
        of_file = f" '{error.filename}'" if name.endswith("file") else ""
        assert error.message in [f"[SSL] PEM lib: {name}{of_file}: {words}" for words in what]
        assert error.cause.message.startswith(what)
        assert "unknown error" not in error.cause.message
    elif name == "cafile":
        assert shown in (("SSLError", "[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found"),
                         ("SSLError", "[X509] PEM lib"))
    elif name == "cadata":
        assert shown in (("ValueError", "Empty certificate data"),
                         ("SSLError", "no start line: cadata does not contain a certificate"),
                         ("SSLError", "not enough data: cadata does not contain a certificate"))
    elif name == "dhfile":
        # Python's text where OpenSSL has none.
        assert error.kind == "SSLError" and error.message.startswith(("[PEM", "[ASN1", "[DH", "unknown error"))
    elif name == "session":
        assert error.kind == "ValueError" and error.message.startswith("data is ")
    else:
        assert error.kind == "SSLError" and error.message != "unknown error"
        assert error.message.startswith(("[PEM", "[ASN1")) or error.library is None


@pytest.mark.parametrize("name", FILES + DATA)
def test_what_is_nothing_of_the_kind(name, certs, folder, watched):
    load, before = loader(name, certs, folder, watched.context), watched.look()
    for kind, data in small().items():
        check_refused(name, kind, load, data, before, watched)


@pytest.mark.parametrize("kind", large(1000))
def test_ten_megabytes(kind, certs, folder, watched):
    before, data = watched.look(), large(BIG)[kind]
    for name in FILES + DATA:
        check_refused(name, kind, loader(name, certs, folder, watched.context), data, before, watched)


@pytest.mark.parametrize("name", [name for name in FILES + DATA if name != "session"])
def test_what_was_good_once(name, certs, folder, watched, samples):
    """Truncated PEM, PEM with a NUL or other bytes inside, PEM of DER that is too short."""
    load, before = loader(name, certs, folder, watched.context), watched.look()
    for kind, data in damaged(samples[name]).items():
        check_refused(name, kind, load, data, before, watched)


@pytest.mark.parametrize("name", ["cert", "key", "crl", "certificate"])
def test_der_that_is_cut_or_goes_on(name, certs, folder, watched, samples):
    """Data that is loaded as a whole or not at all."""
    load, before = loader(name, certs, folder, watched.context), watched.look()
    for kind, data in damaged_der(samples[name]).items():
        check_refused(name, kind, load, data, before, watched)


def test_authorities_in_front_of_junk_stay(certs, samples):
    """As the specification says: what was read before the failure is loaded."""
    pem, der = samples["cadata"], der_of(samples["cadata"])
    kept = {"DER and text": der + b"junk", "DER and a cut one": der + der[:-1], "DER and a NUL": der + b"\0",
            "PEM and a cut one": pem + pem[:300],
            "PEM and no base64": pem + b"-----BEGIN CERTIFICATE-----\n####\n-----END CERTIFICATE-----\n"}
    for kind, data in kept.items():
        context = tlsock.Context(tlsock.PROTOCOL_TLS_CLIENT)
        error = refusal(lambda: context.load_verify_locations(cadata=data))
        assert (error.kind, error.message[:2] in ("[A", "[P")) == ("SSLError", True), kind
        assert context.cert_store_stats() == {"x509": 1, "crl": 0, "x509_ca": 1}, kind
        assert context.get_ca_certs(True) == [der], kind


def test_of_a_bad_file_nothing_stays(samples, folder):
    """A file is parsed before any of it is used, and once it is repaired it counts."""
    good, context = samples["cafile"], tlsock.Context(tlsock.PROTOCOL_TLS_CLIENT)
    path = bad_input.write(folder, good + good[:300])
    for _ in range(2):
        assert refusal(context.load_verify_locations, path).message == "[X509] PEM lib"
        assert context.cert_store_stats() == {"x509": 0, "crl": 0, "x509_ca": 0}
    bad_input.write(folder, good)
    context.load_verify_locations(path)
    assert context.cert_store_stats() == {"x509": 1, "crl": 0, "x509_ca": 1}


def test_the_later_of_three_sources_does_not_undo_the_first(samples, folder):
    context = tlsock.Context(tlsock.PROTOCOL_TLS_CLIENT)
    error = refusal(context.load_verify_locations, folder / "missing", None, samples["cadata"])
    assert (error.os_errno, context.cert_store_stats()["x509"]) == (2, 1)
    error = refusal(context.load_verify_locations, None, "", samples["cadata"])
    assert (error.reason, context.cert_store_stats()["x509"]) == ("INVALID_DIRECTORY", 1)


def test_a_new_context_is_not_left_half_made(samples, folder):
    """The output stays unchanged."""
    path = bad_input.write(folder, b"junk").encode()
    for arguments in ((path, None, None, 0), (None, None, b"junk", 4), (b"/nowhere/at/all", None, None, 0)):
        out = ctypes.c_void_p(7)
        with pytest.raises(tlsock.Error):
            tlsock.call("tlsock_create_default_context", tlsock.PURPOSE_SERVER_AUTH, *arguments, ctypes.byref(out))
        assert out.value == 7


def test_sessions_of_any_other_length(session):
    """Cut anywhere, and with anything after it; one changed byte in the middle too."""
    context, data = session
    assert tlsock.give(tlsock.Session, "tlsock_session_new_data", context.pointer, data, len(data)).data() == data
    damaged_ones = [data[:length] for length in range(len(data))] + [data + b"\0", data + data]
    damaged_ones += [data[:place] + bytes([data[place] ^ 1]) + data[place + 1:] for place in range(0, len(data), 7)]
    out = ctypes.c_void_p(7)
    for other in damaged_ones:
        with quickly(), pytest.raises(tlsock.WrongValue, match="data is "):
            tlsock.call("tlsock_session_new_data", context.pointer, other, len(other), ctypes.byref(out))
    assert out.value == 7


PATHS = {"missing": 2, "empty": 2, "directory": 21, "below a file": 20, "too long": 36, "a loop": 40, "without an end": 27,
         "not UTF-8": 2, "ten megabytes": 36}


@pytest.fixture(scope="module")
def paths(folder):
    (folder / "file").write_text("")
    if not (folder / "loop").is_symlink():
        (folder / "loop").symlink_to(folder / "loop")
    return {"missing": folder / "missing", "empty": "", "directory": folder, "below a file": folder / "file" / "more",
            "too long": "x" * 300, "a loop": folder / "loop", "without an end": "/dev/zero",
            "not UTF-8": os.fsencode(folder) + b"/\xff", "ten megabytes": b"x" * BIG}


@pytest.mark.parametrize("kind", PATHS)
def test_paths_that_lead_nowhere(kind, paths, certs, watched):
    """The system's number, and which file it was."""
    path, before, context = paths[kind], watched.look(), watched.context
    good, key = certs / "rsa.pem", certs / "rsa.key"
    loads = {"certfile": lambda: context.load_cert_chain(path, key), "keyfile": lambda: context.load_cert_chain(good, path),
             "cafile": lambda: context.load_verify_locations(path), "dhfile": lambda: context.load_dh_params(path)}
    for name, load in loads.items():
        error = refusal(load)
        assert (error.kind, error.os_errno, error.code) == ("OSError", PATHS[kind], PATHS[kind]), name
        assert error.message.startswith(f"{os.strerror(PATHS[kind])}: {name} '") and len(error.message) < 300, name
        assert error.filename == os.fsdecode(path).replace("\udcff", "\N{REPLACEMENT CHARACTER}"), name
        assert watched.look() == before, name
    if kind not in ("directory", "without an end", "a loop"):
        # Python's other loaders stop at what these do not look at: a directory need not be there.
        tlsock.Context(tlsock.PROTOCOL_TLS_CLIENT).load_verify_locations(capath=path or "/nowhere")


@pytest.mark.parametrize("kind", [kind for kind in PATHS if kind != "without an end"])
def test_a_key_log_that_cannot_be_opened(kind, paths, certs, folder):
    """The old one is closed first, as in Python, whatever comes then."""
    context = tlsock.Context(tlsock.PROTOCOL_TLS_CLIENT)
    context.keylog_filename = folder / "other.log"
    path = paths[kind] if kind not in ("missing", "not UTF-8") else os.fsencode(paths[kind]) + b"/more"
    error = refusal(setattr, context, "keylog_filename", path)
    assert (error.kind, error.os_errno) == ("OSError", PATHS[kind])
    assert error.filename == os.fsdecode(path).replace("\udcff", "\N{REPLACEMENT CHARACTER}")
    assert context.keylog_filename is None


def test_a_device_that_takes_nothing(certs):
    """Each write fails: the header's at once."""
    context = tlsock.Context(tlsock.PROTOCOL_TLS_CLIENT)
    error = refusal(setattr, context, "keylog_filename", "/dev/full")
    assert (error.os_errno, error.filename, context.keylog_filename) == (28, "/dev/full", None)


def test_files_whose_names_are_no_text(certs, folder):
    """Paths are the system's, not text."""
    strange = {name: os.fsencode(folder) + b"/\xff" + name.encode() for name in ("ecdsa.pem", "ecdsa.key", "ca.pem")}
    for name, path in strange.items():
        with open(path, "wb") as copy:
            copy.write((certs / name).read_bytes())
    context = tlsock.Context(tlsock.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(strange["ecdsa.pem"], strange["ecdsa.key"])
    context.load_verify_locations(strange["ca.pem"])
    context.keylog_filename = os.fsencode(folder) + b"/\xff.log"
    assert context.cert_store_stats()["x509"] == 1
    assert context.give_bytes("keylog_filename") == os.fsencode(folder) + b"/\xff.log"


def test_keys_and_their_passwords(certs, watched):
    """The password of a file, of a call and of data; the key that is in use stays the old one."""
    context, before = watched.context, watched.look()
    good, key = certs / "rsa.pem", certs / "rsa-encrypted.key"
    refused = "the private key's password is wrong, or the key is damaged"
    unasked = "the private key is encrypted: pass its password or set a password callback"
    wrong = {None: unasked, "": refused, "open": refused, "sesame ": refused, "a" * 1024: refused, "a" * 1025: "password cannot be longer than 1024 bytes",
             "ä" * 513: "password cannot be longer than 1024 bytes",
             "a" * BIG: "password cannot be longer than 1024 bytes",
             b"\xff": "password is not UTF-8 text"}
    for password, message in wrong.items():
        for origin, load in (
                (f"keyfile '{key}'", lambda: context.load_cert_chain(good, key, password)),
                ("key", lambda: context.load_cert_chain_data(good.read_bytes(), key.read_bytes(), password))):
            told = f"[SSL] PEM lib: {origin}: {message}" if message in (refused, unasked) else message
            assert refusal(load).message == told
            assert watched.look() == before
    assert refusal(context.load_cert_chain, good, key).cause.message == (
        "the private key is encrypted: pass its password or set a password callback")


def test_a_key_of_another_certificate(certs, watched):
    before = watched.look()
    pairs = (("rsa.pem", "ecdsa.key", "NO_CERTIFICATE_ASSIGNED"), ("ecdsa.pem", "client.key", "KEY_VALUES_MISMATCH"),
             ("ed25519.pem", "ecdsa.key", "NO_CERTIFICATE_ASSIGNED"))
    for name, key, reason in pairs:
        pem, secret = (certs / name).read_bytes(), (certs / key).read_bytes()
        for load in (lambda: watched.context.load_cert_chain(certs / name, certs / key),
                     lambda: watched.context.load_cert_chain_data(pem, secret),
                     lambda: watched.context.load_cert_chain_data(der_of(pem), der_of(secret)),
                     lambda: watched.context.load_cert_chain_data(pem + secret)):
            assert refusal(load).reason == reason
            assert watched.look() == before


def test_what_is_not_a_socket_is_not_taken(certs):
    """The descriptor stays the caller's."""
    context = client_context(certs, "TLSv1.3")
    with open(certs / "ca.pem") as file, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        for number, kind, message in ((file.fileno(), "OSError", os.strerror(88)), (-1, "ValueError", "fd -1 is no descriptor"),
                                      (1 << 20, "OSError", os.strerror(9)),
                                      (datagrams.fileno(), "NotImplementedError", "only stream sockets are supported")):
            error = refusal(context.give, int, "wrap_socket", number, 0, b"localhost", None)
            assert (error.kind, error.message) == (kind, message)
        assert file.read(5) == "-----"
        datagrams.getsockname()


DH_PARAMETERS = b"""-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
"""
