"""A plugin of pytest: plays the tests it is told to, writes down what becomes of each, and keeps all on this machine.

Options: --facts=FILE takes one line of JSON a fact, as runner/play.py reads them; --only=FILE holds names of tests,
one a line. Without --only the tests are listed.
"""

import errno
import ipaddress
import json
import os
import socket
import sys
from pathlib import Path

import pytest

HERE = {None, "", "localhost", "0.0.0.0", "::", socket.gethostname()}


def local(host):
    host = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    try:
        return host in HERE or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def stay_here(event, arguments):
    """Nothing but loopback is reached: other machines and other names are as if there were no network."""
    if event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        if not local(arguments[1][0]):
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH))
    elif event == "socket.getaddrinfo" and not local(arguments[0]) and not address(arguments[0]):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def address(host):
    try:
        return ipaddress.ip_address(host if isinstance(host, str) else host.decode("ascii", "replace"))
    except ValueError:
        return None


class Recorder:
    def __init__(self, path, only):
        self.file = open(path, "a", encoding="utf-8")
        self.only = only
        self.outcomes = {}

    def write(self, name, outcome, detail=""):
        self.file.write(json.dumps([name, outcome, detail]) + "\n")
        self.file.flush()

    def pytest_collection_modifyitems(self, items):
        if self.only is not None:
            items[:] = [item for item in items if item.nodeid in self.only]

    def pytest_collection_finish(self, session):
        if self.only is None:
            for item in session.items:
                self.write(item.nodeid, "listed")

    def pytest_runtestloop(self):
        return True if self.only is None else None

    def pytest_runtest_logstart(self, nodeid):
        self.outcomes[nodeid] = ("passed", "")
        self.write(nodeid, "begun")

    def pytest_runtest_logreport(self, report):
        if self.outcomes[report.nodeid][0] == "failed":
            return
        if report.failed:
            self.outcomes[report.nodeid] = ("failed", f"{report.when}\n{report.longreprtext}")
        elif report.skipped and not hasattr(report, "wasxfail") and not hasattr(report, "context"):
            self.outcomes[report.nodeid] = ("skipped", str(report.longrepr))

    def pytest_runtest_logfinish(self, nodeid):
        self.write(nodeid, *self.outcomes[nodeid])

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self):
        """Threads that tests left behind must not keep the process."""
        self.file.close()
        sys.stdout.flush()
        os._exit(0)


def pytest_addoption(parser):
    parser.addoption("--facts")
    parser.addoption("--only")


def pytest_configure(config):
    sys.addaudithook(stay_here)
    only = config.getoption("--only")
    names = None if only is None else set(Path(only).read_text().splitlines())
    config.pluginmanager.register(Recorder(config.getoption("--facts"), names))
