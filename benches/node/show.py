#!/usr/bin/env python3
"""Renews a table of docs/performance-node.md: show.py RESULTS.csv BEFORE.csv PAGE.md TABLE.

Beside each ratio stands that of BEFORE, the results of 0.1; below the table, what it was measured on.
"""

import datetime
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import show  # noqa: E402

PEERS = ("tlsock", "libssl in C", "no TLS")


def cell(row):
    middle, low, high = map(show.number, show.ratio(row))
    return f"{middle} ({low}-{high})"


def measured_on():
    script = "console.log(process.version, process.versions.openssl, require('./bindings/node').OPENSSL_VERSION)"
    node, its_openssl, *ours = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True).stdout.split()
    load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    return (f"Measured on {datetime.date.today()} with Node {node} (OpenSSL {its_openssl} inside), tlsock over {' '.join(ours[:2])},\n"
            f"{os.cpu_count()} cores, load {load} (1, 5, 15 minutes) at the end.")


def table(results, before):
    lines = ["| workload | node:tls | tlsock | tlsock 0.1 | libssl in C | no TLS |", "| --- | --- | --- | --- | --- | --- |"]
    for workload, found in show.by_workload(results).items():
        first = found["tlsock"]
        cells = [cell(found[peer]) if peer in found else "-" for peer in PEERS]
        cells.insert(1, show.number(show.ratio(before[workload]["tlsock"])[0]) if workload in before else "-")
        lines.append(f"| {workload} | {first['raw']} {first['unit']} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", measured_on()])


def main():
    results, before, page = (pathlib.Path(name) for name in sys.argv[1:4])
    show.renew(page, sys.argv[4], table(show.rows(results), show.by_workload(show.rows(before))))


if __name__ == "__main__":
    main()
