"""README's list "Where it differs from Python" and the header's "Ours:" marks are the same list.

A line of the list names, in backticks, at least one function or type whose comment in include/tlsock.h has the mark, by
its whole name or by its end (`set_ciphers` for tlsock_context_set_ciphers); and each that has the mark is named by a line.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADING = "## Where it differs from Python"


def marked(header):
    """What the comments with the mark belong to."""
    comment, names = [], []
    for line in [*header.splitlines(), ""]:
        if line.startswith("//"):
            comment.append(line)
            continue
        # The conventions quote the word.
        if re.search(r'(?<!")\bOurs:', " ".join(comment)):
            found = re.search(r"\b(tlsock_\w+)\s*\(|\b(TLSOCK_\w+)\b(?! )|typedef .*\b(tlsock_\w+)", line.replace("TLSOCK_API", ""))
            names.append(next(filter(None, found.groups())) if found else f"(no declaration: {comment[0]})")
        comment = []
    return names


def lines(readme):
    """The lines of the list, each with what follows it on further lines."""
    section = readme.split(HEADING, 1)[1].split("\n## ", 1)[0]
    return [" ".join(line.split()) for line in re.split(r"^- ", section, flags=re.M)[1:]]


def is_named(name, line):
    words = re.findall(r"`(\w+)[^`]*`", line)
    return any(name == word or name.endswith(f"_{word}") for word in words)


def main():
    names = marked((ROOT / "include/tlsock.h").read_text())
    entries = lines((ROOT / "README.md").read_text())
    problems = [f'README.md, "{HEADING[3:]}": no line names {name}, which has the mark "Ours:" in the header'
                for name in names if not any(is_named(name, line) for line in entries)]
    problems += [f'README.md, "{HEADING[3:]}": nothing that this line names has the mark "Ours:" in the header: {line}'
                 for line in entries if not any(is_named(name, line) for name in names)]
    if not names or not entries:
        problems.append("deviations.py cannot read the header or the list")
    if problems:
        sys.exit("\n".join(problems))
    print(f"deviations: {len(entries)} lines of README.md and {len(names)} marks of the header are the same list")


main()
