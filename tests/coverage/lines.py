#!/usr/bin/env python3
"""Prints how much the tests reach, by layer, from what run.sh has counted, and compares the lines of src/ssl and src/openssl
that no test reaches with unreached.tsv. Usage: lines.py FOLDER [--write]

unreached.tsv: file, the line's text, how often this text is there unreached, reason. With --write new rows are added, with the
reason "open", and rows are taken out whose lines are reached by now.
"""

import collections
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = pathlib.Path(__file__).parent / "unreached.tsv"
LISTED = ("src/ssl/", "src/openssl/")
LAYERS = ("src/ssl", "src/openssl", "src/ffi", "src/os")


class Sums:
    def __init__(self):
        self.lines = self.reached = self.branches = self.taken = 0

    def add(self, lines, reached, branches=0, taken=0):
        self.lines += lines
        self.reached += reached
        self.branches += branches
        self.taken += taken

    def row(self, name):
        def part(some, all_of):
            return f"{100 * some / all_of:5.1f} %" if all_of else "-"

        return f"{name:<20}{self.lines:>8}{part(self.reached, self.lines):>10}{self.branches or '-':>10}{part(self.taken, self.branches):>10}"


def layer_of(file):
    return next((layer for layer in LAYERS if file.startswith((f"{layer}/", f"{layer}."))), "src, the rest")


def rust(path):
    """The sums by layer, and the unreached lines of each file."""
    layers, unreached = collections.defaultdict(Sums), {}
    for file in json.loads(path.read_text())["data"][0]["files"]:
        name = str(pathlib.Path(file["filename"]).relative_to(ROOT))
        # Unit tests are not what is tested.
        if not name.startswith("src/") or name.endswith("tests.rs"):
            continue
        counts = counts_by_line(file["segments"])
        branches = file["summary"].get("branches", {"count": 0, "covered": 0})
        layers[layer_of(name)].add(
            len(counts), sum(count > 0 for count in counts.values()), branches["count"], branches["covered"]
        )
        unreached[name] = [line for line, count in sorted(counts.items()) if count == 0]
    return layers, unreached


def counts_by_line(segments):
    """How often each line with code was run, as llvm-cov counts it: the most of what begins in it, or what goes on."""
    by_line = collections.defaultdict(list)
    for segment in segments:
        by_line[segment[0]].append(segment)
    counts, going_on = {}, None
    for line in range(segments[0][0], segments[-1][0] + 1) if segments else ():
        # line, column, count, has count, begins a region, is a gap
        here = by_line.get(line, [])
        begun = [segment for segment in here if segment[3] and segment[4] and not segment[5]]
        if begun or (going_on and going_on[3]):
            begun_counts = [segment[2] for segment in begun]
            wrapped = [going_on[2]] if going_on and going_on[3] else []
            if begun_counts or not (here and here[0][3] is False and not here[0][4]):
                counts[line] = max(begun_counts + wrapped)
        going_on = here[-1] if here else going_on
    return counts


def go(path):
    sums = Sums()
    for line in path.read_text().splitlines()[1:]:
        statements, count = map(int, line.split()[1:])
        sums.add(statements, statements if count else 0)
    return sums


def node(path):
    sums, total = Sums(), json.loads(path.read_text())["total"]
    sums.add(total["lines"]["total"], total["lines"]["covered"], total["branches"]["total"], total["branches"]["covered"])
    return sums


def found_rows(unreached):
    """What unreached.tsv has to list: (file, text) and how often."""
    found = collections.Counter()
    for name, lines in unreached.items():
        if name.startswith(LISTED):
            text = (ROOT / name).read_text().splitlines()
            found.update((name, text[line - 1].strip()) for line in lines)
    # A brace alone is reached if what it ends is.
    return collections.Counter({key: count for key, count in found.items() if key[1].strip("{}();, ")})


def listed_rows():
    rows = [line.split("\t") for line in LIST.read_text().splitlines() if line and not line.startswith("#")]
    return {(file, text): (int(count), reason) for file, text, count, reason in rows}


def compare(found, listed):
    """The mistakes of unreached.tsv, as it stands against what was found."""
    for (file, text), count in sorted(found.items()):
        known = listed.get((file, text), (0, ""))[0]
        if count > known:
            yield f"{file}: no test reaches, and unreached.tsv does not list ({count}, listed {known}): {text}"
    for (file, text), (_, reason) in listed.items():
        if not reason:
            yield f"{file}: no reason: {text}"


def write(found, listed):
    head = [line for line in LIST.read_text().splitlines() if line.startswith("#")]
    rows = [f"{file}\t{text}\t{count}\t{listed.get((file, text), (0, 'open'))[1]}" for (file, text), count in sorted(found.items())]
    LIST.write_text("\n".join(head + rows) + "\n")


def main():
    folder = pathlib.Path(sys.argv[1])
    print(f"{'layer':<20}{'lines':>8}{'reached':>10}{'branches':>10}{'taken':>10}")
    mistakes = []
    if (folder / "rust.json").is_file():
        layers, unreached = rust(folder / "rust.json")
        for name in sorted(layers):
            print(layers[name].row(name))
        found = found_rows(unreached)
        if "--write" in sys.argv:
            write(found, listed_rows())
        mistakes = list(compare(found, listed_rows()))
    if (folder / "go.out").is_file():
        print(go(folder / "go.out").row("bindings/go (statements)"))
    if (folder / "node/coverage-summary.json").is_file():
        print(node(folder / "node/coverage-summary.json").row("bindings/node/lib"))
    print("\n".join(mistakes))
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
