"""Draws the pictures of docs/architecture.md into this folder: python3 docs/architecture/draw.py [--check]

The ladder is the one that tests/check/ladder.py checks. With --check nothing is written: a picture that is not up to
date is named.
"""

import html
import importlib.util
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]

STYLE = """
text { font: 13px ui-sans-serif, system-ui, sans-serif; fill: #1b1f24 }
.title { font-weight: 600 } .small { font-size: 11.5px; fill: #57606a }
rect { fill: #f6f8fa; stroke: #8c959f; rx: 4 } .own { fill: #ddf4ff } .other { fill: #fff8c5 } .knot { stroke-dasharray: 5 3 }
path { fill: none; stroke: #57606a; stroke-width: 1.4; marker-end: url(#tip) }
"""
TIP = ('<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
       '<path d="M0 0L8 4L0 8z" style="fill:#57606a;stroke:none;marker-end:none"/></marker></defs>')


class Picture:
    def __init__(self, width, height, title):
        self.size, self.title, self.parts = (width, height), title, []

    def text(self, x, y, words, kind="", anchor="start"):
        self.parts.append(f'<text x="{x}" y="{y}" class="{kind}" text-anchor="{anchor}">{html.escape(words)}</text>')

    def box(self, x, y, width, height, lines, kind=""):
        self.parts.append(f'<rect x="{x}" y="{y}" width="{width}" height="{height}" class="{kind}"/>')
        top = y + height / 2 - 8 * (len(lines) - 1) + 4.5
        for number, words in enumerate(lines):
            self.text(x + width / 2, top + 16 * number, words, "title" if number == 0 else "small", "middle")

    def arrow(self, x1, y1, x2, y2):
        self.parts.append(f'<path d="M{x1} {y1}L{x2} {y2}"/>')

    def svg(self):
        width, height = self.size
        return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
                f'role="img"><title>{html.escape(self.title)}</title><style>{STYLE}</style>{TIP}'
                f'<rect width="{width}" height="{height}" style="fill:#fff;stroke:none"/>\n'
                + "\n".join(self.parts) + "\n</svg>\n")


def ladder():
    spec = importlib.util.spec_from_file_location("ladder", ROOT / "tests/check/ladder.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.LADDER


def layers():
    steps = ladder()
    height = 34 * len(steps) + 20
    picture = Picture(860, height + 250, "Layers of the library: each names only what stands below it")
    picture.box(40, 20, 240, 40, ["bindings/go", "cgo"])
    picture.box(310, 20, 240, 40, ["bindings/node", "Node-API"])
    picture.box(580, 20, 240, 40, ["C, C++, FFIs", "tlsock.h, tlsock-ffi.h"])
    for x in (160, 430, 700):
        picture.arrow(x, 60, x, 82)
    picture.box(40, 84, 780, 40, ["src/ffi", "C's pointers and numbers become references and types; it decides nothing"], "own")
    picture.arrow(430, 124, 430, 146)
    picture.parts.append(f'<rect x="40" y="148" width="780" height="{height + 10}" class="own"/>')
    picture.text(54, 168, "src/ssl", "title")
    picture.text(54, 184, "Python's ssl in safe Rust", "small")
    for number, row in enumerate(reversed(steps)):
        y = 156 + 34 * number
        width = min(180, (560 - 12 * (len(row) - 1)) / len(row)) if len(row) > 1 else 250
        left = 510 - (width * len(row) + 12 * (len(row) - 1)) / 2
        for place, names in enumerate(row):
            picture.box(left + place * (width + 12), y, width, 26, [names.replace(" ", " + ")], "knot" if " " in names else "")
    bottom = 158 + height
    picture.arrow(230, bottom, 230, bottom + 22)
    picture.arrow(630, bottom, 630, bottom + 22)
    picture.box(40, bottom + 24, 380, 44, ["src/openssl", "libssl and libcrypto, error queue, callbacks from C"], "own")
    picture.box(440, bottom + 24, 380, 44, ["src/os", "sockets, files, time, signals: unix and windows"], "own")
    return picture


def hops():
    picture = Picture(860, 470, "The way of the bytes of one recv and of one send over a socket")
    recv = [("tlsock_socket_recv", "src/ffi/socket: checks handle, pointer and length"),
            ("Socket::recv", "src/ssl/socket: TLS has begun? whose turn is it to read?"),
            ("Turn", "src/ssl/engine: this thread alone is inside libssl"),
            ("SSL_read_ex", "src/openssl/ssl.rs: libssl asks its BIO for bytes"),
            ("End (a BIO)", "src/openssl/bio.rs: first the pipe, then the source it was lent"),
            ("recv(2)", "src/os/stream.rs: one record's head, then its body")]
    send = [("tlsock_socket_send", "src/ffi/socket: checks handle, pointer and length"),
            ("Socket::send", "src/ssl/socket/write.rs: whose turn is it to write? pieces"),
            ("Turn", "src/ssl/engine: this thread alone is inside libssl"),
            ("SSL_write_ex", "src/openssl/ssl.rs: libssl gives records to its BIO"),
            ("End (a BIO)", "src/openssl/bio.rs: into the sink it was lent, or the pipe"),
            ("send(2)", "src/os/stream.rs: what the system leaves waits in the pipe")]
    for x, head, rows in ((30, "recv: the plaintext comes up into your buffer", recv),
                          (445, "send: the plaintext goes down from your buffer", send)):
        picture.text(x, 26, head, "title")
        for number, lines in enumerate(rows):
            y = 42 + 70 * number
            picture.box(x, y, 385, 44, lines, "own" if 0 < number < 5 else "other")
            if number < 5:
                picture.arrow(x + 192, y + 44, x + 192, y + 68)
    return picture


def generations():
    picture = Picture(860, 330, "The generations of a context")
    picture.box(30, 30, 190, 60, ["Context", "one handle, any thread", "settings under CONTEXT"], "own")
    for number, (title, second) in enumerate((("SSL_CTX 1", "shared by contexts made alike"), ("SSL_CTX 2", "after a setter"),
                                              ("SSL_CTX 3", "after the next one"))):
        x = 30 + 280 * number
        picture.box(x, 150, 220, 48, [title, second])
        picture.box(x, 250, 220, 48, [f"connections {'ABC'[number]}", "keep theirs to their end"], "other")
        picture.arrow(x + 110, 250, x + 110, 200)
        if number < 2:
            picture.arrow(x + 220, 174, x + 278, 174)
            picture.text(x + 222, 166, "duplicate", "small")
    picture.arrow(220, 60, 690, 148)
    picture.text(470, 92, "the next connection gets the newest one", "small")
    picture.box(600, 24, 230, 52, ["beside it: read when needed", "CAs, callbacks, ALPN list,", "password callback, chain cache"])
    picture.arrow(222, 42, 598, 42)
    return picture


def main():
    stale = []
    for name, picture in (("layers", layers()), ("hops", hops()), ("generations", generations())):
        path, drawn = FOLDER / f"{name}.svg", picture.svg()
        if sys.argv[1:] == ["--check"]:
            stale += [] if path.exists() and path.read_text() == drawn else [path.name]
        else:
            path.write_text(drawn)
    if stale:
        sys.exit(f"docs/architecture: {', '.join(stale)} not up to date: run python3 docs/architecture/draw.py")


if __name__ == "__main__":
    main()
