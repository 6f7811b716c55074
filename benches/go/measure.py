#!/usr/bin/env python3
"""Measures the Go binding beside crypto/tls: measure.py PROGRAM CERTS RESULTS.csv PAGE.md [options].

A round runs both libraries once with the same arguments, first one, then the other first, so that a machine that slows
down moves both sides of a ratio. A line is the median over the rounds of (tlsock / crypto/tls in the same round) and its
quartiles: of work per second of processor time of the whole process, both ends. With --only, other lines stay. With
--before PROGRAM, another build of the binding (that of an earlier version, with its library) takes crypto/tls' place.
"""

import argparse
import csv
import pathlib
import statistics
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import show  # noqa: E402
from measure import run, spread  # noqa: E402

COLUMNS = ["workload", "rounds", "unit", "crypto", "tlsock", "ratio", "low", "high", "wall", "goal"]

# name: (arguments, more of tlsock's, more of crypto/tls', goal)
WORKLOADS = {
    "handshake 1.3 P-256": ("hs", "", "", "0.5"),
    "the same, chain cache": ("hs", "--cache 1", "", "-"),
    "handshake 1.3 RSA-2048": ("hs --key rsa", "", "", "1.0"),
    "the same with RSA, chain cache": ("hs --key rsa", "--cache 1", "", "-"),
    "the same, and one ticket as Go": ("hs --key rsa", "--cache 1 --tickets 1", "", "-"),
    "handshake 1.3 P-256, 8 at once": ("hs --at-once 8", "", "", "-"),
    "handshake 1.3 RSA-2048, 8 at once": ("hs --key rsa --at-once 8", "", "", "-"),
    "handshake 1.2 P-256": ("hs --ver 12 --cipher aes128", "", "", "-"),
    "handshake 1.2 RSA-2048": ("hs --ver 12 --cipher aes128 --key rsa", "", "", "-"),
    "resumed 1.3": ("hs --resume 1", "", "", "-"),
    "resumed 1.2": ("hs --resume 1 --ver 12 --cipher aes128", "", "", "-"),
    "bulk 1 KiB": ("bulk --size 1024", "", "", "1.0"),
    "bulk 1 KiB, 64 writers": ("bulk --size 1024 --writers 64", "", "", "1.0"),
    "16 x 1 KiB in one call": ("bulk --size 1024 --gather 16", "", "", "1.0"),
    "bulk 16 KiB": ("bulk --size 16384", "", "", "0.95"),
    "bulk 256 KiB": ("bulk --size 262144", "", "", "-"),
    "in memory 16 KiB, Object and net.Pipe": ("mem_object --size 16384", "", "--pipe net", "1.8"),
    "the same, on all processors": ("mem_object --size 16384 --procs 0", "", "--pipe net", "1.8"),
    "in memory 16 KiB, Object and buffer": ("mem_object --size 16384", "", "", "1.8"),
    "in memory 16 KiB, Conn, buffer": ("mem_bulk --size 16384", "", "", "-"),
    "ping-pong 64 B": ("ping --size 64", "", "", "0.68"),
    "context, system CAs, first": ("ctx_cold", "", "", "1.0"),
    "context, CA file": ("ctx_file", "", "", "1.0"),
    "context, system CAs, next": ("ctx", "", "", "1.0"),
    "memory of an idle end": ("idle", "", "", "-"),
}


def figure(result):
    return result.get("per_cpu_s", result["value"])


def measure(workload, options):
    arguments, own, base, goal = WORKLOADS[workload]
    sides = {
        "tlsock": (options.program, f"{arguments} --library tlsock {own}"),
        "crypto": (options.program, f"{arguments} --library crypto {base}"),
    }
    if options.before:
        sides["crypto"] = (options.before, sides["tlsock"][1])
    rounds = min(options.rounds, 3) if arguments == "idle" else options.rounds
    found = {name: [] for name in sides}
    for number in range(rounds):
        for name in sorted(sides, reverse=number % 2 == 0):
            program, side = sides[name]
            found[name].append(run([str(program)], side, options, "0.1"))
    pairs = list(zip(found["tlsock"], found["crypto"]))
    ratio = spread([figure(own) / figure(base) for own, base in pairs])
    wall = statistics.median(own["value"] / base["value"] for own, base in pairs)
    unit = pairs[0][0]["unit"].replace("/s", "/cpu-s")
    middle = {name: f"{statistics.median(map(figure, results)):.4g}" for name, results in found.items()}
    numbers = [f"{value:.3f}" for value in (*ratio, wall)]
    return dict(zip(COLUMNS, [workload, rounds, unit, middle["crypto"], middle["tlsock"], *numbers, goal]))


def earlier(path):
    if not path.exists():
        return {}
    with open(path, newline="") as file:
        return {row["workload"]: row for row in csv.DictReader(file)}


def keep(path, rows):
    with open(path, "w", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows[name] for name in WORKLOADS if name in rows)


def table(rows, beside, with_goal):
    """The rows as a table of the page; `beside` is the other side."""
    header = ["workload", beside, "tlsock", "ratio"] + ["goal"] * with_goal
    lines = [header, ["---"] * len(header)]
    for row in (rows[name] for name in WORKLOADS if name in rows):
        middle, low, high = (show.number(float(row[column])) for column in ("ratio", "low", "high"))
        cells = [row["workload"], f"{row['crypto']} {row['unit']}", row["tlsock"], f"{middle} ({low}-{high})"]
        lines.append(cells + [row["goal"]] * with_goal)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("certs", type=pathlib.Path)
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--time", type=float, default=0.3)
    parser.add_argument("--table", default="table", help="which table of the page to renew")
    parser.add_argument("--before", type=pathlib.Path, help="another build of the binding, in crypto/tls' place")
    parser.add_argument("--version", default="before", help="what the page calls that build")
    parser.add_argument("--only", default="", help="workloads whose name holds one of these words, with | between")
    options = parser.parse_args()
    # Where run looks for the certificates.
    options.programs = options.certs.parent
    rows = earlier(options.results) if options.only else {}
    beside = options.version if options.before else "crypto/tls"
    for workload in WORKLOADS:
        if any(word in workload for word in options.only.split("|")):
            row = rows[workload] = measure(workload, options)
            print(
                f"{workload:38} {beside} {row['crypto']:>9}  tlsock {row['tlsock']:>9} {row['unit']:9} "
                f"x{row['ratio']} [{row['low']}-{row['high']}]  goal {row['goal']}",
                flush=True,
            )
            keep(options.results, rows)
    show.renew(options.page, options.table, table(rows, beside, not options.before))


if __name__ == "__main__":
    main()
