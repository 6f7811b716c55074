"""What C programs rely on, a line each: functions with their types, structs, enumerators, constants.

    dump.py HEADER                prints it
    dump.py HEADER OLD            fails if something of OLD is gone or different; what is new is fine

A promise is kept for a major version: tests/abi/tlsock.abi is what the last release promised, or the last `make abi`.
"""

import re
import sys
from pathlib import Path

# They say which version this is, and change with each.
VERSION = re.compile(r"TLSOCK_VERSION(_MINOR|_PATCH|_NUMBER)?$")


def declarations(text):
    """The text of each declaration, without comments and in one line."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)
    text = text.replace("\\\n", " ")
    text = re.sub(r"^[ \t]*#[^\n]*$", "", text, flags=re.M)
    text = re.sub(r'extern "C" \{', "", text)
    depth, start = 0, 0
    for index, letter in enumerate(text):
        depth += (letter == "{") - (letter == "}")
        if letter == ";" and depth == 0:
            yield " ".join(text[start:index].split()).removeprefix("} ").strip()
            start = index + 1


def promises(header):
    text = header.read_text()
    for name, value in re.findall(r"^#define (TLSOCK_\w+)[ \t]+(\S.*?)[ \t]*(?://.*)?$", text, re.M):
        if not VERSION.match(name) and name not in ("TLSOCK_H", "TLSOCK_API"):
            yield f"define {name} {value}"
    for declaration in declarations(text):
        if match := re.match(r"(?:typedef )?enum (\w+) \{(.*)\}", declaration):
            for enumerator in filter(None, map(str.strip, match[2].split(","))):
                yield f"enum {match[1]} {enumerator}"
        elif declaration:
            yield declaration.replace("TLSOCK_API ", "function ")


def main():
    now = sorted(set(promises(Path(sys.argv[1]))))
    if len(sys.argv) == 2:
        print("\n".join(now))
        return 0
    before = Path(sys.argv[2]).read_text().splitlines()
    broken, new = sorted(set(before) - set(now)), len(set(now) - set(before))
    for line in broken:
        print(f"abi: gone or different: {line}", file=sys.stderr)
    print(f"abi: {len(before)} promises, {len(broken)} broken, {new} new")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
