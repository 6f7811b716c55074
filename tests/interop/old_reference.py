"""What a Python before 3.13 cannot be compared in."""

MISSES_AN_END = {"cannot": "unwrap of this Python, which is older than 3.11.7, misses that the peer is gone"}


def misses_an_end(api, wire, leave):
    """Python 3.11.2, Debian 12's, takes an end without close_notify for the answer to its own: its unwrap succeeds."""
    leave(api, wire, "end")
    outcome = api.attempt(lambda: wire.client.unwrap() and None)
    wire.close()
    return outcome is None
