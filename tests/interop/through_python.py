"""What only a program in Python can ask of the ssl module, played in this process and printed as JSON: by its own _ssl, or by
the one over libtlsock when tests/conformance is on PYTHONPATH. Usage: through_python.py FOLDER OF CERTIFICATES"""

import json
import pickle
import socket
import ssl
import sys
import tempfile
import threading
from pathlib import Path

CERTS = Path(sys.argv[1])


def client(**protocols):
    context = ssl.create_default_context(cafile=str(CERTS / "ca.pem"))
    if protocols:
        context.set_alpn_protocols(protocols["alpn"])
    return context


def server():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTS / "ecdsa.pem", CERTS / "ecdsa.key")
    return context


def outcome(call):
    try:
        return call()
    except Exception as error:
        return type(error).__name__, getattr(error, "reason", None) or str(error)


def shake(serving, asking):
    """A handshake over a pair of sockets: what the server and the client made of it."""
    here, there = socket.socketpair()
    ends = {}

    def serve():
        ends["server"] = outcome(lambda: serving.wrap_socket(there, server_side=True))

    thread = threading.Thread(target=serve)
    thread.start()
    ends["client"] = outcome(lambda: asking.wrap_socket(here, server_hostname="localhost"))
    thread.join(30)
    return ends["server"], ends["client"]


def close(*ends):
    for end in ends:
        if hasattr(end, "close"):
            end.close()


def contexts_cannot_be_pickled():
    return outcome(lambda: pickle.dumps(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)))[0]


def iterables_of_protocols():
    serving = server()
    serving.set_alpn_protocols("h")
    found = []
    for offered in [("x", "h"), "xh", ["h"]]:
        here, there = shake(serving, client(alpn=offered))
        found.append([here.selected_alpn_protocol(), there.selected_alpn_protocol()])
        close(here, there)
    return found


def an_sni_callback_that_returns_zero():
    serving = server()
    serving.sni_callback = lambda *_: 0
    here, there = shake(serving, client())
    close(here, there)
    return here


def classes_of_results():
    class Socket(ssl.SSLSocket):
        pass

    class Object(ssl.SSLObject):
        pass

    context = client()
    context.sslsocket_class, context.sslobject_class = Socket, Object
    names = [ssl.SSLContext.sslsocket_class.__name__, ssl.SSLContext.sslobject_class.__name__]
    with context.wrap_socket(socket.socket(), server_hostname="localhost") as wrapped:
        names.append(type(wrapped) is Socket)
    names.append(type(context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")) is Object)
    return names


def counts_of_sendfile():
    here, there = shake(server(), client())
    with tempfile.TemporaryFile() as file:
        found = [outcome(lambda count=count: there.sendfile(file, 0, count)) for count in (0, -1, "x", 1.5)]
    close(here, there)
    return found


SCENARIOS = (contexts_cannot_be_pickled, iterables_of_protocols, an_sni_callback_that_returns_zero, classes_of_results,
             counts_of_sendfile)

json.dump({"implementation": getattr(sys.modules["_ssl"], "__file__", "built in"),
           "outcomes": {scenario.__name__: scenario() for scenario in SCENARIOS}}, sys.stdout)
