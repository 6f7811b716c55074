"""The header says what a C programmer has to know of each function, and says it plainly.

For every function: the version that brought it, a source (`Python:`, `Extension`, `OpenSSL:`; what only frees has none), what it returns if it can
fail, who owns its outputs, the unit of its numbers. For every type of a callback: what may be done in it. A setter that
may copy OpenSSL's SSL_CTX, as the sources tell, says that it may return SSL.
"""

import itertools
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADER = ROOT / "include/tlsock.h"
CONTEXT = ROOT / "src/ssl/context"

NOTHING_MORE = "Returns: nothing beyond the conventions."
SOURCES = ("Python:", "Extension", "OpenSSL:")
# Structs that hold pointers, and the words by which their comments or those of a function say whose they are.
LENDING = ("tlsock_cipher", "tlsock_cipher_info", "tlsock_name_pair", "tlsock_alt_name", "tlsock_store_entry", "tlsock_asn1_object")
OWNERSHIP = re.compile(r"\blent\b|\bstatic\b|\bowned?\b|\byours\b|is the list's|fclose", re.I)
# The failed copy is VALUE there: what OpenSSL says to a version is told as Python tells it.
MAPPED = {"set_maximum_version"}

# Habits that have to be read twice, and what to say instead.
HABITS = {
    r"\b(what|who|which) (is|are) none\b": "name the thing and say that it is not one",
    r"\bof (OpenSSL|libssl|libcrypto|C|the (library|caller|peer|system))'s(?=[.,;:)]| (for|that|and|which|meanwhile|with|is|in)\b)": "OpenSSL's, or of OpenSSL",
    r"\bleaves? a word\b": "an entry on the error queue",
    r"(?<!anything )(?<!nothing )(?<!nowhere )(?<!nobody )(?<!something )(?<!#)\belse\b": "otherwise",
    r"\bso many\b": "that many",
    r"\bmended\b": "fixed",
    r"(^|[.:] )Who [a-z]+s\b(?! .*\?)": "a clause without a head",
}


class Declaration:
    """A comment of the header and the code below it."""

    def __init__(self, comment, code):
        self.lines, self.text, self.code = comment, " ".join(comment), code
        self.is_function = code.startswith("TLSOCK_API ")
        head = re.match(r"TLSOCK_API (.*?)(tlsock_\w+)\((.*)\);$", code)
        callback = re.match(r"typedef (.*)\(\*(tlsock_\w+)\)\((.*)\);$", code)
        self.is_callback = callback is not None
        found = head or callback
        self.returned, self.name, parameters = found.groups() if found else ("", code.split()[-1].rstrip(";"), "")
        self.parameters = [re.match(r"(.*?)(\w+)$", part.strip()).groups() for part in parameters.split(",") if part.strip() not in ("", "void")]

    def paragraph(self, start):
        """The line that begins with a word, and those that go on with it."""
        after = list(itertools.dropwhile(lambda line: not line.startswith(start), self.lines))
        return " ".join(after[:1] + list(itertools.takewhile(lambda line: not line.startswith((*SOURCES, "Ours:", "Since ")), after[1:])))

    def outputs(self):
        """The parameters that the function writes to, but for the handle it is about and the error."""
        for kind, name in self.parameters:
            kind = kind.strip()
            handle = re.fullmatch(r"tlsock_(\w+) \*", kind) and not kind.removesuffix(" *") in LENDING + STRUCTS
            if kind.endswith("*") and not kind.startswith("const tlsock") and name not in ("error", "userdata") and not handle:
                if not re.fullmatch(r"const \w+ \*", kind) and kind != "const char *const *":
                    yield kind, name


STRUCTS = ("tlsock_bytes", "tlsock_pump_result", "tlsock_address", "tlsock_cert_store_stats", "tlsock_session_stats")


def declarations(header):
    """Every paragraph of the header that has a comment above its code."""
    for paragraph in header.split("\n\n"):
        lines = paragraph.strip().splitlines()
        comment = [line[2:].strip() for line in lines if line.startswith("//") and not line.startswith("// --")]
        code = " ".join(line.strip() for line in lines if not line.startswith("//"))
        if code.startswith(("TLSOCK_API ", "typedef ")):
            yield Declaration(comment, code)


def copiers():
    """The methods of src/ssl/context that may copy an SSL_CTX: they edit it, or call a method that does."""
    bodies = {}
    for path in CONTEXT.rglob("*.rs"):
        for name, body in re.findall(r"^    (?:pub(?:\(\w+\))? )?fn (\w+).*?\{\n(.*?)^    \}", path.read_text(), re.M | re.S):
            bodies[name] = bodies.get(name, "") + body
    found = {name for name, body in bodies.items() if ".edit()" in body}
    while more := {name for name, body in bodies.items() if re.search(rf"\bself\.({'|'.join(found)})\(", body)} - found:
        found |= more
    return {name for name in found if name.startswith(("set_", "load_"))}


def problems_of(function, copying):
    if not function.lines:
        yield "has no comment"
        return
    if not re.fullmatch(r"Since \d+\.\d+\.", function.lines[-1]):
        yield "does not end with the version that brought it: packaging/header/since.tsv"
    fallible = any(name == "error" and "**" in kind for kind, name in function.parameters)
    returns = function.paragraph("Returns:")
    if fallible and not any(line.startswith("Returns:") for line in function.lines):
        yield f"can fail: it needs a line `Returns:`, if only `{NOTHING_MORE}`"
    if not function.name.endswith("_free") and not any(line.startswith(SOURCES) for line in function.lines):
        yield "has no source: a line `Python:`, `Extension` or `OpenSSL:`"
    setter = function.name.removeprefix("tlsock_context_")
    if setter in copying - MAPPED and not re.search(r"\bSSL\b|as load_", returns):
        yield "may copy an SSL_CTX: its `Returns:` names SSL"
    yield from problems_of_outputs(function)
    if "char *" in function.returned and not function.parameters and not OWNERSHIP.search(function.text):
        yield "returns a pointer: who owns it?"
    if "double" in [kind.strip() for kind, _ in function.parameters] + [function.returned.strip()]:
        if not re.search(r"second|timeout|deadline|bytes", function.text):
            yield "has a double: in which unit?"
    if function.returned.strip() == "int64_t" and "code" not in function.name and "second" not in function.text:
        yield "returns a time: in which unit?"
    for kind, name in function.parameters:
        sized = re.search(r"(len|size|count|index|sent|written)$", name) or re.search(rf"\b{name}\b", function.text)
        if kind.strip().removesuffix("*").strip() == "size_t" and not sized:
            yield f"{name}: a size_t is called len, size, count or index, or explained"


def problems_of_outputs(function):
    outputs = list(function.outputs())
    for kind, name in outputs:
        base = kind.rstrip(" *")
        if base in LENDING and not (OWNERSHIP.search(function.text) or OWNERSHIP.search(COMMENTS.get(base, ""))):
            yield f"{name}: whose are the pointers in it?"
        elif kind in ("const char **", "FILE **") and not OWNERSHIP.search(function.text):
            yield f"{name}: who owns it?"
        # Handles and tlsock_bytes are the caller's by the conventions; the only output needs no name.
        elif len(outputs) > 1 and base not in LENDING and not re.search(rf"\b{name}\b", function.text):
            if not re.fullmatch(r"(buffer|value)", name):
                yield f"{name}: an output of several that the comment does not name"


COMMENTS = {}


def main():
    header = HEADER.read_text()
    first_page = header.split("#ifndef", 1)[0]
    found = list(declarations(header))
    COMMENTS.update({declaration.name: declaration.text for declaration in found if not declaration.is_function})
    functions = [declaration for declaration in found if declaration.is_function]
    callbacks = [declaration for declaration in found if declaration.is_callback]
    copying, problems = copiers(), []
    for function in functions:
        problems += [f"{function.name} {problem}" for problem in problems_of(function, copying)]
    for callback in callbacks:
        if not re.search(r'"Callbacks"|free_userdata', callback.text):
            problems.append(f'{callback.name} does not point to "Callbacks", which says what may be done in it')
    for number, line in enumerate(header.splitlines(), 1):
        if len(line) > 100:
            problems.append(f"include/tlsock.h:{number} is longer than 100 columns")
    for path in [ROOT / "cbindgen.toml", *sorted((ROOT / "src/ffi").rglob("*.rs"))]:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            comment = re.search(r"//[/!]?(.*)", line)
            for habit, instead in HABITS.items() if comment else ():
                if re.search(habit, comment[1].strip()):
                    problems.append(f"{path.relative_to(ROOT)}:{number}: /{habit}/: say: {instead}")
    if len(functions) < 230 or len(callbacks) < 9 or len(copying) < 15 or "Callbacks." not in first_page:
        problems.append(f"header_docs.py cannot read the header: {len(functions)} functions, {len(callbacks)} callbacks, {len(copying)} setters that copy")
    if problems:
        sys.exit("\n".join(problems) + f"\nheader: {len(problems)} problems")
    print(f"header: {len(functions)} functions and {len(callbacks)} callbacks say what they return, own and come from")


if __name__ == "__main__":
    main()
