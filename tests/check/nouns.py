"""One noun, one file name: from where a function of the C ABI is in src/ffi follows where it is in every other layer.

`tlsock_context_set_ciphers` is in src/ffi/context/ciphers.rs: its names are `ciphers` and `context`. A layer has it in the
file of the first of its names for which that layer has a file at all: in ciphers.rs of src/ssl/context, in ciphers.go, in
context.js. What a socket and an object have in common has the name `connection` before that of the noun, and what sets a
callback has the name `callback`. The C tests have a function in the file of one of its names.

    nouns.py             checks
    nouns.py FUNCTION…   prints the file of each function in every layer
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC, GO, ADDON, LIB, TESTS = (ROOT / path for path in ("src", "bindings/go", "bindings/node/src", "bindings/node/lib", "tests/c"))

# Functions of the C ABI alone, for which src/ssl has nothing to decide, and why.
ALONE = {
    "bytes": "memory that C owns",
    "module/version": "the numbers of this library",
    "module/context": "create_default_context is a constructor of src/ssl/context/mod.rs",
}

# Functions that a binding calls wherever it needs them, by the end of the name, and why.
ANYWHERE = {
    "_free": "who takes a handle over says how it is freed",
    "_list_count": "a list is read where it is given",
    "_list_at": "the same",
    "_list_info_at": "the same",
    "tlsock_error_new": "whatever callback fails makes one",
    "tlsock_version_number": "a binding asks as it is loaded",
    "tlsock_get_protocol_name": "Go has it as Protocol.String, beside the constants",
    "tlsock_backend": "Node has the constant BACKEND",
    "tlsock_has": "Node has constants HAS_*",
    "tlsock_set_warning_callback": "Node's lib has it in module.js, as it is the process's and not a context's",
    "tlsock_object_server_hostname": "Node asks once, as it wraps",
}

# Files of src/ffi whose functions are not their layer's noun of that name, and why.
OTHER_NOUN = {"context/callback/session": "the callback, not the session"}

COMMON = {"agreed", "peer", "connection", "names"}
TESTED = "C tests"


def code(path):
    return re.sub(r"//[^\n]*|/\*(?!\n).*?\*/", "", path.read_text(), flags=re.S)


def stem(path):
    """The name of a module: of its folder where it is a mod.rs."""
    return path.parent.name if path.name == "mod.rs" else path.stem


def exported():
    """The functions of src/ffi, with the file of each."""
    found = {}
    for path in sorted((SRC / "ffi").rglob("*.rs")):
        inside = path.relative_to(SRC / "ffi").with_suffix("")
        place = str(inside.parent if path.name == "mod.rs" else inside)
        found.update(dict.fromkeys(re.findall(r'extern "C" fn (tlsock_\w+)', path.read_text()), place))
    return found


def names(function, place):
    """The names of a function, the most specific first."""
    *above, last = place.split("/")
    last = [] if place in OTHER_NOUN else [last]
    common = ["connection"] if COMMON & set(last) else []
    callback = ["callback"] if function.endswith("_callback") else []
    return list(dict.fromkeys([*last, *common, *callback, *reversed(above)]))


def callers(paths):
    """What each file names, also through a macro for both nouns: tlsock_##noun##_version, TELL(socket)."""
    found = {}
    for path in paths:
        text = code(path)
        nouns = re.findall(r"^[A-Z]+\((\w+)\)$", text, re.M)
        pasted = re.findall(r"\btlsock_##noun##_(\w+)", text)
        found[path] = set(re.findall(r"\btlsock_\w+", text)) | {f"tlsock_{noun}_{verb}" for noun in nouns for verb in pasted}
    return found


def go_files():
    """The functions that each file of Go calls, also through C functions of the binding's own."""
    helpers = {}
    for path in GO.glob("*.[ch]"):
        for name, body in re.findall(r"^\w[^;{}()]*?\b(tlsock_go_\w+)\([^{};]*\) \{\n(.*?)^\}", code(path), re.S | re.M):
            helpers[name] = set(re.findall(r"\btlsock_\w+", body))
    files = callers(path for path in GO.glob("*.go") if not path.name.endswith("_test.go"))
    return {path: found.union(*(helpers.get(name, ()) for name in found)) for path, found in files.items()}


def addon_functions():
    """The names under which the addon exports what calls each function of the library."""
    found = {}
    for path in sorted(ADDON.glob("*.c")):
        text = code(path)
        bodies = dict(re.findall(r"^[\w ]*?[ *](\w+)\([^{};]*\) \{(.*?\}?)$\n(?:\}|$|\w)", text, re.S | re.M))
        bodies = {name: set(re.findall(r"\w+", body)) for name, body in bodies.items()}
        for shown, name in re.findall(r'\{"(\w+)", (\w+)\}', text):
            reached, todo = set(), {name}
            while todo:
                one = todo.pop()
                reached.add(one)
                todo |= bodies.get(one, set()) - reached
            for word in reached:
                if word.startswith("tlsock_"):
                    found.setdefault(word, set()).add(shown)
    return found


def lib_files(functions):
    """The functions that each file of lib/ calls through the addon."""
    shown = addon_functions()
    files = {}
    for path in LIB.glob("*.js"):
        text = code(path)
        words = set(re.findall(r"\b(?:native|addon)\.(\w+)|\bask\('(\w+)'\)", text))
        words = {word for pair in words for word in pair if word}
        words |= {word for group in re.findall(r"const \{([^}]*)\} = native;", text) for word in re.findall(r"\w+", group)}
        files[path] = {function for function in functions if words & shown.get(function, set())}
    return files


def layers(functions):
    return {
        "Go": go_files(),
        "Node's addon": callers(ADDON.glob("*.c")),
        "Node's lib": lib_files(functions),
        TESTED: callers(TESTS.glob("*.[ch]")),
    }


def place_in(files, function, place):
    """The files of a layer by the names of a function, and those that have the function."""
    have = sorted(path for path, found in files.items() if function in found)
    stems = {path.stem.replace("-", "_"): path for path in files}
    return [stems[name] for name in names(function, place) if name in stems], have


def shown(paths):
    return " or ".join(str(path.relative_to(ROOT)) for path in paths) or "no file"


def problems_of(functions):
    rust = {stem(path) for path in (SRC / "ssl").rglob("*.rs")}
    files = layers(functions)
    for function, place in functions.items():
        if place not in ALONE and names(function, place)[0] not in rust:
            yield f"src/ffi/{place} has {function}, and src/ssl no file {names(function, place)[0]}.rs"
        for layer, paths in files.items():
            named, have = place_in(paths, function, place)
            good = named if layer == TESTED else named[:1]
            anywhere = any(function.endswith(end) for end in ANYWHERE)
            if not set(good) & set(have) and not anywhere and (have or layer == TESTED):
                yield f"{layer}: {function} is in {shown(have)}, not in {shown(good)}"


def tell(functions, wanted):
    files = layers(functions)
    for name in wanted:
        place = functions[name]
        print(f"{name}\n  src/ffi/{place}")
        for layer, paths in files.items():
            named, have = place_in(paths, name, place)
            print(f"  {layer}: {shown([path for path in named if path in have] or have)}")


def main():
    functions = exported()
    if sys.argv[1:]:
        return tell(functions, sys.argv[1:])
    problems = list(problems_of(functions))
    problems += [f"nouns.py: there is no src/ffi/{place}" for place in {**ALONE, **OTHER_NOUN} if place not in functions.values()]
    problems += [f"nouns.py cannot read {layer}" for layer, files in layers(functions).items() if sum(map(len, files.values())) < 150]
    if problems or len(functions) < 200:
        sys.exit("\n".join(problems or ["nouns.py cannot read src/ffi"]))
    print(f"nouns: {len(functions)} functions, each in the file of its name in all layers")


if __name__ == "__main__":
    main()
