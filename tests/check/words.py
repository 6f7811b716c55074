"""One word, one type: no two modules of src have a type of one name, but for what C gets of a type of src/ssl, and words
that say nothing by themselves.
"""

import re
import sys
from pathlib import Path

SRC = Path(__file__).resolve().parents[2] / "src"

# One of each is compiled: for another system, with another backend, or another kind of build.
ALTERNATIVES = (
    "os/unix", "os/windows", "os/no_ktls", "ffi/handle/unchecked", "ffi/debug/silent", "lock/no_order",
    "openssl/backend/aws_lc", "openssl/sys/aws_lc",
)

# Types of src/ffi that are the C twin of what src/ssl, src/openssl or src/os has under that name.
TWINS = {"Address", "AltName", "Asn1Object", "Connection"}

# Private words that lean on the module they are in, and why.
LOCAL = {
    "Inner": "what the handles on one thing share",
    "Shared": "the same",
    "State": "what its module changes under a lock",
    "Entry": "of the error queue; in the account of handles a row of its table",
    "Room": "where a handle goes that C will get; private elsewhere",
    "Text": "bytes for C; in json.rs how they are printed",
    "Name": "of a certificate; in json.rs how it is printed",
    "AltName": "the same",
    "Time": "ASN.1's",
    "Asn1Object": "OpenSSL's handle, and what Python has of it",
}


def main():
    found = {}
    for path in sorted(SRC.rglob("*.rs")):
        here = str(path.relative_to(SRC).with_suffix(""))
        if not here.startswith(ALTERNATIVES) and path.stem != "tests":
            text = re.sub(r"//[^\n]*", "", path.read_text())
            for name in re.findall(r"\b(?:struct|enum|trait|union) ([A-Z]\w+)", text):
                found.setdefault(name, set()).add(here)
    problems = []
    for name, files in found.items():
        twins = name in TWINS and any(file.startswith("ffi/") for file in files) and len(files) == 2
        if len(files) > 1 and not twins and name not in LOCAL:
            problems.append(f"{name} is a type of src/{' and of src/'.join(sorted(files))}")
    if problems or len(found) < 150:
        sys.exit("\n".join(problems or ["words.py cannot read src"]))
    print(f"words: {len(found)} types, each of one meaning")


if __name__ == "__main__":
    main()
