#!/usr/bin/env python3
"""Renews a table of docs/performance-node.md: show.py RESULTS.csv PAGE.md TABLE."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import show  # noqa: E402

PEERS = ("tlsock", "libssl in C", "no TLS")


def cell(row):
    middle, low, high = map(show.number, show.ratio(row))
    return f"{middle} ({low}-{high})"


def table(results):
    lines = ["| workload | node:tls | tlsock | libssl in C | no TLS |", "| --- | --- | --- | --- | --- |"]
    for workload, found in show.by_workload(results).items():
        first = found["tlsock"]
        cells = [cell(found[peer]) if peer in found else "-" for peer in PEERS]
        lines.append(f"| {workload} | {first['raw']} {first['unit']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    results, page = (pathlib.Path(name) for name in sys.argv[1:3])
    show.renew(page, sys.argv[3], table(show.rows(results)))


if __name__ == "__main__":
    main()
