"""The modules of src/ssl are a ladder: each names only modules of the steps below its own.

Modules of one step name each other only where the step is marked as a knot. The picture in docs/architecture.md is
drawn from the same list.

    ladder.py           checks
    ladder.py --edges   prints what names what
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SSL = ROOT / "src/ssl"

# From the bottom. A knot is written as one text: its modules belong together and name each other.
LADDER = [
    ["text"],
    ["error certificate"],
    ["file", "interrupt", "warning"],
    ["bio", "bundle", "cipher", "hostname", "module", "origin"],
    ["identity"],
    ["connection context session"],
    ["events"],
    ["outcome"],
    ["engine"],
    ["object"],
    ["socket"],
    ["wrap"],
    ["server_certificate"],
]


def source(path):
    """A file's code, without comments and without its unit tests."""
    text = re.sub(r"//[^\n]*", "", path.read_text())
    return re.sub(r"#\[cfg\(test\)\]\s*mod \w+ \{.*", "", text, flags=re.S)


def pieces(group):
    """The parts of `a, b::{c, d}`, split at the commas outside of braces."""
    depth, part = 0, ""
    for letter in group:
        depth += (letter == "{") - (letter == "}")
        if letter == "," and depth == 0:
            yield part.strip()
            part = ""
        else:
            part += letter
    if part.strip():
        yield part.strip()


def paths(words, prefix=()):
    """The paths that `a::b::{c, d}` stands for."""
    head, brace, rest = words.partition("{")
    prefix = (*prefix, *filter(None, re.findall(r"\w+", head)))
    if not brace:
        yield prefix
        return
    for piece in pieces(rest.rpartition("}")[0]):
        yield from paths(piece, prefix)


def named(path, exported):
    """The modules of src/ssl that a file names, its own left out."""
    own = path.relative_to(SSL).with_suffix("").parts
    own = own[:-1] if own[-1] == "mod" else own
    for start, words in re.findall(r"\b((?:super::)+|crate::ssl::)(\{[^;]*?\}(?=;)|[\w:]+(?:\{[^;]*?\}(?=;))?)", source(path), re.S):
        above = () if start == "crate::ssl::" else own[: len(own) - start.count("super::")]
        for full in paths(words, above):
            if full and (module := exported.get(full[0], full[0])) != own[0]:
                yield module


def exports():
    """Where the names come from that src/ssl/mod.rs gives on."""
    found = {}
    for words in re.findall(r"pub use ([^;]*);", source(SSL / "mod.rs")):
        if not words.startswith("crate"):
            found.update({path[-1]: path[0] for path in paths(words)})
    return found


def edges():
    exported = exports()
    files = [path for path in sorted(SSL.rglob("*.rs")) if path != SSL / "mod.rs" and path.stem != "tests"]
    return {(path, module) for path in files for module in named(path, exported)}


def module_of(path):
    return path.relative_to(SSL).with_suffix("").parts[0]


def main():
    step = {module: (number, knot) for number, row in enumerate(LADDER) for knot in row for module in knot.split()}
    modules = set(re.findall(r"mod (\w+);", source(SSL / "mod.rs")))
    problems = [f"src/ssl/mod.rs: {name} is on no step of tests/check/ladder.py" for name in sorted(modules - step.keys())]
    problems += [f"tests/check/ladder.py: there is no module {name}" for name in sorted(step.keys() - modules)]
    arrows = [(path, module_of(path), module) for path, module in edges() if module in modules and module_of(path) in step]
    for path, here, there in sorted(arrows):
        if step[there] != step[here] and step[there][0] >= step[here][0]:
            problems.append(f"{path.relative_to(ROOT)} names {there}, which is not below {here}")
    if sys.argv[1:] == ["--edges"]:
        print("\n".join(sorted({f"{here} -> {there}" for _, here, there in arrows})))
    if len({(here, there) for _, here, there in arrows}) < 40:
        problems.append("ladder.py cannot read the sources")
    if problems:
        sys.exit("\n".join(problems))
    print(f"ladder: {len(modules)} modules on {len(LADDER)} steps")


if __name__ == "__main__":
    main()
