"""The tables of tests/mutants name files and tests that exist: otherwise a mistake is asked of the wrong tests, or of none."""

import fnmatch
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/mutants"))

import common  # noqa: E402

MUTANTS = ROOT / "tests/mutants"


def wrong_rust():
    files = [str(path.relative_to(ROOT)) for path in (ROOT / "src").rglob("*.rs")]
    for pattern, rust, c in common.rows(MUTANTS / "rust.tsv"):
        if not fnmatch.filter(files, pattern):
            yield f"rust.tsv: no file of src/ fits {pattern}"
        for test in rust.split():
            name, _, _ = test.partition(":")
            if name != "lib" and not (ROOT / f"tests/{name}.rs").is_file():
                yield f"rust.tsv: {pattern}: there is no tests/{name}.rs"
        for program in c.split():
            sources = (f"tests/c/{program}.c", f"tests/c/{program}.py", f"tests/harden/{program}.c")
            if not any((ROOT / source).is_file() for source in sources):
                yield f"rust.tsv: {pattern}: there is no program {program}"


def wrong_node():
    rows = common.rows(MUTANTS / "node.tsv")
    # constants.js has values alone, of which no mistakes are made.
    without = {path.name for path in (ROOT / "bindings/node/lib").glob("*.js")} - {file for file, _ in rows} - {"constants.js"}
    yield from (f"node.tsv: no row for {file}" for file in sorted(without))
    for file, tests in rows:
        if file != "last" and not (ROOT / "bindings/node/lib" / file).is_file():
            yield f"node.tsv: there is no {file}"
        for test in tests.split():
            if not (ROOT / f"bindings/node/test/{test}.test.js").is_file():
                yield f"node.tsv: {file}: there is no {test}.test.js"


def wrong_survivors():
    for key in common.survivors():
        file, _, _ = key.partition(": ")
        if not (ROOT / file).is_file():
            yield f"survivors.tsv: there is no {file}"


wrong = [*wrong_rust(), *wrong_node(), *wrong_survivors()]
print("\n".join(wrong) or "mutants: the tables name what exists")
sys.exit(bool(wrong))
