#!/usr/bin/env python3
"""Measures tlsock with AWS-LC and its peers beside raw libssl: measure.py PROGRAMS RESULTS.csv [options]. As ../measure.py, with
other peers; renews a table of docs/performance.md."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benches"))

import measure
import show

BOTH = ("tlsock", "aws-lc")
OURS = ("tlsock", "aws-lc", "tlsock-vendored")
ALL = OURS + ("rustls", "s2n")
RUSTLS = OURS + ("rustls",)
SAME = "--group X25519 --cipher aes128"

# name: (arguments, peers that can do it)
WORKLOADS = {
    "handshake 1.3 P-256": (f"hs {SAME}", ALL),
    "handshake 1.3 P-256, each its own group": ("hs", BOTH),
    "handshake 1.3 RSA": (f"hs --key rsa {SAME}", ALL),
    "handshake 1.2 P-256": (f"hs --ver 12 {SAME}", ALL),
    "handshake 1.2 RSA": (f"hs --ver 12 --key rsa {SAME}", ALL),
    "chain known 1.3 P-256": (f"hs --chain-cache 1 {SAME}", ("tlsock", "tlsock-vendored")),
    "resumed 1.3": (f"hs --resume 1 {SAME}", ALL),
    "resumed 1.2": (f"hs --resume 1 --ver 12 {SAME}", ALL),
    "handshake in memory": (f"mem_hs {SAME}", ALL),
    "bulk 1 KiB": (f"bulk --size 1024 {SAME}", ALL),
    "bulk 16 KiB": (f"bulk --size 16384 {SAME}", ALL),
    "bulk 256 KiB": (f"bulk --size 262144 {SAME}", ALL),
    "bulk in memory 1 KiB": (f"mem_bulk --size 1024 {SAME}", ALL),
    "bulk in memory 16 KiB": (f"mem_bulk --size 16384 {SAME}", ALL),
    "bulk in memory 16 KiB, ChaCha20": ("mem_bulk --size 16384 --group X25519 --cipher chacha", RUSTLS),
    "ping-pong 64 B": (f"ping --size 64 {SAME}", ALL),
    "context, system CAs": ("ctx", ALL),
    "context with a connection": ("ctx_used", BOTH),
    "memory of an idle end": (f"idle {SAME}", ALL),
}


def programs(folder, drop):
    return {name: [str(folder / name)] for name in ALL if (folder / name).exists() and name not in drop}


def main():
    measure.WORKLOADS, measure.programs = WORKLOADS, programs
    measure.main()
    show.COLOURS = dict.fromkeys(ALL)
    results = show.rows(pathlib.Path(sys.argv[2]))
    show.renew(ROOT / "docs/performance.md", "AWS-LC table", show.table(results))


if __name__ == "__main__":
    main()
