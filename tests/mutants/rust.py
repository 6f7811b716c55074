"""Mistakes in src/: cargo-mutants lists them, the Rust tests that rust.tsv names for the file are asked first, then the C
programs it names, then the comparison with Python's ssl (tests/interop)."""

import fnmatch
import json
import os
import subprocess

import common

FOLDER = common.WORK / "rust"
TESTS = common.ROOT / "tests" / "mutants" / "rust.tsv"
# Without debug information a test is linked in half the time.
BUILD = {"CARGO_TARGET_DIR": str(FOLDER / "target"), "CARGO_PROFILE_DEV_DEBUG": "0", "CARGO_INCREMENTAL": "1"}
CARGO = str(common.ROOT / "packaging" / "cargo.sh")


def mutants():
    listed = subprocess.run(
        [common.tool("cargo") / "bin" / "cargo-mutants", "mutants", "--list", "--json"],
        cwd=common.ROOT, check=True, capture_output=True, text=True,
    )
    sources = {}
    for found in json.loads(listed.stdout):
        file, span = found["file"], found["span"]
        source = sources.setdefault(file, common.Source(file))
        start, end = (source.offset(span[side]["line"], span[side]["column"]) for side in ("start", "end"))
        what = found["name"].split(": ", 1)[1]
        yield source.mutant(start, end, found["replacement"], what)


def tests_of(file):
    """The Rust tests and the C programs for a file: the last line of rust.tsv that fits it."""
    for pattern, rust, c in reversed(common.rows(TESTS)):
        if fnmatch.fnmatch(file, pattern):
            return rust.split(), c.split()
    raise SystemExit(f"{TESTS}: no line for {file}")


class Place:
    """A copy of the tree whose library has one mistake."""

    def __init__(self, timeout, quick):
        self._timeout, self._quick = timeout, quick
        self._tree = common.Tree(FOLDER / "tree")
        self._prefix = FOLDER / "prefix"
        # The Rust tests need no shared library, which would be linked again for each mistake.
        manifest = self._tree.folder / "Cargo.toml"
        text = manifest.read_text()
        manifest.write_text(text.replace('"staticlib", "cdylib", "rlib"', '"rlib"'))
        self._lay_prefix()

    def _lay_prefix(self):
        for folder in ("lib/pkgconfig", "include"):
            (self._prefix / folder).mkdir(parents=True, exist_ok=True)
        header = self._prefix / "include" / "tlsock.h"
        text = (common.ROOT / "include" / "tlsock.h").read_text()
        # Not newer than it was, or every program would be compiled again.
        if not header.is_file() or header.read_text() != text:
            header.write_text(text)
        (self._prefix / "lib" / "pkgconfig" / "tlsock.pc").write_text(
            f"libdir={self._prefix}/lib\nincludedir={self._prefix}/include\nName: tlsock\nDescription: -\nVersion: 0\n"
            "Libs: -L${libdir} -ltlsock\nCflags: -I${includedir}\n"
        )

    def prove_that_all_passes(self, mutants):
        """No test may fail without a mistake: it would see every one."""
        asked = sorted({tuple(map(tuple, tests_of(mutant.file))) for mutant in mutants})
        rust = sorted({test for tests, _ in asked for test in tests})
        c = sorted({program for _, programs in asked for program in programs})
        steps = [self._build_tests(rust), *(self._run_test(test) for test in rust), *self._shared(c)]
        # All the C programs at once take longer than those of one file.
        limit, self._timeout = self._timeout, 3600
        for name, passes in steps:
            if passes() is not True:
                raise SystemExit(f"{name} fails without a mistake: see {FOLDER / 'log'}")
        self._timeout = limit

    def outcome(self, mutant):
        self._tree.make(mutant)
        try:
            return self._seen_by(*tests_of(mutant.file))
        finally:
            self._tree.take_back(mutant)

    def _seen_by(self, rust, c):
        _, built = self._build_tests(rust)
        if built() is not True:
            return "unviable", "build"
        for name, passes in (*(self._run_test(test) for test in rust), *self._shared(c)):
            passed = common.asked(passes)
            if passed is not True:
                return "timeout" if passed is None else "killed", name
        return "survived", "-"

    def _build_tests(self, tests):
        return "build", lambda: self._cargo(["test", "--no-run", *arguments(tests)], 1800)

    def _run_test(self, test):
        return f"rust {test}", lambda: self._cargo(["test", "--quiet", *arguments([test])])

    def _shared(self, programs):
        """What is asked through the shared library, which is built last: few mistakes come that far."""
        make = ["make", "-C", str(self._tree.folder / "tests/c"), "test-plain", f"PREFIX={self._prefix}",
                f"BUILD={FOLDER / 'c'}", "ALONE=", f"PROGRAMS={' '.join(programs)}"]
        interop = [str(common.ROOT / "packaging/python.sh"), "-m", "pytest", "-xq", "-p", "no:cacheprovider", "tests/interop"]
        yield "shared library", self._link
        if programs:
            yield "c " + "+".join(programs), lambda: self._run(make)
        if not self._quick:
            yield "interop", lambda: self._run(interop)

    def _link(self):
        built = self._cargo(["rustc", "--lib", "--crate-type", "cdylib", "--features", "test-panic"], 1800)
        if built:
            library = self._prefix / "lib" / "libtlsock.so"
            library.unlink(missing_ok=True)
            os.link(FOLDER / "target" / "debug" / "libtlsock.so", library)
        return built

    def _cargo(self, command, seconds=None):
        return self._run([CARGO, *command], seconds)

    def _run(self, command, seconds=None):
        environment = {
            **BUILD, "TLSOCK_LIBRARY": str(self._prefix / "lib" / "libtlsock.so"), "TLSOCK_PREFIX": str(self._prefix),
            "PYTHONDONTWRITEBYTECODE": "1", "RUST_BACKTRACE": "0",
            # A debug build is slow: as long as under a sanitizer.
            "TLSOCK_TEST_ROUNDS": "50", "TLSOCK_TEST_MIB": "8", "TLSOCK_TEST_SECONDS": "300",
        }
        return common.run(command, self._tree.folder, environment, seconds or self._timeout, FOLDER / "log")


def arguments(tests):
    """Of cargo test; behind a colon a test of the table has the words that its tests' names contain."""
    names, words = ["--features", "test-panic"], []
    for test in tests:
        name, _, chosen = test.partition(":")
        names += ["--lib"] if name == "lib" else ["--test", name]
        words += chosen.split("+") if chosen else []
    return [*names, "--", *words]
