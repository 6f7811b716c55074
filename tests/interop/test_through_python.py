"""What only a program in Python can ask: by its own _ssl and by the one over libtlsock, with the same outcomes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
CONFORMANCE = HERE.parent / "conformance"


def play(certs, environment):
    command = [sys.executable, HERE / "through_python.py", certs]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def played(certs):
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    theirs, ours = play(certs, plain), play(certs, plain | {"PYTHONPATH": str(CONFORMANCE)})
    assert Path(ours["implementation"]).parent == CONFORMANCE != Path(theirs["implementation"]).parent
    return theirs["outcomes"], ours["outcomes"]


def same(played, name):
    theirs, ours = played
    assert ours[name] == theirs[name]
    return ours[name]


def test_contexts_cannot_be_pickled(played):
    assert same(played, "contexts_cannot_be_pickled") == "TypeError"


def test_iterables_of_protocols(played):
    assert same(played, "iterables_of_protocols") == [["h", "h"]] * 3


def test_an_sni_callback_that_returns_zero(played):
    assert same(played, "an_sni_callback_that_returns_zero")[1] == "CALLBACK_FAILED"


def test_classes_of_results(played):
    assert same(played, "classes_of_results") == ["SSLSocket", "SSLObject", True, True]


def test_counts_of_sendfile(played):
    found = same(played, "counts_of_sendfile")
    assert [kind for kind, _ in found] == ["ValueError", "ValueError", "TypeError", "TypeError"]
    assert found[0][1] == "count must be a positive integer (got 0)"
