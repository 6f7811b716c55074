"""The prefix that `make test` installed into, and small helpers to build against it."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*command, **options):
    """Runs a command and returns what it printed; its errors are part of the failure's text."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def make(*targets, environment=os.environ, **variables):
    """Runs make with nothing of the make that runs the tests."""
    unset = ("MAKEFLAGS", "MAKEOVERRIDES", "PREFIX", "LIBDIR", "INCLUDEDIR", "DESTDIR")
    environment = {name: value for name, value in environment.items() if name not in unset}
    return run("make", "-C", ROOT, *targets, *(f"{name}={value}" for name, value in variables.items()), env=environment)


@pytest.fixture(scope="session")
def prefix():
    folder = pathlib.Path(os.environ.get("TLSOCK_PREFIX", ROOT / "build/prefix"))
    assert (folder / "lib/libtlsock.so").exists(), "run `make test`, which installs first"
    return folder


@pytest.fixture(scope="session")
def library(prefix):
    return prefix / "lib/libtlsock.so.0"


@pytest.fixture(scope="session")
def version():
    lines = (ROOT / "Cargo.toml").read_text().splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("version = "))


@pytest.fixture(scope="session")
def symbols():
    return (ROOT / "tests/abi/symbols.txt").read_text().split()
