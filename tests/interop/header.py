"""Reads tlsock.h: its constants, structs, callback types and functions, as ctypes sees them.

The header is the contract, so the binding is made from it and cannot fall behind it. Only the C that the
header uses is understood; anything else is an error.
"""

import ctypes
import re

SCALARS = {
    "void": None,
    "bool": ctypes.c_bool,
    "char": ctypes.c_char,
    "int": ctypes.c_int,
    "double": ctypes.c_double,
    "size_t": ctypes.c_size_t,
    "int32_t": ctypes.c_int32,
    "int64_t": ctypes.c_int64,
    "uint8_t": ctypes.c_uint8,
    "uint32_t": ctypes.c_uint32,
    "uint64_t": ctypes.c_uint64,
    "tlsock_fd": ctypes.c_int,
}


class Function:
    """One exported function: its name, result, parameters by name, and whether it reports an error last."""

    def __init__(self, name, result, parameters):
        self.name = name
        self.result = result
        self.parameters = parameters
        self.fallible = bool(parameters) and parameters[-1][0] == "error" and result is ctypes.c_int


class Header:
    """What the header declares. Names keep their prefix."""

    def __init__(self, source):
        self.constants = {}
        self.structs = {}
        self.callbacks = {}
        self.functions = {}
        self.opaque = {"FILE"}
        self.enums = set()
        self._read_constants(source)
        self._read_declarations(_without_comments(source))

    def _read_constants(self, source):
        for name, value in re.findall(r"^#define (TLSOCK_\w+) (\S.*)$", source, re.MULTILINE):
            number = self._number(value)
            if number is not None:
                self.constants[name] = number

    def _number(self, text):
        text = re.sub(r"//.*", "", text)
        text = re.sub(r"\((?:u?int\d+_t|tlsock_fd|unsigned|int)\)", "", text)
        text = re.sub(r"\b(0x[0-9a-fA-F]+|\d+)[uUlL]+\b", r"\1", text)
        if not re.fullmatch(r"[\w\s()|<+*-]+", text):
            return None
        try:
            return eval(text, {"__builtins__": {}}, dict(self.constants))
        except (NameError, SyntaxError):
            return None

    def _read_declarations(self, source):
        for name, body in re.findall(r"\benum (tlsock_\w+)[^{;]*\{([^}]*)\}", source):
            self.enums.add(name)
            self._read_enum(body)
        self.opaque.update(
            name for name, alias in re.findall(r"typedef struct (\w+) (\w+);", source) if name == alias
        )
        for name, body in re.findall(r"typedef struct (tlsock_\w+) \{([^}]*)\}", source):
            self._read_struct(name, body)
        for result, name, parameters in re.findall(
            r"typedef ([\w\s*]+?)\(\*(tlsock_\w+)\)\(([^;]*)\);", source
        ):
            kinds = [kind for _, kind in self._parameters(parameters, callback=True)]
            self.callbacks[name] = ctypes.CFUNCTYPE(self._kind(result), *kinds)
        for result, name, parameters in re.findall(
            r"TLSOCK_API\s+([\w\s*]+?)\b(tlsock_\w+)\(([^;]*)\);", source
        ):
            declared = Function(name, self._kind(result), self._parameters(parameters))
            self.functions[name] = declared

    def _read_enum(self, body):
        following = 0
        for entry in filter(None, (entry.strip() for entry in body.split(","))):
            name, _, value = (part.strip() for part in entry.partition("="))
            following = int(value, 0) if value else following
            self.constants[name] = following
            following += 1

    def _read_struct(self, name, body):
        fields = []
        for entry in filter(None, (entry.strip() for entry in body.split(";"))):
            kind, field, count = re.fullmatch(r"(.*?)(\w+)(?:\[(\d+)\])?", entry, re.DOTALL).groups()
            found = self._kind(kind)
            fields.append((field, found * int(count) if count else found))
        self.structs[name] = type(name, (ctypes.Structure,), {"_fields_": fields})

    def _parameters(self, text, callback=False):
        if text.strip() in ("", "void"):
            return []
        found = []
        for entry in text.split(","):
            kind, name = re.fullmatch(r"(.*?)(\w+)", entry.strip(), re.DOTALL).groups()
            found.append((name, self._kind(kind, callback)))
        return found

    def _kind(self, text, callback=False):
        stars = text.count("*")
        constant = "const" in text
        word = re.sub(r"\b(const|struct|enum)\b|\*", " ", text).strip()
        if word in self.opaque or word == "void":
            return _pointer(ctypes.c_void_p, stars - 1) if stars else None
        if word == "char" and stars and (constant or not callback):
            return _pointer(ctypes.c_char_p, stars - 1)
        if word in self.enums:
            return _pointer(ctypes.c_int, stars)
        for known in (SCALARS, self.structs, self.callbacks):
            if word in known:
                return _pointer(known[word], stars)
        raise ValueError(f"a type the header reader does not know: {text!r}")


def _pointer(kind, stars):
    for _ in range(stars):
        kind = ctypes.POINTER(kind)
    return kind


def _without_comments(source):
    source = re.sub(r"/\*.*?\*/", " ", source, flags=re.DOTALL)
    return re.sub(r"//[^\n]*", "", source)
