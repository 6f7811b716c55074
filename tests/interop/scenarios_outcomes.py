"""What each way of closing, cutting off and misbehaving gives to read, write, unwrap and do_handshake, in memory."""

from twins import Pair, client_context, connected, each_version, scenario, server_context


def data_met_unwrap(outcome):
    """Tells whether unwrap failed because of unread data. After that the reference has lost the data and ours has
    not: comparing ends there, and test_ours.py continues."""
    return isinstance(outcome, dict) and outcome.get("reason") == "APPLICATION_DATA_AFTER_CLOSE_NOTIFY"


def calls(api, connection, *names):
    """The outcomes of calls one after the other; a name may come twice."""
    steps = {"read": lambda: connection.read(100), "write": lambda: connection.write(b"more"),
             "unwrap": connection.unwrap, "handshake": connection.do_handshake, "pending": connection.pending,
             "version": connection.version}
    outcomes = []
    for name in names:
        outcomes.append([name, api.attempt(steps[name])])
        if data_met_unwrap(outcomes[-1][1]):
            break
    return outcomes


EVERY = ("read", "read", "write", "unwrap", "handshake")


@scenario
def end_without_close_notify(api, files):
    def steps(version):
        found = {}
        for side in ("client", "server"):
            for first in EVERY:
                pair = connected(api, files, version)
                (pair.to_client if side == "client" else pair.to_server).write_eof()
                found[f"{side} {first}"] = calls(api, getattr(pair, side), first, *EVERY)
        return found
    return each_version(steps)


@scenario
def end_after_data(api, files):
    def steps(version):
        pair = connected(api, files, version)
        pair.server.write(b"all of it")
        pair.to_client.write_eof()
        return {"client": calls(api, pair.client, "read", "read", "read", "unwrap")}
    return each_version(steps)


@scenario
def end_ignored(api, files):
    def steps(version):
        context = client_context(api, files, version)
        context.options |= 1 << 7
        pair = Pair(api, context, server_context(api, files, version)).established()
        pair.to_client.write_eof()
        return {"client": calls(api, pair.client, "read", "read", "unwrap")}
    return each_version(steps)


@scenario
def peer_closed_first(api, files):
    def steps(version):
        found = {}
        for first in EVERY:
            pair = connected(api, files, version)
            pair.server.write(b"last words")
            closing = calls(api, pair.server, "unwrap")
            found[first] = closing + calls(api, pair.client, "read", first, *EVERY)
            found[f"{first} answered"] = calls(api, pair.server, "unwrap", *EVERY)
        return found
    return each_version(steps)


@scenario
def after_an_alert(api, files):
    """A fatal alert, sent by a peer that got a damaged record, counts as its end."""
    def steps(version):
        found = {}
        for first in EVERY:
            pair = connected(api, files, version)
            pair.client.write(b"damaged")
            record = bytearray(pair.to_server.read())
            record[-1] ^= 1
            pair.to_server.write(bytes(record))
            found[f"sender of it {first}"] = calls(api, pair.server, "read", first, *EVERY)
            found[f"receiver of it {first}"] = calls(api, pair.client, "read", first, *EVERY)
            pair = connected(api, files, version)
            closing = calls(api, pair.client, "unwrap")
            pair.to_client.write(bytes(record))
            found[f"{first} after our end"] = closing + calls(api, pair.client, "read", first, *EVERY)
        return found
    return each_version(steps)


@scenario
def both_closed(api, files):
    def steps(version):
        pair = connected(api, files, version)
        first = calls(api, pair.client, "unwrap")
        second = calls(api, pair.server, "read", "unwrap")
        return {"client": first + calls(api, pair.client, "unwrap", *EVERY, "version", "pending"),
                "server": second + calls(api, pair.server, *EVERY, "version", "pending")}
    return each_version(steps)


@scenario
def closed_by_us_only(api, files):
    def steps(version):
        pair = connected(api, files, version)
        sent = calls(api, pair.client, "unwrap")
        waiting = pair.to_server.pending > 0
        writes = calls(api, pair.client, "write", "unwrap")
        pair.server.write(b"still here")
        return {"client": sent + writes + calls(api, pair.client, "read", "read", "write"),
                "close_notify is out": waiting}
    return each_version(steps)


@scenario
def data_meets_unwrap(api, files):
    def steps(version):
        pair = connected(api, files, version)
        pair.server.write(b"unread")
        return {"client": calls(api, pair.client, "unwrap")}
    return each_version(steps)


@scenario
def unwrap_meets_the_end(api, files):
    def steps(version):
        pair = connected(api, files, version)
        sent = calls(api, pair.client, "unwrap")
        pair.to_client.write_eof()
        return {"client": sent + calls(api, pair.client, "unwrap", "unwrap", "read")}
    return each_version(steps)


@scenario
def before_the_handshake(api, files):
    def steps(version):
        found = {}
        for first in ("unwrap", "read", "write", "handshake", "pending", "version"):
            pair = Pair(api, client_context(api, files, version), server_context(api, files, version))
            found[first] = calls(api, pair.client, first)
            pair.to_client.write_eof()
            found[f"{first}, then the end"] = calls(api, pair.client, *EVERY)
        return found
    return each_version(steps)


@scenario
def implicit_handshake(api, files):
    def steps(version):
        pair = Pair(api, client_context(api, files, version), server_context(api, files, version))
        outcomes = []
        for _ in range(3):
            outcomes += calls(api, pair.client, "write") + calls(api, pair.server, "read")
        return {"both": outcomes}
    return each_version(steps)


@scenario
def garbage(api, files):
    def steps(version):
        found = {}
        for name, data in {"text": b"220 hello, this is mail\r\n" * 3, "HTTP": b"GET / HTTP/1.1\r\n\r\n" * 3,
                           "zeros": bytes(64), "short": b"no"}.items():
            for side in ("client", "server"):
                pair = Pair(api, client_context(api, files, version), server_context(api, files, version))
                (pair.to_client if side == "client" else pair.to_server).write(data)
                found[f"{side} {name}"] = calls(api, getattr(pair, side), "handshake", *EVERY)
        return found
    return each_version(steps)


@scenario
def garbage_after_the_handshake(api, files):
    def steps(version):
        found = {}
        for name, data in {"text": b"plain text where a record should be\r\n", "zeros": bytes(64),
                           "a broken record": b"\x17\x03\x03\x00\x20" + bytes(32)}.items():
            pair = connected(api, files, version)
            pair.to_client.read()
            pair.to_client.write(data)
            found[name] = calls(api, pair.client, *EVERY)
            found[f"{name}, the other side"] = calls(api, pair.server, "read", "read", "write", "unwrap")
        return found
    return each_version(steps)


@scenario
def sizes(api, files):
    def steps(version):
        pair = connected(api, files, version)
        found = {"empty write": api.attempt(pair.client.write, b""),
                 "empty read": api.attempt(pair.client.read, 0),
                 "a mebibyte": api.attempt(pair.client.write, bytes(1 << 20))}
        read = []
        while (part := api.attempt(pair.server.read, 1 << 20)) and "bytes" in part:
            read.append(len(part["bytes"]) // 2)
        found["read as"] = read
        pair.client.write(b"x" * 30000)
        found["pending"] = [pair.server.pending(), len(pair.server.read(100)), pair.server.pending(),
                            len(pair.server.read(20000)), pair.server.pending(), len(pair.server.read(20000))]
        return found
    return each_version(steps)


@scenario
def memory_bio(api, files):
    bio = api.BIO()

    def look():
        return [bio.pending, bio.eof]

    found = {"new": look(),
             "reads when new": [api.attempt(bio.read), api.attempt(bio.read, 5), api.attempt(bio.read, 0)],
             "write": api.attempt(bio.write, b"0123456789"), "filled": look(), "read 2": api.attempt(bio.read, 2),
             "read 0": api.attempt(bio.read, 0), "partly": look(), "empty write": api.attempt(bio.write, b""),
             "read too much": api.attempt(bio.read, 100), "drained": look(), "again": api.attempt(bio.write, b"ab"),
             "eof": api.attempt(bio.write_eof), "not yet": look(), "after eof": api.attempt(bio.write, b"c"),
             "nothing after eof": api.attempt(bio.write, b""), "rest": api.attempt(bio.read), "ended": look(),
             "eof again": api.attempt(bio.write_eof), "still": look(), "read at the end": api.attempt(bio.read)}
    big = api.BIO()
    big.write(bytes(range(256)) * 4096)
    found["big"] = [big.pending, api.attempt(big.read, 300), big.pending, len(big.read())]
    return found
