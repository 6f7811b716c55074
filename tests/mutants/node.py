"""Mistakes in bindings/node/lib: Stryker's instrumenter lists them, the tests that node.tsv names for the file are asked
first, then all others, file by file."""

import functools
import json
import pathlib
import subprocess

import common

FOLDER = common.WORK / "node"
BINDING = "bindings/node"
TESTS = common.ROOT / "tests" / "mutants" / "node.tsv"


def mutants():
    files = sorted(
        str(path.relative_to(common.ROOT)) for path in (common.ROOT / BINDING / "lib").glob("*.js") if path.name != "constants.js"
    )
    listed = subprocess.run(
        ["node", common.ROOT / "tests/mutants/list_node.mjs", common.tool("node"), *files],
        cwd=common.ROOT, check=True, capture_output=True, text=True,
    )
    sources = {file: common.Source(file) for file in files}
    for found in json.loads(listed.stdout):
        source, span = sources[found["file"]], found["location"]
        # Counted from nought.
        start, end = (source.offset(span[side]["line"] + 1, span[side]["column"] + 1) for side in ("start", "end"))
        was, now = (" ".join(text.split())[:80] for text in (source.text[start:end], found["replacement"]))
        yield source.mutant(start, end, found["replacement"], f"{found['mutator']} {was} -> {now}")


def tests_of(file):
    """The names of all test files, in the order in which they are asked about this one."""
    rows = {name: words.split() for name, words in common.rows(TESTS)}
    last = rows["last"]
    rest = sorted(path.name.removesuffix(".test.js") for path in (common.ROOT / BINDING / "test").glob("*.test.js"))
    order = rows.get(pathlib.PurePath(file).name, []) + [name for name in rest if name not in last] + last
    return list(dict.fromkeys(order))


class Place:
    """A copy of the tree whose JavaScript has one mistake."""

    def __init__(self, timeout, _quick):
        self._timeout = timeout
        self._tree = common.Tree(FOLDER / "tree", kept=(f"{BINDING}/node_modules", f"{BINDING}/build"))

    def prove_that_all_passes(self, _mutants):
        for command in (["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"], ["npm", "test"]):
            if self._run(command, 1800) is not True:
                raise SystemExit(f"{' '.join(command)} fails without a mistake: see {FOLDER / 'log'}")

    def outcome(self, mutant):
        self._tree.make(mutant)
        try:
            for test in tests_of(mutant.file):
                passed = common.asked(functools.partial(self._test, test))
                if passed is not True:
                    return "timeout" if passed is None else "killed", f"node {test}"
        finally:
            self._tree.take_back(mutant)
        return "survived", "-"

    def _test(self, name):
        return self._run(["node", "test/run.js", f"{name}.test.js"], self._timeout)

    def _run(self, command, seconds):
        environment = {"PKG_CONFIG_PATH": f"{common.prefix()}/lib/pkgconfig"}
        return common.run(command, self._tree.folder / BINDING, environment, seconds, FOLDER / "log")
