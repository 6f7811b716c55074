#!/usr/bin/env python3
"""Measures tlsock and its peers beside raw libssl: measure.py PROGRAMS RESULTS.csv [options].

Every round runs raw libssl and then each peer once with the same arguments, so that a machine that slows down moves both
sides of a ratio. (Two threads are compared with tlsock's own one, by the clock.) A line of the results is a workload and a peer: the median over the rounds of (peer / raw libssl in the
same round), and the quartiles of it. 'cpu' is work per second of processor time of the whole process, both ends; 'wall'
is work per second of the clock.
"""

import argparse
import csv
import json
import pathlib
import shutil
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
COLUMNS = ["workload", "peer", "rounds", "unit", "raw", "cpu", "cpu_low", "cpu_high", "wall", "wall_low", "wall_high"]
OWN = ("tlsock",)
STREAMS = ("tlsock", "cpython", "node", "libtls")
ALL = STREAMS + ("go",)

TWO_THREADS = "two threads against one"

# name: (arguments, peers that can do it)
WORKLOADS = {
    "handshake 1.3 P-256": ("hs", ALL),
    "handshake 1.3 RSA": ("hs --key rsa", ALL),
    "handshake 1.2 P-256": ("hs --ver 12", ALL),
    "handshake 1.2 RSA": ("hs --ver 12 --key rsa", ALL),
    "chain known 1.3 P-256": ("hs --chain-cache 1", OWN),
    "chain known 1.3 RSA": ("hs --key rsa --chain-cache 1", OWN),
    "chain known 1.2 P-256": ("hs --ver 12 --chain-cache 1", OWN),
    "chain known in memory": ("mem_hs --chain-cache 1", OWN),
    "resumed 1.3": ("hs --resume 1", ("tlsock", "cpython", "node", "go")),
    "resumed 1.2": ("hs --resume 1 --ver 12", ("tlsock", "cpython", "node", "go")),
    "handshake in memory": ("mem_hs", ALL),
    "bulk 1 KiB": ("bulk --size 1024", STREAMS),
    "bulk 16 KiB": ("bulk --size 16384", STREAMS),
    "bulk 256 KiB": ("bulk --size 262144", STREAMS),
    "16 x 1 KiB gathered": ("bulk --size 1024 --gather 16", OWN),
    "bulk in memory 1 KiB": ("mem_bulk --size 1024", STREAMS),
    "bulk in memory 16 KiB": ("mem_bulk --size 16384", STREAMS),
    "bulk in memory 256 KiB": ("mem_bulk --size 262144", STREAMS),
    "ping-pong 64 B": ("ping --size 64", ALL),
    "context, system CAs": ("ctx", ("tlsock", "cpython", "node")),
    "context, system CAs, cold": ("ctx_cold", OWN),
    "context with a connection": ("ctx_used", OWN),
    "memory of an idle end": ("idle", ALL),
    "memory of a context": ("ctx_memory --conns 100", OWN),
    "memory of a used context": ("ctx_used_memory --conns 100", OWN),
    "one call": ("call", OWN),
    TWO_THREADS: ("mem_hs --threads 2", OWN),
}
# Takes longer to be warm.
WARM = {"node": "0.8"}


def programs(folder, drop):
    found = {name: [str(folder / name)] for name in ("tlsock", "libtls", "go") if (folder / name).exists()}
    found["cpython"] = [sys.executable, str(HERE / "peers" / "cpython.py")]
    if shutil.which("node"):
        found["node"] = ["node", "--expose-gc", str(HERE / "peers" / "node.js")]
    return {name: command for name, command in found.items() if name not in drop}


def run(command, arguments, options, warm):
    full = command + arguments.split() + ["--certs", str(options.programs / "certs"), "--time", str(options.time)]
    result = subprocess.run(full + ["--warm", warm], capture_output=True, text=True, timeout=300)
    if result.returncode or not result.stdout.strip():
        raise SystemExit(f"{' '.join(full)} failed: {result.stderr.strip()[-400:]}")
    return json.loads(result.stdout.strip().splitlines()[-1])


def spread(ratios):
    if len(ratios) < 2:
        return ratios * 3
    low, middle, high = statistics.quantiles(ratios, n=4)
    return [middle, low, high]


def line(workload, peer, pairs):
    first = pairs[0][1]
    by_cpu = "per_cpu_s" in first and workload != TWO_THREADS
    raw = statistics.median(base["per_cpu_s" if by_cpu else "value"] for _, base in pairs)
    wall = spread([own["value"] / base["value"] for own, base in pairs])
    used = spread([own["per_cpu_s"] / base["per_cpu_s"] for own, base in pairs]) if by_cpu else [""] * 3
    unit = first["unit"].replace("/s", "/cpu-s") if by_cpu else first["unit"]
    show = [f"{value:.3f}" if value != "" else "" for value in used + wall]
    return [workload, peer, len(pairs), unit, f"{raw:.4g}", *show]


def measure(options):
    peers = programs(options.programs, options.drop.split(","))
    raw = [str(options.programs / "openssl")]
    for workload, (arguments, able) in WORKLOADS.items():
        if not any(word in workload for word in options.only.split("|")):
            continue
        pairs = {peer: [] for peer in able if peer in peers}
        for _ in range(options.rounds if "memory of" not in workload else min(options.rounds, 3)):
            base = run(peers["tlsock"], "mem_hs", options, "0.1") if workload == TWO_THREADS else run(raw, arguments, options, "0.1")
            for peer in pairs:
                pairs[peer].append((run(peers[peer], arguments, options, WARM.get(peer, "0.15")), base))
        for peer, found in pairs.items():
            yield line(workload, peer, found)


def write(path, rows):
    """Writes the results line by line, and shows them."""
    with open(path, "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for row in rows:
            table.writerow(row)
            file.flush()
            cpu, wall = row[5:8], row[8:11]
            ratio = f"cpu x{cpu[0]} [{cpu[1]}-{cpu[2]}]  " if cpu[0] else ""
            print(f"{row[0]:28} {row[1]:11} {ratio}wall x{wall[0]} [{wall[1]}-{wall[2]}]  base {row[4]} {row[3]}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--time", type=float, default=0.5)
    parser.add_argument("--only", default="", help="workloads whose name holds one of these words, with | between")
    parser.add_argument("--drop", default="", help="peers to leave out, with commas")
    options = parser.parse_args()
    write(options.results, measure(options))


if __name__ == "__main__":
    main()
