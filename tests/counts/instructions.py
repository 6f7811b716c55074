#!/usr/bin/env python3
"""Counts instructions with callgrind, beside raw libssl: instructions.py PROGRAMS, a folder that benches/build.sh filled.

A workload runs with two numbers of rounds: the difference is free of what comes before and after. Unlike time, the
ratio to raw libssl does not depend on how busy the machine is, so it can have a bound.
"""

import pathlib
import re
import subprocess
import sys

PROGRAMS = pathlib.Path(sys.argv[1])
# Arguments, few and many rounds, and how many times raw libssl's instructions are allowed.
RATIOS = {
    "handshake in memory": ("mem_hs", 2, 6, 1.02),
    "RSA handshake in memory": ("mem_hs --key rsa", 2, 6, 1.02),
    "handshake in memory, resumed": ("mem_hs --resume 1", 2, 6, 1.02),
    # A round is 32 connections. The handshake is short, so that making the connection shows; in TLS 1.2 also that the peer's
    # certificate is kept for a renegotiation. From build to build and key to key it differs by 0.003.
    "resumed over sockets, TLS 1.3": ("hs --resume 1", 1, 2, 1.022),
    "resumed over sockets, TLS 1.2": ("hs --resume 1 --ver 12", 1, 2, 1.066),
    # 1.011 with OpenSSL 3.0. With 3.5 raw libssl needs 11 % less, and the look at the error queue before each call more, as it
    # asks there whether OpenSSL has begun (OPENSSL_init_crypto): 250 instructions a record in all, 1.028.
    "bulk in memory, 1 KiB": ("mem_bulk --size 1024", 1, 3, 1.032),
    "bulk in memory, 16 KiB": ("mem_bulk --size 16384", 1, 5, 1.0),
    "bulk in memory, 256 KiB": ("mem_bulk --size 262144", 1, 5, 1.0),
}
# Not by raw libssl's, which reads the CAs each time: 240 million with OpenSSL 3.0, 58 million with 3.5.
CONTEXT_BOUND = 28_000
GETTER_ROUND = 1_000_000
# 61 of them hold what the handle is of, so that nobody who frees it meanwhile takes it away.
GETTER_BOUND = 90


def collected(program, arguments, rounds):
    valgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(PROGRAMS / program)]
    fixed = ["--certs", str(PROGRAMS / "certs"), "--warm", "0", "--rounds", str(rounds)]
    done = subprocess.run(valgrind + arguments.split() + fixed, capture_output=True, text=True, check=False)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not found:
        raise SystemExit(f"{program} {arguments}: {done.stderr[-1000:]}")
    return int(found[1])


def per_round(program, arguments, few, many):
    return (collected(program, arguments, many) - collected(program, arguments, few)) / (many - few)


def bound(what, value, most):
    passed = value <= most
    print(f"{what}: {value:.4g}, at most {most:g}: 1 {'passed' if passed else 'failed'}", flush=True)
    return passed


def main():
    fine = True
    for name, (arguments, few, many, most) in RATIOS.items():
        own, raw = (per_round(program, arguments, few, many) for program in ("tlsock", "openssl"))
        fine &= bound(f"instructions, {name}, {own:.0f} for {raw:.0f} of raw libssl", own / raw, most)
    getter = per_round("tlsock", "call", 1, 3) / GETTER_ROUND
    fine &= bound("instructions of a getter and its loop", getter, GETTER_BOUND)
    context = per_round("tlsock", "ctx", 1, 2)
    fine &= bound("instructions of a context that trusts the system's CAs", context, CONTEXT_BOUND)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
