"""What callbacks are called with, and what their answers do: names, messages, keys of both sides."""

from twins import VERSIONS, Pair, client_context, each_version, scenario, server_context

SECRET = b"a key of both sides"


def names_of(error, *names):
    """An outcome with what is the same in each version of OpenSSL."""
    return error and {name: error.get(name) for name in ("raises", *names)}


@scenario
def answers_to_names(api, files):
    """None continues; an alert refuses; so does an unknown alert. (0 refuses in Python and continues in C:
    through_python.py has it.)"""
    def steps(version):
        found = {}
        for answer in (None, 1, 10, 40, 48, 49, 80, 112, 116, 200, 255):
            asked = []
            server = server_context(api, files, version)
            api.answer_names(server, lambda name, answer=answer, asked=asked: asked.append(name) or answer)
            pair = Pair(api, client_context(api, files, version), server)
            found[str(answer)] = [pair.handshake(), asked]
        return found
    return each_version(steps)


@scenario
def names_that_are_asked_for(api, files):
    def steps(version):
        found = {}
        for name in ("localhost", "127.0.0.1", "example.org", "ä.example", None):
            asked = []
            client, server = client_context(api, files, version), server_context(api, files, version)
            client.check_hostname = False
            client.verify_mode = 0
            api.answer_names(server, asked.append)
            found[str(name)] = [Pair(api, client, server, name).handshake(), asked]
        return found
    return each_version(steps)


@scenario
def messages_that_are_seen(api, files):
    """Each record and message in order, up to data, a ticket and the end."""
    def steps(version):
        client, server = client_context(api, files, version), server_context(api, files, version)
        seen = {"client": [], "server": []}
        api.watch_messages(client, seen["client"].append)
        api.watch_messages(server, seen["server"].append)
        pair = Pair(api, client, server)
        found = {"handshake": pair.handshake()}
        pair.server.write(b"some data")
        found["read"] = api.attempt(pair.client.read, 100)
        found["ends"] = [api.attempt(side.unwrap) for side in (pair.client, pair.server, pair.client)]
        # The lengths of signatures vary by a byte or two.
        found["seen"] = {side: [entry[:4] for entry in entries] for side, entries in seen.items()}
        return found
    return each_version(steps)


@scenario
def messages_of_a_refusal(api, files):
    def steps(version):
        client, server = client_context(api, files, version, "self-signed.pem"), server_context(api, files, version)
        seen = []
        api.watch_messages(client, seen.append)
        return {"handshake": Pair(api, client, server).handshake(), "seen": [entry[:4] for entry in seen]}
    return each_version(steps)


def keyed(api, version, ciphers="PSK"):
    client, server = api.Context(16), api.Context(17)
    client.check_hostname = False
    client.verify_mode = 0
    for context in (client, server):
        context.minimum_version = context.maximum_version = VERSIONS[version]
        context.set_ciphers(ciphers)
    return client, server


@scenario
def keys_of_both_sides(api, files):
    """Needs 3.13: no earlier Python has keys of both sides."""
    if not api.ours and not hasattr(api.Context, "set_psk_client_callback"):
        return {"cannot": "pre-shared keys are new in Python 3.13, and no python3.13 is there"}

    def steps(version):
        cases = {
            "right": (("me", SECRET), SECRET, None), "with a hint": (("me", SECRET), SECRET, "who are you?"),
            "the longest": (("x" * 255, bytes(512)), bytes(512), "h" * 256), "not ASCII": (("ä", SECRET), SECRET, "ö"),
            "another key": (("me", SECRET), SECRET[::-1], None), "a shorter key": (("me", SECRET), SECRET[:-1], None),
            "client declines": (None, SECRET, None), "server declines": (("me", SECRET), None, None),
            "neither": (None, None, None), "one byte": (("me", b"\0"), b"\0", None),
        }
        if version == "TLSv1.2":
            cases["nameless"] = ((None, SECRET), SECRET, None)
        found = {}
        for name, (mine, theirs, hint) in cases.items():
            asked = {"client": [], "server": []}
            client, server = keyed(api, version)
            api.give_keys(client, server, lambda hint, asked=asked, mine=mine: asked["client"].append(hint) or mine,
                          lambda identity, asked=asked, theirs=theirs: asked["server"].append(identity) or theirs, hint)
            pair = Pair(api, client, server)
            outcome = pair.handshake()
            found[name] = {"handshake": {side: names_of(error, "library", "code") for side, error in outcome.items()},
                           "asked": asked, "peers": [api.attempt(side.getpeercert) for side in (pair.client, pair.server)],
                           "reused": [pair.client.session_reused, pair.server.session_reused]}
        return found
    return each_version(steps)


@scenario
def keys_on_the_wrong_side(api, files):
    if not api.ours and not hasattr(api.Context, "set_psk_client_callback"):
        return {"cannot": "pre-shared keys are new in Python 3.13, and no python3.13 is there"}
    client, server = keyed(api, "TLSv1.2")
    found = {"exchanged": api.attempt(api.give_keys, server, client, lambda hint: None, lambda identity: None),
             "server twice": api.attempt(api.give_keys, client, client, lambda hint: None, lambda identity: None)}
    for length in (255, 256, 257):
        found[f"hint of {length}"] = api.attempt(api.give_keys, client, server, lambda hint: None, lambda identity: None,
                                                 "h" * length)
    return found
