#!/usr/bin/env python3
"""Measures the Node binding beside node:tls: measure.py PROGRAMS RESULTS.csv [options].

As ../measure.py does, with node:tls as the base. Raw libssl in C runs the same workloads as a third: what no binding
can go beyond.
"""

import argparse
import csv
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import measure  # noqa: E402

# Seconds of processor time until everything is compiled.
WARM = "1"

# name: (arguments, workload of tlsock if it is another one, whether ../c has it)
WORKLOADS = {
    "full handshake 1.3": ("hs", None, True),
    "full handshake 1.2": ("hs --ver 12", None, True),
    "resumed 1.3": ("hs --resume 1", None, True),
    "resumed 1.2": ("hs --resume 1 --ver 12", None, True),
    "handshake over a Duplex": ("mem_hs", None, True),
    "bulk 1 KiB, TCP": ("bulk --size 1024", None, True),
    "bulk 16 KiB, TCP": ("bulk --size 16384", None, True),
    "bulk 64 KiB, TCP": ("bulk --size 65536", None, True),
    "bulk 16 KiB, Duplex": ("mem_bulk --size 16384", None, True),
    "bulk 64 KiB, Duplex": ("mem_bulk --size 65536", None, True),
    "bulk 16 KiB, SSLObject": ("mem_bulk --size 16384", "object_bulk --size 16384", True),
    "ping-pong 64 B, TCP": ("ping --size 64", None, True),
    "ping-pong 64 B, Duplex": ("mem_ping --size 64", None, False),
    "ping-pong 64 B, SSLObject": ("mem_ping --size 64", "object_ping --size 64", False),
    "context, system CAs": ("ctx", None, True),
    "memory of an idle end": ("idle", None, True),
}


def node(library):
    return ["node", "--expose-gc", str(HERE / "bench.js"), library]


def measured(options):
    for workload, (arguments, other, in_c) in WORKLOADS.items():
        if not any(word in workload for word in options.only.split("|")):
            continue
        pairs = {"tlsock": []} | ({"libssl in C": []} if in_c else {})
        for _ in range(options.rounds if "memory of" not in workload else min(options.rounds, 3)):
            base = measure.run(node("tls"), arguments, options, WARM)
            pairs["tlsock"].append((measure.run(node("tlsock"), other or arguments, options, WARM), base))
            if in_c:
                raw = measure.run([str(options.programs / "openssl")], arguments, options, "0.1")
                pairs["libssl in C"].append((raw, base))
        for peer, found in pairs.items():
            yield measure.line(workload, peer, found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--time", type=float, default=0.5)
    parser.add_argument("--only", default="", help="workloads whose name holds one of these words, with | between")
    options = parser.parse_args()
    measure.write(options.results, measured(options))


if __name__ == "__main__":
    main()
