"""The table of steps and outcomes (tests/table) has what the header has beyond Python's ssl: each function since version 0.2
that it can have is a step there, or is listed here with the reason, and each step of tests/c/table.c is used. A step that
tests/table/gaps.txt lists as missing in a language is one whose function its binding does not call.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Functions that are no steps, by a pattern of the name without tlsock_, and why.
ELSEWHERE = {
    r"socket_\w+": "the same as that of an object, over a descriptor: tests/c and each binding's own tests have it",
    r"verification_\w+|identity_request_\w+": "lent to a callback, which a step sets",
    r"\w+_asking": "a callback of one call: tests/c/chain.c and identity.c",
    r"client_hello_\w+": "lent to a callback: the step client_hello tells what all of them give",
    r"error_ech_retry_configs": "of an OpenSSL with Encrypted ClientHello alone: tests/c/ech.c and each binding's own tests",
    r"identity_free": "the runners free what a case has made",
    r"object_verify_again": "certificates, which the table does not tell: tests/c/verify.c",
    r"context_set_session_cache": "three callbacks over a store: tests/c/session_cache.c",
    r"context_(set_)?client_session_cache": "of what connects by itself, which is sockets of C only: tests/c/client_session_cache.c",
    r"backend": "of the build: tests/c/module.c",
    r"environment_trusted|set_environment_trusted|set_interrupt_callback": "of the process: they would change other tests",
}


def wanted():
    rows = (ROOT / "packaging/header/since.tsv").read_text()
    return [name for name, version in re.findall(r"^tlsock_(\w+)\t(\S+)$", rows, re.M) if version != "0.1"]


SOURCES = {"go": "bindings/go/*.[gh]*", "node": "bindings/node/src/*.c"}


def gaps():
    rows = (ROOT / "tests/table/gaps.txt").read_text()
    return re.findall(r"^(go|node) (\w+) \S", rows, re.M)


def called(language):
    text = "".join(path.read_text() for path in sorted(ROOT.glob(SOURCES[language])))
    return {step_of(name) for name in re.findall(r"\btlsock_(\w+)\b", text)}


def step_of(name):
    return re.sub(r"^(context|object)_", "", name)


def main():
    steps = set(re.findall(r'^    \{"(\w+)", \.', (ROOT / "tests/c/table.c").read_text(), re.M))
    used = set()
    for path in sorted((ROOT / "tests/table").glob("*.table")):
        used |= set(re.findall(r"[a-z]\w+", path.read_text()))
    functions = wanted()
    listed = [name for name in functions if any(re.fullmatch(pattern, name) for pattern in ELSEWHERE)]
    problems = [f"tlsock_{name} is no step of tests/c/table.c" for name in functions if step_of(name) not in steps and name not in listed]
    problems += [f"{name} is listed here, and is a step" for name in listed if step_of(name) in steps]
    problems += [f"{pattern}: there is no such function" for pattern in ELSEWHERE if not any(re.fullmatch(pattern, name) for name in functions)]
    there = {language: called(language) for language in SOURCES}
    problems += [f"gaps.txt: {language} has {step}" for language, step in gaps() if step in there[language]]
    problems += [f"the step {step} is used by no case" for step in sorted(steps - used)]
    if problems or len(steps) < 60 or len(functions) < 60:
        sys.exit("\n".join(problems or ["table.py cannot read its files"]))
    print(f"table: {len(steps)} steps, all used; {len(functions)} functions since 0.2, {len(listed)} of them elsewhere")


if __name__ == "__main__":
    main()
