"""Runs tests of test.test_ssl, and of more.py, inside the interpreter at hand and writes down what becomes of each.

Arguments: the file to write to, then names of tests; without names it lists them all. One line of JSON a fact:
a test that begins, and its outcome. What never ends or dies leaves a beginning without an outcome.
"""

import json
import os
import sys
import unittest

from test import support

# All resources but those that need other machines.
RESOURCES = ["cpu", "largefile", "subprocess", "walltime"]


class Record(unittest.TestResult):
    def __init__(self, file):
        super().__init__()
        self.file = file

    def write(self, test, outcome, detail=""):
        self.file.write(json.dumps([test.id(), outcome, detail]) + "\n")
        self.file.flush()

    def startTest(self, test):
        super().startTest(test)
        self.write(test, "begun")

    def addSuccess(self, test):
        self.write(test, "passed")

    def addSkip(self, test, reason):
        self.write(test, "skipped", reason)

    def addFailure(self, test, error):
        self.write(test, "failed", self._exc_info_to_string(error, test))

    addError = addFailure

    def addExpectedFailure(self, test, _error):
        self.write(test, "passed")

    def addUnexpectedSuccess(self, test):
        self.write(test, "failed", "unexpected success")

    def addSubTest(self, test, subtest, error):
        if error is not None:
            self.write(test, "failed", f"{subtest}\n{self._exc_info_to_string(error, subtest)}")


def every(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from every(test)
        else:
            yield test


def main():
    if os.environ.get("TLSOCK_CONFORMANCE_SOCKETS"):
        import _sockets
        _sockets.install()
    support.use_resources = RESOURCES
    support.verbose = False
    path, names = sys.argv[1], set(sys.argv[2:])
    suite = unittest.defaultTestLoader.loadTestsFromNames(["test.test_ssl", "more"])
    with open(path, "w", encoding="utf-8") as file:
        if not names:
            file.writelines(json.dumps([test.id(), "listed", ""]) + "\n" for test in every(suite))
            return
        chosen = unittest.TestSuite(test for test in every(suite) if test.id() in names)
        chosen.run(Record(file))


main()
