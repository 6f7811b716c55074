"""Python's own tests of its ssl module, on libtlsock and on the reference, and what differs between the two.

They are played twice on libtlsock: with the extension module _ssl replaced, and with the class SSLSocket replaced too. What AWS-LC
has not, where it is in the library, is in exceptions_aws_lc.txt.

Usage: run.py [-k PATTERN] [-v] [--only _ssl or SSLSocket]. Interpreters: python3.13, python3 and python3.11 of PATH, and those that
TLSOCK_CONFORMANCE_PYTHONS names (separated by colons). TLSOCK_LIBRARY or pkg-config tells where the library is;
TLSOCK_CONFORMANCE_IDLE is the longest time in seconds that a test may take.
"""

import argparse
import fnmatch
import os
import subprocess
import sys
from pathlib import Path

from runner.play import Run, differing, exceptions

HERE = Path(__file__).resolve().parent
CANDIDATES = ("python3.13", "python3", "python3.11")
ABOUT = """
import sys, test.test_ssl, _ssl
print(sys.version.split()[0]); print(_ssl.OPENSSL_VERSION); print(getattr(_ssl, "__file__", "built in"))
"""


class Interpreter:
    def __init__(self, command):
        self.command = command
        self.version, self.openssl, self.extension = self.about(reference())
        self.major = ".".join(self.version.split(".")[:2])

    def about(self, environment):
        ran = subprocess.run([self.command, "-c", ABOUT], env=environment, capture_output=True, text=True, cwd="/")
        if ran.returncode:
            words = ran.stderr.strip().splitlines() or ["it does not run"]
            raise LookupError(words[-1 if words[0].startswith("Traceback") else 0])
        return ran.stdout.splitlines()

    def takes_ours(self):
        """Nobody may be fooled: the module is ours with our folder on PYTHONPATH, and not without."""
        try:
            _, self.inside, with_ours = self.about(ours())
        except LookupError as problem:
            print(f"  {problem}")
            return False
        return Path(with_ours).resolve().parent == HERE != Path(self.extension).resolve().parent


def reference():
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1"}


def ours():
    return reference() | {"PYTHONPATH": str(HERE)}


def interpreters():
    """Every version once; the first that really runs and has the tests stands for it."""
    extra = [path for path in os.environ.get("TLSOCK_CONFORMANCE_PYTHONS", "").split(":") if path]
    found = {}
    for command in [*extra, *CANDIDATES]:
        try:
            one = Interpreter(command)
        except (OSError, LookupError) as problem:
            print(f"{command}: left out: {problem}")
            continue
        found.setdefault(one.version, one)
    return sorted(found.values(), key=lambda one: [-int(part) for part in one.major.split(".")])


def over_sockets():
    """With SSLSocket replaced as well: see _sockets."""
    return ours() | {"TLSOCK_CONFORMANCE_SOCKETS": "1"}


# What may differ with another library than OpenSSL, by the first word of its version.
OTHERS = {"AWS-LC": HERE / "exceptions_aws_lc.txt"}
# What is played: the environment that brings it, and the file that says what may differ from the reference.
IMPLEMENTATIONS = {
    "_ssl": (ours, HERE / "exceptions.txt"),
    "SSLSocket": (over_sockets, HERE / "_sockets" / "exceptions.txt"),
}


def command_of(interpreter):
    def command(file, names=()):
        return [interpreter.command, "-W", "ignore", str(HERE / "runner" / "record.py"), str(file), *names]
    return command


def play(interpreter, environment, names):
    run = Run(command_of(interpreter), environment)
    run.run(names)
    return run


def short(name):
    return name.removeprefix("test.test_ssl.")


def compare(interpreter, options):
    print(f"Python {interpreter.version}, {interpreter.openssl}", flush=True)
    if not interpreter.takes_ours():
        print("  it does not take _ssl from PYTHONPATH, or cannot load it")
        return 1
    names = [name for name in Run(command_of(interpreter), reference()).names()
             if fnmatch.fnmatch(short(name), options.k)]
    theirs = play(interpreter, reference(), names)
    print(theirs.summary("reference"), flush=True)
    other = OTHERS.get(interpreter.inside.split()[0])
    if other:
        print(f"  libtlsock is built with {interpreter.inside}", flush=True)
    differences = 0
    for title, (environment, file) in IMPLEMENTATIONS.items():
        if options.only in (None, title):
            pairs = [*exceptions(file), *(exceptions(other) if other else [])]
            allowed = {name for scope, name in pairs if scope in ("*", interpreter.major)}
            differences += report(play(interpreter, environment(), names), theirs, title, allowed, options.v)
    return differences


def report(mine, theirs, title, allowed, verbose):
    """Prints what differs, and returns how much of it no exception allows."""
    print(mine.summary(title), flush=True)
    found = differing(mine, theirs)
    for name in found:
        outcome, detail = mine.outcomes.get(name, ("missing", ""))
        print(f"  {'excepted' if short(name) in allowed else 'differs'}: {short(name)} ({outcome})")
        if verbose:
            print("    " + detail.strip().replace("\n", "\n    "))
    stale = [name for name in allowed if mine.outcomes.get("test.test_ssl." + name, ("",))[0] == "passed"]
    for name in stale:
        print(f"  passes though excepted: {name}")
    return len([name for name in found if short(name) not in allowed]) + len(stale)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-k", default="*", metavar="PATTERN", help="only these tests, such as ThreadedTests.*")
    parser.add_argument("-v", action="store_true", help="show how tests failed")
    parser.add_argument("--only", choices=IMPLEMENTATIONS, help="only this replacement")
    options = parser.parse_args()
    found = interpreters()
    if not found:
        sys.exit("no interpreter has test.test_ssl")
    if not any(interpreter.major == "3.13" for interpreter in found):
        print("Python 3.13, which libtlsock follows, is not here: see TLSOCK_CONFORMANCE_PYTHONS")
    differences = sum([compare(interpreter, options) for interpreter in found])
    print(f"{differences} differences")
    sys.exit(bool(differences))


main()
