"""The TLS tests of well-known Python programs on libtlsock and on the reference, and what differs between the two.

Usage: run_suites.py [-v] [NAME...]. The programs come from PyPI, at the versions of suites/requirements.txt, into the
folder that TLSOCK_SUITES names (build/suites). TLSOCK_LIBRARY or pkg-config tells where the library is. Nothing but loopback is used.
"""

import argparse
import collections
import os
import re
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "suites"))

from install import Place
from runner.play import Run, differing, exceptions
from table import SUITES

# The longest time in seconds for a test, and for one that does not even listen to that.
IDLE_LIMIT, LAST_LIMIT = 10, 30
# How often a test that differs is played again on both, and how often it has to differ to count: some are unsteady.
AGAIN, TO_COUNT = 2, 2
FOLDER = Path(os.environ.get("TLSOCK_SUITES", HERE.parents[1] / "build" / "suites")).resolve()


def reference():
    """What the suites see of the world: nothing that could tell them where other services are."""
    kept = {name: value for name, value in os.environ.items()
            if name != "PYTHONPATH" and not name.lower().endswith("_proxy") and not name.startswith("PYTEST")}
    return kept | {"PYTHONPATH": str(HERE / "suites"), "PYTHONDONTWRITEBYTECODE": "1", "EVENTLET_TESTS": "1"}


def ours():
    return reference() | {"PYTHONPATH": f"{HERE / 'suites'}:{HERE}"}


def check(python):
    """Nobody may be fooled: the module is ours with our folder on PYTHONPATH, and not without."""
    def module(environment):
        command = [python, "-c", "import _ssl; print(getattr(_ssl, '__file__', 'built in'))"]
        return Path(subprocess.check_output(command, env=environment, text=True, cwd="/").strip())
    if module(ours()).parent != HERE or module(reference()).parent == HERE:
        sys.exit("the interpreter does not take _ssl from PYTHONPATH")


class Player:
    """One suite, on either implementation."""

    def __init__(self, suite, place):
        self.suite = suite
        self.python = place.python
        self.root = place.root(suite)

    def command(self, part):
        def command(facts, names=()):
            line = [self.python, "-m", "pytest", "-p", "recording", "-p", "no:cacheprovider", "-q", "--rootdir=.",
                    f"--timeout={IDLE_LIMIT}", "-o", f"faulthandler_timeout={LAST_LIMIT - 5}",
                    *self.suite.options, f"--facts={facts}"]
            if names:
                only = facts.with_name("only")
                only.write_text("\n".join(names))
                line.append(f"--only={only}")
            return [*line, *part]
        return command

    def run(self, part, environment, names=()):
        run = Run(self.command(part), environment, folder=self.root, idle_limit=LAST_LIMIT, limit=self.suite.limit)
        run.run(names or run.names())
        return run


def merged(runs):
    """The runs of all parts as one."""
    all_of_them = runs[0]
    for run in runs[1:]:
        all_of_them.outcomes.update(run.outcomes)
    return all_of_them


def times(player, part, found):
    """How many times each of the tests that differ does so."""
    counted = collections.Counter(found)
    for _ in range(AGAIN if found else 0):
        mine, theirs = (player.run(part, environment, found) for environment in (ours(), reference()))
        counted.update(differing(mine, theirs))
    return counted


def compare(suite, place, verbose):
    """Plays a suite on both, the reference first; returns how many tests it does worse on ours."""
    print(f"{suite.name} {place.versions[suite.distribution or suite.name]}", flush=True)
    player, began = Player(suite, place), time.monotonic()
    allowed = {name for scope, name in exceptions(HERE / "suites" / "exceptions.txt") if scope == suite.name}
    theirs, mine, lost, details = [], [], [], []
    for part in suite.parts:
        theirs.append(player.run(part, reference()))
        mine.append(player.run(part, ours(), list(theirs[-1].outcomes)))
        found = differing(mine[-1], theirs[-1])
        counted = times(player, part, found)
        details += [(name, mine[-1].outcomes[name][1], counted[name]) for name in found]
        lost += [name for name in found if counted[name] >= TO_COUNT and name not in allowed]
    print(merged(theirs).summary("reference"))
    print(merged(mine).summary("libtlsock") + f" ({time.monotonic() - began:.0f} seconds)")
    for name, (outcome, detail) in theirs[0].outcomes.items():
        if outcome == "failed":
            print(f"  fails on the reference: {name}: {cause(detail)}")
    for name, detail, count in details:
        word = "excepted" if name in allowed else "differs" if count >= TO_COUNT else "unsteady"
        print(f"  {word}: {name} ({count} of {AGAIN + 1} times): {cause(detail)}")
        if verbose:
            print("    " + detail.strip().replace("\n", "\n    "))
    return len(lost)


def cause(detail):
    """The most useful line of a failure: pytest's own, otherwise the last that names an exception."""
    lines = [line.strip(" |") for line in detail.splitlines()]
    marked = [line.removeprefix("E ").strip() for line in lines if line.startswith("E  ")]
    named = [line for line in lines if re.match(r"[\w.]+(Error|Exception|Exit)\b", line)]
    return (marked[:1] or named[-1:] or lines[:1] or [""])[0][:160]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these suites")
    parser.add_argument("-v", action="store_true", help="show how tests failed")
    options = parser.parse_args()
    unknown = set(options.names) - {suite.name for suite in SUITES}
    if unknown:
        parser.error(f"there is no suite {', '.join(sorted(unknown))}")
    place = Place(FOLDER, SUITES)
    place.prepare()
    check(place.python)
    wanted = [suite for suite in SUITES if not options.names or suite.name in options.names]
    lost = sum([compare(suite, place, options.v) for suite in wanted])
    print(f"{lost} differences")
    sys.exit(bool(lost))


main()
