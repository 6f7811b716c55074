"""One noun, one file name: an exported function of src/ffi is in a file that src/ssl has under the same name.

`tlsock_context_set_ciphers` is in src/ffi/context/ciphers.rs, its rule in src/ssl/context/ciphers.rs. What a socket and an
object have in common is in src/ssl/engine as well.
"""

import re
import sys
from pathlib import Path

SRC = Path(__file__).resolve().parents[2] / "src"

# Functions of the C ABI alone, for which there is nothing to decide, and why.
ALONE = {
    "bytes.rs": "memory that C owns",
    "handle.rs": "how many handles there are",
    "version.rs": "the numbers of this library",
    "module/context.rs": "create_default_context is a constructor of src/ssl/context/mod.rs",
}


def stem(path):
    """The name of a module: of its folder where it is a mod.rs."""
    return path.parent.name if path.name == "mod.rs" else path.stem


functions, problems = 0, []
names = {stem(path) for path in (SRC / "ssl").rglob("*.rs")}
for path in sorted((SRC / "ffi").rglob("*.rs")):
    exported = re.findall(r'extern "C" fn (tlsock_\w+)', path.read_text())
    functions += len(exported)
    inside = str(path.relative_to(SRC / "ffi"))
    if exported and inside not in ALONE and stem(path) not in names:
        problems.append(f"src/ffi/{inside} has {', '.join(exported)}, and src/ssl no file {stem(path)}.rs")
problems += [f"tests/check/nouns.py: there is no src/ffi/{name}" for name in ALONE if not (SRC / "ffi" / name).exists()]
if problems or functions < 200:
    sys.exit("\n".join(problems or ["nouns.py cannot read src/ffi"]))
print(f"nouns: {functions} functions, each in a file of the same name in src/ffi and src/ssl")
