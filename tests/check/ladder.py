"""The modules of src/ssl are a ladder: each names only modules of the steps below its own.

Modules of one step name each other only where the step is marked as a knot. The picture in docs/architecture.md is
drawn from the same list. In every other folder of src, too, no modules name each other in a circle (their mod.rs, which
all may name, left out).

    ladder.py           checks
    ladder.py --edges   prints what names what
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SSL = ROOT / "src/ssl"

BACKENDS = {"openssl", "aws_lc"}

# From the bottom. A knot is written as one text: its modules belong together and name each other.
LADDER = [
    ["text", "nearest"],
    ["json"],
    ["error certificate"],
    ["file", "interrupt", "known", "warning"],
    ["bio", "bundle", "cipher", "client_hello", "hostname", "module", "origin", "verification"],
    ["ech", "identity"],
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
    return re.sub(r"#\[cfg\(test\)\]\s*(#\[[^\]]*\]\s*)*mod \w+ \{.*", "", text, flags=re.S)


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


def own(path):
    """A file's own path, as Rust writes it after crate."""
    parts = path.relative_to(ROOT / "src").with_suffix("").parts
    return parts[:-1] if parts[-1] == "mod" else parts


def full_paths(path):
    """All that a file names, from the crate's root."""
    for start, words in re.findall(r"\b((?:super::)+|crate::)(\{[^;]*?\}(?=;)|[\w:]+(?:\{[^;]*?\}(?=;))?)", source(path), re.S):
        yield from paths(words, () if start == "crate::" else own(path)[: len(own(path)) - start.count("super::")])


def module_in(words):
    """The module that a path below a folder is of. Each module of a backend is one by itself: of two of the same name one
    is built, and the modules beside it use it."""
    words = [word for word in words if words[0] != "backend" or word not in BACKENDS]
    return ".".join(words[:2]) if words[0] == "backend" else words[0]


def named(path, folder, exported):
    """The modules of a folder that a file within names, its own left out."""
    base = own(folder / "mod.rs")
    for full in full_paths(path):
        if full[: len(base)] == base and len(full) > len(base):
            module = exported.get(full[len(base)]) or module_in(full[len(base) :])
            if module != module_in(own(path)[len(base) :]):
                yield module


def exports(folder):
    """Where the names come from that a folder's mod.rs gives on."""
    found = {}
    for words in re.findall(r"\buse ([^;]*);", source(folder / "mod.rs")):
        if not words.startswith(("crate", "super", "std")):
            found.update({path[-1]: module_in(path) for path in paths(words)})
    return found


def edges(folder):
    exported = exports(folder)
    files = [path for path in sorted(folder.rglob("*.rs")) if path != folder / "mod.rs" and path.stem != "tests"]
    return {(path, module) for path in files for module in named(path, folder, exported)}


def circles(folder):
    """The modules of a folder that name each other, directly or through others."""
    modules = set(re.findall(r"mod (\w+);", source(folder / "mod.rs")))
    if "backend" in modules:
        modules |= {module_in(own(path)[len(own(folder)) :]) for path in (folder / "backend").rglob("*.rs")}
    names = {module: set() for module in modules}
    for path, there in edges(folder):
        if there in modules:
            names[module_in(own(path)[len(own(folder / "mod.rs")) :])].add(there)
    reached = {}
    for module in modules:
        reached[module], todo = set(), [module]
        while todo:
            new = names[todo.pop()] - reached[module]
            reached[module] |= new
            todo += new
    return {frozenset(other for other in reached[module] if module in reached[other]) for module in modules} - {frozenset()}


def module_of(path):
    return path.relative_to(SSL).with_suffix("").parts[0]


def main():
    step = {module: (number, knot) for number, row in enumerate(LADDER) for knot in row for module in knot.split()}
    modules = set(re.findall(r"mod (\w+);", source(SSL / "mod.rs")))
    problems = [f"src/ssl/mod.rs: {name} is on no step of tests/check/ladder.py" for name in sorted(modules - step.keys())]
    problems += [f"tests/check/ladder.py: there is no module {name}" for name in sorted(step.keys() - modules)]
    arrows = [(path, module_of(path), module) for path, module in edges(SSL) if module in modules and module_of(path) in step]
    for path, here, there in sorted(arrows):
        if step[there] != step[here] and step[there][0] >= step[here][0]:
            problems.append(f"{path.relative_to(ROOT)} names {there}, which is not below {here}")
    folders = sorted({path.parent for path in (ROOT / "src").rglob("mod.rs")} - {SSL})
    for folder in folders:
        problems += [f"{folder.relative_to(ROOT)}: {', '.join(sorted(circle))} name each other" for circle in circles(folder)]
    if sys.argv[1:] == ["--edges"]:
        print("\n".join(sorted({f"{here} -> {there}" for _, here, there in arrows})))
    if len({(here, there) for _, here, there in arrows}) < 40:
        problems.append("ladder.py cannot read the sources")
    if problems:
        sys.exit("\n".join(problems))
    print(f"ladder: {len(modules)} modules on {len(LADDER)} steps, and no circles in {len(folders)} other folders")


if __name__ == "__main__":
    main()
