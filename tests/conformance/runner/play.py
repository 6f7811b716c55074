"""Tests played in a process of their own, again and again behind those that hang or kill it, and what became of each."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# The longest time in seconds that a single test may take.
IDLE_LIMIT = float(os.environ.get("TLSOCK_CONFORMANCE_IDLE", "120"))
# The longest time for listing the tests, which says nothing of them: it only has to end on a busy machine too.
LISTING = 600


def kill(process):
    """Ends a process, and what it started and left behind."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


# On SIGTERM the child processes end first: sys.exit passes through kill.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


class Run:
    """All tests of one program on one implementation.

    `command` makes the command line of the file to write facts to and the tests to play; without tests it lists them.
    """

    def __init__(self, command, environment, *, folder=None, idle_limit=IDLE_LIMIT, limit=float("inf")):
        self.command = command
        self.environment = environment
        self.folder = folder
        self.idle_limit = idle_limit
        self.limit = limit
        self.outcomes = {}

    def names(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "names")
            subprocess.run(self.command(file), env=self.environment, cwd=self.folder or folder, check=True,
                           stdout=subprocess.DEVNULL, timeout=LISTING)
            return [json.loads(line)[0] for line in file.read_text().splitlines()]

    def run(self, names):
        """Begins anew behind every test that hangs or kills the process, until the time is up."""
        self.end = time.monotonic() + self.limit
        left = list(names)
        while left and time.monotonic() < self.end:
            self.some(left)
            left = [name for name in left if name not in self.outcomes]
        self.outcomes.update(dict.fromkeys(left, ("failed", f"not played within {self.limit:g} seconds")))

    def some(self, names):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "facts")
            file.touch()
            with open(Path(folder, "output"), "w+b") as output:
                process = subprocess.Popen(
                    self.command(file, names), env=self.environment, cwd=self.folder or folder, stdout=output,
                    stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True)
                try:
                    ended = self.wait(process, file)
                finally:
                    kill(process)
                output.seek(0)
                words = output.read()[-2000:].decode(errors="replace")
            begun = self.read(file)
            unfinished = begun - self.outcomes.keys()
            for name in unfinished or ([] if begun else names):
                self.outcomes[name] = ("failed", f"{ended}\n{words}")
            if not unfinished:
                # A test of a class whose set-up failed or was skipped is never begun.
                for name in names:
                    self.outcomes.setdefault(name, ("skipped", "not begun"))

    def wait(self, process, file):
        size, since = -1, time.monotonic()
        while True:
            try:
                process.wait(1)
                return f"the process ended with {process.returncode}"
            except subprocess.TimeoutExpired:
                pass
            now = time.monotonic()
            if file.stat().st_size != size:
                size, since = file.stat().st_size, now
            if now - since > self.idle_limit or now > self.end:
                return f"nothing happened for {now - since:.0f} seconds"

    def read(self, file):
        begun = set()
        for line in file.read_text().splitlines():
            name, outcome, detail = json.loads(line)
            if outcome == "begun":
                begun.add(name)
            elif self.outcomes.get(name, ("",))[0] != "failed":
                self.outcomes[name] = (outcome, detail)
        return begun

    def count(self, outcome):
        return sum(1 for found, _ in self.outcomes.values() if found == outcome)

    def summary(self, title):
        words = ", ".join(f"{self.count(outcome)} {outcome}" for outcome in ("passed", "failed", "skipped"))
        return f"  {title:<10} {len(self.outcomes)} run, {words}"


def differing(mine, theirs):
    """The tests that the reference does better: passed there, not here."""
    return [name for name, (outcome, _) in theirs.outcomes.items()
            if outcome == "passed" and mine.outcomes.get(name, ("missing",))[0] != "passed"]


def exceptions(file):
    """What a file of exceptions allows to differ: pairs of a scope (or *) and a test."""
    lines = (line for line in file.read_text().splitlines() if line.strip() and not line.startswith("#"))
    return [tuple(line.split(maxsplit=2)[:2]) for line in lines]
