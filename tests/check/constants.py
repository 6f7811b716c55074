"""A number has one name, and one place: no constant of src is defined twice, none differs from the header's of that name,
no reason of OpenSSL is a bare number, and the slots of the pump are the same in both halves of the Node binding.

src/ffi/constants.rs is the header's text in Rust, so its literals are compared and not counted. Words that say something
only where they stand, such as MOST or LONGEST, may be used again.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
HEADER = SRC / "ffi/constants.rs"

# Both systems have one, or the same word is the number of different things, and why.
TWICE = {"SET_RECORD_TYPE": "the number of libssl's control, and of the kernel's message"}


def constants(path):
    text = re.sub(r"//[^\n]*", "", path.read_text())
    return re.findall(r"\bconst ([A-Z][A-Z0-9_]*): [\w:]+ = ([^;]+);", text)


def number(words, known):
    """The value of an expression, None where it is no number."""
    words = re.sub(r"(?<=[0-9a-fA-F])(u32|u64|i32|usize)\b", "", words)
    words = re.sub(r"[A-Z][A-Z0-9_]+", lambda name: str(known.get(name[0], name[0])), words)
    return eval(words) if re.fullmatch(r"[-0-9a-fA-Fx_ |&<>()+*\s]+", words) else None


def slots():
    """The slots of the pump's array: addon.h has an enum of them, lib/pump.js the numbers."""
    body = re.search(r"enum control \{(.*?)\}", (ROOT / "bindings/node/src/addon.h").read_text(), re.S)[1]
    there = re.findall(r"CONTROL_(\w+)", re.sub(r"//[^\n]*", "", body))
    lib = (ROOT / "bindings/node/lib/pump.js").read_text()
    for at, name in enumerate(there[:-1]):
        if not re.search(rf"const {name}(_SLOT)? = {at};", lib):
            yield f"bindings/node/lib/pump.js: slot {name} is not {at}, as in src/addon.h"


def main():
    header = {}
    for name, words in constants(HEADER):
        header[name.removeprefix("TLSOCK_")] = number(words, header)
    problems, places = list(slots()), {}
    for path in sorted(SRC.rglob("*.rs")):
        here, known = str(path.relative_to(ROOT)), {}
        for name, words in constants(path) if path != HEADER else ():
            known[name] = number(words, known)
            if "::" in words:
                continue
            places.setdefault(name, set()).add(here)
            if name in header and known[name] not in (None, header[name]):
                problems.append(f"{here}: {name} is {known[name]}, and {header[name]} in the header")
        for bare in re.findall(r"(?:Entry::(?:new|of)|\.is)\(\s*\w+,\s*\d+|reason_number == \d+", path.read_text()):
            if "tests" not in path.parts and "#[cfg(test)]" not in path.read_text():
                problems.append(f"{here}: {bare}: a reason has a name in src/openssl/error.rs")
    for name, files in places.items():
        # One of each is compiled: for another system, or with another backend.
        alternatives = all(file.startswith(("src/os/", "src/openssl/sys/", "src/openssl/backend/")) for file in files)
        if len(files) > 1 and (re.search(r"[_\d]", name) or name in header) and not alternatives and name not in TWICE:
            problems.append(f"{name} is defined in {' and in '.join(sorted(files))}")
    if problems or len(places) < 150 or len(header) < 100:
        sys.exit("\n".join(problems or ["constants.py cannot read src"]))
    print(f"constants: {len(places)} in src, each in one place")


if __name__ == "__main__":
    main()
