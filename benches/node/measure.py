#!/usr/bin/env python3
"""Measures the Node binding beside node:tls: measure.py PROGRAMS RESULTS.csv [options].

As ../measure.py does, with node:tls as the base. Beside them run what no binding can go beyond: raw libssl in C, and
Node's sockets without any TLS.
"""

import argparse
import csv
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import measure  # noqa: E402

# Seconds of processor time until what is called often is compiled. A thread does few handshakes in a second, and runs
# many functions for each.
WARM, WARM_HANDSHAKES = "1.5", "4"

C, PLAIN = "libssl in C", "no TLS"

# name: (arguments, workload of tlsock if it is another one, what else runs it)
WORKLOADS = {
    "full handshake 1.3": ("hs", None, [C]),
    "resumed 1.3": ("hs --resume 1", None, [C]),
    "resumed 1.2": ("hs --resume 1 --ver 12", None, [C]),
    "full handshake, Duplex": ("mem_hs", None, [C]),
    "resumed 1.3, Duplex": ("mem_hs --resume 1", None, []),
    "resumed 1.2, Duplex": ("mem_hs --resume 1 --ver 12", None, []),
    "bulk 1 KiB, TCP": ("bulk --size 1024", None, [C, PLAIN]),
    "bulk 16 KiB, TCP": ("bulk --size 16384", None, [C, PLAIN]),
    "bulk 64 KiB, TCP": ("bulk --size 65536", None, [C, PLAIN]),
    "bulk 16 KiB, Duplex": ("mem_bulk --size 16384", None, [C]),
    "bulk 16 KiB, SSLObject": ("mem_bulk --size 16384", "object_bulk --size 16384", [C]),
    "ping-pong 64 B, TCP": ("ping --size 64", None, [C, PLAIN]),
    "ping-pong 64 B, Duplex": ("mem_ping --size 64", None, []),
    "ping-pong 64 B, SSLObject": ("mem_ping --size 64", "object_ping --size 64", []),
    "memory of an idle end": ("idle", None, [C]),
}


def node(library):
    return ["node", "--expose-gc", str(HERE / "bench.js"), library]


def measured(options):
    others = {C: ([str(options.programs / "openssl")], "0.1"), PLAIN: (node("net"), WARM)}
    for workload, (arguments, own, beside) in WORKLOADS.items():
        if not any(word in workload for word in options.only.split("|")):
            continue
        warm_node = WARM_HANDSHAKES if arguments.startswith("hs") else WARM
        pairs = {peer: [] for peer in ["tlsock", *beside]}
        for _ in range(options.rounds if "memory of" not in workload else min(options.rounds, 3)):
            base = measure.run(node("tls"), arguments, options, warm_node)
            pairs["tlsock"].append((measure.run(node("tlsock"), own or arguments, options, warm_node), base))
            for peer in beside:
                command, warm = others[peer]
                pairs[peer].append((measure.run(command, arguments, options, warm), base))
        for peer, found in pairs.items():
            yield measure.line(workload, peer, found)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--time", type=float, default=0.5)
    parser.add_argument("--only", default="", help="workloads whose name holds one of these words, with | between")
    options = parser.parse_args()
    measure.write(options.results, measured(options))


if __name__ == "__main__":
    main()
