"""Making contexts and connections: constants, purposes, passwords that are asked for, what may be given to whom."""

import time

from twins import Pair, client_context, each_version, scenario, server_context

CONSTANTS = """
PROTOCOL_TLS PROTOCOL_SSLv23 PROTOCOL_TLS_CLIENT PROTOCOL_TLS_SERVER PROTOCOL_TLSv1 PROTOCOL_TLSv1_1 PROTOCOL_TLSv1_2
CERT_NONE CERT_OPTIONAL CERT_REQUIRED VERIFY_DEFAULT VERIFY_CRL_CHECK_LEAF VERIFY_CRL_CHECK_CHAIN VERIFY_X509_STRICT
VERIFY_ALLOW_PROXY_CERTS VERIFY_X509_TRUSTED_FIRST VERIFY_X509_PARTIAL_CHAIN OP_ALL OP_NO_SSLv2 OP_NO_SSLv3 OP_NO_TLSv1
OP_NO_TLSv1_1 OP_NO_TLSv1_2 OP_NO_TLSv1_3 OP_NO_RENEGOTIATION OP_CIPHER_SERVER_PREFERENCE OP_SINGLE_DH_USE
OP_SINGLE_ECDH_USE OP_ENABLE_MIDDLEBOX_COMPAT OP_NO_COMPRESSION OP_NO_TICKET OP_IGNORE_UNEXPECTED_EOF OP_ENABLE_KTLS
OP_LEGACY_SERVER_CONNECT HAS_ALPN HAS_NEVER_CHECK_COMMON_NAME HAS_ECDH HAS_SNI HAS_NPN HAS_SSLv2 HAS_SSLv3 HAS_TLSv1
HAS_TLSv1_1 HAS_TLSv1_2 HAS_TLSv1_3 HAS_PSK SSL_ERROR_SSL SSL_ERROR_ZERO_RETURN SSL_ERROR_WANT_READ SSL_ERROR_WANT_WRITE
SSL_ERROR_WANT_X509_LOOKUP SSL_ERROR_SYSCALL SSL_ERROR_WANT_CONNECT SSL_ERROR_EOF SSL_ERROR_INVALID_ERROR_CODE
TLSVersion.MINIMUM_SUPPORTED TLSVersion.MAXIMUM_SUPPORTED TLSVersion.SSLv3 TLSVersion.TLSv1 TLSVersion.TLSv1_1
TLSVersion.TLSv1_2 TLSVersion.TLSv1_3
""".split()
ALERTS = """
ACCESS_DENIED BAD_CERTIFICATE BAD_CERTIFICATE_HASH_VALUE BAD_CERTIFICATE_STATUS_RESPONSE BAD_RECORD_MAC
CERTIFICATE_EXPIRED CERTIFICATE_REVOKED CERTIFICATE_UNKNOWN CERTIFICATE_UNOBTAINABLE CLOSE_NOTIFY DECODE_ERROR
DECOMPRESSION_FAILURE DECRYPT_ERROR HANDSHAKE_FAILURE ILLEGAL_PARAMETER INSUFFICIENT_SECURITY INTERNAL_ERROR
NO_RENEGOTIATION PROTOCOL_VERSION RECORD_OVERFLOW UNEXPECTED_MESSAGE UNKNOWN_CA UNKNOWN_PSK_IDENTITY UNRECOGNIZED_NAME
UNSUPPORTED_CERTIFICATE UNSUPPORTED_EXTENSION USER_CANCELLED
""".split()


@scenario
def constants(api, files):
    names = CONSTANTS + [f"ALERT_DESCRIPTION_{alert}" for alert in ALERTS]
    return {name: api.constant(name) for name in names}


@scenario
def other_protocols(api, files):
    return {str(number): api.attempt(lambda number=number: api.Context(number) and None) for number in (1, 3, 4, 7)}


@scenario
def purposes(api, files):
    """By number or by name; an unknown purpose is refused."""
    ca, found = str(files / "ca.pem"), {}
    for name in ("serverAuth", "clientAuth"):
        context = api.create_default_context(api.named_purpose(name), cafile=ca)
        found[name] = [context.protocol, context.verify_mode, context.check_hostname, context.cert_store_stats()]
    found["codeSigning"] = api.attempt(
        lambda: api.create_default_context(api.named_purpose("codeSigning"), cafile=ca) and None).get("raises")
    return found


@scenario
def empty_sources_of_trust(api, files):
    """An empty argument is like a missing one: the defaults are loaded."""
    absent = api.create_default_context(129)
    empty = api.create_default_context(129, cafile="", capath="", cadata="")
    return {"same": [absent.cert_store_stats() == empty.cert_store_stats(), empty.cert_store_stats()]}


@scenario
def passwords_that_are_asked_for(api, files):
    """Once a load, only for keys that have one, and never again for a later load."""
    def load(key, answer):
        asked = []

        def password():
            asked.append(None)
            return answer

        context = api.Context(17)
        return [api.attempt(api.load_asking, context, files / "rsa.pem", files / key, password), len(asked)]

    found = {"right": load("rsa-encrypted.key", "sesame"), "wrong": load("rsa-encrypted.key", "open"),
             "empty": load("rsa-encrypted.key", ""), "1024 bytes": load("rsa-encrypted.key", "a" * 1024),
             "1025 bytes": load("rsa-encrypted.key", "a" * 1025), "not needed": load("rsa.key", "sesame")}
    context, asked = api.Context(17), []
    api.load_asking(context, files / "rsa.pem", files / "rsa-encrypted.key", lambda: asked.append(None) or "sesame")
    context.load_cert_chain(files / "ecdsa.pem", files / "ecdsa.key")
    found["by a later load"] = [
        api.attempt(context.load_cert_chain, files / "rsa.pem", files / "rsa-encrypted.key", "open"), len(asked)]
    return found


@scenario
def groups_for_clients(api, files):
    return {str(number): api.attempt(api.Context(number).load_dh_params, str(files / "dh.pem")) for number in (16, 17)}


@scenario
def a_refused_list_leaves_the_old_one(api, files):
    client, server = client_context(api, files), server_context(api, files)
    server.set_alpn_protocols(["a", "b"])
    client.set_alpn_protocols(["b"])
    found = {name: api.attempt(client.set_alpn_protocols, protocols)
             for name, protocols in (("empty", ["a", ""]), ("long", ["a", "x" * 256]))}
    pair = Pair(api, client, server).established()
    found["agreed"] = [pair.client.selected_alpn_protocol(), pair.server.selected_alpn_protocol()]
    client.set_alpn_protocols([])
    pair = Pair(api, client, server).established()
    found["without a list"] = [pair.client.selected_alpn_protocol(), pair.server.selected_alpn_protocol()]
    return found


@scenario
def names_and_sessions_of_servers_in_memory(api, files):
    client, server = client_context(api, files), server_context(api, files)
    both = api.Context(2)
    both.load_cert_chain(files / "ecdsa.pem", files / "ecdsa.key")
    both.load_verify_locations(files / "ca.pem")
    session = Pair(api, client, server).established().client.session
    own = Pair(api, both, server).established().client.session

    def wrap(context, **options):
        return api.attempt(lambda: context.wrap_bio(api.BIO(), api.BIO(), server_side=True, **options).server_hostname)

    return {"name": wrap(server, server_hostname="example.org"), "another's session": wrap(server, session=session),
            "own session": wrap(both, session=own)}


@scenario
def an_outgoing_buffer_that_was_ended(api, files):
    context = client_context(api, files)
    incoming, outgoing = api.BIO(), api.BIO()
    outgoing.write_eof()
    client = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    return {"handshake": api.attempt(client.do_handshake), "put out": [outgoing.pending > 100, outgoing.eof]}


@scenario
def ciphers_both_sides_have(api, files):
    found = {}
    for name, (client, server) in {"default": (None, None), "old server": (None, "TLSv1.2"),
                                   "old client": ("TLSv1.2", None), "new client": ("TLSv1.3", None),
                                   "new server": (None, "TLSv1.3")}.items():
        pair = Pair(api, client_context(api, files, client), server_context(api, files, server)).established()
        found[name] = [pair.server.shared_ciphers(), pair.client.shared_ciphers()]
    return found


@scenario
def lists_of_one_version(api, files):
    found = {}
    for version in ("TLSv1.2", "TLSv1.3"):
        names = [cipher["name"] for cipher in client_context(api, files, version).get_ciphers()]
        found[version] = names
    return found


@scenario
def a_session_belongs_to_the_context_in_use(api, files):
    """A connection whose context was replaced takes the sessions of the new one only."""
    def steps(version):
        first, second = client_context(api, files, version), client_context(api, files, version)
        server = server_context(api, files, version)
        session = Pair(api, first, server).established().client.session
        pair = Pair(api, first, server)
        pair.client.context = second
        return {"the old one's": api.attempt(setattr, pair.client, "session", session),
                "recent": abs(session.time - time.time()) < 60}
    return each_version(steps)
