"""The same steps through tlsock and through Python's ssl: what scenarios are written against.

A scenario is a function of an `api`, either `PythonApi` or `OurApi`, and of a directory of files. It returns a
dict of steps and their outcomes, in JSON's types, so that the two can run in different processes.
"""

import ctypes
import importlib
import os
import re
import warnings
from pathlib import Path

from watching import our_warnings, python_warnings, python_warnings_as_errors

SCENARIOS = {}


def scenario(function):
    """Registers a scenario by its name."""
    assert function.__name__ not in SCENARIOS
    SCENARIOS[function.__name__] = function
    return function


def load_scenarios():
    """Registers those of every file here."""
    for path in sorted(Path(__file__).resolve().parent.glob("scenarios_*.py")):
        importlib.import_module(path.stem)


def run_all(api, files):
    return {name: plain(run(api, files)) for name, run in SCENARIOS.items()}


def plain(value):
    """A value in JSON's types. Enumerations are their numbers."""
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": value.hex()}
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return int(value)


def failure(kind, message="", library=None, reason=None, code=0, verify_code=0, verify_message=None, os_errno=0):
    if kind in ("SSLWantReadError", "SSLWantWriteError"):
        return {"raises": kind}
    if kind == "OSError":
        return {"raises": kind, "os_errno": os_errno}
    told = {"raises": kind, "message": message}
    if kind.startswith("SSL"):
        told.update(library=library, reason=reason, code=code)
    if kind == "SSLCertVerificationError":
        told.update(verify_code=verify_code, verify_message=verify_message)
    return told


class PythonApi:
    """Python's ssl module."""

    ours = False

    def __init__(self):
        import ssl
        warnings.simplefilter("ignore")
        self._ssl = ssl
        self._scratch = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.Context = ssl.SSLContext
        self.BIO = ssl.MemoryBIO

    def __getattr__(self, name):
        return getattr(self._ssl, name)

    def create_default_context(self, purpose, **arguments):
        return self._ssl.create_default_context(self._ssl._ASN1Object.fromnid(purpose), **arguments)

    def require(self, name):
        """Ends the scenario where ours does not have a function yet."""

    def constant(self, name):
        found = self._ssl
        for part in name.split("."):
            found = getattr(found, part, None)
        return found

    def watch(self):
        return python_warnings()

    def refuse_warnings(self):
        return python_warnings_as_errors()

    def named_purpose(self, name):
        """The number of a purpose by its name."""
        return self._ssl._ASN1Object.fromname(name).nid

    def object_by_oid(self, text):
        return list(self._ssl._ASN1Object(text))

    def object_by_nid(self, number):
        return list(self._ssl._ASN1Object.fromnid(number))

    def load_asking(self, context, certificate, key, password):
        """Loads a chain whose password a function gives."""
        context.load_cert_chain(certificate, key, password)

    def answer_names(self, context, answer):
        """Asks `answer` of each name a client gives: None to go on, or an alert."""
        context.sni_callback = lambda _connection, name, _context: answer(name)

    def watch_messages(self, context, see):
        """Shows each message: whether it is written, the version, the content type, the message type, its length."""
        context._msg_callback = lambda _connection, direction, version, content, kind, data: see(
            [direction == "write", int(version), int(content), int(kind), len(data)])

    def give_keys(self, client, server, mine, theirs, hint=None):
        """Asks mine(hint) for an identity and a key, and theirs(identity) for a key. None declines."""
        client.set_psk_client_callback(lambda hint: mine(hint) or (None, b""))
        server.set_psk_server_callback(lambda identity: theirs(identity) or b"", hint)

    def decode(self, path):
        """The dict of the certificate in a file."""
        return self._ssl._ssl._test_decode_cert(str(path))

    @staticmethod
    def chain(connection, name):
        """A chain in DER; before 3.13 only a private method had it."""
        if hasattr(connection, name):
            return getattr(connection, name)()
        return [certificate.public_bytes(2) for certificate in getattr(connection._sslobj, name)() or ()]

    def _forget_errors(self):
        """Empties OpenSSL's error queue: the reference leaves entries there that turn up in a later call. Ours never
        does. A cipher list that is refused empties it."""
        try:
            self._scratch.set_ciphers("NONE-SUCH")
        except self._ssl.SSLError:
            pass

    def attempt(self, step, *arguments, **options):
        """What a step gives or raises."""
        self._forget_errors()
        try:
            return plain(step(*arguments, **options))
        except self._ssl.SSLError as error:
            text = error.args[-1]
            return failure(type(error).__name__, _bare(text), getattr(error, "library", None),
                           getattr(error, "reason", None), error.args[0] if len(error.args) > 1 else 0,
                           getattr(error, "verify_code", 0), getattr(error, "verify_message", None))
        except TimeoutError as error:
            return failure("TimeoutError", _bare(str(error)))
        except OSError as error:
            return failure("OSError", os_errno=error.errno)
        except (ValueError, OverflowError) as error:
            return failure("ValueError", _bare(str(error)))
        except NotImplementedError as error:
            return failure("NotImplementedError", str(error))


def _bare(text):
    """A message without the place in the reference's source."""
    return re.sub(r"^_ssl\.c:\d+: | \(_ssl\.c:\d+\)$", "", text)


class OurApi:
    """tlsock, under the names the scenarios use."""

    ours = True

    def __init__(self):
        import tlsock
        self._tlsock = tlsock
        self.Context = tlsock.Context
        self.BIO = tlsock.BIO

    def __getattr__(self, name):
        return getattr(self._tlsock, name)

    def require(self, name):
        self._tlsock.function(name)

    def constant(self, name):
        if name.startswith("HAS_"):
            return self._tlsock.lib.tlsock_has(getattr(self._tlsock, name.upper()))
        return getattr(self._tlsock, name.upper().replace("TLSVERSION.", "TLS_VERSION_"))

    def watch(self):
        return our_warnings()

    def refuse_warnings(self):
        return our_warnings(self._tlsock.VALUE)

    def named_purpose(self, name):
        found = self._tlsock.header.structs["tlsock_asn1_object"]()
        self._tlsock.call("tlsock_txt2obj", name.encode(), True, ctypes.byref(found))
        return found.nid

    def object_by_oid(self, text):
        return self._object("tlsock_txt2obj", text.encode(), False)

    def object_by_nid(self, number):
        return self._object("tlsock_nid2obj", number)

    def _object(self, name, *arguments):
        found = self._tlsock.header.structs["tlsock_asn1_object"]()
        self._tlsock.call(name, *arguments, ctypes.byref(found))
        return [found.nid, *(text and text.decode() for text in (found.shortname, found.longname, found.oid))]

    def cert_time_to_seconds(self, text):
        seconds = ctypes.c_int64()
        self._tlsock.call("tlsock_cert_time_to_seconds", text.encode(), ctypes.byref(seconds))
        return seconds.value

    def PEM_cert_to_DER_cert(self, text):
        return self._tlsock.give_bytes("tlsock_pem_cert_to_der_cert", text.encode())

    def DER_cert_to_PEM_cert(self, data):
        return self._tlsock.give_bytes("tlsock_der_cert_to_pem_cert", data, len(data)).decode()

    def load_asking(self, context, certificate, key, password):
        def answer(_userdata, buffer, size, length, _error):
            text = password().encode()
            ctypes.memmove(buffer, text, min(size, len(text)))
            length[0] = len(text)
            return 0

        context.call("load_cert_chain_asking", os.fsencode(certificate), os.fsencode(key),
                     self._tlsock.header.callbacks["tlsock_password_callback"](answer), None)

    def answer_names(self, context, answer):
        def callback(_connection, name, _context, _error):
            number = answer(name and name.decode())
            return 0 if number is None else number

        context.set_callback("sni", callback)

    def watch_messages(self, context, see):
        def callback(_connection, direction, version, content, kind, _data, length, _error):
            see([direction == self._tlsock.MESSAGE_WRITE, version, content, kind, length])
            return self._tlsock.OK

        context.set_callback("message", callback)

    def give_keys(self, client, server, mine, theirs, hint=None):
        def put(place, data):
            ctypes.memmove(place, data, len(data))

        def client_callback(_connection, hint, name, _name_size, key, size, length, _error):
            identity, secret = mine(hint and hint.decode()) or (None, b"")
            put(name, (identity or "").encode() + b"\0")
            put(key, secret[:size])
            length[0] = len(secret)
            return self._tlsock.OK

        def server_callback(_connection, identity, key, size, length, _error):
            secret = theirs(identity and identity.decode()) or b""
            put(key, secret[:size])
            length[0] = len(secret)
            return self._tlsock.OK

        client.set_callback("psk_client", client_callback)
        server.set_psk_server_callback(server_callback, hint)

    def decode(self, path):
        return self._tlsock.Certificate.from_data(path.read_bytes()).info()

    @staticmethod
    def chain(connection, name):
        return getattr(connection, name)()

    def attempt(self, step, *arguments, **options):
        try:
            return plain(step(*arguments, **options))
        except self._tlsock.Error as error:
            return failure(error.kind, error.message, error.library, error.reason, error.code, error.verify_code,
                           error.verify_message, error.os_errno)
        except self._tlsock.Absent as absent:
            return {"absent": str(absent)}


def wants(outcome):
    return isinstance(outcome, dict) and outcome.get("raises") in ("SSLWantReadError", "SSLWantWriteError")


class Pair:
    """A client and a server in memory; what one puts out the other takes in."""

    def __init__(self, api, client_context, server_context, name="localhost", session=None):
        self.api = api
        self.to_server, self.to_client = api.BIO(), api.BIO()
        self.client = client_context.wrap_bio(self.to_client, self.to_server, server_hostname=name, session=session)
        self.server = server_context.wrap_bio(self.to_server, self.to_client, server_side=True)

    def handshake(self):
        """Both sides' outcomes, taken in turns until neither waits or neither gets on."""
        outcomes = {"client": None, "server": None}
        for _ in range(10):
            for side in outcomes:
                if outcomes[side] is None or wants(outcomes[side]):
                    outcomes[side] = self.api.attempt(getattr(self, side).do_handshake)
        return outcomes

    def established(self):
        """Finishes the handshake, and lets the client read the tickets of TLS 1.3."""
        outcomes = self.handshake()
        assert outcomes == {"client": None, "server": None}, outcomes
        self.api.attempt(self.client.read, 1)
        return self


def client_context(api, files, version=None, ca="ca.pem", identity=None):
    context = api.Context(api.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(files / ca)
    return _prepared(context, files, version, identity)


def server_context(api, files, version=None, identity="ecdsa"):
    return _prepared(api.Context(api.PROTOCOL_TLS_SERVER), files, version, identity)


VERSIONS = {"TLSv1.2": 771, "TLSv1.3": 772}


def _prepared(context, files, version, identity):
    if identity:
        context.load_cert_chain(files / f"{identity}.pem", files / f"{identity}.key")
    if version:
        context.minimum_version = context.maximum_version = VERSIONS[version]
    return context


def connected(api, files, version):
    return Pair(api, client_context(api, files, version), server_context(api, files, version)).established()


def each_version(steps):
    """Runs steps(version) for TLS 1.2 and 1.3, and puts the version before their names."""
    return {f"{version} {step}": outcome
            for version in VERSIONS for step, outcome in steps(version).items()}


def differences(ours, theirs, path=""):
    """Where two outcomes differ, as (path, ours, theirs), down to whole errors and single values."""
    if isinstance(ours, dict) and isinstance(theirs, dict) and not {"raises", "absent"} & {*ours, *theirs}:
        pairs = [(key, ours.get(key), theirs.get(key)) for key in {**theirs, **ours}]
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = [(index, *pair) for index, pair in enumerate(zip(ours, theirs))]
    else:
        # What the header does not have yet cannot differ.
        same = ours == theirs or isinstance(ours, dict) and "absent" in ours
        return [] if same else [(path, ours, theirs)]
    return [found for key, mine, other in pairs for found in differences(mine, other, f"{path}/{key}")]
