"""What the runners of the three languages share: a mutant, a copy of the tree, a command with an end, results."""

import collections
import dataclasses
import filecmp
import hashlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "mutants"
KINDS = ("equivalent", "performance", "open")
Result = collections.namedtuple("Result", "word by seconds")


@dataclasses.dataclass(frozen=True, order=True)
class Mutant:
    """One mistake: the text from START to END (offsets in characters) of a file becomes REPLACEMENT."""

    file: str
    start: int
    end: int
    replacement: str
    line: int
    last_line: int
    name: str
    # As NAME, without line numbers: it finds the mutant again when lines were put above it.
    key: str
    # What the file was when the mutant was listed.
    digest: str

    def made_in(self, text):
        return text[: self.start] + self.replacement + text[self.end :]


class Source:
    """A file whose mutants are listed."""

    def __init__(self, file):
        self.file = file
        self.text = (ROOT / file).read_text()
        self.digest = hashlib.sha256(self.text.encode()).hexdigest()[:16]
        self._starts = [0]
        for line in self.text.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._seen = collections.Counter()

    def offset(self, line, column):
        """Of a place that is counted from one in characters."""
        return self._starts[line - 1] + column - 1

    def line(self, offset):
        return self.text.count("\n", 0, offset) + 1

    def line_text(self, offset):
        start = self.text.rfind("\n", 0, offset) + 1
        return " ".join(self.text[start : self.text.find("\n", offset)].split())

    def mutant(self, start, end, replacement, what):
        line, last = self.line(start), self.line(max(start, end - 1))
        key = f"{self.file}: {what}"
        self._seen[key] += 1
        if self._seen[key] > 1:
            key += f" #{self._seen[key]}"
        return Mutant(
            self.file, start, end, replacement, line, last, f"{self.file}:{line}: {what}", key, self.digest
        )


def prefix():
    """Where the library is installed that the bindings are tested with."""
    return os.environ.get("TLSOCK_PREFIX") or ROOT / "build" / "prefix"


def tool(name):
    """The folder in which a tool of the Makefile is kept."""
    return ROOT / "build" / "tools" / name


class Tree:
    """A copy of the tree, in which mistakes are made and taken back."""

    def __init__(self, folder, kept=()):
        self.folder = folder
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout.split("\0")
        files = {file for file in listed if file and (ROOT / file).is_file()}
        for file in files:
            self._copy(file)
        for path in folder.rglob("*"):
            file = str(path.relative_to(folder))
            if path.is_file() and file not in files and not file.startswith(tuple(kept)):
                path.unlink()

    def _copy(self, file):
        there = self.folder / file
        if there.is_file() and filecmp.cmp(ROOT / file, there, shallow=False):
            return
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, there)

    # The file of the copy, not of the tree: that may change meanwhile.
    def make(self, mutant):
        path = self.folder / mutant.file
        self._whole = path.read_text()
        path.write_text(mutant.made_in(self._whole))

    def take_back(self, mutant):
        (self.folder / mutant.file).write_text(self._whole)


def run(command, folder, environment, seconds, log):
    """None if the command has not ended in time, otherwise whether it succeeded. All processes that it started end with it."""
    with open(log, "wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True,
        )
        try:
            return process.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            return None
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()


def asked(tests):
    """None if the tests do not end, otherwise whether they pass. Only failing twice counts, as a test may fail by chance."""
    passed = tests()
    return tests() if passed is False else passed


def rows(path):
    """The lines of a table, in columns, without its comments."""
    lines = path.read_text().splitlines() if path.is_file() else []
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def survivors():
    """The kind of each survivor that is known."""
    known = {}
    for key, kind, reason in rows(ROOT / "tests" / "mutants" / "survivors.tsv"):
        if kind not in KINDS or not reason:
            sys.exit(f"survivors.tsv: {key}: the kind is one of {', '.join(KINDS)}, and a reason follows")
        known[key] = kind
    return known


class Results:
    """What was found out before, for files that are as they were."""

    def __init__(self, language):
        self._path = WORK / language / "results.tsv"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._found = {(key, digest): Result(word, by, seconds) for key, digest, word, by, seconds in rows(self._path)}

    def of(self, mutant):
        return self._found.get((mutant.key, mutant.digest))

    def add(self, mutant, word, by, seconds, kept):
        result = Result(word, by, f"{seconds:.0f}")
        self._found[mutant.key, mutant.digest] = result
        if kept:
            with open(self._path, "a") as table:
                print(mutant.key, mutant.digest, *result, sep="\t", file=table)
        return result


def layer(file):
    parts = file.split("/")
    return "/".join(parts[:2]) if parts[0] in ("src", "bindings") and len(parts) > 2 else parts[0]


def summary(found, known):
    """Prints the sums by layer, and what nothing has seen. Gives the exit status."""
    layers, new = collections.defaultdict(collections.Counter), []
    for mutant, result in found:
        word = known.get(mutant.key, "new") if result.word == "survived" else result.word
        layers[layer(mutant.file)][word] += 1
        layers["all"][word] += 1
        if word == "new":
            new.append(mutant)
    words = ("killed", "timeout", "new", "open", "performance", "equivalent", "unviable")
    print("\n" + "".join(f"{word:>13}" for word in ("layer", *words, "score")))
    for name, counts in layers.items():
        seen = counts["killed"] + counts["timeout"]
        judged = seen + counts["new"] + counts["open"]
        score = f"{100 * seen / judged:.0f} %" if judged else "-"
        print("".join(f"{cell:>13}" for cell in (name, *(counts[word] for word in words), score)))
    for mutant in new:
        print(f"not in survivors.tsv: {mutant.key}")
    return 1 if new else 0
