"""Mistakes in bindings/go: gremlins lists them, all tests of the package are asked, without the race detector."""

import json
import os
import subprocess

import common

FOLDER = common.WORK / "go"
BINDING = "bindings/go"
LISTED = FOLDER / "gremlins.json"
# What gremlins calls a kind, and what it makes of each operator.
KINDS = {
    "ARITHMETIC_BASE": {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*"},
    "CONDITIONALS_BOUNDARY": {"<": "<=", "<=": "<", ">": ">=", ">=": ">"},
    "CONDITIONALS_NEGATION": {"==": "!=", "!=": "==", "<=": ">", ">": "<=", "<": ">=", ">=": "<"},
    "INCREMENT_DECREMENT": {"++": "--", "--": "++"},
    "INVERT_ASSIGNMENTS": {"+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "%=": "*="},
    "INVERT_BITWISE": {"&": "|", "|": "&", "^": "&", "&^": "&", "<<": ">>", ">>": "<<"},
    "INVERT_BWASSIGN": {"&=": "|=", "|=": "&=", "^=": "&=", "&^=": "&=", "<<=": ">>=", ">>=": "<<="},
    "INVERT_LOGICAL": {"&&": "||", "||": "&&"},
    "INVERT_LOOPCTRL": {"break": "continue", "continue": "break"},
    "INVERT_NEGATIVES": {"-": "+"},
    "REMOVE_SELF_ASSIGNMENTS": {f"{operator}=": "=" for operator in ("+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "&^")},
}


def environment():
    prefix = common.prefix()
    return {"PKG_CONFIG_PATH": f"{prefix}/lib/pkgconfig", "CGO_LDFLAGS": f"-Wl,-rpath,{prefix}/lib"}


def mutants():
    FOLDER.mkdir(parents=True, exist_ok=True)
    kinds = [f"--{kind.lower().replace('_', '-')}" for kind in KINDS]
    # It runs the tests once, for their coverage.
    subprocess.run(
        [common.tool("go") / "gremlins", "unleash", "--dry-run", "--silent", "--output", LISTED, *kinds, "."],
        cwd=common.ROOT / BINDING, check=True, env={**os.environ, **environment()},
    )
    for listed in json.loads(LISTED.read_text())["files"]:
        # The examples are built, not asked.
        if "/" in listed["file_name"]:
            continue
        source = common.Source(f"{BINDING}/{listed['file_name']}")
        for found in sorted(listed["mutations"], key=lambda found: (found["line"], found["column"], found["type"])):
            start = source.offset(found["line"], found["column"])
            operators = KINDS[found["type"]]
            operator = max((word for word in operators if source.text.startswith(word, start)), key=len)
            what = f"{found['type']} {operator} -> {operators[operator]} in {source.line_text(start)}"
            yield source.mutant(start, start + len(operator), operators[operator], what)


class Place:
    """A copy of the tree whose Go binding has one mistake."""

    def __init__(self, timeout, _quick):
        self._timeout = timeout
        self._tree = common.Tree(FOLDER / "tree")

    def prove_that_all_passes(self, _mutants):
        for what, seconds in (self._build, 1800), (self._test, 1800):
            if what(seconds) is not True:
                raise SystemExit(f"the tests fail without a mistake: see {FOLDER / 'log'}")

    def outcome(self, mutant):
        self._tree.make(mutant)
        try:
            if self._build(1800) is not True:
                return "unviable", "build"
            passed = common.asked(lambda: self._test(self._timeout))
        finally:
            self._tree.take_back(mutant)
        return ("timeout" if passed is None else "survived" if passed else "killed"), "go test"

    def _build(self, seconds):
        return self._run(["go", "test", "-c", "-o", str(FOLDER / "tests"), "."], seconds)

    def _test(self, seconds):
        return self._run([str(FOLDER / "tests"), "-test.failfast"], seconds)

    def _run(self, command, seconds):
        return common.run(command, self._tree.folder / BINDING, environment(), seconds, FOLDER / "log")
