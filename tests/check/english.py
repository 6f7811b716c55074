"""Comments and documents without a few turns of phrase that a reader has to read twice.

Each habit is a regular expression with what to write instead. It is looked for in comments, in documents and in the
doc comments of index.d.ts; code and string literals are not looked at.
"""

import io
import re
import subprocess
import sys
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# What must not be written, and what to write instead.
HABITS = [
    (r"\b(what|who|that|which|is|are) (is|are) none\b", "name the thing that is missing or invalid"),
    (r"\bof (OpenSSL|libssl|libcrypto|Python|CPython|Node|node|Go|Linux|Windows|Apple|Rust|the system|the caller"
     r"|the peer|the server|the client)'s(?= *(?:$|[,.;:)]|own\b|that\b|which\b|and\b|is\b|in\b|for\b|to\b))",
     "no possessive after \"of\": OpenSSL's X, or an X of OpenSSL"),
    (r"\bleaves? a word\b|\bhas no word for\b", "an entry on the error queue"),
    (r"(?:^|[.;:!?] )Who(?: has| is| was)? [a-z]+s?\b(?! ?[^.]*\?)", "name the subject: a program that, a thread that"),
    (r"\b[Ww]ho(m)?ever\b", "name the subject: a caller that, any code that"),
    (r"[,;:)] else\b(?! ?(?:if|\{|:))", "otherwise"),
    (r"\b[Ss]o many\b", "that many, this many"),
    (r"\b[Mm]ended\b", "fixed"),
    (r"\b[Ff]or want of\b", "without, for lack of"),
    (r"\b[Vv]ouch(es|ed|ing)?\b", "prove"),
    (r"\bcode of others\b", "code of the program"),
    (r"\b([Ss]hak(e|es|en|ing)|shook) hands\b", "do the handshake"),
    (r"(?<![Tt]here )\b(is|are|was|were) none\b(?! (of|or)\b)", "name the thing that is missing or invalid"),
    (r"\bso (long|large|much|short|young|old|few|little)\b(?! (as|that)\b)", "that long, that much"),
    (r"[;:] who\b(?! is\b)|\b(to|for|keep|of) who [a-z]+s\b(?<! is)", "name the subject: a program that, a peer that"),
    (r"(?<!that )(?<!which )\b(they|something|answer|there) lacks?\b(?= *(?:[.,;]|$))", "is missing"),
    (r"\ball the same\b", "nevertheless, in spite of it"),
    (r"\bbehind (its|the) (handshake|close_notify|tickets)\b", "after"),
    (r"\b(on|by) the way\b", "say where, or leave it out"),
    (r"\bmeans? (ill|harm)\b", "hostile"),
    (r"\bby the caller's word\b|\bby the header's contract\b", "the caller promises, the header requires"),
    (r"\bgoes? on with (?:it|that|them)\b", "continue"),
]

SOURCES = {".rs": "//", ".go": "//", ".js": "//", ".mjs": "//", ".cjs": "//", ".ts": "//", ".c": "//", ".h": "//",
           ".cc": "//", ".py": "#", ".sh": "#", ".toml": "#", ".yml": "#"}

# Texts of others, and this file, which quotes the habits.
SKIPPED = re.compile(r"^(tests/check/english\.py|tests/conformance/.*\.txt|tests/.*\.tsv|include/|CHANGELOG\.md|fuzz/corpus/)")


def python_comments(text):
    """The comments and the docstrings of a Python file."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string.lstrip("#")
        elif token.type == tokenize.STRING and token.line.lstrip().startswith('"""'):
            for number, line in enumerate(token.string.splitlines(), token.start[0]):
                yield number, line.strip('" ')


def comments(path):
    """The comment of each line that has one, with the line's number. A block comment gives each of its lines."""
    if path.suffix == ".py":
        yield from python_comments(path.read_text())
        return
    mark = SOURCES.get(path.suffix)
    lines = path.read_text().splitlines()
    if path.suffix == ".md":
        fenced = False
        for number, line in enumerate(lines, 1):
            if line.lstrip().startswith("```"):
                fenced = not fenced
            elif not fenced:
                yield number, re.sub(r"`[^`]*`", "``", line)
        return
    if mark is None and path.name != "Makefile":
        return
    mark = mark or "#"
    block = False
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if block:
            yield number, text
            block = "*/" not in text
        elif mark == "//" and text.startswith("/*"):
            yield number, text
            block = "*/" not in text
        elif text.startswith(mark):
            yield number, text.lstrip(mark).lstrip("!")
        elif mark == "//" and (found := re.search(r"\s//\s(.*)$|\s/\*(.*)\*/", line)):
            yield number, found.group(1) or found.group(2)
        elif mark == "#" and (found := re.search(r"\s#\s(.*)$", line)) and path.suffix != ".sh":
            yield number, found.group(1)


def main():
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    files = [name for name in files if name and not SKIPPED.match(name) and (ROOT / name).is_file()]
    habits = [(re.compile(pattern), instead) for pattern, instead in HABITS]
    problems, count = [], 0
    for name in files:
        path = ROOT / name
        if path.suffix not in SOURCES and path.suffix != ".md" and path.name != "Makefile":
            continue
        for number, text in comments(path):
            count += 1
            text = re.sub(r"`[^`]*`", "``", text).strip("/*!# ")
            problems += [f'{name}:{number}: "{found.group().strip()}": {instead}'
                         for pattern, instead in habits if (found := pattern.search(text))]
    if count < 5000:
        problems.append(f"english.py read {count} lines only: it does not see the comments")
    if problems:
        sys.exit("\n".join(problems))
    print(f"english: {count} lines of comments and documents without the {len(HABITS)} habits")


main()
