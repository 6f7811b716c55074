"""What a socket and an object have in common is one text in src/ffi, but for the noun: no getter behaves differently by
accident. Comments may differ, since a socket can be without TLS.
"""

import re
import sys
from pathlib import Path

FFI = Path(__file__).resolve().parents[2] / "src/ffi"
FILES = ["agreed.rs", "connection.rs", "names.rs", "peer.rs"]


def code(path, noun):
    """The functions of a file, with the noun taken out and without comments and imports."""
    lines = [line for line in path.read_text().splitlines() if not re.match(r"\s*//|use ", line)]
    text = " ".join(" ".join(lines).split())
    return re.sub(noun, "NOUN", text, flags=re.I).replace("( ", "(").replace(", )", ")").replace(" )", ")")


for name in FILES:
    one, other = code(FFI / "object" / name, "object"), code(FFI / "socket" / name, "socket")
    if one != other:
        at = next(index for index, pair in enumerate(zip(one + "\0", other + "\0")) if pair[0] != pair[1])
        sys.exit(f"src/ffi/object/{name} and src/ffi/socket/{name} differ:\n  {one[at - 60:at + 60]}\n  {other[at - 60:at + 60]}")
print(f"twins: {len(FILES)} files of src/ffi/object and src/ffi/socket are one text")
