#!/usr/bin/env python3
"""Every behaviour of the specification has its test and every feature of Python's ssl its place in tlsock.h.

checklist.tsv: number, behaviour in short, and what proves it: tests as file::name, joined by " + "; or
"n/a: reason", where neither C nor a language above it can be asked; or "open". Its head says how many may be open at most: the number
only ever goes down.

features.tsv: the name in Python, its kind, the C names, a test, a note. Every name that a "Python:" line of the
header mentions must be there; rows of the kind "header" are those beyond the list of features.

Prints a line for each mistake and the sums. Usage: check.py [FOLDER OF THE TABLES]
"""

import functools
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LINES, FEATURES = 425, 238
PLACE = re.compile(r"((?:tests|src|bindings)/[\w/.]+)::(\w+)")
DEFINITION = {
    ".rs": r"#\[test\]\n(?:\s*#\[allow[^\n]*\n)?\s*fn {}\(\)",
    ".c": r"^static void {}\(void\) \{{",
    ".py": r"^(?:@scenario\n)?def {}\(",
    ".js": r"^test\('{}',",
}


@functools.lru_cache
def source(path):
    return (ROOT / path).read_text() if (ROOT / path).is_file() else None


def mistake_of_place(place):
    """What is wrong with "file::test", or None."""
    match = PLACE.fullmatch(place)
    if not match:
        return f"{place!r} names no test"
    path, name = match.groups()
    text = source(path)
    if text is None:
        return f"{path} is not there"
    if not re.search(DEFINITION[Path(path).suffix].format(name), text, re.MULTILINE):
        return f"{path} has no test {name}"
    if path.endswith(".c") and f"CASE({name})" not in text:
        return f"{path} does not run {name}"
    if path.endswith(".py") and not name.startswith("test_") and f"@scenario\ndef {name}(" not in text:
        return f"{path}: {name} is neither a test nor a scenario"
    return None


def mistakes_of_places(text):
    return list(filter(None, map(mistake_of_place, text.split(" + "))))


def table(path, columns):
    """The head's comments and the rows."""
    lines = path.read_text().splitlines()
    head = [line for line in lines if line.startswith("#")]
    rows = [line.split("\t") for line in lines if not line.startswith("#")][1:]
    for row in rows:
        if len(row) != columns:
            sys.exit(f"{path.name}: not {columns} columns: {row}")
    return head, rows


def check_checklist(path):
    head, rows = table(path, 3)
    mistakes, open_lines, absent = [], [], []
    if [row[0] for row in rows] != [str(number) for number in range(1, LINES + 1)]:
        mistakes.append(f"checklist: not the numbers 1 to {LINES} in order")
    for number, _, test in rows:
        if test == "open":
            open_lines.append(number)
        elif test.startswith("n/a:"):
            absent.append(number)
            if len(test) < len("n/a: why"):
                mistakes.append(f"checklist {number}: no reason")
        else:
            mistakes += [f"checklist {number}: {mistake}" for mistake in mistakes_of_places(test)]
    limit = next(int(line.split(":")[1]) for line in head if line.startswith("# open at most:"))
    if len(open_lines) > limit:
        mistakes.append(f"checklist: {len(open_lines)} lines are open, more than {limit}")
    if len(open_lines) < limit:
        mistakes.append(f"checklist: only {len(open_lines)} lines are open: write that number into the head")
    tested = len(rows) - len(open_lines) - len(absent)
    still = f" ({', '.join(open_lines)})" if open_lines else ""
    print(f"checklist: {tested} of {LINES} tested, {len(absent)} not applicable, {len(open_lines)} open{still}")
    return mistakes


def check_features(path, header):
    _, rows = table(path, 5)
    mistakes, listed, without = [], 0, 0
    for python, kind, c, test, note in rows:
        if kind == "header":
            continue
        listed += 1
        if c == "-":
            without += 1
            mistakes += [] if note else [f"features: {python} has neither a C name nor a reason"]
        else:
            mistakes += [f"features: {python}: {name} is not in tlsock.h"
                         for name in c.split(", ") if not is_declared(name, header)]
        mistakes += [f"features: {python}: {mistake}" for mistake in mistakes_of_places(test)]
    if listed != FEATURES or len({(row[0], row[2]) for row in rows}) != len(rows):
        mistakes.append(f"features: {listed} different rows instead of {FEATURES}")
    known = {row[0] for row in rows}
    mentioned = python_lines(header)
    mistakes += [f"tlsock.h names what features.tsv does not know: {text}"
                 for text in mentioned if text not in known and not set(names_of(text)) <= known]
    mistakes += [f"features: the header no longer mentions {row[0]}" for row in rows if row[1] == "header"
                 and row[0] not in mentioned and all(row[0] not in names_of(text) for text in mentioned)]
    print(f"features: {listed} of {FEATURES} have a test, {listed - without} a C name, {without} a reason; "
          f"{len(mentioned)} things of Python in tlsock.h, all known" + (" but those below" if mistakes else ""))
    return mistakes


def is_declared(name, header):
    """A name that ends in * stands for all that begin so."""
    return re.search(rf"\b{name[:-1]}\w" if name.endswith("*") else rf"\b{name}\b", header)


def python_lines(header):
    """What follows each "Python:", up to the end of its first sentence."""
    comments = re.sub(r"\n\s*//(?! (?:(?:Python|OpenSSL|Returns|Extension|Ours):|Since )) ?", " ", header)
    found = re.findall(r"Python: ([^\n]*)", comments)
    return list(dict.fromkeys(re.split(r"[.;] |;|\.$| -+$", text.strip())[0] for text in found))


def names_of(text):
    """The names in "SSLSocket.recv(bufsize), SSLSocket.recv_into(buffer, nbytes)" or "A.b = value"."""
    before = None
    while before != text:
        before, text = text, re.sub(r"\([^()]*\)", "", text)
    names = (name.split(" = ")[0].strip("` .") for name in text.split(", "))
    return [name for name in names if name]


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    header = (ROOT / "include/tlsock.h").read_text()
    # Before the first guard the header explains its own words.
    header = header[header.index("#ifndef TLSOCK_H"):]
    mistakes = check_checklist(folder / "checklist.tsv") + check_features(folder / "features.tsv", header)
    print("".join(f"{mistake}\n" for mistake in mistakes), end="")
    sys.exit(bool(mistakes))


if __name__ == "__main__":
    main()
