"""What all tests here share: certificates, a time limit for each test, programs that may be missing."""

import faulthandler
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

# A blocked foreign call cannot be interrupted: after this many seconds the whole run ends, with a traceback.
TIME_LIMIT = 300


@pytest.fixture(autouse=True)
def time_limit():
    faulthandler.dump_traceback_later(TIME_LIMIT, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture(scope="session")
def certs(tmp_path_factory):
    """The directory of test certificates."""
    directory = Path(os.environ.get("TLSOCK_TEST_CERTS") or tmp_path_factory.mktemp("certs"))
    subprocess.run(["sh", HERE.parent / "certs" / "make.sh", directory], check=True)
    return directory


def pytest_configure(config):
    config.addinivalue_line("markers", "needs(program): runs only where this program is installed")
    config.addinivalue_line("markers", "function(name): runs only if the header has this function")


def pytest_runtest_setup(item):
    for marker in item.iter_markers("needs"):
        need(marker.args[0])
    for marker in item.iter_markers("function"):
        need_function(marker.args[0])


def need(program):
    """Skips the test when a program is missing; on CI nothing may be skipped."""
    if shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
        return
    reason = f"{program} is not installed"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    print(f"skipped: {reason}", file=sys.__stderr__)
    pytest.skip(reason)


def need_function(name):
    """Skips the test while the header lacks a function."""
    import tlsock
    if name not in tlsock.header.functions:
        pytest.skip(f"{name} is not in the header")


@pytest.fixture
def running():
    """Collects what must be stopped when the test is over."""
    started = []

    def keep(thing):
        started.append(thing)
        return thing

    yield keep
    for thing in reversed(started):
        thing.stop()
