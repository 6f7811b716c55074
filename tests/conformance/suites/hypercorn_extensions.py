"""A plugin of pytest: what the tests of urllib3 need of the web server Hypercorn that its releases lack.

They ask it for the connection below a request, to be a proxy that tunnels, and for the facts of its TLS.
"""

import contextvars

import hypercorn.trio
import trio
from hypercorn.app_wrappers import ASGIWrapper
from hypercorn.trio.tcp_server import TCPServer

STREAM = contextvars.ContextVar("stream")


def tls(stream):
    """Names as the tests take them apart: `name=value` pairs with commas between them."""
    pairs = [pair for group in (stream.getpeercert() or {}).get("subject", ()) for pair in group]
    return {
        "alpn_protocol": stream.selected_alpn_protocol(),
        "client_cert_name": ", ".join(f"{name}={value}" for name, value in pairs),
    }


async def run(self, _original=TCPServer.run):
    STREAM.set(self.stream)
    await _original(self)


async def call(self, scope, *arguments, _original=ASGIWrapper.__call__):
    stream = STREAM.get(None)
    if stream is not None and "extensions" in scope:
        scope["extensions"]["_transport"] = stream
        if isinstance(stream, trio.SSLStream):
            scope["extensions"]["tls"] = tls(stream)
    await _original(self, scope, *arguments)


TCPServer.run = run
ASGIWrapper.__call__ = call
