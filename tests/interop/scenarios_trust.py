"""Where trust comes from: the defaults of the system, hashed directories; and clients that prove themselves late."""

import os
from contextlib import contextmanager

from odd_certificates import BEHIND, LABELS
from twins import Pair, client_context, scenario, server_context


@contextmanager
def environment(**values):
    """Sets variables that OpenSSL reads; None removes one."""
    before = {name: os.environ.get(name) for name in values}
    try:
        _set(values)
        yield
    finally:
        _set(before)


def _set(values):
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = str(value)


def store(context):
    return [context.cert_store_stats(), len(context.get_ca_certs())]


@scenario
def default_trust(api, files):
    found = {}
    missing = files / "missing.pem"
    for name, file, directory in (("a file", files / "two.pem", missing), ("nothing", missing, missing),
                                  ("a wrong file", files / "garbage.pem", missing),
                                  ("a directory", missing, files / "hashed")):
        with environment(SSL_CERT_FILE=file, SSL_CERT_DIR=directory):
            for way in ("set_default_verify_paths", "load_default_certs"):
                context = api.Context(16)
                found[f"{name}, {way}"] = [api.attempt(getattr(context, way)), store(context)]
            context = api.create_default_context(129)
            pair = Pair(api, context, server_context(api, files))
            found[f"{name}, default context"] = [pair.handshake(), store(context)]
            found[f"{name}, for servers"] = store(api.create_default_context(130))
    return found


@scenario
def default_trust_as_it_is(api, files):
    """Without the variables: what the system trusts, and that our CA is not among it."""
    with environment(SSL_CERT_FILE=None, SSL_CERT_DIR=None):
        context = api.create_default_context(129)
        before = store(context)
        pair = Pair(api, context, server_context(api, files))
        return {"before": before, "handshake": pair.handshake(), "after": store(context),
                "certificates": sorted(der.hex() for der in context.get_ca_certs(True))}


@scenario
def more_than_the_default(api, files):
    with environment(SSL_CERT_FILE=files / "unknown-ca.pem", SSL_CERT_DIR=files / "missing.pem"):
        context = api.create_default_context(129)
        context.load_verify_locations(files / "ca.pem")
        return {"handshake": Pair(api, context, server_context(api, files)).handshake(), "store": store(context)}


@scenario
def hashed_directory(api, files):
    context = api.Context(16)
    context.load_verify_locations(None, str(files / "hashed"))
    before = store(context)
    outcome = Pair(api, context, server_context(api, files)).handshake()
    return {"before": before, "handshake": outcome, "after": store(context)}


@scenario
def trust_in_an_intermediate(api, files):
    """create_default_context has PARTIAL_CHAIN; a certificate without a key usage fails its X509_STRICT."""
    found = {}
    for name in ("inter.pem", "ca.pem", "unknown-ca.pem"):
        context = api.create_default_context(129, cafile=str(files / name))
        pair = Pair(api, context, server_context(api, files))
        found[name] = [pair.handshake(), api.chain(pair.client, "get_verified_chain")]
    return found


@scenario
def bytes_behind_an_authority(api, files):
    """They say what it is trusted for in a file alone, and there under the label for it alone."""
    found = {}
    for behind in BEHIND:
        for label in LABELS:
            path = files / f"behind-{behind}-{label}.pem"
            for way, arguments in (("cafile", {"cafile": path}), ("cadata", {"cadata": path.read_text()})):
                context = api.Context(16)
                loaded = api.attempt(context.load_verify_locations, **arguments)
                outcome = Pair(api, context, server_context(api, files)).handshake()
                found[f"{behind}, {label}, {way}"] = [loaded, store(context), outcome]
    return found


@scenario
def bytes_behind_a_certificate(api, files):
    """In a file of a chain: behind the first certificate, and behind the second."""
    found = {}
    for behind in BEHIND:
        for label in LABELS:
            for place in ("leaf", "chain"):
                context = api.Context(17)
                loaded = api.attempt(context.load_cert_chain, str(files / f"{place}-{behind}-{label}.pem"),
                                     str(files / "ecdsa.key"))
                outcome = Pair(api, client_context(api, files), context).handshake()
                found[f"{place}, {behind}, {label}"] = [loaded, outcome]
    return found


@scenario
def two_roots_of_one_name(api, files):
    """In both orders, for servers and for clients; the plain ones have no key identifiers."""
    found = {}
    for first, second in (("ca", "twin-ca"), ("twin-ca", "ca")):
        for name in ("ecdsa", "twin", "plain", "twin-plain"):
            context = client_context(api, files, "TLSv1.2", ca=f"{first}.pem")
            context.load_verify_locations(files / f"{second}.pem")
            pair = Pair(api, context, server_context(api, files, "TLSv1.2", name))
            found[f"server {name}, {first} first"] = pair.handshake()
        for name in ("client", "plain", "twin-plain"):
            context = server_context(api, files, "TLSv1.2")
            context.verify_mode = 2
            for root in (first, second):
                context.load_verify_locations(files / f"{root}.pem")
            pair = Pair(api, client_context(api, files, "TLSv1.2", identity=name), context)
            found[f"client {name}, {first} first"] = pair.handshake()
    return found


@scenario
def late_authentication(api, files):
    """TLS 1.3 post-handshake authentication, and every way it is not possible."""
    api.require("tlsock_object_verify_client_post_handshake")

    def pair(mode=2, identity="client", version="TLSv1.3", offered=True, server_offers=True):
        client = client_context(api, files, version, identity=identity)
        server = server_context(api, files, version)
        server.load_verify_locations(files / "ca.pem")
        server.verify_mode = mode
        client.post_handshake_auth, server.post_handshake_auth = offered, server_offers
        return Pair(api, client, server)

    def ask(connections):
        client, server = connections.client, connections.server
        outcomes = [api.attempt(server.verify_client_post_handshake), server.version(), api.attempt(server.getpeercert)]
        outcomes += [api.attempt(server.write, b"?"), server.version(), api.attempt(client.read, 10),
                     api.attempt(client.write, b"!"), api.attempt(server.read, 10), api.attempt(client.read, 10),
                     api.attempt(server.getpeercert)]
        return outcomes

    twice = pair().established()
    return {
        "good": ask(pair().established()),
        "optional, none": ask(pair(mode=1, identity=None).established()),
        "required, none": ask(pair(identity=None).established()),
        "refused": ask(pair(identity="self-signed").established()),
        "not asked": ask(pair(mode=0).established()),
        "not offered": ask(pair(offered=False).established()),
        "asked at once": api.attempt(pair(server_offers=False).established().server.getpeercert),
        "TLS 1.2": api.attempt(lambda: pair(version="TLSv1.2").established().server.verify_client_post_handshake()),
        "before the handshake": api.attempt(lambda: pair().server.verify_client_post_handshake()),
        "by the client": api.attempt(lambda: pair().established().client.verify_client_post_handshake()),
        "twice": [api.attempt(twice.server.verify_client_post_handshake) for _ in range(2)],
    }
