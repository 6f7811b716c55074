"""Connections in memory: what they tell, who is refused and how, sessions, names."""

from twins import Pair, client_context, each_version, scenario, server_context

KEYS = ("rsa", "ecdsa", "ed25519")


def binding(connection):
    """Ours refuses it over TLS 1.3: tests/ciphers.rs."""
    return None if connection.version() == "TLSv1.3" else connection.get_channel_binding()


def facts(api, connection):
    questions = {
        "version": connection.version, "cipher": connection.cipher, "compression": connection.compression,
        "alpn": connection.selected_alpn_protocol, "shared ciphers": connection.shared_ciphers,
        "pending": connection.pending, "certificate": connection.getpeercert,
        "DER": lambda: connection.getpeercert(True), "name": lambda: connection.server_hostname,
        "server": lambda: connection.server_side, "reused": lambda: connection.session_reused,
        "binding": lambda: len(binding(connection) or b""),
        "other binding": lambda: connection.get_channel_binding("foo"),
        "verified chain": lambda: api.chain(connection, "get_verified_chain"),
        "sent chain": lambda: api.chain(connection, "get_unverified_chain"),
    }
    return {name: api.attempt(question) for name, question in questions.items()}


@scenario
def what_a_connection_tells(api, files):
    def steps(version):
        found = {}
        for key in KEYS:
            pair = Pair(api, client_context(api, files, version), server_context(api, files, version, key))
            if key == "ecdsa":
                found["client before"], found["server before"] = facts(api, pair.client), facts(api, pair.server)
            pair.established()
            found[f"client {key}"] = facts(api, pair.client)
            found[f"server {key}"] = facts(api, pair.server)
            found[f"binding {key}"] = api.attempt(
                lambda pair=pair: binding(pair.client) == binding(pair.server))
        return found
    return each_version(steps)


@scenario
def mutual_authentication(api, files):
    def steps(version):
        found = {}
        for mode in (1, 2):
            for identity in (None, "client", "self-signed", "rsa"):
                server = server_context(api, files, version)
                server.load_verify_locations(files / "ca.pem")
                server.verify_mode = mode
                pair = Pair(api, client_context(api, files, version, identity=identity), server)
                outcomes = pair.handshake()
                outcomes["client reads"] = api.attempt(pair.client.read, 1)
                found[f"mode {mode}, {identity}"] = outcomes
                # The chain of a client without a certificate crashes older references.
                if outcomes["server"] is None and identity:
                    found[f"mode {mode}, {identity}, facts"] = facts(api, pair.server)
                elif outcomes["server"] is None:
                    found[f"mode {mode}, {identity}, certificate"] = api.attempt(pair.server.getpeercert)
        return found
    return each_version(steps)


@scenario
def unverified(api, files):
    def steps(version):
        context = client_context(api, files, version, ca="unknown-ca.pem")
        context.check_hostname = False
        context.verify_mode = 0
        pair = Pair(api, context, server_context(api, files, version, "rsa")).established()
        return facts(api, pair.client)
    return each_version(steps)


@scenario
def refused_certificates(api, files):
    def outcomes(version, identity, ca="ca.pem", name="localhost", flags=0, crl=False):
        context = client_context(api, files, version, ca)
        context.verify_flags |= flags
        if crl:
            context.load_verify_locations(files / "crl.pem")
        pair = Pair(api, context, server_context(api, files, version, identity), name)
        told = pair.handshake()
        told["client again"] = api.attempt(pair.client.do_handshake)
        told["client reads"] = api.attempt(pair.client.read, 1)
        told["client unwraps"] = api.attempt(pair.client.unwrap)
        told["server reads"] = api.attempt(pair.server.read, 1)
        return told

    def steps(version):
        return {
            "expired": outcomes(version, "expired"),
            "wrong name": outcomes(version, "wrong-name"),
            "wrong address": outcomes(version, "ecdsa", name="127.0.0.2"),
            "right address": outcomes(version, "ecdsa", name="127.0.0.1"),
            "right IPv6 address": outcomes(version, "ecdsa", name="::1"),
            "capitals": outcomes(version, "ecdsa", name="LocalHost"),
            "self-signed": outcomes(version, "self-signed"),
            "unknown CA": outcomes(version, "rsa", ca="unknown-ca.pem"),
            "revoked": outcomes(version, "revoked", flags=4, crl=True),
            "revoked unasked": outcomes(version, "revoked", crl=True),
            "no CRL": outcomes(version, "ecdsa", flags=4),
            "not revoked": outcomes(version, "ecdsa", flags=4, crl=True),
            "intermediate only": outcomes(version, "ecdsa", ca="inter.pem"),
            "intermediate as anchor": outcomes(version, "ecdsa", ca="inter.pem", flags=0x80000),
            "client's certificate": outcomes(version, "client"),
        }
    return each_version(steps)


@scenario
def nothing_in_common(api, files):
    def outcomes(client, server):
        return Pair(api, client, server).handshake()

    def with_ciphers(context, ciphers):
        context.set_ciphers(ciphers)
        return context

    bare = api.Context(api.PROTOCOL_TLS_SERVER)
    empty = client_context(api, files)
    empty.minimum_version, empty.maximum_version = 772, 771
    found = {
        "versions": outcomes(client_context(api, files, "TLSv1.2"), server_context(api, files, "TLSv1.3")),
        "versions reversed": outcomes(client_context(api, files, "TLSv1.3"), server_context(api, files, "TLSv1.2")),
        "no version at all": outcomes(empty, server_context(api, files)),
        "ciphers": outcomes(with_ciphers(client_context(api, files, "TLSv1.2"), "AES128-GCM-SHA256"),
                            with_ciphers(server_context(api, files, "TLSv1.2"), "ECDHE-ECDSA-AES256-GCM-SHA384")),
        "no certificate": outcomes(client_context(api, files), bare),
    }
    return found


@scenario
def no_group_in_common(api, files):
    def steps(version):
        client, server = client_context(api, files, version), server_context(api, files, version)
        client.set_ecdh_curve("prime256v1")
        server.set_ecdh_curve("secp384r1")
        return {"groups": Pair(api, client, server).handshake()}
    return each_version(steps)


@scenario
def agreed_alpn(api, files):
    def steps(version):
        found = {}
        for name, (offered, known) in {
                "both": (["a", "b"], ["b", "a"]), "none in common": (["a"], ["b"]), "client only": (["a"], []),
                "server only": ([], ["a"]), "one": (["x", "http/1.1"], ["h2", "http/1.1"])}.items():
            client, server = client_context(api, files, version), server_context(api, files, version)
            if offered:
                client.set_alpn_protocols(offered)
            if known:
                server.set_alpn_protocols(known)
            pair = Pair(api, client, server).established()
            found[name] = [pair.client.selected_alpn_protocol(), pair.server.selected_alpn_protocol()]
        return found
    return each_version(steps)


def session_facts(session):
    return session and {"id": len(session.id), "timeout": session.timeout, "hint": session.ticket_lifetime_hint,
                        "ticket": session.has_ticket}


@scenario
def sessions(api, files):
    def steps(version):
        client, server = client_context(api, files, version), server_context(api, files, version)
        pair = Pair(api, client, server)
        found = {"before": [session_facts(pair.client.session), pair.client.session_reused]}
        pair.handshake()
        unread = pair.client.session
        found["unread"] = session_facts(unread)
        api.attempt(pair.client.read, 1)
        session = pair.client.session
        found["client"] = session_facts(session)
        found["server"] = session_facts(pair.server.session)
        found["same"] = [session == pair.client.session, session == unread]
        for attempt in ("second", "third"):
            again = Pair(api, client, server, session=session).established()
            found[attempt] = [again.client.session_reused, again.server.session_reused,
                              session == again.client.session, facts(api, again.client)]
        found["with the unread one"] = Pair(api, client, server, session=unread).established().client.session_reused
        found["stats"] = [api.attempt(client.session_stats), api.attempt(server.session_stats)]
        return found
    return each_version(steps)


@scenario
def sessions_without_tickets(api, files):
    def steps(version):
        client, server = client_context(api, files, version), server_context(api, files, version)
        server.num_tickets = 0
        server.options |= 1 << 14
        pair = Pair(api, client, server).established()
        session = pair.client.session
        again = Pair(api, client, server, session=session).established()
        return {"session": session_facts(session),
                "again": [again.client.session_reused, again.server.session_reused]}
    return each_version(steps)


@scenario
def misplaced_sessions(api, files):
    def steps(version):
        client, server = client_context(api, files, version), server_context(api, files, version)
        pair = Pair(api, client, server).established()
        session, servers = pair.client.session, pair.server.session
        fresh = Pair(api, client, server)
        other = Pair(api, client_context(api, files, version), server)
        return {"after the handshake": api.attempt(setattr, pair.client, "session", session),
                "on a server": api.attempt(setattr, fresh.server, "session", servers),
                "of another context": api.attempt(setattr, other.client, "session", session),
                "of another context, on a server": api.attempt(setattr, fresh.server, "session", session),
                "when wrapping": api.attempt(Pair, api, client_context(api, files, version), server, session=session)}
    return each_version(steps)


@scenario
def names(api, files):
    context = client_context(api, files)
    context.check_hostname = False

    def stored(name):
        return Pair(api, context, server_context(api, files), name).client.server_hostname

    valid = (None, "localhost", "EXAMPLE.org", "example.org.", "pythön.org", "straße.de", "ＡＢＣ.com", "a_b.com",
             "xn--pythn-mua.org", "bücher。example", "127.0.0.1", "::1", "[::1]", "localhost:443", "*.x.com", "faß.ex",
             "ΒΌΛΟΣ.com", "a" * 63 + ".org")
    return {str(name): api.attempt(stored, name) for name in valid}


@scenario
def wrong_names(api, files):
    """The texts are Python's codec's own: only the kind is compared."""
    context = client_context(api, files)

    def kind(name):
        return api.attempt(lambda: Pair(api, context, server_context(api, files), name) and None).get("raises")

    wrong = (".x", "a..b", "a" * 64 + ".org", "ö" * 64 + ".org", "a." * 130 + "org")
    return {name: kind(name) for name in wrong}


@scenario
def no_name_to_check(api, files):
    client, server = client_context(api, files), server_context(api, files)
    return {"client": api.attempt(lambda: Pair(api, client, server, None) and None)}


@scenario
def empty_name(api, files):
    context = client_context(api, files)
    context.check_hostname = False
    return {"": api.attempt(lambda: Pair(api, context, server_context(api, files), "") and None)}


@scenario
def wrong_roles(api, files):
    client, server = client_context(api, files), server_context(api, files)
    both = api.Context(2)
    return {"client as server": api.attempt(lambda: Pair(api, client, client) and None),
            "server as client": api.attempt(lambda: Pair(api, server, server) and None),
            "either": api.attempt(lambda: Pair(api, both, both) and None)}


@scenario
def later_changes_of_the_context(api, files):
    """Which settings a connection keeps from its wrapping, and which it takes from its context at any time."""
    client, server = client_context(api, files), server_context(api, files)
    pair = Pair(api, client, server)
    client.maximum_version = 771
    client.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
    outcome = pair.handshake()
    found = {"versions and ciphers": [outcome, pair.client.version(), pair.client.cipher()],
             "the next one": connected_facts(api, client, server)}
    late = client_context(api, files, ca="unknown-ca.pem")
    pair = Pair(api, late, server)
    late.load_verify_locations(files / "ca.pem")
    found["a CA loaded late"] = pair.handshake()
    relaxed = client_context(api, files, ca="unknown-ca.pem")
    pair = Pair(api, relaxed, server)
    relaxed.check_hostname = False
    relaxed.verify_mode = 0
    found["verification switched off late"] = pair.handshake()
    return found


def connected_facts(api, client, server):
    pair = Pair(api, client, server).established()
    return [pair.client.version(), pair.client.cipher()]
