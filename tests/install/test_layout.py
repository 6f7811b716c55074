"""What `make install` puts where, and what the shared library shows to the world."""

import ctypes
import os
import re
import stat

import pytest
from conftest import ROOT, make, run

MULTIARCH = {"PREFIX": "/usr", "LIBDIR": "/usr/lib/multi-arch"}


def staged(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


def test_destdir_stages_every_file_and_uninstall_takes_all_back(version, tmp_path):
    make("install", DESTDIR=tmp_path, **MULTIARCH)
    make("install", DESTDIR=tmp_path, **MULTIARCH)
    assert staged(tmp_path) == [
        "usr/include/tlsock-ffi.h",
        "usr/include/tlsock.h",
        "usr/lib/multi-arch/cmake/tlsock/tlsock-config-version.cmake",
        "usr/lib/multi-arch/cmake/tlsock/tlsock-config.cmake",
        "usr/lib/multi-arch/libtlsock.a",
        "usr/lib/multi-arch/libtlsock.so",
        "usr/lib/multi-arch/libtlsock.so.0",
        f"usr/lib/multi-arch/libtlsock.so.{version}",
        "usr/lib/multi-arch/pkgconfig/tlsock.pc",
    ]
    for text in ("pkgconfig/tlsock.pc", "cmake/tlsock/tlsock-config.cmake"):
        content = (tmp_path / "usr/lib/multi-arch" / text).read_text()
        assert str(tmp_path) not in content and "@" not in content
    make("uninstall", DESTDIR=tmp_path, **MULTIARCH)
    assert list(tmp_path.iterdir()) == []


def test_uninstall_leaves_no_empty_folder_and_takes_nothing_of_others(tmp_path):
    above = tmp_path / "above"
    prefix = above / "prefix"
    make("install", PREFIX=prefix)
    make("uninstall", PREFIX=prefix)
    assert list(tmp_path.iterdir()) == [above] and list(above.iterdir()) == []
    make("install", PREFIX=prefix)
    others = prefix / "lib/pkgconfig/other.pc"
    others.touch()
    make("uninstall", PREFIX=prefix)
    assert [path for path in prefix.rglob("*")] == [prefix / "lib", prefix / "lib/pkgconfig", others]


def test_uninstall_leaves_the_folders_that_a_system_has(tmp_path):
    stub = tmp_path / "rmdir"
    stub.write_text(f'#!/bin/sh\necho "$1" >>{tmp_path}/removed\n')
    stub.chmod(0o755)
    folders = ["/usr/local/lib/cmake/tlsock", "/usr/local/lib/pkgconfig", "/usr/local/include"]
    run(ROOT / "packaging/remove-empty.sh", "", "/usr/local", *folders,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert (tmp_path / "removed").read_text().split() == [
        "/usr/local/lib/cmake/tlsock", "/usr/local/lib/cmake", "/usr/local/lib/pkgconfig"]


def test_the_shared_library_is_stripped_and_cannot_be_executed(library):
    assert stat.S_IMODE(library.stat().st_mode) == 0o644
    sections = run("readelf", "-S", "-W", library)
    assert ".dynsym" in sections and ".symtab" not in sections and ".debug" not in sections


def test_links_lead_to_the_library(prefix, version):
    for name in ("libtlsock.so", "libtlsock.so.0"):
        link = prefix / "lib" / name
        assert link.is_symlink() and link.resolve().name == f"libtlsock.so.{version}"
        assert not os.readlink(link).startswith("/")


def test_soname(library):
    assert "Library soname: [libtlsock.so.0]" in run("readelf", "-d", library)


def test_only_the_listed_functions_are_exported_each_with_a_version(library, symbols):
    exported = [line.split()[1:] for line in run("nm", "-D", "--defined-only", library).splitlines()]
    functions = sorted(name for kind, name in exported if kind == "T")
    assert functions == [f"{name}@@TLSOCK_0" for name in symbols]
    assert [name for kind, name in exported if kind != "T"] == ["TLSOCK_0"]


def test_an_archive_with_aws_lc_inside_shows_only_the_listed_functions(prefix, library, symbols):
    backend = ctypes.CDLL(str(library)).tlsock_backend
    backend.restype = ctypes.c_char_p
    if backend() != b"aws-lc":
        pytest.skip("the names of OpenSSL are those of the library that a program links too")
    shown = [line.split() for line in run("nm", "--defined-only", "--extern-only", prefix / "lib/libtlsock.a").splitlines()]
    assert sorted(words[2] for words in shown if len(words) == 3) == symbols


def test_every_prototype_of_the_header_is_exported(prefix, symbols):
    header = (prefix / "include/tlsock.h").read_text()
    prototypes = re.findall(r"^TLSOCK_API [^(;]*?(\w+)\(", header, flags=re.MULTILINE)
    assert sorted(prototypes) == symbols


def test_no_text_relocation_no_executable_stack_no_lazy_binding(library):
    dynamic = run("readelf", "-d", "-l", "-W", library)
    assert "TEXTREL" not in dynamic
    assert "BIND_NOW" in dynamic
    stack = next(line for line in dynamic.splitlines() if "GNU_STACK" in line)
    assert "RWE" not in stack


def test_no_path_of_the_build_machine_is_inside(library):
    assert str(ROOT).encode() not in library.read_bytes()
    assert b"RPATH" not in run("readelf", "-d", library).encode()
