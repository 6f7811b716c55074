"""What a Python before 3.13 cannot be compared in."""

import ssl

UNKNOWN = "this Python cannot tell"


def forget_shared_ciphers():
    """Until its issue 96931 Python told a connection's own ciphers as the shared ones, whatever the other side had sent: also
    of a server that has heard nothing. Such a Python tells UNKNOWN instead."""
    deaf = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_side=True)
    if deaf.shared_ciphers() is not None:
        ssl.SSLObject.shared_ciphers = ssl.SSLSocket.shared_ciphers = lambda _connection: UNKNOWN


def with_the_unknown(ours, theirs):
    """The reference's outcome with what ours tells in place of each UNKNOWN."""
    if theirs == UNKNOWN:
        return ours
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return {key: with_the_unknown(ours.get(key), outcome) for key, outcome in theirs.items()}
    if isinstance(theirs, list) and isinstance(ours, list) and len(ours) == len(theirs):
        return [with_the_unknown(mine, outcome) for mine, outcome in zip(ours, theirs)]
    return theirs
