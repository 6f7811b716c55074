"""Which peers a side accepts: certificates that lack something, modes and flags, and what is reported of the peer."""

from twins import Pair, client_context, each_version, scenario, server_context


def strict(api, files, ca):
    context = api.create_default_context(129, cafile=str(files / ca))
    # The default since 3.13.
    context.verify_flags |= 0x80020
    return context


@scenario
def certificates_that_lack_something(api, files):
    """Plain contexts accept them, X509_STRICT of default contexts does not."""
    found = {}
    for name, ca in (("no-issuer-key", "ca.pem"), ("lax", "lax-ca.pem"), ("for-clients", "ca.pem")):
        for kind, context in (("plain", client_context(api, files, ca=ca)), ("default", strict(api, files, ca))):
            server = server_context(api, files, identity=name)
            found[f"{name}, {kind}"] = Pair(api, context, server).handshake()
    return found


@scenario
def certificates_that_cannot_be_loaded(api, files):
    names = ("unreadable-names", "no-names", "unreadable-point", "empty-point", "rich")
    return {name: api.attempt(api.Context(17).load_cert_chain, files / f"{name}.pem", files / f"{name}.key")
            for name in names}


@scenario
def certificates_of_the_first_version(api, files):
    context = api.Context(16)
    context.load_verify_locations(str(files / "version1.pem"))
    return {"store": [context.cert_store_stats(), context.get_ca_certs()]}


@scenario
def a_certificate_trusted_as_it_is(api, files):
    def steps(version):
        context = client_context(api, files, version, ca="self-signed.pem")
        pair = Pair(api, context, server_context(api, files, version, "self-signed"))
        return {"handshake": pair.handshake(), "chains": chains(api, pair.client)}
    return each_version(steps)


def chains(api, connection):
    return [len(api.chain(connection, name)) for name in ("get_verified_chain", "get_unverified_chain")]


@scenario
def optional_on_a_client_is_required(api, files):
    def steps(version):
        found = {}
        for ca in ("ca.pem", "unknown-ca.pem"):
            context = client_context(api, files, version, ca)
            context.verify_mode = 1
            found[ca] = Pair(api, context, server_context(api, files, version)).handshake()
        return found
    return each_version(steps)


@scenario
def chains_of_who_does_not_verify(api, files):
    def steps(version):
        context = client_context(api, files, version)
        context.check_hostname = False
        context.verify_mode = 0
        pair = Pair(api, context, server_context(api, files, version)).established()
        return {"chains": chains(api, pair.client), "certificate": api.attempt(pair.client.getpeercert)}
    return each_version(steps)


@scenario
def certificates_follow_the_mode_of_the_context(api, files):
    """A connection verifies as it was made to; whether it tells what the peer showed follows its context."""
    def steps(version):
        context = client_context(api, files, version)
        context.check_hostname = False
        pair = Pair(api, context, server_context(api, files, version)).established()
        found = {"verified": api.attempt(pair.client.getpeercert)}
        context.verify_mode = 0
        found["switched off"] = api.attempt(pair.client.getpeercert)
        context.verify_mode = 2
        found["switched on"] = api.attempt(pair.client.getpeercert)
        return found
    return each_version(steps)


@scenario
def two_kinds_of_keys(api, files):
    """A server with both serves clients that can check only one kind."""
    server = server_context(api, files, "TLSv1.2", "rsa")
    server.load_cert_chain(files / "ecdsa.pem", files / "ecdsa.key")
    found = {}
    for ciphers in ("ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"):
        client = client_context(api, files, "TLSv1.2")
        client.set_ciphers(ciphers)
        pair = Pair(api, client, server).established()
        found[ciphers] = [pair.client.cipher(), pair.client.getpeercert(True)]
    return found


@scenario
def nobody_to_show(api, files):
    def steps(version):
        client, server = client_context(api, files, version), api.Context(17)
        server.minimum_version = server.maximum_version = client.minimum_version
        return {"handshake": Pair(api, client, server).handshake()}
    return each_version(steps)
