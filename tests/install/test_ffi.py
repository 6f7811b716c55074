"""The header without preprocessor, loaded by FFIs that have none: it says what tlsock.h says to a C compiler."""

import json
import re
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT, run

CFFI = """
import json, sys, cffi
ffi = cffi.FFI()
ffi.cdef(open(sys.argv[1]).read())
library = ffi.dlopen(sys.argv[2])
values = {name: getattr(library, name) for name in json.loads(sys.argv[3])}
for name in json.loads(sys.argv[4]):
    getattr(library, name)
context, error = ffi.new("tlsock_context **"), ffi.new("tlsock_error **")
status = library.tlsock_context_new(library.TLSOCK_PROTOCOL_TLS_CLIENT, context, error)
sizes = {name: ffi.sizeof(name) for name in json.loads(sys.argv[5])}
wrong = library.tlsock_context_new(-1, context, error)
message = ffi.string(library.tlsock_error_message(error[0])).decode()
library.tlsock_error_free(error[0])
library.tlsock_context_free(context[0])
print(json.dumps([values, sizes, status, wrong == library.TLSOCK_VALUE, message, library.tlsock_handle_count()]))
"""

LUAJIT = """
local ffi = require("ffi")
ffi.cdef(io.open(arg[1]):read("*a"))
local library = ffi.load(arg[2])
for name in arg[3]:gmatch("%S+") do print(name, string.format("%.0f", tonumber(ffi.C[name]))) end
for name in arg[4]:gmatch("%S+") do assert(library[name] ~= nil) end
local context, error = ffi.new("tlsock_context *[1]"), ffi.new("tlsock_error *[1]")
assert(library.tlsock_context_new(ffi.C.TLSOCK_PROTOCOL_TLS_CLIENT, context, error) == 0)
library.tlsock_context_free(context[0])
assert(library.tlsock_context_new(-1, context, error) == ffi.C.TLSOCK_VALUE)
print("message", ffi.string(library.tlsock_error_message(error[0])))
library.tlsock_error_free(error[0])
print("open", string.format("%.0f", tonumber(library.tlsock_handle_count())))
"""


@pytest.fixture(scope="module")
def text(prefix):
    return (prefix / "include/tlsock.h").read_text()


@pytest.fixture(scope="module")
def constants(text):
    """Every number that tlsock.h names, those of its enumerations too."""
    defined = re.findall(r"^#define (TLSOCK_\w+) [^\"_]", text, re.M)
    enumerated = re.findall(r"^  (TLSOCK_\w+) = -?\d+,", text, re.M)
    assert len(defined) > 100 and len(enumerated) > 20
    return sorted({*defined, *enumerated} - {"TLSOCK_INVALID_FD"})


@pytest.fixture(scope="module")
def structs(text):
    return re.findall(r"^typedef struct (tlsock_\w+) \{", text, re.M)


@pytest.fixture(scope="module")
def compiled(prefix, constants, structs, tmp_path_factory):
    """The same numbers and sizes as a C compiler has them from tlsock.h."""
    folder = tmp_path_factory.mktemp("ffi")
    lines = [f'printf("{name} %lld\\n", (long long)({name}));' for name in constants]
    lines += [f'printf("{name} %zu\\n", sizeof({name}));' for name in structs]
    (folder / "all.c").write_text("#include <tlsock.h>\nint main(void) {\n" + "\n".join(lines) + "\nreturn 0;\n}\n")
    run("cc", folder / "all.c", f"-I{prefix}/include", "-o", folder / "all")
    return {name: int(value) for name, value in map(str.split, run(folder / "all").splitlines())}


def python_with_cffi():
    for python in (sys.executable, "/usr/bin/python3"):
        if subprocess.run([python, "-c", "import cffi"], capture_output=True).returncode == 0:
            return python
    pytest.fail("no Python has cffi: `make deps` installs python3-cffi")


def test_cffi_sees_every_constant_struct_and_function(prefix, constants, structs, symbols, compiled):
    printed = run(python_with_cffi(), "-c", CFFI, prefix / "include/tlsock-ffi.h", prefix / "lib/libtlsock.so",
                  json.dumps(constants), json.dumps(symbols), json.dumps(structs))
    values, sizes, status, refused, message, left = json.loads(printed)
    assert {**values, **sizes} == compiled
    assert (status, refused, left) == (0, True, 0)
    assert "-1" in message


def test_luajit_sees_every_constant_and_function(prefix, constants, symbols, compiled, tmp_path):
    luajit = shutil.which("luajit")
    assert luajit, "`make deps` installs luajit"
    (tmp_path / "all.lua").write_text(LUAJIT)
    printed = run(luajit, tmp_path / "all.lua", prefix / "include/tlsock-ffi.h", prefix / "lib/libtlsock.so",
                  " ".join(constants), " ".join(symbols))
    lines = dict(line.split("\t", 1) for line in printed.splitlines())
    assert "-1" in lines.pop("message")
    assert lines.pop("open") == "0"
    assert {name: int(value) for name, value in lines.items()} == {name: compiled[name] for name in constants}


def test_it_needs_no_preprocessor():
    plain = (ROOT / "include/tlsock-ffi.h").read_text()
    assert not [line for line in plain.splitlines() if line.startswith("#") or "TLSOCK_API" in line]


def test_it_keeps_every_comment(text):
    """The words of a declaration are the same in both headers."""
    def comments(header, start):
        return [line for line in header[header.index(start):].splitlines() if line.lstrip().startswith("//")]

    start = "// ================================= HANDLES"
    plain = (ROOT / "include/tlsock-ffi.h").read_text()
    assert comments(plain, start) == comments(text, start)
