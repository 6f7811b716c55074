"""Every name that the Node binding exports has a text in its types: functions, classes, interfaces and their members.

Constants are Python's and carry its names (bindings/node/lib/constants.d.ts): they need none.
"""

import re
import sys
from pathlib import Path

NODE = Path(__file__).resolve().parents[2] / "bindings/node"
FILES = [NODE / "index.d.ts", *sorted((NODE / "lib").glob("*.d.ts"))]
WITHOUT = {"constants.d.ts"}

TOP = re.compile(r"(?:export )?(?:declare )?(?:abstract )?(class|interface|function|const|type) (\w+)")
MEMBER = re.compile(r"  (?:(?:private|static|readonly|get|set) )*(\w+)[?<(:]")


def undocumented(text):
    """Names without a text. The first of several signatures speaks for all; a class for its interface of the same name."""
    where, before, known = None, "", set()
    for line in text.splitlines():
        declared = TOP.match(line)
        member = MEMBER.match(line) if where else None
        name = declared[2] if declared else f"{where}.{member[1]}" if member else None
        if name and name not in known and not line.lstrip().startswith(("private constructor", "/**")):
            if before.rstrip().endswith("*/"):
                known.add(name)
            else:
                yield name
                known.add(name)
        if declared:
            opens = line.rstrip().endswith("{")
            where = declared[2] if opens else None
        if line.startswith("}"):
            where = None
        if line.strip():
            before = line


def main():
    problems, count = [], 0
    for path in FILES:
        if path.name in WITHOUT:
            continue
        text = path.read_text()
        count += len(re.findall(r"/\*\*", text))
        problems += [f"{path.relative_to(NODE.parents[1])}: {name} has no text" for name in undocumented(text)]
    if count < 200:
        problems.append(f"types_docs.py cannot read the types: {count} texts")
    if problems:
        sys.exit("\n".join(problems) + f"\ntypes: {len(problems)} problems")
    print(f"types: {count} texts, and no name without one")


if __name__ == "__main__":
    main()
